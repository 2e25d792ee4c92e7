"""Measures of funnels per slot and member: entrants that reached a step, and how long it took them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.funnels import Measuring, Span, Wanted, measure
from engine.metrics.plan import Measure

if TYPE_CHECKING:
    from engine.metrics.read import Ask, Cells
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace


def read(tables: Tables, workspace: Workspace, measures: Sequence[Measure], ask: Ask) -> dict[Measure, Cells]:
    """Values of measures with a flow; measures of one funnel are read together.

    Raises: UnknownName, UsageError, ExpressionError, StoreError.
    """
    spans = tuple(
        Span(number, slot.first, slot.last, slot.hour, slot.cut)
        for number, slot in enumerate(ask.slots)
        if slot.first <= slot.last
    )
    found: dict[Measure, Cells] = {}
    for key in sorted({each.flow.key for each in measures if each.flow is not None}):
        asked = [(each, each.flow) for each in measures if each.flow is not None and each.flow.key == key]
        wanted = {each: Wanted(flow.first, flow.last, each.agg, flow.per) for each, flow in asked}
        funnel = asked[0][1].funnel
        by = ask.by or ask.outside
        question = Measuring(funnel, spans, by, ask.where, ask.others)
        values = measure(tables, workspace, question, wanted.values()) if spans else {}
        numeric = [_is_number(tables, name) for name in by]
        for each, what in wanted.items():
            found[each] = {
                (at[0], _member(at[1], numeric)): (None if value is None else Decimal(str(value)), rows)
                for at, (value, rows) in values.get(what, {}).items()
            }
    return found


def _is_number(tables: Tables, name: str) -> bool:
    return tables.columns("events").get(name) in ("number", "count", "money")


def _member(member: tuple[str | None, ...], numeric: Sequence[bool]) -> tuple[str | None, ...]:
    """The member as other measures write it: `5`, not `5.0`."""
    if not any(numeric):
        return member
    return tuple(
        format(Decimal(each).normalize(), "f") if number and each is not None else each
        for each, number in zip(member, numeric, strict=False)
    )
