"""A name to type: the list narrows, Tab completes; what is not in the list may be typed all the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input

from tui.harmless import pad
from tui.lines import line
from tui.overlays.base import Lines, Overlay

SHOWN = 12


class ChooseOverlay(Overlay[str]):
    """One of several names, as (value, words); typed or chosen with the arrows."""

    BINDINGS: ClassVar = [
        Binding("tab", "complete", show=False, priority=True),
        Binding("down", "go(1)", show=False, priority=True),
        Binding("up", "go(-1)", show=False, priority=True),
    ]
    WIDTH = 56

    def __init__(self, title: str, choices: Sequence[tuple[str, str]], current: str = "") -> None:
        super().__init__()
        self.heading, self.choices = title, tuple(choices)
        self.found = self.choices
        values = [value for value, _ in choices]
        self.at = values.index(current) if current in values else 0

    def title_text(self) -> str:
        """The title of the box."""
        return self.heading

    def keys_text(self) -> str:
        """The keys."""
        return self.say("metrics.choose_keys")

    def parts(self) -> Iterable[Widget]:
        """The typed line, then the names that hold it."""
        yield Input(placeholder=self.say("metrics.choose_hint"), id="choice")
        yield Lines(id="choices")

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one("#choice", Input).focus()
        self.show()

    def on_resize(self) -> None:
        """Draw it for another size."""
        self.show()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list; names that begin with what is typed come first."""
        typed = event.value.strip().casefold()
        held = [each for each in self.choices if typed in each[0].casefold() or typed in each[1].casefold()]
        self.found = tuple(sorted(held, key=lambda each: not _begins(each, typed))) if typed else self.choices
        self.at = 0 if typed else self.at
        self.show()

    def show(self) -> None:
        """The names in sight, the chosen one marked."""
        room = max(1, min(SHOWN, self.app.size.height - 5))
        self.at = min(max(0, self.at), max(0, len(self.found) - 1))
        top = max(0, self.at - room + 1)
        width = max(8, min(self.WIDTH, self.app.size.width) - 24)
        lines = []
        for at, (value, words) in enumerate(self.found[top : top + room], top):
            tokens = "ink selected" if at == self.at else "ink"
            sign = self.console.glyphs.cursor if at == self.at else " "
            about = "" if value == words else value
            lines.append(line((f"{sign} {pad(words, width)} ", tokens), (about, "ink-dim")))
        self.query_one("#choices", Lines).put(lines or [line((self.say("metrics.choose_none"), "ink-dim"))])

    def action_go(self, step: int) -> None:
        """Another name."""
        self.at += step
        self.show()

    def action_complete(self) -> None:
        """The chosen name into the line."""
        if self.found:
            field = self.query_one("#choice", Input)
            field.value = self.found[self.at][0]
            field.cursor_position = len(field.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The chosen name; without one what is typed."""
        self.dismiss(self.found[self.at][0] if self.found else event.value.strip() or None)


def _begins(choice: tuple[str, str], typed: str) -> bool:
    return any(each.casefold().startswith(typed) for each in choice)
