"""A box above the page that has all keys until it closes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import events
from textual.binding import Binding
from textual.containers import Container
from textual.screen import ModalScreen
from textual.widget import Widget

from tui.lines import line
from tui.link import Patient
from tui.view import Line
from tui.widgets.lines import LineWidget
from tui.words import say

if TYPE_CHECKING:
    from tui.app import Looptop

T = TypeVar("T")


class Lines(LineWidget[tuple[Line, ...]]):
    """Ready lines without a frame."""

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The lines."""
        return self.view or ()

    def put(self, lines: Sequence[Line]) -> None:
        """Show these lines, in as many rows."""
        self.styles.height = max(1, len(lines))
        self.update(tuple(lines))


class Overlay(Patient[T], ModalScreen[T], inherit_bindings=False):
    """A framed box; Esc closes it and leaves all as it was. Subclasses give `title_text` and `parts`."""

    BINDINGS: ClassVar = [Binding("escape", "close", show=False), Binding("ctrl+c", "close", show=False)]
    WIDTH = 80

    @property
    def console(self) -> Looptop:
        """The App."""
        return cast("Looptop", self.app)

    @property
    def lang(self) -> str:
        """The language of the console."""
        return self.console.lang

    def say(self, word: str, **values: object) -> str:
        """A text of the catalogue."""
        return say(word, self.lang, **values)

    def title_text(self) -> str:
        """The title of the box."""
        return ""

    def keys_text(self) -> str:
        """The keys at its bottom right."""
        return self.say("overlay.escape_keep")

    def parts(self) -> Iterable[Widget]:
        """What is in the box."""
        raise NotImplementedError

    def compose(self) -> Iterable[Widget]:
        """The box."""
        box = Container(*self.parts(), classes="box")
        box.border_title = self.title_text().replace("[", "\\[")
        box.border_subtitle = self.keys_text().replace("[", "\\[")
        box.styles.border_subtitle_align = "right"
        box.styles.width = min(self.WIDTH, max(20, self.app.size.width))
        if not self.console.glyphs.braille:
            box.styles.border = ("ascii", box.styles.border_top[1])
        yield box

    def take_answer(self) -> None:
        """An answer has come; an overlay that asks draws it."""

    def action_close(self) -> None:
        """Leave all as it was."""
        self.dismiss(None)


class Picker(Overlay[str]):
    """One of several choices, as (value, text, text at the right)."""

    BINDINGS: ClassVar = [
        Binding("j,down", "go(1)", show=False),
        Binding("k,up", "go(-1)", show=False),
        Binding("g,home", "go(-1000)", show=False),
        Binding("G,end", "go(1000)", show=False),
        Binding("enter", "take", show=False),
        Binding("q,backspace", "close", show=False),
    ]
    WIDTH = 48

    def __init__(self, title: str, choices: Sequence[tuple[str, str, str]], current: str = "") -> None:
        super().__init__()
        self.heading, self.choices = title, tuple(choices)
        values = [value for value, _, _ in choices]
        self.at = values.index(current) if current in values else 0
        self.top = 0

    def title_text(self) -> str:
        """The title of the box."""
        return self.heading

    def keys_text(self) -> str:
        """The keys."""
        return self.say("overlay.pick_keys")

    def parts(self) -> Iterable[Widget]:
        """The list."""
        yield Lines(id="choices")

    def on_mount(self) -> None:
        """Draw it."""
        self.show()

    def on_resize(self) -> None:
        """Draw it for another size."""
        self.show()

    def show(self) -> None:
        """The choices in sight, the current one marked."""
        room = max(1, min(len(self.choices), self.app.size.height - 4))
        self.top = min(max(self.top, self.at - room + 1), self.at)
        lines = []
        for at, (_, text, right) in enumerate(self.choices[self.top : self.top + room], self.top):
            sign = self.console.glyphs.cursor if at == self.at else " "
            tokens = "ink selected" if at == self.at else "ink"
            lines.append(
                line(
                    (f"{sign} {text}   ", tokens), (right, "ink-dim selected" if at == self.at else "ink-dim")
                )
            )
        self.query_one("#choices", Lines).put(lines)

    def action_go(self, step: int) -> None:
        """Another choice."""
        self.at = min(max(0, self.at + step), max(0, len(self.choices) - 1))
        self.show()

    def action_take(self) -> None:
        """This one."""
        self.dismiss(self.choices[self.at][0] if self.choices else None)

    def on_click(self, event: events.Click) -> None:
        """A click takes it."""
        lines = self.query_one("#choices", Lines)
        row = event.screen_y - lines.region.y
        if 0 <= row < lines.region.height and self.top + row < len(self.choices):
            self.at = self.top + row
            self.action_take()
