"""A step of a funnel → its trace: the definition, who was lost before it, and the lines that fill it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from engine import funnels
from engine.derive import DerivedTable
from engine.errors import UsageError
from engine.lineage import asking, hops
from engine.lineage.definitions import chain
from engine.lineage.trace import Ground
from engine.metrics.period import Slot
from engine.questions import (
    FunnelAnswer,
    FunnelPerson,
    FunnelQuery,
    Hop,
    Range,
    Removed,
    Trace,
    TraceLine,
    TraceQuery,
)


def step(ground: Ground, name: str, query: TraceQuery) -> Trace:
    """Where the persons of one step come from.

    In:  the funnel's name; of the query the period (of the first step's event), range, filter and step.
    Raises: UnknownName, UsageError, ExpressionError, StoreError.
    """
    days = asking.asked(query, ground.calendar)
    if days.grain == "hour":
        raise UsageError("a funnel is told by days; name a day, week, month, quarter or year")
    question = FunnelQuery(
        name, breakdown=query.breakdown, range=days.range, where=query.where, enter=query.enter,
        member=query.member,
    )  # fmt: skip
    answer = funnels.answer(ground.tables, ground.workspace, question, ground.now)
    number = query.step or len(answer.steps)
    if not 1 <= number <= len(answer.steps):
        raise UsageError(f'--step takes a step of "{name}" from 1 to {len(answer.steps)}, not {number}')
    listed = replace(question, persons=str(number))
    persons = funnels.answer(ground.tables, ground.workspace, listed, ground.now).persons
    lines = _lines(persons, number)
    limited = lines if query.limit is None else lines[: query.limit]
    names = ground.persons(sorted({key for _, key in limited if key}))
    text = " → ".join(one.label for one in answer.steps)
    return Trace(
        query.metric, asking.name_of(query, days, ground.calendar),
        Decimal(answer.steps[number - 1].persons), text,
        funnels.definition_hash(ground.workspace, name), ground.watermark, ground.now,
        ground.workspace.console.timezone, _hops(ground, answer, number, days.range, lines),
        tuple(replace(line, person=names.get(key, line.person)) for line, key in limited), len(lines),
    )  # fmt: skip


Line = tuple[TraceLine, int]
"""A line, and the key of its person (0: the unit is no person)."""


def _lines(persons: Sequence[FunnelPerson], number: int) -> list[Line]:
    """The lines up to the step, by file and line; a person's last one stands for the person."""
    found: list[Line] = []
    for person in persons:
        path = [moment for moment in person.path if moment.step <= number]
        for moment in path:
            value = Decimal(1) if moment is path[-1] else None
            line = TraceLine(
                moment.source, moment.file, moment.line, "events", value, moment.ts, moment.event,
                person=None if person.key else person.person,
            )  # fmt: skip
            found.append((line, person.key))
    return sorted(found, key=lambda one: (one[0].file, one[0].line, one[1]))


def _hops(
    ground: Ground, answer: FunnelAnswer, number: int, days: Range, lines: Sequence[Line]
) -> tuple[Hop, ...]:
    workspace, name = ground.workspace, answer.funnel
    funnel = workspace.funnels[name]
    counted = Counter((line.source, line.file) for line, _ in lines)
    first, last = _days(ground, days)
    slot = Slot(first, last)
    counts = hops.Counts(hops.in_period(ground.tables, "events", slot), counted, 0, ())
    owners = {source.name for source in workspace.sources if source.table == "events"}
    head = Hop(
        "metric", f"funnel:{name}", " → ".join(one.label for one in answer.steps), words=funnel.label
        if isinstance(funnel.label, dict) else {}, toml=funnels.toml_of(funnel), unit="count", credit="own",
        definition=funnels.definition_hash(workspace, name),
    )  # fmt: skip
    return (
        head,
        *hops.derived(ground.tables, _kept(ground, answer), slot),
        hops.table(ground.status, "events", counts),
        _lost(answer, number),
        Hop("rules", "events", rows=len(lines)),
        *hops.sources(ground.status, owners, counts),
    )


def _kept(ground: Ground, answer: FunnelAnswer) -> tuple[DerivedTable, ...]:
    """The tables that the funnel is kept in; none for rules of one question."""
    if f"funnel.{answer.funnel}" in ground.workspace.adhoc or answer.enter == "any":
        return ()
    return chain(funnels.table_name(ground.workspace, answer.funnel), ground.derived)


def _days(ground: Ground, days: Range) -> tuple[date, date]:
    """The days of the question, open ends as far as events go."""
    held = ground.tables.days(("events",))
    today = ground.calendar.local(ground.now).date()
    first = days.first or (held[0] if held else today)
    return first, max(first, days.last or (held[1] if held else today))


def _lost(answer: FunnelAnswer, number: int) -> Hop:
    """Who entered, and who stopped before each required step up to the one asked for."""
    entered, reached = answer.steps[0].persons, answer.steps[number - 1].persons
    removed = [Removed("excluded", answer.excluded)] if answer.excluded else []
    left = entered
    for each in answer.steps[1:number]:
        if each.dropped and not each.optional:
            removed.append(Removed("dropped", each.dropped, each.label))
            left -= each.dropped
    if left != reached:
        removed.append(Removed("dropped", left - reached, answer.steps[number - 1].label))
    return Hop("units", "persons", before=entered + answer.excluded, removed=tuple(removed), rows=reached)
