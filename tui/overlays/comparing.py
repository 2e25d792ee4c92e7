"""What to compare with: one comparison, with others beside it where a screen draws several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding
from textual.widget import Widget

from tui.lines import line
from tui.overlays.base import Lines, Overlay

COMPARISONS = ("none", "previous", "week", "month", "year", "target")
ALONE = ("none", "target")
"""Comparisons that have no periods to draw beside others."""


class CompareOverlay(Overlay[tuple[str, ...]]):
    """Space marks the ones to see beside; Enter takes the one under the cursor, then those."""

    BINDINGS: ClassVar = [
        Binding("j,down", "go(1)", show=False),
        Binding("k,up", "go(-1)", show=False),
        Binding("space", "mark", show=False),
        Binding("enter", "take", show=False),
        Binding("q,backspace", "close", show=False),
    ]
    WIDTH = 56

    def __init__(self, choices: Sequence[tuple[str, str]], current: str, beside: Sequence[str]) -> None:
        super().__init__()
        self.choices, self.marks = tuple(choices), set(beside)
        values = [value for value, _ in choices]
        self.at = values.index(current) if current in values else 0

    def title_text(self) -> str:
        """The title of the box."""
        return self.say("label.compare.pick")

    def keys_text(self) -> str:
        """The keys."""
        return self.say("metrics.compare_keys")

    def parts(self) -> Iterable[Widget]:
        """The list."""
        yield Lines(id="choices")

    def on_mount(self) -> None:
        """Draw it."""
        self.show()

    def show(self) -> None:
        """All comparisons with their marks."""
        lines = []
        for at, (value, words) in enumerate(self.choices):
            sign = self.console.glyphs.cursor if at == self.at else " "
            mark = "   " if value in ALONE else "[x]" if value in self.marks else "[ ]"
            lines.append(line((f"{sign} {mark} {words}", "ink selected" if at == self.at else "ink")))
        self.query_one("#choices", Lines).put(lines)

    def action_go(self, step: int) -> None:
        """Another comparison."""
        self.at = min(max(0, self.at + step), len(self.choices) - 1)
        self.show()

    def action_mark(self) -> None:
        """See it beside, or no more."""
        value = self.choices[self.at][0]
        if value not in ALONE:
            self.marks ^= {value}
            self.show()

    def action_take(self) -> None:
        """The one under the cursor, then the marked ones in their order."""
        chosen = self.choices[self.at][0]
        beside = (value for value, _ in self.choices if value in self.marks and value != chosen)
        self.dismiss((chosen, *beside))
