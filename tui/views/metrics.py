"""What a place of Metrics asks: the dictionary, members or cells of a pivot with their totals, a trend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

from engine.questions import Grain, MetricAnswer, MetricQuery, MetricRow, Range, WhyQuery
from tui import format as fmt
from tui.asking import DictionaryAsk
from tui.harmless import harmless
from tui.place import Place
from tui.view import Cell
from tui.views.crumbs import next_dimension
from tui.views.marks import change_cell
from tui.views.paths import member_filter
from tui.views.scene import Scene, member_text

if TYPE_CHECKING:
    from engine.metrics import Entry

SPARK_DAYS = 14
SPANS: Mapping[str, int] = {"hour": 2, "day": 28, "week": 84}
"""Days of a trend by its grain; of a longer one whole years."""
YEARS: Mapping[str, int] = {"month": 1, "quarter": 2, "year": 4}
MOST_MEMBERS = 200
"""Members with a row of their own; the others are one row, counted anew."""
OTHER = "other"
"""The id of that row."""
Compared = Literal["previous", "week", "month", "year"]
Key = str | None
"""A member of a dimension, or a period."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a place of Metrics.

    `cells`: the members, in a pivot of both dimensions; `down` and `across` are the pivot's totals of rows
    and of columns. `before`: the trend one length earlier.
    """

    all: MetricQuery | None
    cells: MetricQuery
    total: MetricQuery
    trend: MetricQuery
    before: MetricQuery | None = None
    spark: MetricQuery | None = None
    down: MetricQuery | None = None
    across: MetricQuery | None = None

    split: WhyQuery | None = None
    """How much of the change each member is, where members do not add up."""

    @property
    def every(self) -> tuple[MetricQuery | WhyQuery, ...]:
        """Those that there are, the weightiest first."""
        table = (self.cells, self.total, self.down, self.across, self.split)
        wanted = (*table, self.trend, self.before, self.spark, self.all)
        return tuple(each for each in wanted if each is not None)


def dictionary(scene: Scene) -> tuple[Entry, ...]:
    """The dictionary, empty while it is not there."""
    return cast("tuple[Entry, ...]", scene.got(DictionaryAsk(), tuple) or ())


def metric_of(scene: Scene) -> str:
    """The metric of the place; at the root the first one of the overview."""
    if scene.place.metric:
        return scene.place.metric
    tiles = scene.snapshot.tiles if scene.snapshot else ()
    return tiles[0].metric if tiles else "revenue"


def entry_of(scene: Scene, name: str = "") -> Entry | None:
    """The dictionary's entry of a metric, by default that of the place."""
    wanted = name or metric_of(scene)
    return next((entry for entry in dictionary(scene) if entry.name == wanted), None)


def additive(entry: Entry | None) -> bool:
    """Whether members of the metric add up to their total."""
    return entry is not None and entry.additive != "non"


def dimensions_of(place: Place) -> tuple[str, ...]:
    """The dimension of the rows, in a pivot with that of the columns."""
    by = next_dimension(place)
    return (by, place.second) if place.second and place.second != by else (by,)


def compared(scene: Scene) -> tuple[str, ...]:
    """What the numbers are compared with: what the view says, then what stands beside it here."""
    main = scene.snapshot.view.compare if scene.snapshot else "none"
    return tuple(dict.fromkeys((main, *scene.place.beside)))


def asked(scene: Scene) -> Asked | None:
    """All questions; None before there is a snapshot."""
    snapshot = scene.snapshot
    if snapshot is None:
        return None
    name, dims, where = metric_of(scene), dimensions_of(scene.place), where_of(scene)
    compare = cast(
        "tuple[Compared, ...]", tuple(each for each in compared(scene) if each not in ("none", "target"))
    )
    total = MetricQuery((name,), range=scene.range, where=where, compare=compare)

    def by(*wanted: str) -> MetricQuery:
        grain = cast(Grain, scene.place.grain if "day" in wanted else "total")
        return replace(total, by=tuple(each for each in wanted if each != "day"), grain=grain)

    last = scene.range.last or scene.local(snapshot.as_of).date()
    trend = replace(total, grain=cast(Grain, scene.place.grain), range=span(scene, last))
    beside = dims[1:] and (by(dims[0]), by(dims[1]))
    spark = None
    if not beside and dims[0] != "day" and not scene.size.narrow:
        days = Range(last - timedelta(days=SPARK_DAYS - 1), last)
        spark = MetricQuery((name,), dims, "day", days, where)
    names = tuple(entry.name for entry in dictionary(scene))
    listed = MetricQuery(names, range=scene.range, compare=compare[:1]) if names and lists(scene) else None
    before = replace(trend, range=earlier(scene, last), compare=()) if "previous" in compare else None
    cells = by(*dims)
    if not beside and dims[0] != "day":
        cells = replace(cells, top=MOST_MEMBERS, others=True)
    split = None
    if not beside and dims[0] != "day" and compare and entry_of(scene) and not additive(entry_of(scene)):
        split = WhyQuery(name, range=scene.range, compare=compare[0], by=dims, where=where)
    down, across = beside or (None, None)
    return Asked(listed, cells, total, trend, before, spark, down, across, split)


