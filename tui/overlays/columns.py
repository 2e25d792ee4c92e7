"""Which columns a table shows, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding
from textual.widget import Widget

from tui.lines import line
from tui.overlays.base import Lines, Overlay
from tui.view import Column


class ColumnsOverlay(Overlay[tuple[str, ...]]):
    """Space shows or hides, `<` `>` move, Enter applies."""

    BINDINGS: ClassVar = [
        Binding("j,down", "go(1)", show=False),
        Binding("k,up", "go(-1)", show=False),
        Binding("space", "flip", show=False),
        Binding("less_than_sign,left_double_angle_bracket", "move(-1)", show=False),
        Binding("greater_than_sign,right_double_angle_bracket", "move(1)", show=False),
        Binding("enter", "take", show=False),
        Binding("q,backspace", "close", show=False),
    ]
    WIDTH = 48

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = list(columns)
        self.hidden = {column.id for column in columns if column.hidden}
        self.at = 0

    def title_text(self) -> str:
        """The title."""
        return self.say("panel.columns")

    def keys_text(self) -> str:
        """The keys."""
        return self.say("overlay.columns_keys")

    def parts(self) -> Iterable[Widget]:
        """The list."""
        yield Lines(id="columns")

    def on_mount(self) -> None:
        """Draw it."""
        self.show()

    def show(self) -> None:
        """All columns with their marks."""
        lines = []
        for at, column in enumerate(self.columns):
            sign = self.console.glyphs.cursor if at == self.at else " "
            mark = " " if column.id in self.hidden else "x"
            tokens = "ink selected" if at == self.at else "ink"
            lines.append(line((f"{sign} [{mark}] {column.title}", tokens)))
        self.query_one("#columns", Lines).put(lines)

    def action_go(self, step: int) -> None:
        """Another column."""
        self.at = min(max(0, self.at + step), len(self.columns) - 1)
        self.show()

    def action_flip(self) -> None:
        """Show or hide it; the first one stays."""
        if self.at:
            self.hidden ^= {self.columns[self.at].id}
            self.show()

    def action_move(self, step: int) -> None:
        """Move it; the first one stays first."""
        to = self.at + step
        if self.at and 0 < to < len(self.columns):
            self.columns[self.at], self.columns[to] = self.columns[to], self.columns[self.at]
            self.at = to
            self.show()

    def action_take(self) -> None:
        """Apply."""
        self.dismiss(tuple(column.id for column in self.columns if column.id not in self.hidden))
