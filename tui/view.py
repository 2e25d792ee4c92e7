"""What a screen hands to a widget: frozen values, already formatted, with no frame and no query in them.

Texts are safe to show (see `tui.harmless`); numbers beside them only sort, scale and draw. A `tone` is a theme
token: `ink`, `good`, `bad`, `warn`, `info`, `stale`, `partial`, `revised`, `ink-dim`, `ink-strong`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.rows import RowSource

Run = tuple[str, str]
"""Text and its theme tokens, parted by blanks (`"bad selected"`)."""

Line = tuple[Run, ...]
"""One row of the terminal, from left to right."""


@dataclass(frozen=True, slots=True)
class Change:
    """A move: direction −1, 0 or 1, its size as text, its tone; `alarm` adds the `!` of a bad move beyond noise."""

    direction: int
    text: str
    tone: str = "ink"
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Spark:
    """Periods from old to new; None is a gap. `partial`: the last one is not over."""

    values: tuple[float | None, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """`target 1.500M`, the share of it reached (1.0 = met) and that share as text; `missed` adds `!`."""

    label: str
    share: float
    text: str
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """One metric at a glance.

    `unit` stands at the right end of the title; `doubt` marks a value whose source is stale (`?`); `computing` dims the old
    value; `fresh` underlines a value that has just changed; `verdict` and `note` are words for the wall.
    """

    id: str
    title: str
    value: str
    unit: str = ""
    change: Change | None = None
    spark: Spark = Spark()
    spark_label: str = ""
    target: Target | None = None
    doubt: bool = False
    computing: bool = False
    fresh: bool = False
    state: str = ""
    verdict: str = ""
    note: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart; `token` is `series-1` … `series-4`, `style` solid, dotted or points."""

    label: str
    values: tuple[float | None, ...]
    token: str = "series-1"
    style: str = "solid"


@dataclass(frozen=True, slots=True)
class Limit:
    """A horizontal line: a target or a threshold, named at its right end."""

    value: float
    label: str
    token: str = "target"


@dataclass(frozen=True, slots=True)
class TrendView:
    """Series over the same periods.

    `y_ticks`: (value, label), `x_ticks`: (index of the period, label). `partial`: so many last periods are not over (drawn
    dotted, axis `┄`); `open`: so many last points may still rise (drawn `○`). `band`: expected low and high per period.
    """

    series: tuple[Series, ...] = ()
    y_ticks: tuple[tuple[float, str], ...] = ()
    x_ticks: tuple[tuple[int, str], ...] = ()
    limits: tuple[Limit, ...] = ()
    band: tuple[tuple[float, float] | None, ...] = ()
    partial: int = 0
    open: int = 0
    from_zero: bool = False
    title: str = ""
    unit: str = ""
    notes: tuple[str, ...] = ()
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a funnel; `share` is persons of the first step (0–1), the texts are ready to show."""

    number: int
    name: str
    share: float
    persons: str
    of_first: str = ""
    of_previous: str = ""
    dropped: str = ""
    median: str = ""
    p90: str = ""
    target: str = ""
    missed: bool = False
    bottleneck: bool = False


@dataclass(frozen=True, slots=True)
class FunnelView:
    """A funnel's steps; `heads` maps the column ids of `Step` to their titles; `notes` are lines below."""

    name: str
    steps: tuple[Step, ...] = ()
    heads: tuple[tuple[str, str], ...] = ()
    bottleneck: str = ""
    notes: tuple[str, ...] = ()
    title: str = ""
    unit: str = ""
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    `value` sorts and filters (text does where it is None and the cell is text); `kind` is text, number, change, spark, bar,
    heat or state; `share` fills a bar or picks a heat step (0–1).
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

    `drop`: 0 stays; the largest number goes first when room is short. `width` 0 measures the cells. `grow`: most cells it may
    take from the room left. `natural`: the order without a sort counts as sorted by this column ("desc" or "asc").
    """

    id: str
    title: str
    align: str = "right"
    drop: int = 0
    width: int = 0
    grow: int = 0
    natural: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row, named by an id that stays the same over refreshes; `level` indents, `heading` cannot be entered."""

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

    `underline`: this view differs from the one before by newer data alone, so changed cells are underlined until the next.
    `arranged`: the rows already are in the order and filter that the table asked for (a source that cannot arrange itself).
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


@dataclass(frozen=True, slots=True)
class TableState:
    """What a person has done to a table, to be kept over crumbs and restarts. `order` names columns, hidden ones left out."""

    sort: Sort | None = None
    query: str = ""
    order: tuple[str, ...] = ()
    cursor: str = ""
    marks: tuple[str, ...] = ()
    offset: int = 0
    above: int = 0


@dataclass(frozen=True, slots=True)
class AlertEntry:
    """An alert as two lines: state, day, sentence and owner; then the cause and what stands at its right.

    `kind` is entry, heading (a line between entries) or rule (a drawn line).
    """

    id: str
    state: str = ""
    word: str = ""
    day: str = ""
    text: str = ""
    owner: str = ""
    detail: str = ""
    detail_right: str = ""
    kind: str = "entry"


@dataclass(frozen=True, slots=True)
class FeedView:
    """Alerts, newest or worst first; `gap` leaves a blank row between them, `foot` stands at the bottom."""

    entries: tuple[AlertEntry, ...] = ()
    title: str = ""
    unit: str = ""
    empty: str = ""
    gap: bool = False
    foot: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """A screen in the header; `number` is its key."""

    number: int
    title: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class HeaderView:
    """Line 1: product, workspace, screens, states as (state, count, word)."""

    title: str
    tabs: tuple[Tab, ...] = ()
    states: tuple[tuple[str, int, str], ...] = ()
    product: str = "looptop"


@dataclass(frozen=True, slots=True)
class ContextView:
    """Line 2: crumbs, then the range and what goes with it, most important first; `as_of` at the right end."""

    crumbs: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class StatusView:
    """The status line: mode as (state, word), parts, and the state of the sources at the right end."""

    state: str = "live"
    word: str = ""
    parts: tuple[str, ...] = ()
    right: str = ""
    right_state: str = ""
    message: str = ""
    tone: str = "ink"


@dataclass(frozen=True, slots=True)
class Hint:
    """A key and what it does, for the footer; `action` is what a click presses."""

    key: str
    label: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class FooterView:
    """Hints in order of weight; `message` takes their place until the next key."""

    hints: tuple[Hint, ...] = ()
    message: str = ""
    tone: str = "ink"
