"""The lazy table: only rows in sight are asked for, and what a person did to it survives a refresh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from textual import events
from textual.message import Message

from tui.draw.table import Sheet, told
from tui.rows import RowSource
from tui.table import WHEEL_ROWS, TableModel
from tui.view import Line, Row, Sort, TableState, TableView
from tui.widgets.panel import Panel
from tui.words import say


class TableWidget(Panel[TableView]):
    """Rows by id with a cursor, marks, sort, filter, columns to choose and to scroll.

    The cursor follows its row; where that is gone it goes to the neighbour and the title says so. While the
    table has the focus its rows keep their order until the next sort or Enter.
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
        """A source that cannot arrange itself is asked for another order or filter; answer with `update`."""

        def __init__(self, table: TableWidget, sort: Sort | None, query: str) -> None:
            self.table, self.sort, self.query = table, sort, query
            super().__init__()

    def __init__(
        self,
        view: TableView | None = None,
        *,
        title: str = "",
        right: str = "",
        keys: str = "",
        framed: bool = True,
        id: str | None = None,
    ) -> None:
        super().__init__(None, title=title, right=right, keys=keys, framed=framed, id=id)
        self.model = TableModel()
        self.sheet = Sheet()
        if view is not None:
            self._take(view)

    def update(self, view: TableView) -> bool:
        """Take new rows; cursor, marks, sort, filter, columns and scroll stay."""
        if view == self.view:
            return False
        self._take(view)
        return self.repaint()

    def _take(self, view: TableView) -> None:
        self.view = view
        self.title, self.right = view.title or self.title, view.unit or self.right
        self._settle()
        if self.model.take(view, keep_order=self.is_attached and self.has_focus):
            self.sheet.widths = ()
        self.sheet.measured = False

    # What is asked about it

    @property
    def rows(self) -> RowSource:
        """The rows as they are shown: filtered and sorted."""
        return self.model.rows

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.model.current

    @property
    def column(self) -> str:
        """The id of the column that `y` means: the chosen one, else the sorted one, else the first."""
        sort, columns = self.model.sort, self.view.columns if self.view else ()
        return self.model.chosen or (sort.column if sort else "") or (columns[0].id if columns else "")

    @property
    def marks(self) -> frozenset[str]:
        """The ids of the marked rows."""
        return self.model.marks

    @property
    def kept_as(self) -> str:
        """The name under which its state is kept."""
        shape = self.view.shape if self.view is not None else ""
        return f"{self.id or ''}{':' if shape else ''}{shape}"

    @property
    def state(self) -> TableState:
        """What is worth keeping over crumbs and restarts."""
        return self.model.state

    def restore(self, state: TableState) -> None:
        """Take a kept state up again."""
        self._settle()
        self.model.restore(state)
        self.sheet.widths = ()
        self.repaint()

    def marked_or_current(self) -> tuple[Row, ...]:
        """What `y`, `e` and `a` work on."""
        return self.model.marked_or_current()

    # What a person does

    def act(self, action: str) -> bool:
        """Do an action of the registry; false if it is none of a table's."""
        model = self.model
        last, page = len(model.rows) - 1, max(1, self._settle() - 1)
        moves = {
            "cursor.down": model.place + 1,
            "cursor.up": model.place - 1,
            "cursor.first": 0,
            "cursor.last": last,
            "cursor.page_down": model.place + page,
            "cursor.page_up": model.place - page,
        }
        if action in moves:
            self.move_to(moves[action])
        elif action in ("cursor.left", "cursor.right") and self.view is not None and self.view.by_cell:
            self._choose_column(1 if action == "cursor.right" else -1)
        elif action in ("cursor.left", "cursor.right"):
            model.scroll_columns(1 if action == "cursor.right" else -1, self.sheet.fit.left_out)
            self.repaint()
        elif action in ("column.left", "column.right"):
            self._choose_column(1 if action == "column.right" else -1)
        elif action == "sort.toggle":
            first = self.model.columns[0].id if self.model.columns else ""
            self.toggle_sort(model.chosen or (model.sort.column if model.sort else first))
        elif action == "row.mark":
            self._mark()
        elif action == "nav.in":
            self._enter()
        else:
            return False
        return True

    def move_to(self, place: int) -> None:
        """Put the cursor on the row at that place."""
        self._settle()
        self.model.move_to(place)
        self.repaint()
        self.post_message(self.Moved(self, self.current))

    def _choose_column(self, step: int) -> None:
        at = self.model.choose_column(step)
        shown = [self.model.columns[place].id for place in self.sheet.fit.places]
        if at is not None and self.model.chosen not in shown:
            self.model.scrolled = max(0, at - 1)
        self.repaint()
        if self.view is not None and self.view.by_cell:
            self.post_message(self.Moved(self, self.current))

    def toggle_sort(self, column_id: str) -> None:
        """Sort by a column; again: reversed; again: the natural order."""
        if self.model.toggle_sort(column_id):
            self._rearranged()

    def set_filter(self, text: str) -> None:
        """Narrow the rows while it is typed; an empty text shows all."""
        if text != self.model.query:
            self.model.query = text
            self._rearranged()

    def _rearranged(self) -> None:
        before = self.current
        if self.model.arranges:
            self._settle()
            self.model.rearranged()
            if before is None or self.current is None or before.id != self.current.id:
                self.post_message(self.Moved(self, self.current))
        else:
            self.post_message(self.Arrange(self, self.model.sort, self.model.query))
        self.repaint()

    def _mark(self) -> None:
        if self.model.toggle_mark():
            self.move_to(self.model.place + 1)

    def choose_columns(self, order: Sequence[str], widths: Mapping[str, int] | None = None) -> None:
        """Show these columns in this order, so wide; the first one is frozen, the others are hidden."""
        if self.model.choose_columns(order, widths):
            self.sheet.widths = ()
            self.repaint()

    def _enter(self) -> None:
        row = self.current
        if self.model.order_changed:
            self.model.rearranged()
            self.repaint()
        if row is not None and not row.heading:
            self.post_message(self.Entered(self, row))

    # What is drawn

    def _settle(self) -> int:
        """Tell the model how many rows can be seen; that many. In another room the cursor stays in sight."""
        framed = self.framed and self.size.height >= 3 and self.size.width >= 4
        height = self.size.height - (2 if framed else 0)
        total = 1 if self.view is not None and self.view.total is not None else 0
        room = max(1, height - 1 - total - len(self._foot(height))) if self.size.height else 0
        if room != self.model.room:
            self.model.room = room
            self.model.keep_in_sight()
        return room

    def _foot(self, height: int) -> tuple[str, ...]:
        """The lines below, where at least three rows stay in sight."""
        view = self.view
        if view is None or height - 1 - len(view.foot) - (1 if view.total else 0) < 3:
            return ()
        return view.foot

    def body(self, width: int, height: int) -> Sequence[Line]:
        """Titles, the rows in sight, total and foot."""
        if self.view is None or height < 1:
            return ()
        self._settle()
        empty = say("table.no_match", self.lang) if self.model.query else self.view.empty
        return self.sheet.lines(
            self.model,
            width,
            self.glyphs,
            focused=self.has_focus,
            empty=empty or say("table.no_rows", self.lang),
            foot=self._foot(height),
        )

    def right_text(self) -> str:
        """Unit or count, before it what one must know: filter, row gone, other order, columns left out."""
        parts = told(self.model, self.sheet.fit.left_out, self.lang)
        whole = " · ".join([*parts, self.right] if self.right else parts)
        fits = cell_len(self.title) + cell_len(whole) + 9 <= self.size.width
        return whole if fits or not parts else " · ".join(parts)

    def keys_text(self, width: int) -> str:
        """The keys; `8 rows, 1 more` where not all are in sight."""
        more = len(self.rows) - self.model.room
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
        self._settle()
        self.model.wheel(step)
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """A row is chosen by the first click and entered by the second; a title sorts."""
        left, above = self.inset
        row = event.y - above - 1
        place = self.model.top + row
        if row == -1:
            if name := self.sheet.column_at(self.model, event.x - left):
                self.toggle_sort(name)
        elif 0 <= row < self._settle() and place < len(self.rows):
            before = self.model.place
            self.move_to(place)
            if place == before and event.chain >= 2:
                self._enter()
