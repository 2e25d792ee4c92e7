"""Where a number comes from: its formula, its table, its sources and their files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding
from textual.widget import Widget

from tui.overlays.base import Lines, Overlay
from tui.view import Line


class LineageOverlay(Overlay[None]):
    """Lines to read."""

    BINDINGS: ClassVar = [
        Binding("q,backspace,i,enter", "close", show=False),
        Binding("j,down", "go(1)", show=False),
        Binding("k,up", "go(-1)", show=False),
        Binding("pagedown", "go(10)", show=False),
        Binding("pageup", "go(-10)", show=False),
    ]

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__()
        self.lines, self.top = tuple(lines), 0

    def title_text(self) -> str:
        """The title."""
        return self.say("label.lineage.open")

    def parts(self) -> Iterable[Widget]:
        """The lines."""
        yield Lines(id="lineage")

    def on_mount(self) -> None:
        """Draw it."""
        self.action_go(0)

    def action_go(self, step: int) -> None:
        """Scroll."""
        room = max(1, int(self.app.size.height * 0.9) - 3)
        self.top = min(max(0, self.top + step), max(0, len(self.lines) - room))
        self.query_one("#lineage", Lines).put(self.lines[self.top : self.top + room])
