"""Build a metric or a funnel: a form that completes, shows at once what it gives, and says it as TOML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from engine.questions import FunnelQuery, MetricQuery
from tui import copying
from tui.harmless import harmless, pad
from tui.jobs import Enter
from tui.lines import line
from tui.overlays.base import Lines, Overlay
from tui.place import Place
from tui.view import Line
from tui.views import building

if TYPE_CHECKING:
    from tui.app import Looptop

QUIET_SECONDS = 0.35
LABEL = 14
MOST_FIELDS = 6


class BuilderOverlay(Overlay[str]):
    """Left and right in the first line choose the kind; Tab completes or goes on; Enter uses it.

    Out: the TOML of the definition.
    """

    BINDINGS: ClassVar = [
        Binding("tab", "complete", show=False, priority=True),
        Binding("shift+tab,up", "go(-1)", show=False, priority=True),
        Binding("down", "go(1)", show=False, priority=True),
        Binding("f5", "copy", show=False, priority=True),
        Binding("ctrl+r", "copy", show=False, priority=True),
        Binding("left", "kind(-1)", show=False, priority=True),
        Binding("right", "kind(1)", show=False, priority=True),
    ]
    WIDTH = 96
    AUTO_FOCUS = ""

    def __init__(self, kind: str = "simple") -> None:
        super().__init__()
        self.kind = kind
        self.name_of = "mine"
        self.filled: dict[str, dict[str, str]] = {}
        """What was filled in, by kind; the name is that of all."""
        self.at = 0
        self.asked: MetricQuery | FunnelQuery | None = None
        self._timer: Timer | None = None

    def title_text(self) -> str:
        """What is built."""
        return self.say("builder.title")

    def keys_text(self) -> str:
        """The keys; fewer where there is no room."""
        return self.say("builder.keys_short" if self.app.size.width < 100 else "builder.keys")

    def parts(self) -> Iterable[Widget]:
        """The kind, a line for each field, what completes, what it gives, the TOML."""
        yield Lines(id="builder-kind")
        for at in range(MOST_FIELDS):
            name = Lines(id=f"builder-label-{at}")
            yield Horizontal(name, Input(id=f"builder-{at}"), id=f"builder-row-{at}", classes="row")
        yield Lines(id="builder-hint")
        yield Lines(id="builder-given")
        yield Lines(id="builder-toml")

    def on_mount(self) -> None:
        """Draw it; what completion needs is asked."""
        scene = self.console.scene()
        if scene.snapshot is not None:
            self.console.ask(building.asks(scene), scene.snapshot.version)
        self.fill()
        self.ask()

    @property
    def values(self) -> dict[str, str]:
        """What the fields of the kind hold."""
        found = self.filled.setdefault(self.kind, {})
        return found | {"name": self.name_of}

    def put(self, name: str, text: str) -> None:
        """Another value of a field."""
        if name == "name":
            self.name_of = text
        self.filled.setdefault(self.kind, {})[name] = text

    @property
    def fields(self) -> tuple[building.Given, ...]:
        """The fields of the kind."""
        return building.FIELDS[self.kind]

    def fill(self) -> None:
        """The fields of the kind with their values."""
        for at in range(MOST_FIELDS):
            label, field = (
                self.query_one(f"#builder-label-{at}", Lines),
                self.query_one(f"#builder-{at}", Input),
            )
            self.query_one(f"#builder-row-{at}").display = at < len(self.fields)
            if at < len(self.fields):
                given = self.fields[at]
                if given.id not in self.values:
                    self.put(given.id, given.begin)
                field.value = self.values[given.id]
                label.put([line((pad(self.say(f"builder.{given.id}"), LABEL), "ink-dim"))])
        self.at = min(self.at, len(self.fields))
        self.focus_field()

    def focus_field(self) -> None:
        """The cursor into the field that is meant; the first line is the kind."""
        if self.at:
            field = self.query_one(f"#builder-{self.at - 1}", Input)
            field.focus()
            field.cursor_position = len(field.value)
        else:
            self.set_focus(None)
        self.show()

    def show(self) -> None:
        """Kind, hint, result and text."""
        kinds = [(f" {self.say(f'builder.kind_{kind}')} ", "ink selected" if kind == self.kind else "ink-dim")
                 for kind in building.KINDS]  # fmt: skip
        sign = self.console.glyphs.cursor if not self.at else " "
        self.query_one("#builder-kind", Lines).put([line((f"{sign} ", "ink"), *kinds)])
        self.query_one("#builder-hint", Lines).put([self._hint()])
        text = building.toml_of(self.kind, self.values).rstrip().splitlines()
        self.query_one("#builder-toml", Lines).put([line((harmless(one), "ink-dim")) for one in text])
        self.take_answer()

    def _offered(self) -> tuple[str, ...]:
        if not self.at:
            return ()
        field = self.fields[self.at - 1]
        return building.completions(self.console.scene(), field, self.values, self.console.names.funnels)

    def _hint(self) -> Line:
        names = self._offered()
        if not names:
            return line((" ", "ink"))
        rest = "  ".join(harmless(one) for one in names[1:])
        return line(
            (f"{self.say('sql.tab')} ", "ink-dim"),
            (harmless(names[0]), "ink selected"),
            (f"  {rest}", "ink-dim"),
        )

    def take_answer(self) -> None:
        """What the definition gives by now."""
        scene = self.console.scene()
        room = min(self.WIDTH, max(20, self.app.size.width)) - 4
        if self.asked is None or not self.query("#builder-given"):
            return
        lines = building.given(scene, self.asked, room, self.console.glyphs)
        self.query_one("#builder-given", Lines).put(lines)
        self.query_one("#builder-hint", Lines).put([self._hint()])

    def ask(self) -> None:
        """Ask what the fields as they stand give."""
        scene = self.console.scene()
        self.asked = building.query(self.kind, self.values, building.span(scene))
        more = (building.total(self.asked),) if isinstance(self.asked, MetricQuery) else ()
        if scene.snapshot is not None:
            self.console.ask((self.asked, *more), scene.snapshot.version)
        self.take_answer()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another value: asked once nothing is typed for a moment."""
        at = int((event.input.id or "builder-0").rpartition("-")[2])
        if at >= len(self.fields) or self.values.get(self.fields[at].id) == event.value:
            return
        self.put(self.fields[at].id, event.value)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(QUIET_SECONDS, self.ask)
        self.show()

    def on_descendant_focus(self) -> None:
        """A click into a field."""
        focused = self.focused
        if isinstance(focused, Input) and focused.id:
            self.at = int(focused.id.rpartition("-")[2]) + 1

    def action_go(self, step: int) -> None:
        """Another field."""
        self.at = (self.at + step) % (len(self.fields) + 1)
        self.focus_field()

    def action_kind(self, step: int) -> None:
        """In the first line another kind, else another place in the text."""
        if self.at:
            field = self.query_one(f"#builder-{self.at - 1}", Input)
            field.cursor_position = min(max(0, field.cursor_position + step), len(field.value))
            return
        kinds = building.KINDS
        self.kind = kinds[(kinds.index(self.kind) + step) % len(kinds)]
        self.fill()
        self.ask()

    def action_complete(self) -> None:
        """The first completion; where nothing is to be completed, the next field."""
        names = self._offered()
        field = self.fields[self.at - 1] if self.at else None
        typed = building.last_word(self.values.get(field.id, "")) if field else ""
        if field is None or not names or not typed:
            self.action_go(1)
            return
        entry = self.query_one(f"#builder-{self.at - 1}", Input)
        entry.value = building.completed(field, entry.value, names[0])
        entry.cursor_position = len(entry.value)

    def action_copy(self) -> None:
        """Copy the text for looptop.toml; the status line says where to."""
        text = building.toml_of(self.kind, self.values)
        copying.copy_text(self.console, text, harmless(text.splitlines()[0]))
        self.console.frame.draw(self.console.scene(), self.console.page)

    def on_key(self, event: object) -> None:
        """In the first line Enter uses it and `y` copies the text."""
        key = getattr(event, "key", "")
        if not self.at and key == "enter":
            self._use()
        elif not self.at and key == "y":
            self.action_copy()

    def on_input_submitted(self) -> None:
        """Use it."""
        self._use()

    def _use(self) -> None:
        self.dismiss(building.toml_of(self.kind, self.values))


def open_builder(app: Looptop) -> None:
    """Build something; what comes back is in force as long as the console runs."""

    def use(text: str | None) -> None:
        if text is not None:
            define(app, text)

    app.push_screen(BuilderOverlay("steps" if app.page.SCOPE == "funnel" else "simple"), use)


def define(app: Looptop, text: str) -> None:
    """Take a definition into the console and go to it."""
    section, _, name = text.splitlines()[0].strip("[]").partition(".")
    name = name.strip('"')
    defined = {**app.feed.defined, f"{section}.{name}": text}

    def then() -> None:
        app.feed.defined = defined
        app.answers.clear()
        app.versions.clear()
        copying.copy_text(app, text, harmless(text.splitlines()[0]))
        place = Place("funnel", funnel=name) if section == "funnel" else Place("metrics", metric=name)
        app.jump(2 if section == "funnel" else 3, place)

    app.feed.do(Enter(lambda session: session.define("\n".join(defined.values())), "builder.defined", then))
