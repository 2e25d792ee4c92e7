"""Tables: columns, rows by id, and what a person has done to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.view.marks import Spark

if TYPE_CHECKING:
    from tui.rows import RowSource


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    `value` sorts and filters (text does where it is None and the cell is text); `kind` is text, number,
    change, spark, bar, heat or state; `share` fills a bar or picks a heat step (0–1).
    """

    text: str = ""
    value: float | str | None = None
    tone: str = "ink"
    kind: str = "text"
    spark: Spark | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    `drop`: 0 stays; the largest number goes first when room is short. `width` 0 measures the cells; `grow`:
    most cells it may take from the room left. `natural`: the order without a sort counts as sorted by this
    column ("desc" or "asc").
    """

    id: str
    title: str
    align: str = "right"
    drop: int = 0
    width: int = 0
    grow: int = 0
    natural: str = ""
    hidden: bool = False
    name: str = ""
    """What an export calls it; the id where empty."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, named by an id that stays the same over refreshes; a `heading` cannot be entered or marked."""

    id: str
    cells: tuple[Cell, ...]
    tone: str = ""
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """A column's id and its direction."""

    column: str
    descending: bool = True


@dataclass(frozen=True, slots=True)
class TableView:
    """A table: columns, where its rows come from, a total that never scrolls, and lines below.

    `underline`: this view differs from the one before by newer data alone, so changed cells are underlined
    until the next. `arranged`: the rows already are in the order and filter that the table asked for (a
    source that cannot arrange itself). `by_cell`: the cursor is a cell, and left and right choose its column.
    `shape`: names what is kept of it apart from tables of another shape in the same widget.
    """

    columns: tuple[Column, ...]
    rows: RowSource
    total: Row | None = None
    foot: tuple[str, ...] = ()
    title: str = ""
    unit: str = ""
    empty: str = ""
    underline: bool = False
    arranged: bool = False
    by_cell: bool = False
    shape: str = ""


@dataclass(frozen=True, slots=True)
class TableState:
    """What a person has done to a table, kept over crumbs and restarts.

    `order`: the columns that somebody chose, hidden ones left out; empty: as they come.
    """

    sort: Sort | None = None
    query: str = ""
    order: tuple[str, ...] = ()
    cursor: str = ""
    marks: tuple[str, ...] = ()
    offset: int = 0
    above: int = 0
    widths: tuple[tuple[str, int], ...] = ()
    """Cells of the columns that somebody made wider or narrower."""
