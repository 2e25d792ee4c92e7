"""A number → its trace: the value as the metric layer computes it, and what stands behind each measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.expressions import Expression
from engine.lineage import asking, behind, hops, units
from engine.lineage.definitions import chain, toml_of
from engine.lineage.touches import touches
from engine.metrics.answer import Work, prepare
from engine.metrics.dictionary import definition_hash, formula
from engine.metrics.evaluate import precise
from engine.metrics.period import DAY, Calendar, Period, Slot, slot
from engine.metrics.plan import Measure, Node, resolve
from engine.metrics.shapes import cube, general
from engine.metrics.sources import sources_below
from engine.questions import Hop, Status, Touch, Trace, TraceLine, TraceQuery

if TYPE_CHECKING:
    from engine.derive import DerivedTable
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace

Persons = Callable[[Sequence[int]], Mapping[int, str]]
"""Person keys → `p_…`."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What every trace stands on: tables, configuration, the moment, files, derived tables, names."""

    tables: Tables
    workspace: Workspace
    now: datetime
    status: Status
    derived: Sequence[DerivedTable]
    persons: Persons
    watermark: str

    @property
    def calendar(self) -> Calendar:
        """How the workspace cuts time."""
        return Calendar.of(self.workspace.console)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question read: the period, what was computed, and the leaves traced so far."""

    ground: Ground
    query: TraceQuery
    work: Work
    period: Period
    where: Expression | None
    leaves: dict[Measure, tuple[tuple[Hop, ...], tuple[TraceLine, ...], int]] = field(default_factory=dict)

    @property
    def slot(self) -> Slot:
        return slot(self.period)


def metric(ground: Ground, query: TraceQuery) -> Trace:
    """Where one value of a metric comes from.

    Raises: UnknownName, UsageError, ExpressionError, StoreError.
    """
    cal = ground.calendar
    question = asking.asked(query, cal)
    work = prepare(ground.tables, ground.workspace, question, ground.now)
    period = asking.chosen(query, work.periods, cal)
    where = work.where
    asked = _Asked(ground, query, work, period, where)
    with precise():
        return _trace(asked, work.nodes[0], resolve(ground.workspace, query.metric))


def _trace(asked: _Asked, node: Node, full: Node) -> Trace:
    """In: the node as it was computed, and with the credit that shortens nothing."""
    value = asked.work.board.reader(node)(asked.work.slots[asked.slot], ()).value
    ground, name = asked.ground, node.metric.name
    hashed = definition_hash(ground.workspace, name)
    head = _head(full, hashed)
    found = Trace(
        name, asked.period.name, value, formula(node.metric), hashed, ground.watermark, ground.now,
        ground.workspace.console.timezone, (head,),
    )  # fmt: skip
    if node.frame is not None and node.base is not None and full.base is not None:
        return replace(found, operands=_of_days(asked, node, node.base, full.base))
    if node.metric.kind in ("funnel", "conversion"):
        return replace(found, operands=_of_steps(asked, node))
    if full.measure is None:
        below = tuple(_trace(asked, *pair) for pair in zip(node.children, full.children, strict=True))
        return replace(found, operands=below)
    if full.measure not in asked.leaves:
        asked.leaves[full.measure] = _leaf(asked, full, full.measure, value)
    more, lines, total = asked.leaves[full.measure]
    return replace(found, hops=(head, *more), lines=lines, total_lines=total)


def _of_days(asked: _Asked, node: Node, base: Node, full: Node) -> tuple[Trace, ...]:
    """What a cumulative or semi-additive metric reads, where that is one stretch of whole days."""
    frame, cal = node.frame, asked.ground.calendar
    assert frame is not None
    points = frame.points(asked.slot, cal, cal.local(asked.ground.now).date())
    if len(points) != 1 or points[0].hour is not None or points[0].cut is not None:
        return ()
    first, last = points[0].first, points[0].last
    days = Period("total", f"{first} – {last}", first, last, (first, last + DAY))
    framed = asked.work.board.framed[frame]
    work = replace(asked.work, board=framed.board, slots={slot(days): framed.points[0][0]})
    return (_trace(replace(asked, work=work, period=days, leaves={}), base, full),)


def _of_steps(asked: _Asked, node: Node) -> tuple[Trace, ...]:
    """The two steps of a funnel with their lines; hours and base events have no list of persons."""
    from engine.lineage import funnel

    flows = [measure.flow for measure in node.measures if measure.flow is not None]
    flow = max(flows, key=lambda each: each.last)
    if asked.period.hour is not None or flow.per == "events":
        return ()
    ground, name = asked.ground, flow.funnel.name
    if node.metric.kind == "conversion":
        space = ground.workspace
        own = {**space.funnels, name: flow.funnel}
        ground = replace(
            ground, workspace=replace(space, funnels=own, adhoc=space.adhoc | {f"funnel.{name}"})
        )
    steps = dict.fromkeys((flow.last, flow.first))
    return tuple(
        funnel.step(ground, name, replace(asked.query, metric=f"funnel:{name}", step=step)) for step in steps
    )


def _head(node: Node, hashed: str) -> Hop:
    metric = node.metric
    lent = node.measure.credit if node.measure is not None else metric.credit
    return Hop(
        "metric", metric.name, formula(metric), words=metric.wording, toml=toml_of(metric), unit=metric.unit,
        credit=lent, definition=hashed,
    )  # fmt: skip


def _leaf(
    asked: _Asked, node: Node, measure: Measure, value: Decimal | None
) -> tuple[tuple[Hop, ...], tuple[TraceLine, ...], int]:
    ground, cal = asked.ground, asked.ground.calendar
    found = _behind(asked, measure, cal)
    sources = sources_below(ground.workspace, node)
    counts = hops.counts(ground.tables, found, asked.slot)
    served = None if asked.slot.hour is not None else cube(ground.tables, measure, (), asked.where)
    name = served.relation if served is not None else general(measure).relation
    steps = (
        *hops.derived(ground.tables, chain(name, ground.derived), asked.slot),
        hops.table(ground.status, found.table, counts),
        *hops.rules(found, measure, counts, value),
        *hops.sources(ground.status, sources, counts),
    )
    return steps, _lines(asked, found, measure), sum(counts.counted.values())


def _behind(asked: _Asked, measure: Measure, cal: Calendar) -> behind.Behind:
    ground = asked.ground
    if measure.table in ("events", "spend", "profiles"):
        return behind.facts_of(ground.tables, measure, asked.where, asked.slot, ground.workspace.console)
    today = cal.local(ground.now).date()
    return units.units_of(ground.tables, measure, asked.where, asked.slot, (today, cal.zone))


def _lines(asked: _Asked, found: behind.Behind, measure: Measure) -> tuple[TraceLine, ...]:
    ground = asked.ground
    select = behind.lines(found, asked.query.limit)
    rows = ground.tables.rows(select.sql(), select.params)
    named = ground.persons(sorted({int(str(row[7])) for row in rows if row[7] is not None}))
    lent = measure.credit == "last_touch" and found.table == "events"
    facts = [(int(str(row[8])), int(str(row[9]))) for row in rows] if lent else []
    given = touches(ground.tables, facts)
    return tuple(_line(row, found.table, named, given) for row in rows)


def _line(
    row: tuple[object, ...], table: str, named: Mapping[int, str], given: Mapping[tuple[int, int], Touch]
) -> TraceLine:
    source, file, line, value, ts, event, channel, person, part, place = row
    touch = given.get((int(str(part)), int(str(place))))
    return TraceLine(
        str(source), str(file), int(str(line)), table, number(value),
        ts if isinstance(ts, datetime) else None,
        None if event is None else str(event),
        None if channel is None else str(channel),
        None if person is None else named.get(int(str(person))),
        touch,
    )  # fmt: skip


def number(value: object) -> Decimal | None:
    """What a line contributes, exactly."""
    if value is None or isinstance(value, Decimal):
        return value
    return Decimal(value) if isinstance(value, int) else Decimal(str(value))
