"""Saved views: load, save by name, delete after asking, share as TOML, take in what was pasted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input

from tui import copying, saved
from tui.harmless import harmless, pad
from tui.jobs import Enter
from tui.lines import line
from tui.overlays.base import Lines, Overlay
from tui.overlays.reason import fault
from tui.saved import Looked, NoViewError, Saved
from tui.view import Line
from tui.widgets.table import TableWidget

if TYPE_CHECKING:
    from tui.app import Looptop


class ViewsOverlay(Overlay[Saved]):
    """Enter loads, `s` saves what is looked at, `x` deletes, `y` copies, `p` takes in what is pasted.

    Out: the view to load.
    """

    BINDINGS: ClassVar = [
        Binding("j,down", "go(1)", show=False),
        Binding("k,up", "go(-1)", show=False),
        Binding("s", "save", show=False),
        Binding("x,delete", "forget", show=False),
        Binding("y", "answer", show=False),
        Binding("p", "paste", show=False),
        Binding("enter", "take", show=False),
        Binding("escape", "leave", show=False, priority=True),
        Binding("q,backspace", "leave", show=False),
    ]
    WIDTH = 72
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self.views: tuple[Saved, ...] = ()
        self.at = 0
        self.mode = ""
        """What is under way: `save` (a name is typed), `forget` (asked), `paste`, or nothing."""
        self.said = ""

    def title_text(self) -> str:
        """The title."""
        return self.say("label.views.open")

    def keys_text(self) -> str:
        """The keys; fewer where there is no room."""
        return self.say("views.keys_short" if self.app.size.width < 80 else "views.keys")

    def parts(self) -> Iterable[Widget]:
        """The list, a line to type, what is said."""
        yield Lines(id="views")
        yield Input(id="view-name")
        yield Lines(id="view-said")

    @property
    def folder(self) -> Path | None:
        """Where they are; None without a state."""
        remember = self.console.settings.remember
        return remember.parent / saved.FOLDER if remember is not None else None

    @property
    def fault(self) -> str:
        """Why nothing can be kept; empty where it can."""
        found = fault(self.console)
        return found or ("" if self.folder is not None else self.say("views.no_state"))

    def on_mount(self) -> None:
        """Draw what is there."""
        self.query_one("#view-name", Input).display = False
        self.read()

    def read(self) -> None:
        """The views as they are on disk: another console may have saved one."""
        self.views = saved.load(self.folder, _kinds())
        self.at = min(self.at, max(0, len(self.views) - 1))
        self.show()

    def show(self) -> None:
        """The list, and what is asked or was said."""
        rows: list[Line] = []
        room = max(1, self.app.size.height - 8)
        top = max(0, self.at - room + 1)
        for at, one in enumerate(self.views[top : top + room], top):
            sign = self.console.glyphs.cursor if at == self.at else " "
            about = self.say(f"screen.{one.places[0].kind}")
            tokens = "ink selected" if at == self.at else "ink"
            rows.append(line((f"{sign} {pad(harmless(one.name), 34)} ", tokens), (about, "ink-dim")))
        self.query_one("#views", Lines).put(rows or [line((self.say("views.none"), "ink-dim"))])
        tone = "warn" if self.mode == "forget" or self.said == self.fault != "" else "ink-dim"
        self.query_one("#view-said", Lines).put([line((self.said or " ", tone))])

    @property
    def current(self) -> Saved | None:
        """The view under the cursor."""
        return self.views[self.at] if self.views else None

    def action_go(self, step: int) -> None:
        """Another one."""
        self.mode = self.said = ""
        self.at = min(max(0, self.at + step), max(0, len(self.views) - 1))
        self.show()

    def action_take(self) -> None:
        """Load it."""
        if self.current is not None and not self.mode:
            self.dismiss(self.current)

    def _type(self, mode: str, hint: str) -> None:
        """A line to type; where nothing can be kept only why not."""
        self.mode, self.said = ("", self.fault) if self.fault else (mode, hint)
        field = self.query_one("#view-name", Input)
        field.display, field.value = bool(self.mode), ""
        if self.mode:
            field.focus()
        self.show()

    def action_save(self) -> None:
        """What is looked at now, by a name."""
        self._type("save", self.say("views.name"))

    def action_paste(self) -> None:
        """A view that somebody shared: its text is pasted."""
        self._type("paste", self.say("views.paste"))

    def action_forget(self) -> None:
        """Delete: asks first."""
        if self.current is None:
            return
        if self.fault:
            self.said = self.fault
        else:
            self.mode, self.said = "forget", self.say("views.forget", name=harmless(self.current.name))
        self.show()

    def action_answer(self) -> None:
        """Yes, delete it; else copy it."""
        one = self.current
        if one is None:
            return
        if self.mode == "forget" and self.folder is not None:
            self._written(lambda folder: saved.forget(folder, one.name), "views.forgotten", one.name)
        else:
            copying.copy_text(self.console, saved.text_of(one), harmless(one.name))
            self.said = self.say("views.copied", name=harmless(one.name))
            self.show()

    def on_paste(self, event: object) -> None:
        """All lines of what is pasted, where a view is taken in."""
        text = str(getattr(event, "text", ""))
        if self.mode == "paste" and text.strip():
            getattr(event, "stop", lambda: None)()
            self._take_in(text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A name was typed, or a path of a file with a view."""
        text = event.value.strip()
        if self.mode == "save" and text:
            one = current(self.console, text)
            self._written(lambda folder: saved.keep(folder, one), "views.saved", one.name)
        elif self.mode == "paste" and text:
            self._take_in(text.replace("\\n", "\n"))

    def _take_in(self, text: str) -> None:
        try:
            one = saved.parsed(text, _kinds())
        except NoViewError as error:
            self._end()
            self.said = self.say("views.bad", why=harmless(str(error)))
            self.show()
            return
        self._written(lambda folder: saved.keep(folder, one), "views.saved", one.name)

    def _written(self, write: object, word: str, name: str) -> None:
        try:
            if self.folder is not None:
                write(self.folder)  # type: ignore[operator]
            self.said = self.say(word, name=harmless(name))
        except OSError as error:
            self.said = self.say("page.not_written", why=error.strerror or str(error))
        self._end()
        self.read()

    def _end(self) -> None:
        self.mode = ""
        self.query_one("#view-name", Input).display = False
        self.set_focus(None)

    def action_leave(self) -> None:
        """Out of what is under way, else out."""
        if self.mode:
            self._end()
            self.said = ""
            self.show()
        else:
            self.dismiss(None)


