"""The Metrics screen: the dictionary, one metric by a dimension, its trend and its definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

from engine.questions import Grain, MetricAnswer, MetricQuery, MetricRow, Range
from tui import format as fmt
from tui.asking import DictionaryAsk
from tui.harmless import harmless
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, Spark, TableView
from tui.views.crumbs import metric_name, next_dimension
from tui.views.marks import change_cell
from tui.views.paths import member_filter
from tui.views.scene import Scene, dimension, head, member, words_of

if TYPE_CHECKING:
    from engine.metrics import Entry

SPARK_DAYS = 14
LEVELS = ("strategy", "tactic", "execution", "yours")
SPANS: Mapping[str, int] = {"hour": 2, "day": 28, "week": 84, "month": 365, "quarter": 730, "year": 1460}
Compared = Literal["previous", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a place of Metrics."""

    all: MetricQuery | None
    by: MetricQuery
    total: MetricQuery
    spark: MetricQuery | None
    trend: MetricQuery


def dictionary(scene: Scene) -> tuple[Entry, ...]:
    """The dictionary, empty while it is not there."""
    return cast("tuple[Entry, ...]", scene.got(DictionaryAsk(), tuple) or ())


def metric_of(scene: Scene) -> str:
    """The metric of the place; at the root the first one of the overview."""
    if scene.place.metric:
        return scene.place.metric
    tiles = scene.snapshot.tiles if scene.snapshot else ()
    return tiles[0].metric if tiles else "revenue"


def entry_of(scene: Scene) -> Entry | None:
    """The dictionary's entry of the metric."""
    name = metric_of(scene)
    return next((entry for entry in dictionary(scene) if entry.name == name), None)


def asked(scene: Scene) -> Asked | None:
    """All questions; None before there is a snapshot."""
    snapshot = scene.snapshot
    if snapshot is None:
        return None
    name, by = metric_of(scene), next_dimension(scene.place)
    view = snapshot.view
    compare = (cast(Compared, view.compare),) if view.compare not in ("none", "target") else ()
    parts = [
        text for text in (member_filter(scene.place.path), f"({view.where})" if view.where else "") if text
    ]
    where = " and ".join(parts) or None
    total = MetricQuery((name,), range=scene.range, where=where, compare=compare)
    last = scene.range.last or scene.local(snapshot.as_of).date()
    days = Range(last - timedelta(days=SPARK_DAYS - 1), last)
    by_day = by == "day"
    rows = replace(total, grain=cast(Grain, scene.place.grain)) if by_day else replace(total, by=(by,))
    trend = MetricQuery((name,), (), cast(Grain, scene.place.grain), _span(scene, last), where)
    names = tuple(entry.name for entry in dictionary(scene))
    listed = (
        MetricQuery(names, range=scene.range, where=None, compare=compare) if names and lists(scene) else None
    )
    spark = None if by_day or scene.size.narrow else MetricQuery((name,), (by,), "day", days, where)
    return Asked(listed, rows, total, spark, trend)


def lists(scene: Scene) -> bool:
    """Whether the dictionary is in sight: beside the table, or alone at the root under 100 columns."""
    return not scene.size.narrow or (not scene.place.metric and not scene.place.path)


def _span(scene: Scene, last: date) -> Range:
    days = SPANS.get(scene.place.grain, 28)
    shown = scene.range
    if shown.first is not None and shown.last is not None and scene.place.grain == "day":
        days = max(days, min(366, (shown.last - shown.first).days + 1))
    return Range(last - timedelta(days=days - 1), last)


def listing(scene: Scene) -> TableView:
    """Metrics by level with value and change."""
    found = asked(scene)
    answer = scene.got(found.all, MetricAnswer) if found and found.all else None
    values = {row.metric: row for row in (answer.rows if answer else ())}
    tiles = {tile.metric: tile for tile in (scene.snapshot.tiles if scene.snapshot else ())}
    entries = dictionary(scene)
    rows: list[Row] = []
    for level in LEVELS:
        mine = [e for e in entries if (e.level if e.builtin or e.level in LEVELS else "yours") == level]
        if mine:
            rows.append(
                Row(
                    f"level {level}",
                    (Cell(f"▾ {scene.say(f'level.{level}')}", tone="ink-strong"),),
                    heading=True,
                )
            )
        for entry in sorted(mine, key=lambda e: list(tiles).index(e.name) if e.name in tiles else 99):
            row = values.get(entry.name)
            doubt = "?" if row is not None and row.stale else ""
            rows.append(
                Row(
                    entry.name,
                    (
                        Cell("  " + words_of(entry.label, scene.lang, entry.name)),
                        Cell(
                            (fmt.value_of(row.value, entry.unit, scene.lang) + doubt) if row else "…",
                            row.value if row else None,
                            kind="number",
                        ),
                        moved(
                            row,
                            entry,
                            scene,
                            tiles[entry.name].worse_beyond_noise if entry.name in tiles else False,
                        ),
                    ),
                )
            )
    columns = (
        Column("metric", scene.say("head.metric"), "left"),
        Column("value", scene.say("head.value")),
        Column("change", scene.say("head.change")),
    )
    return TableView(
        columns,
        MemoryRows(rows),
        title=scene.say("panel.metrics"),
        unit=str(len(entries) or ""),
        empty=scene.failure(DictionaryAsk()) or scene.say("empty.computing"),
        underline=True,
    )


