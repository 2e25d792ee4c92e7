"""The members of one dimension, or the periods: value, changes, share, target, trend; Enter goes down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.questions import MetricAnswer, MetricRow, WhyAnswer
from tui import format as fmt
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, Spark, TableView
from tui.views.crumbs import dimension_text, metric_name
from tui.views.metrics import (
    OTHER,
    SPARK_DAYS,
    Asked,
    Key,
    additive,
    asked,
    base_of,
    compared,
    dimensions_of,
    entry_of,
    key_of,
    key_text,
    metric_of,
    moved,
    row_id,
    whole,
)  # fmt: skip
from tui.views.scene import Scene, head
from tui.views.steps import step_of
from tui.views.targets import pace_cell, state_of, target_cell

if TYPE_CHECKING:
    from engine.metrics import Entry


@dataclass(frozen=True, slots=True)
class _Form:
    """What all rows of a table have in common."""

    scene: Scene
    entry: Entry | None
    unit: str
    column: fmt.ColumnUnit
    sparks: Mapping[Key, Spark]
    by: str
    compare: tuple[str, ...]
    total: MetricRow | None
    known: tuple[float, ...]
    rate: bool
    aimed: bool
    parts: Mapping[Key, float | None]
    """Each member's part of the change, where members do not add up."""

    def text(self, value: float | None) -> str:
        """A value in the unit of the column."""
        if self.unit == "percent":
            return fmt.percent(value, 3)
        if self.unit == "seconds":
            return fmt.duration(value, self.scene.lang)
        return fmt.in_unit(value, self.column)


def table(scene: Scene) -> TableView:
    """The metric by the place's dimension with a recomputed total; Enter goes down."""
    found, entry = asked(scene), entry_of(scene)
    by = dimensions_of(scene.place)[0]
    title = scene.say("panel.by", dimension=dimension_text(by, scene.place, scene))
    answer = scene.got(found.cells, MetricAnswer) if found else None
    if answer is None or found is None:
        text = (scene.failure(found.cells) if found else "") or scene.say("empty.computing")
        name = Column("member", head(by, scene.lang), "left")
        return TableView((name,), MemoryRows(), title=title, empty=text, shape="computing")
    form = _form(scene, found, entry, answer.rows, by)
    shown = sorted(answer.rows, key=_largest) if by != "day" else answer.rows
    rows = [_row(row, form) for row in shown]
    total = None
    if form.total is not None and rows:
        total = _row(form.total, form, total=True)
    credit = entry is not None and entry.credit == "last_touch"
    return TableView(
        _columns(form),
        MemoryRows(rows),
        total,
        title=title,
        unit=scene.say("panel.credit", model=scene.say("credit.last_touch")) if credit else "",
        empty=scene.say("empty.panel"),
        underline=True,
    )


def _form(scene: Scene, found: Asked, entry: Entry | None, rows: tuple[MetricRow, ...], by: str) -> _Form:
    unit = entry.unit if entry else "count"
    return _Form(
        scene, entry, unit,
        fmt.column_unit((row.value for row in rows), scene.lang, whole=unit == "count"),
        _sparks(scene, found), by,
        tuple(each for each in compared(scene) if each != "none"),
        whole(scene, found),
        tuple(row.value for row in rows if row.value is not None),
        any(row.den is not None for row in rows),
        any(row.target is not None for row in rows), _parts(scene, found, by),
    )  # fmt: skip


def _largest(row: MetricRow) -> tuple[bool, float]:
    return row.other, -row.value if row.value is not None else float("inf")


def _columns(form: _Form) -> tuple[Column, ...]:
    scene, by = form.scene, form.by
    say, days = scene.say, by == "day"
    suffix = "" if form.unit in ("percent", "seconds") else form.column.suffix
    value = f"{metric_name(scene, metric_of(scene))} {suffix}".strip()
    columns = [
        Column("member", head(by, scene.lang), "left"),
        Column("value", value, natural="" if days else "desc"),
    ]
    if form.compare:
        columns += [
            Column("change", say("head.change"), drop=1),
            Column("delta", say("metrics.relative" if form.unit == "percent" else "metrics.delta"), drop=7),
        ]
        if not days:
            columns.append(Column("of_change", say("head.of_change"), drop=5))
        columns.append(Column("previous", say("head.previous"), drop=8))
    if not days and additive(form.entry):
        columns.append(Column("share", say("head.share"), drop=4))
    if form.aimed:
        columns += [
            Column("target", say("head.target"), drop=6),
            Column("pace", say("metrics.pace"), drop=3),
            Column("status", say("head.state"), "left", drop=2),
        ]
    if form.rate:
        columns += [
            Column("num", say("page.numerator"), drop=11),
            Column("den", say("page.denominator"), drop=10),
        ]
    columns += [
        Column(f"change_{kind}", say("metrics.vs", what=say(f"metrics.short_{kind}")), drop=6)
        for kind in form.compare[1:]
    ]
    if days:
        columns.append(Column("state", say("head.state"), "left", drop=2))
    else:
        columns.append(Column("trend", say("page.span_days", n=SPARK_DAYS), "left", drop=9, grow=28))
    return tuple(columns)