def _kinds() -> frozenset[str]:
    from tui.screens import PAGES

    return frozenset(PAGES)


def current(app: Looptop, name: str) -> Saved:
    """What is looked at now, by a name."""
    stacks = app.stacks
    tables = []
    for table in app.page.query(TableWidget):
        state = table.state
        looked = Looked(table.id or "", state.sort, state.query, state.order, state.widths)
        if table.id and looked != Looked(table.id):
            tables.append(looked)
    toml = "\n".join(app.feed.defined.values())
    return Saved(name[: saved.MOST_NAME], stacks.number, stacks.stack, app.view, tuple(tables), toml)


def open_views(app: Looptop) -> None:
    """The views, and the one that is chosen."""

    def chosen(one: Saved | None) -> None:
        if one is not None:
            show(app, one)

    app.push_screen(ViewsOverlay(), chosen)


def show(app: Looptop, one: Saved) -> None:
    """Look at a saved view; what was built for it comes first."""

    def then() -> None:
        app.jump(one.screen, *one.places)
        depth = len(app.stacks.stack)
        app.stacks.tables |= {(one.screen, depth, table.id): table.state for table in one.tables}
        app.page.restore(app.stacks)
        app.draw()
        app.look(one.view)

    if one.toml.strip() and one.toml not in app.feed.defined.values():
        app.feed.do(Enter(lambda session: session.define(one.toml), "builder.defined", then))
        app.feed.defined = {one.name: one.toml}
    else:
        then()
