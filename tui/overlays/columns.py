"""Which columns a table shows, in which order and how wide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.widget import Widget

from tui.harmless import pad
from tui.lines import line
from tui.overlays.base import Lines, Overlay
from tui.view import Column

if TYPE_CHECKING:
    from tui.app import Looptop

Chosen = tuple[tuple[str, ...], Mapping[str, int]]
"""Columns in their order, and the widths that somebody gave."""
NARROWEST, WIDEST = 4, 120


class ColumnsOverlay(Overlay[Chosen]):
    """Space shows or hides, `< >` move, `- +` narrower and wider, `0` as wide as it needs, Enter applies.

    In:  the columns; the width that each one has on the screen.
    """

    BINDINGS: ClassVar = [
        Binding("j,down", "go(1)", show=False),
        Binding("k,up", "go(-1)", show=False),
        Binding("pagedown", "go(10)", show=False),
        Binding("pageup", "go(-10)", show=False),
        Binding("g,home", "go(-1000)", show=False),
        Binding("G,end", "go(1000)", show=False),
        Binding("space", "flip", show=False),
        Binding("less_than_sign,left_double_angle_bracket", "move(-1)", show=False),
        Binding("greater_than_sign,right_double_angle_bracket", "move(1)", show=False),
        Binding("minus,h,left,fullwidth_hyphen_minus", "widen(-1)", show=False),
        Binding("plus,l,right,fullwidth_plus_sign", "widen(1)", show=False),
        Binding("0", "natural", show=False),
        Binding("enter", "take", show=False),
        Binding("q,backspace", "close", show=False),
    ]
    WIDTH = 64

    def __init__(self, columns: Sequence[Column], shown: Mapping[str, int]) -> None:
        super().__init__()
        self.columns = list(columns)
        self.hidden = {column.id for column in columns if column.hidden}
        self.widths = {column.id: column.width for column in columns if column.width}
        self.shown = shown
        self.at = 0

    def title_text(self) -> str:
        """The title."""
        return self.say("panel.columns")

    def keys_text(self) -> str:
        """The keys; fewer where there is no room."""
        return self.say("overlay.columns_short" if self.app.size.width < 64 else "overlay.columns_keys")

    def parts(self) -> Iterable[Widget]:
        """The list."""
        yield Lines(id="columns")

    def on_mount(self) -> None:
        """Draw it."""
        self.show()

    def on_resize(self) -> None:
        """Draw it for another size."""
        self.show()

    def show(self) -> None:
        """The columns in sight with their marks and widths."""
        lines = []
        room = max(1, int(self.app.size.height * 0.9) - 3)
        top = max(0, min(self.at - room // 2, len(self.columns) - room))
        for at, column in enumerate(self.columns[top : top + room], top):
            sign = self.console.glyphs.cursor if at == self.at else " "
            mark = " " if column.id in self.hidden else "x"
            tokens = "ink selected" if at == self.at else "ink"
            width = self.widths.get(column.id)
            right = self.say("overlay.column_cells", n=width) if width else ""
            lines.append(line((f"{sign} [{mark}] {pad(column.title, 38)} ", tokens), (right, "ink-dim")))
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

    def action_widen(self, step: int) -> None:
        """A cell wider or narrower than it is."""
        name = self.columns[self.at].id
        now = self.widths.get(name) or self.shown.get(name) or NARROWEST + 4
        self.widths[name] = min(max(NARROWEST, now + step), WIDEST)
        self.show()

    def action_natural(self) -> None:
        """As wide as what is in it."""
        self.widths.pop(self.columns[self.at].id, None)
        self.show()

    def action_take(self) -> None:
        """Apply."""
        order = tuple(column.id for column in self.columns if column.id not in self.hidden)
        self.dismiss((order, self.widths))


def open_columns(app: Looptop) -> None:
    """The columns of the table that is meant."""
    table = app.page.table
    if table is None or table.view is None:
        return

    def chosen(found: Chosen | None) -> None:
        if found is not None:
            table.choose_columns(*found)

    fit, columns = table.sheet.fit, table.model.columns
    cells = {columns[at].id: size for at, size in zip(fit.places, fit.widths, strict=True)}
    app.push_screen(ColumnsOverlay(columns, cells), chosen)