def _row(row: MetricRow, form: _Form, total: bool = False) -> Row:
    scene, days = form.scene, form.by == "day"
    key = key_of(row, form.by)
    name = scene.say("head.total") if total else key_text(key, form.by, scene)
    name = scene.say("metrics.others") if row.other else name
    cells = [Cell(name, key if days and not total else None), _value(row, form, total)]
    if form.compare:
        cells += [moved(row, form.entry, scene), _delta(row, form)]
        if not days:
            cells.append(Cell("") if total and not additive(form.entry) else _of_change(row, form))
        before = base_of(row, form.compare[0])
        cells.append(Cell(form.text(before), before, kind="number"))
    if not days and additive(form.entry):
        cells.append(_share(row, form))
    if form.aimed:
        cells += [target_cell(row, form.text), pace_cell(row), state_of(row, form.entry, scene)]
    if form.rate:
        cells += [
            Cell(fmt.number(v, scene.lang, whole=float(v or 0).is_integer()), v, kind="number")
            for v in (row.num, row.den)
        ]
    cells += [moved(row, form.entry, scene, kind=kind) for kind in form.compare[1:]]
    if days:
        cells.append(_period_state(row, scene))
    else:
        lone = total or row.other
        cells.append(Cell("") if lone else Cell(kind="spark", spark=form.sparks.get(key, Spark())))
    return Row("total" if total else OTHER if row.other else row_id(key), tuple(cells))


def _value(row: MetricRow, form: _Form, total: bool) -> Cell:
    text = form.text(row.value) + ("?" if row.stale else "")
    if not form.scene.place.heat or total or row.value is None:
        return Cell(text, row.value, kind="number")
    return Cell(text, row.value, kind="heat", share=step_of(row.value, form.known))


def _delta(row: MetricRow, form: _Form) -> Cell:
    """The change in units; of percents, which change in points, the relative one."""
    base = base_of(row, form.compare[0])
    if row.value is None or base is None:
        return Cell(fmt.NONE, None)
    if form.unit == "percent":
        share = row.value / base - 1 if base else None
        return Cell(_signed(share or 0, fmt.percent(share, 1)), share, kind="change")
    delta = row.value - base
    return Cell(_signed(delta, form.text(delta)), delta, kind="change")


def _signed(value: float, text: str) -> str:
    return f"+{text}" if value > 0 else text


def _of_change(row: MetricRow, form: _Form) -> Cell:
    """A member's part of the whole change: of sums its own change, else what the engine split off."""
    kind, total = form.compare[0], form.total
    if not additive(form.entry):
        part = form.parts.get(key_of(row, form.by))
        return Cell(fmt.percent(part, 1), part, kind="number")
    if total is None:
        return Cell(fmt.NONE, None)
    before, now = base_of(total, kind), total.value
    if before is None or now is None or now == before or (row.value is None and base_of(row, kind) is None):
        return Cell(fmt.NONE, None)
    share = ((row.value or 0) - (base_of(row, kind) or 0)) / (now - before)
    return Cell(fmt.percent(share, 1), share, kind="number")


def _share(row: MetricRow, form: _Form) -> Cell:
    total = form.total.value if form.total else None
    if row.value is None or not total:
        return Cell(fmt.NONE, None)
    return Cell(fmt.percent(row.value / total, 1), row.value / total, kind="number")


def _period_state(row: MetricRow, scene: Scene) -> Cell:
    if row.partial:
        return Cell("▒ " + scene.say("state.partial"), tone="partial")
    return Cell("○ " + scene.say("metrics.provisional"), tone="partial") if row.provisional else Cell("")


def _parts(scene: Scene, found: Asked, by: str) -> Mapping[Key, float | None]:
    answer = scene.got(found.split, WhyAnswer) if found.split else None
    return {dict(each.member).get(by): each.share for each in answer.members} if answer else {}


def _sparks(scene: Scene, found: Asked) -> Mapping[Key, Spark]:
    answer = scene.got(found.spark, MetricAnswer) if found.spark else None
    if answer is None or found.spark is None or found.spark.range.first is None:
        return {}
    first = found.spark.range.first
    days = [(first + timedelta(days=at)).isoformat() for at in range(SPARK_DAYS)]
    values: dict[Key, dict[str, float | None]] = {}
    for row in answer.rows:
        values.setdefault(row.by[0][1] if row.by else None, {})[row.period or ""] = row.value
    last = {row.period for row in answer.rows if row.partial}
    return {name: Spark(tuple(v.get(day) for day in days), days[-1] in last) for name, v in values.items()}
