"""What a metric needs of the files: a table, an event, a filled column; and which of it is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.expressions import Expression, calls, parse
from engine.workspace.model import Metric

_OF_ORDERS = frozenset({"customers", "new_customers", "repeat_orders"})


@dataclass(frozen=True, slots=True)
class There:
    """What the files hold: events with their counts, and the columns of each table that are not empty.

    A table without a filled column has no rows.
    """

    events: Mapping[str, int]
    filled: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Lack:
    """The first thing that is not there."""

    what: Literal["event", "table", "column"]
    name: str


def metric_of(name: str, table: Mapping[str, object]) -> Metric:
    """A metric of a template as far as its needs go."""
    texts = {key: parse(str(table[key])) for key in ("where", "expr") if key in table}
    plain = {key: table[key] for key in ("kind", "table", "column", "num", "den") if key in table}
    return Metric(name, **plain, **texts)  # type: ignore[arg-type]


def lack(metrics: Mapping[str, Metric], name: str, there: There) -> Lack | None:
    """What keeps a metric from ever saying something; None where nothing does.

    A count without rows is 0, so of a sum or difference one term is enough; a rate needs both its parts.
    """
    metric = metrics[name]
    if metric.kind == "ratio" or metric.base is not None:
        return next((found for part in needs(metric) if (found := lack(metrics, part, there))), None)
    if metric.kind == "derived":
        return _of_terms(metrics, metric, there)
    if metric.kind == "conversion":
        return _of_sides(metric, there)
    if metric.table in ("spend", "profiles", "events"):
        if not there.filled.get(metric.table):
            return Lack("table", metric.table)
        return _of_rows(metric, there)
    if not there.events:
        return Lack("table", "events")
    return Lack("event", "order") if metric.table in _OF_ORDERS and "order" not in there.events else None


def _of_sides(metric: Metric, there: There) -> Lack | None:
    """A conversion needs events of both sides; one that a side only filters can be any."""
    for side in metric.sides or ():
        events = () if isinstance(side, str) else side.events
        if events and not any(event in there.events for event in events):
            return Lack("event", events[0])
    return None if there.events else Lack("table", "events")


def needs(metric: Metric) -> tuple[str, ...]:
    """The metrics that a metric is made of."""
    if metric.kind == "ratio":
        return tuple(name for name in (metric.num, metric.den) if name)
    if metric.kind == "derived" and metric.expr is not None:
        return named(metric.expr)
    return (metric.base,) if metric.base is not None else ()


def named(expression: Expression) -> tuple[str, ...]:
    """The metrics that an expression names, also inside `change(m, week)`."""
    inside = {str(call.args[0]) for call in calls(expression) if call.args}
    return tuple(sorted(expression.columns | inside))


def _of_terms(metrics: Mapping[str, Metric], metric: Metric, there: There) -> Lack | None:
    """A difference lives by its first term; a division by all: `(net_revenue - cost) / cost`."""
    parts = [(part, lack(metrics, part, there)) for part in needs(metric) if part in metrics]
    missing = [found for _, found in parts if found]
    divided = metric.expr is not None and "/" in metric.expr.text
    return missing[0] if missing and (divided or len(missing) == len(parts)) else None


def _of_rows(metric: Metric, there: There) -> Lack | None:
    filled = there.filled[metric.table or "events"]
    wanted = events_named(metric.where) if metric.where is not None else frozenset()
    if wanted and wanted.isdisjoint(there.events):
        return Lack("event", min(wanted))
    columns = {metric.column} if metric.column else set()
    if metric.where is not None:
        columns |= metric.where.columns
    absent = sorted(name for name in columns if name not in {*filled, "event", "person", "source"})
    return Lack("column", absent[0]) if absent else None


def events_named(where: Expression) -> frozenset[str]:
    """The events that a condition asks for by `event = 'x'` or `event in ('x', …)`; empty: any will do."""
    from sqlglot import exp

    found: set[str] = set()
    for node in where.tree.find_all(exp.EQ, exp.In):
        if not isinstance(node.this, exp.Column) or node.this.name != "event" or node.find_ancestor(exp.Not):
            continue
        values = node.expressions if isinstance(node, exp.In) else [node.expression]
        found |= {value.this for value in values if isinstance(value, exp.Literal)}
    return frozenset(found)