def where_of(scene: Scene, path: tuple[tuple[str, Key], ...] = ()) -> str | None:
    """The members gone into and the filter, as one condition; `path`: members further down."""
    view = scene.snapshot.view if scene.snapshot else None
    parts = (member_filter((*scene.place.path, *path)), f"({view.where})" if view and view.where else "")
    return " and ".join(part for part in parts if part) or None


def lists(scene: Scene) -> bool:
    """Whether the dictionary is in sight: beside the table, or alone at the root under 100 columns."""
    return not scene.size.narrow or (not scene.place.metric and not scene.place.path)


def span(scene: Scene, last: date) -> Range:
    """The days of the trend that ends on `last`."""
    grain = scene.place.grain
    if grain in YEARS:
        return Range(_years(last, -YEARS[grain]) + timedelta(days=1), last)
    days = SPANS.get(grain, 28)
    if grain == "day":
        days = max(days, min(366, length_of(scene)))
    return Range(last - timedelta(days=days - 1), last)


def earlier(scene: Scene, last: date) -> Range:
    """The days that the trend is drawn against for `previous`.

    By hour and day those one range before, as the change of the range is; by longer grains the periods just
    before those of the trend.
    """
    grain, shown = scene.place.grain, span(scene, last)
    assert shown.first is not None
    if grain in YEARS:
        return Range(_years(shown.first, -YEARS[grain]), shown.first - timedelta(days=1))
    step = timedelta(days=SPANS[grain] if grain == "week" else length_of(scene))
    return Range(shown.first - step, last - step)


def length_of(scene: Scene) -> int:
    """Days of the range."""
    first, last = scene.range.first, scene.range.last
    return (last - first).days + 1 if first is not None and last is not None else 1


def _years(day: date, count: int) -> date:
    """The same day that many years later, at the end of February clamped."""
    try:
        return day.replace(year=day.year + count)
    except ValueError:
        return day.replace(year=day.year + count, day=28)


def key_of(row: MetricRow, dim: str) -> Key:
    """The row's member of a dimension; of `day` its period."""
    return row.period if dim == "day" else dict(row.by).get(dim)


def key_text(key: Key, dim: str, scene: Scene) -> str:
    """A member or a period in words."""
    if dim == "day":
        return period_text(key, scene)
    return member_text(dim, key, scene.lang)


def row_id(key: Key) -> str:
    """A row's id from its member."""
    return f"={key}" if key is not None else "-"


def key_from(row_id: str) -> Key:
    """The member that a row's id names."""
    return row_id[1:] if row_id.startswith("=") else None


def base_of(row: MetricRow, kind: str) -> float | None:
    """The value that a row is compared with."""
    return row.target if kind == "target" else row.previous.get(kind)


def moved(
    row: MetricRow | None, entry: Entry | None, scene: Scene, beyond: bool = False, kind: str = ""
) -> Cell:
    """A row's change against what the view, or `kind`, compares with; of percents in points."""
    snapshot = scene.snapshot
    if row is None or snapshot is None or entry is None:
        return Cell("", None)
    kind = kind or snapshot.view.compare
    if kind == "none" or row.value is None:
        return Cell(fmt.NONE, None)
    base = base_of(row, kind)
    change = fmt.change(
        row.value, base, kind=entry.unit, good=entry.good, beyond_noise=beyond, lang=scene.lang
    )
    share = row.value / base - 1 if base else None
    return change_cell(
        replace(change, text=change.text.replace(" pp", "pp")) if scene.lang == "en" else change, share
    )


def period_text(period: str | None, scene: Scene) -> str:
    """A period's text by its grain: `Thu 10-29`, `W44 10-26`."""
    if period is None:
        return ""
    grain = scene.place.grain
    try:
        moment = datetime.fromisoformat(period)
    except ValueError:
        return harmless(period)
    if grain == "day":
        return fmt.day(moment.date(), scene.lang, named=True)
    return fmt.period(moment, grain, scene.lang)


def whole(scene: Scene, found: Asked) -> MetricRow | None:
    """The total, recomputed; a target is one of all rows, so what is filtered has none."""
    answer = scene.got(found.total, MetricAnswer)
    row = answer.rows[0] if answer is not None and answer.rows else None
    return replace(row, target=None) if row is not None and found.total.where else row