def moved(row: MetricRow | None, entry: Entry | None, scene: Scene, beyond: bool = False) -> Cell:
    """A row's change against what the view compares with."""
    snapshot = scene.snapshot
    if row is None or snapshot is None or entry is None:
        return Cell("", None)
    kind = snapshot.view.compare
    if kind == "none" or row.value is None:
        return Cell(fmt.NONE, None)
    base = row.target if kind == "target" else row.previous.get(kind)
    change = fmt.change(
        row.value, base, kind=entry.unit, good=entry.good, beyond_noise=beyond, lang=scene.lang
    )
    share = row.value / base - 1 if base else None
    return change_cell(
        replace(change, text=change.text.replace(" pp", "pp")) if scene.lang == "en" else change, share
    )


def table(scene: Scene) -> TableView:
    """The metric by the place's dimension; Enter goes down."""
    found, entry = asked(scene), entry_of(scene)
    answer = scene.got(found.by, MetricAnswer) if found else None
    by = next_dimension(scene.place)
    title = scene.say("panel.by", dimension=dimension(by, scene.lang))
    if answer is None or found is None:
        text = (scene.failure(found.by) if found else "") or scene.say("empty.computing")
        return TableView(_columns(scene, by, "", False), MemoryRows(), title=title, empty=text)
    unit = entry.unit if entry else "count"
    column = fmt.column_unit((row.value for row in answer.rows), scene.lang, whole=unit == "count")
    rate = any(row.den is not None for row in answer.rows)
    form = _Form(entry, unit, column, _sparks(scene, found), rate, by)
    rows = [_row(row, scene, form) for row in answer.rows]
    if by != "day":
        rows.sort(
            key=lambda row: (
                -(row.cells[1].value if isinstance(row.cells[1].value, float | int) else float("-inf"))
            )
        )
    whole = scene.got(found.total, MetricAnswer)
    total = None
    if whole is not None and whole.rows and rows:
        total = replace(_row(whole.rows[0], scene, form), id="total")
        total = replace(total, cells=(Cell(scene.say("head.total")), *total.cells[1:]))
    return TableView(
        _columns(scene, by, "" if unit == "percent" else column.suffix, rate),
        MemoryRows(rows),
        total,
        title=title,
        unit=scene.say("panel.credit", model=scene.say("credit.last_touch"))
        if entry and entry.credit == "last_touch"
        else "",
        empty=scene.say("empty.panel"),
        underline=True,
    )


def _columns(scene: Scene, by: str, suffix: str, rate: bool) -> tuple[Column, ...]:
    say = scene.say
    value = f"{metric_name(scene, metric_of(scene))} {suffix}".strip()
    columns = [
        Column("member", head(by, scene.lang), "left"),
        Column("value", value, natural="" if by == "day" else "desc"),
        Column("previous", say("head.previous"), drop=4),
        Column("change", say("head.change"), drop=1),
    ]
    if rate:
        columns += [
            Column("num", say("page.numerator"), drop=6),
            Column("den", say("page.denominator"), drop=5),
        ]
    if by != "day":
        columns.append(Column("trend", say("page.span_days", n=SPARK_DAYS), "left", drop=8, grow=28))
    else:
        columns.append(Column("state", say("head.state"), "left", drop=2))
    return tuple(columns)


def _value(value: float | None, unit: str, column: fmt.ColumnUnit) -> str:
    return fmt.percent(value, 3) if unit == "percent" else fmt.in_unit(value, column)


@dataclass(frozen=True, slots=True)
class _Form:
    """What all rows of a table have in common."""

    entry: Entry | None
    unit: str
    column: fmt.ColumnUnit
    sparks: Mapping[str | None, Spark]
    rate: bool
    by: str


def _row(row: MetricRow, scene: Scene, form: _Form) -> Row:
    name = row.by[0][1] if row.by else row.period
    text = member(name, scene.lang) if row.by else period_text(row.period, scene)
    compare = scene.snapshot.view.compare if scene.snapshot else "none"
    before = row.target if compare == "target" else row.previous.get(compare)
    doubt = "?" if row.stale else ""
    cells = [
        Cell(text, None if row.by else row.period),
        Cell(_value(row.value, form.unit, form.column) + doubt, row.value, kind="number"),
        Cell(_value(before, form.unit, form.column), before, kind="number"),
        moved(row, form.entry, scene),
    ]
    if form.rate:
        cells += [
            Cell(fmt.number(v, scene.lang, whole=float(v or 0).is_integer()), v, kind="number")
            for v in (row.num, row.den)
        ]
    if form.by != "day":
        cells.append(Cell(kind="spark", spark=form.sparks.get(name, Spark())) if row.by else Cell(""))
    else:
        cells.append(Cell(("▒ " + scene.say("state.partial")) if row.partial else "", tone="partial"))
    return Row(f"={name}" if name is not None else "-", tuple(cells))


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


def _sparks(scene: Scene, found: Asked) -> Mapping[str | None, Spark]:
    answer = scene.got(found.spark, MetricAnswer) if found.spark else None
    if answer is None or found.spark is None or found.spark.range.first is None:
        return {}
    first = found.spark.range.first
    days = [(first + timedelta(days=at)).isoformat() for at in range(SPARK_DAYS)]
    values: dict[str | None, dict[str, float | None]] = {}
    for row in answer.rows:
        values.setdefault(row.by[0][1] if row.by else None, {})[row.period or ""] = row.value
    last = {row.period for row in answer.rows if row.partial}
    return {name: Spark(tuple(v.get(day) for day in days), days[-1] in last) for name, v in values.items()}
