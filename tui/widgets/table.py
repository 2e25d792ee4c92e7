"""The lazy table: only the rows on the screen are ever asked for, and what a person did to it survives a refresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import events
from textual.message import Message

from tui.draw.table import Fit, caption, fit_columns, header_line, natural_widths, row_line
from tui.lines import line
from tui.rows import Arrangeable, MemoryRows, RowSource
from tui.view import Cell, Column, Line, Row, Sort, TableState, TableView
from tui.widgets.panel import Panel
from tui.words import say

MEASURED_ROWS = 200
ORDER_KEPT_ROWS = 5000
WHEEL_ROWS = 3


class TableWidget(Panel[TableView]):
    """Rows by id with a cursor, marks, sort, filter, columns to choose and to scroll.

    The cursor follows its row; where that is gone it goes to the neighbour and the title says so. While the table has the
    focus its rows keep their order until the next sort or Enter.
    """

    can_focus = True

    class Entered(Message):
        """Enter, or a second click, on a row."""

        def __init__(self, table: TableWidget, row: Row) -> None:
            self.table, self.row = table, row
            super().__init__()

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, table: TableWidget, row: Row | None) -> None:
            self.table, self.row = table, row
            super().__init__()

        def can_replace(self, message: Message) -> bool:
            """Only the newest matters."""
            return isinstance(message, TableWidget.Moved) and message.table is self.table

    class Arrange(Message):
        """A source that cannot arrange itself is asked for another order or filter."""

        def __init__(self, table: TableWidget, sort: Sort | None, query: str) -> None:
            self.table, self.sort, self.query = table, sort, query
            super().__init__()

    def __init__(
        self, view: TableView | None = None, *, title: str = "", right: str = "", keys: str = "", framed: bool = True,
        id: str | None = None,
    ) -> None:
        super().__init__(None, title=title, right=right, keys=keys, framed=framed, id=id)
        self.rows: RowSource = MemoryRows()
        self.columns: tuple[Column, ...] = ()
        self.sort: Sort | None = None
        self.query_text = ""
        self.chosen = ""
        self.place = 0
        self.top = 0
        self.scrolled = 0
        self.marks: frozenset[str] = frozenset()
        self.row_gone = False
        self.order_changed = False
        self._cursor_id = ""
        self._order: tuple[str, ...] = ()
        self._widths: tuple[int, ...] = ()
        self._fresh: frozenset[tuple[str, int]] = frozenset()
        self._fit = Fit()
        if view is not None:
            self._take(view)

    # What comes in

    def update(self, view: TableView) -> bool:
        """Take new rows; cursor, marks, sort, filter, columns and scroll stay."""
        if view == self.view:
            return False
        self._take(view)
        return self.repaint()

    def _take(self, view: TableView) -> None:
        before = self.view
        above = self.place - self.top
        seen = {row.id: row for row in self.rows.slice(self.top, self._room())} if view.underline else {}
        self.view = view
        self.title, self.right = view.title or self.title, view.unit or self.right
        if before is None or [c.id for c in before.columns] != [c.id for c in view.columns]:
            self._widths = ()
            self.columns = view.columns
        else:
            self._retitle(view.columns)
        self._arrange(keep_order=before is not None and self.has_focus)
        self._follow(above)
        self._fresh = self._changes(seen)

    def _retitle(self, columns: Sequence[Column]) -> None:
        """The same columns with new titles keep the order and the choice made here."""
        fresh = {column.id: column for column in columns}
        self.columns = tuple(replace(fresh[c.id], hidden=c.hidden) for c in self.columns if c.id in fresh)

    def _arrange(self, *, keep_order: bool = False) -> None:
        view = self.view
        if view is None:
            return
        rows = view.rows
        arranges = isinstance(rows, Arrangeable) and not view.arranged
        if arranges and (self.sort is not None or self.query_text.strip()):
            rows = rows.arranged(view.columns, self.sort, self.query_text)  # type: ignore[attr-defined]
        self.order_changed = False
        if isinstance(rows, MemoryRows) and len(rows) <= ORDER_KEPT_ROWS:
            order = tuple(row.id for row in rows.rows)
            if keep_order:
                kept = rows.kept_in_order(self._order)
                self.order_changed = tuple(row.id for row in kept.rows) != order
                rows, order = kept, tuple(row.id for row in kept.rows)
            self._order = order
        self.rows = rows

    def _follow(self, above: int) -> None:
        """Put the cursor on its row again, as many rows below the top as before."""
        self.row_gone = False
        if self._cursor_id:
            found = self.rows.place(self._cursor_id)
            if found is not None:
                self.place = found
            else:
                at_place = self.rows.slice(self.place, 1)
                self.row_gone = not (at_place and at_place[0].id == self._cursor_id)
        self.place = min(max(0, self.place), max(0, len(self.rows) - 1))
        self.top = self.place - above
        self._keep_in_sight(scroll=False)
        row = self.current
        self._cursor_id = row.id if row else self._cursor_id

    def _changes(self, seen: dict[str, Row]) -> frozenset[tuple[str, int]]:
        if not seen:
            return frozenset()
        return frozenset(
            (row.id, at)
            for row in self.rows.slice(self.top, self._room())
            for at, (old, new) in enumerate(zip(seen[row.id].cells if row.id in seen else (), row.cells, strict=False))
            if old.text != new.text
        )

    # What a person does

    def act(self, action: str) -> bool:
        """Do an action of the registry; false if it is none of a table's."""
        last = len(self.rows) - 1
        page = max(1, self._room() - 1)
        moves = {
            "cursor.down": self.place + 1, "cursor.up": self.place - 1, "cursor.first": 0, "cursor.last": last,
            "cursor.page_down": self.place + page, "cursor.page_up": self.place - page,
        }  # fmt: skip
        if action in moves:
            self.move_to(moves[action])
        elif action in ("cursor.left", "cursor.right"):
            self.scroll_columns(1 if action == "cursor.right" else -1)
        elif action in ("column.left", "column.right"):
            self.choose_column(1 if action == "column.right" else -1)
        elif action == "sort.toggle":
            self.toggle_sort(self.chosen or (self.sort.column if self.sort else ""))
        elif action == "row.mark":
            self.mark()
        elif action == "nav.in":
            self._enter()
        else:
            return False
        return True

    def move_to(self, place: int) -> None:
        """Put the cursor on the row at that place."""
        self.place = min(max(0, place), max(0, len(self.rows) - 1))
        row = self.current
        self._cursor_id = row.id if row else ""
        self.row_gone = False
        self._keep_in_sight()
        self.repaint()
        self.post_message(self.Moved(self, row))

    def scroll_columns(self, step: int) -> None:
        """Move the columns behind the frozen first one."""
        most = max(0, sum(not c.hidden for c in self.columns) - 2)
        if step > 0 and not self._fit.left_out:
            return
        self.scrolled = min(max(0, self.scrolled + step), most)
        self.repaint()

    def choose_column(self, step: int) -> None:
        """Choose the column `s` sorts by; it scrolls into sight."""
        ids = [c.id for c in self.columns if not c.hidden]
        if not ids:
            return
        start = ids.index(self.chosen) if self.chosen in ids else (ids.index(self.sort.column) if self._sorted_in(ids) else 0)
        self.chosen = ids[min(max(0, start + step), len(ids) - 1)]
        self._draw_now()
        shown = [self.columns[at].id for at in self._fit.places]
        if self.chosen not in shown:
            self.scrolled = max(0, ids.index(self.chosen) - 1)
        self._refresh_all()

    def _sorted_in(self, ids: Sequence[str]) -> bool:
        return self.sort is not None and self.sort.column in ids

    def toggle_sort(self, column_id: str) -> None:
        """Sort by a column; again: reversed; again: the natural order."""
        column = next((c for c in self.columns if c.id == (column_id or self.columns[0].id)), None)
        if column is None:
            return
        first = column.align != "left"
        if self.sort is None or self.sort.column != column.id:
            self.sort = Sort(column.id, first)
        else:
            self.sort = Sort(column.id, not first) if self.sort.descending == first else None
        self.chosen = column.id
        self._rearranged()

    def set_filter(self, text: str) -> None:
        """Narrow the rows while it is typed; an empty text shows all."""
        if text != self.query_text:
            self.query_text = text
            self._rearranged()

    def _rearranged(self) -> None:
        above = self.place - self.top
        if self.view is not None and not isinstance(self.view.rows, Arrangeable):
            self.post_message(self.Arrange(self, self.sort, self.query_text))
        else:
            self._arrange()
            self._follow(above)
            self.row_gone = False
        self._refresh_all()

    def mark(self) -> None:
        """Mark the row under the cursor, or unmark it, and go one down."""
        row = self.current
        if row is not None and not row.heading:
            self.marks = self.marks ^ {row.id}
            self.move_to(self.place + 1)

    def choose_columns(self, order: Sequence[str]) -> None:
        """Show these columns in this order; the first one is frozen, the others are hidden."""
        by_id = {column.id: column for column in self.columns}
        shown = tuple(replace(by_id[name], hidden=False) for name in order if name in by_id)
        if shown:
            self.columns = shown + tuple(replace(c, hidden=True) for c in self.columns if c.id not in order)
            self._widths = ()
            self._refresh_all()

    @property
    def state(self) -> TableState:
        """What is worth keeping."""
        order = tuple(c.id for c in self.columns if not c.hidden)
        marks = tuple(sorted(self.marks))
        return TableState(self.sort, self.query_text, order, self._cursor_id, marks, self.scrolled, self.place - self.top)

    def restore(self, state: TableState) -> None:
        """Take a kept state up again; rows and columns that are gone are passed over."""
        self.sort, self.query_text, self.scrolled = state.sort, state.query, state.offset
        self.marks, self._cursor_id = frozenset(state.marks), state.cursor
        if state.order:
            self.choose_columns(state.order)
        self._arrange()
        self._follow(state.above)
        self._refresh_all()

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        found = self.rows.slice(self.place, 1)
        return found[0] if found else None

    def marked_or_current(self) -> tuple[Row, ...]:
        """The marked rows that are in sight of the filter, else the one under the cursor: for `y`, `e` and `a`."""
        places = [place for name in self.marks if (place := self.rows.place(name)) is not None]
        if places:
            return tuple(row for place in sorted(places) for row in self.rows.slice(place, 1))
        return (self.current,) if self.current else ()

    def _enter(self) -> None:
        row = self.current
        if self.order_changed:
            self._arrange()
            self._follow(self.place - self.top)
            self._refresh_all()
        if row is not None and not row.heading:
            self.post_message(self.Entered(self, row))

    # What is drawn

    def _refresh_all(self) -> None:
        self.repaint()

    def _foot(self, height: int) -> tuple[str, ...]:
        view = self.view
        if view is None or height - 1 - len(view.foot) - (1 if view.total else 0) < 3:
            return ()
        return view.foot

    def _room(self) -> int:
        """How many rows can be seen."""
        framed = self.framed and self.size.height >= 3 and self.size.width >= 4
        height = self.size.height - (2 if framed else 0)
        total = 1 if self.view is not None and self.view.total is not None else 0
        return max(1, height - 1 - total - len(self._foot(height)))

    def _keep_in_sight(self, *, scroll: bool = True) -> None:
        room = self._room() if self.size.height else len(self.rows)
        if scroll or not self.top <= self.place < self.top + room:
            self.top = min(max(self.top, self.place - room + 1), self.place)
        self.top = min(max(0, self.top), max(0, len(self.rows) - room))

    def on_resize(self) -> None:
        """The cursor stays in sight."""
        self._keep_in_sight()

    def body(self, width: int, height: int) -> Sequence[Line]:
        """Titles, the rows in sight, total and foot."""
        view = self.view
        if view is None or height < 1 or not self.columns:
            return ()
        room = self._room()
        places = {column.id: at for at, column in enumerate(view.columns)}
        rows = [self._ordered(row, places) for row in self.rows.slice(self.top, room)]
        total = self._ordered(view.total, places) if view.total else None
        self._measure([*rows, *([total] if total else [])], places)
        self._fit = fit_columns(self.columns, self._widths, width, self.scrolled)
        out = [header_line(self.columns, self._fit, width, self.glyphs, self.sort, self.chosen if self.has_focus else "")]
        out += [
            row_line(
                self.columns, self._fit, row, width, self.glyphs, cursor=self.top + at == self.place,
                marked=row.id in self.marks, focused=self.has_focus,
            )
            for at, row in enumerate(rows)
        ]  # fmt: skip
        if not rows:
            out.append(line((" " + (view.empty if not self.query_text else say("table.no_match", self.lang)), "ink-dim")))
        if total:
            out += [row_line(self.columns, self._fit, total, width, self.glyphs)]
        return out + [caption(text, width) for text in self._foot(height)]

    def _ordered(self, row: Row, places: dict[str, int]) -> Row:
        """The row's cells in the order the columns are shown in, changed ones underlined."""
        cells = []
        for column in self.columns:
            at = places[column.id]
            cell = row.cells[at] if at < len(row.cells) else Cell()
            cells.append(replace(cell, tone=f"{cell.tone} fresh") if (row.id, at) in self._fresh else cell)
        return replace(row, cells=tuple(cells))

    def _measure(self, rows: Sequence[Row], places: dict[str, int]) -> None:
        """Columns only grow while the table lives, so that no number jumps at a refresh."""
        if not self._widths:
            rows = [*rows, *(self._ordered(row, places) for row in self.rows.slice(0, MEASURED_ROWS))]
            self._widths = tuple(0 for _ in self.columns)
        asked = natural_widths(self.columns, rows)
        self._widths = tuple(c.width or max(w, a) for c, w, a in zip(self.columns, self._widths, asked, strict=True))

    def right_text(self) -> str:
        """Unit or count, and what a person must know: a filter, a row that went, another order, columns not shown."""
        parts = [f"/{self.query_text}"] if self.query_text else []
        parts += [say("table.row_gone", self.lang)] if self.row_gone else []
        parts += [say("table.order_changed", self.lang)] if self.order_changed else []
        parts += [say("table.columns_left", self.lang, n=self._fit.left_out)] if self._fit.left_out else []
        return " · ".join([*parts, self.right] if self.right else parts)

    def keys_text(self, width: int) -> str:
        """The keys; `8 rows, 1 more` where not all are in sight."""
        more = len(self.rows) - self._room()
        own = super().keys_text(width)
        return own or (say("table.rows", self.lang, n=len(self.rows), more=more) if more > 0 else "")

    # Mouse

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll under the pointer; the cursor stays on its row."""
        self._wheel(event, WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll back."""
        self._wheel(event, -WHEEL_ROWS)

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        event.stop()
        self.top = min(max(0, self.top + step), max(0, len(self.rows) - self._room()))
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """A row is chosen by the first click and entered by the second; a title sorts."""
        left, above = self.inset
        row = event.y - above - 1
        if row == -1:
            if name := self._column_at(event.x - left):
                self.toggle_sort(name)
        elif 0 <= row < self._room() and self.top + row < len(self.rows):
            again = self.top + row == self.place and event.chain >= 2
            self.move_to(self.top + row)
            if again:
                self._enter()

    def _column_at(self, x: int) -> str:
        at = 1
        for place, width in zip(self._fit.places, self._fit.widths, strict=True):
            if at <= x <= at + width:
                return self.columns[place].id
            at += width + 1
        return ""
