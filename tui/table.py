"""What a person has done to a table, and how it survives new rows: cursor, scroll, marks, sort, filter,
columns.

No terminal in it: `TableModel` takes views and actions, the widget draws what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tui.rows import Arrangeable, MemoryRows, RowSource
from tui.view import Cell, Column, Row, Sort, TableState, TableView

ORDER_KEPT_ROWS = 5000
WHEEL_ROWS = 3


class TableModel:
    """The state of one table.

    `place` is the row under the cursor, `top` the first one in sight, `room` how many are in sight (the
    widget sets it), `scrolled` how many columns have gone behind the frozen first one. The cursor follows its
    row by id.
    """

    def __init__(self) -> None:
        self.view: TableView | None = None
        self.rows: RowSource = MemoryRows()
        self.columns: tuple[Column, ...] = ()
        self.sort: Sort | None = None
        self.query = ""
        self.chosen = ""
        self.place = 0
        self.top = 0
        self.room = 0
        self.scrolled = 0
        self.marks: frozenset[str] = frozenset()
        self.row_gone = False
        self.order_changed = False
        self.cursor_id = ""
        self.order: tuple[str, ...] = ()
        """The columns that somebody chose; empty: as they come."""
        self.widths: dict[str, int] = {}
        """Cells of the columns that somebody made wider or narrower."""
        self._order: tuple[str, ...] = ()
        self._fresh: frozenset[tuple[str, int]] = frozenset()

    def take(self, view: TableView, *, keep_order: bool = False) -> bool:
        """New rows; true if the columns are others than before.

        In: keep_order: a person is in the table, so rows stay where they are until the next sort.
        """
        before = self.view
        above = self.place - self.top
        seen = {row.id: row for row in self.rows.slice(self.top, self.room)} if view.underline else {}
        self.view = view
        others = before is None or [c.id for c in before.columns] != [c.id for c in view.columns]
        self._lay_out()
        self.arrange(keep_order=keep_order and before is not None)
        self._follow(above)
        self._fresh = self._changes(seen)
        return others

    @property
    def arranges(self) -> bool:
        """Whether sort and filter are done here; else the source has to be asked."""
        return self.view is not None and isinstance(self.view.rows, Arrangeable)

    def arrange(self, *, keep_order: bool = False) -> None:
        """Sort and filter the rows of the view."""
        if self.view is None:
            return
        rows = self.view.rows
        if isinstance(rows, Arrangeable) and not self.view.arranged and (self.sort or self.query.strip()):
            rows = rows.arranged(self.view.columns, self.sort, self.query)
        self.order_changed = False
        order = self._order
        self._order = ()
        if isinstance(rows, MemoryRows) and len(rows) <= ORDER_KEPT_ROWS:
            if keep_order and order:
                kept = rows.kept_in_order(order)
                self.order_changed = kept.ids() != rows.ids()
                rows = kept
            self._order = rows.ids()
        self.rows = rows

    def _follow(self, above: int) -> None:
        """Put the cursor on its row again, as far below the top as before, or on the neighbour."""
        self.row_gone = False
        if self.cursor_id:
            found = self.rows.place(self.cursor_id)
            at_place = self.rows.slice(self.place, 1)
            if found is not None:
                self.place = found
            else:
                self.row_gone = not (at_place and at_place[0].id == self.cursor_id)
        self.place = min(max(0, self.place), max(0, len(self.rows) - 1))
        self.top = self.place - above
        self.keep_in_sight()
        row = self.current
        self.cursor_id = row.id if row else self.cursor_id

    def _changes(self, seen: dict[str, Row]) -> frozenset[tuple[str, int]]:
        """Cells in sight whose text is another than before, as (row id, place of the cell)."""
        return frozenset(
            (row.id, at)
            for row in (self.rows.slice(self.top, self.room) if seen else ())
            for at, (old, new) in enumerate(
                zip(seen[row.id].cells if row.id in seen else (), row.cells, strict=False)
            )
            if old.text != new.text
        )

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return next(iter(self.rows.slice(self.place, 1)), None)

    def move_to(self, place: int) -> None:
        """Put the cursor on the row at that place."""
        self.place = min(max(0, place), max(0, len(self.rows) - 1))
        row = self.current
        self.cursor_id = row.id if row else ""
        self.row_gone = False
        self.top = min(max(self.top, self.place - self.room + 1), self.place) if self.room else 0
        self.keep_in_sight()

    def keep_in_sight(self) -> None:
        """The cursor is in sight, and no room is wasted under the last row."""
        if self.room and not self.top <= self.place < self.top + self.room:
            self.top = min(max(self.top, self.place - self.room + 1), self.place)
        self.top = min(max(0, self.top), max(0, len(self.rows) - self.room))

    def wheel(self, step: int) -> None:
        """Scroll the rows; the cursor stays on its row."""
        self.top = min(max(0, self.top + step), max(0, len(self.rows) - self.room))

    def scroll_columns(self, step: int, left_out: int) -> None:
        """Move the columns behind the frozen first one; at the right end nothing happens."""
        most = max(0, sum(not c.hidden for c in self.columns) - 2)
        if step < 0 or left_out:
            self.scrolled = min(max(0, self.scrolled + step), most)

    def choose_column(self, step: int) -> int | None:
        """Choose the column to sort by; its place among the visible ones."""
        ids = [c.id for c in self.columns if not c.hidden]
        if not ids:
            return None
        sorted_by = self.sort.column if self.sort else ""
        start = next((ids.index(name) for name in (self.chosen, sorted_by) if name in ids), 0)
        at = min(max(0, start + step), len(ids) - 1)
        self.chosen = ids[at]
        return at

    def toggle_sort(self, column_id: str) -> bool:
        """Sort by a column; again: reversed; again: the natural order. False if there is no such column."""
        column = next((c for c in self.columns if c.id == column_id), None)
        if column is None:
            return False
        first = column.align != "left"
        if self.sort is None or self.sort.column != column.id:
            self.sort = Sort(column.id, first)
        else:
            self.sort = Sort(column.id, not first) if self.sort.descending == first else None
        self.chosen = column.id
        return True

    def rearranged(self) -> None:
        """Apply sort and filter; the cursor stays on its row, or at the top if it stands there."""
        above = self.place - self.top
        if self.place == 0:
            self.cursor_id = ""
        self.arrange()
        self._follow(above)
        self.row_gone = False

    def toggle_mark(self) -> bool:
        """Mark the row under the cursor, or unmark it."""
        row = self.current
        if row is None or row.heading:
            return False
        self.marks = self.marks ^ {row.id}
        return True

    def choose_columns(self, order: Sequence[str], widths: Mapping[str, int] | None = None) -> bool:
        """Show these columns in this order, the first one frozen; the others are hidden.

        In:  cells of the columns that are not to be as wide as what is in them; None: as they are.
        """
        known = {column.id for column in self.columns}
        if not known & set(order):
            return False
        natural = tuple(column.id for column in self.view.columns if not column.hidden) if self.view else ()
        self.order = () if tuple(order) == natural else tuple(dict.fromkeys(order))
        if widths is not None:
            own = {c.id: c.width for c in self.view.columns} if self.view else {}
            self.widths = {name: cells for name, cells in widths.items() if cells != own.get(name)}
        self._lay_out()
        return True

    def _lay_out(self) -> None:
        """The columns of the view as somebody chose them; those that are gone are passed over."""
        columns = self.view.columns if self.view else ()
        columns = tuple(replace(c, width=self.widths.get(c.id, c.width)) for c in columns)
        by_id = {column.id: column for column in columns}
        shown = tuple(replace(by_id[name], hidden=False) for name in self.order if name in by_id)
        if shown:
            rest = tuple(replace(c, hidden=True) for c in columns if c.id not in self.order)
            columns = shown + rest
        self.columns = columns

    def marked_or_current(self) -> tuple[Row, ...]:
        """The marked rows that the filter lets through, else the one under the cursor."""
        places = [place for name in self.marks if (place := self.rows.place(name)) is not None]
        marked = tuple(row for place in sorted(places) for row in self.rows.slice(place, 1))
        return marked or ((self.current,) if self.current else ())

    def ordered(self, row: Row, places: dict[str, int]) -> Row:
        """The row's cells in the order the columns are shown in, changed ones underlined.

        In: places: where the view has each column.
        """
        cells = []
        for column in self.columns:
            at = places[column.id]
            cell = row.cells[at] if at < len(row.cells) else Cell()
            cells.append(replace(cell, tone=f"{cell.tone} fresh") if (row.id, at) in self._fresh else cell)
        return replace(row, cells=tuple(cells))

    @property
    def state(self) -> TableState:
        """What is worth keeping over crumbs and restarts."""
        marks = tuple(sorted(self.marks))
        return TableState(
            self.sort, self.query, self.order, self.cursor_id, marks, self.scrolled,
            self.place - self.top, tuple(sorted(self.widths.items())),
        )  # fmt: skip

    def restore(self, state: TableState) -> None:
        """Take a kept state up again; rows and columns that are gone are passed over."""
        self.sort, self.query, self.scrolled = state.sort, state.query, state.offset
        self.marks, self.cursor_id = frozenset(state.marks), state.cursor
        self.order, self.widths = state.order, dict(state.widths)
        self._lay_out()
        self.arrange()
        self._follow(state.above)
