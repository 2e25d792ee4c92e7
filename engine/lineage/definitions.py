"""Definitions in the words of `looptop.toml`, and the derived tables that a measure is read from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from engine.derive import DerivedTable
from engine.workspace.model import Metric

_SERVED = {"repeat_orders": "person_days", "cohort": "cohort_days", "churn": "person_days"}
"""Measures over persons and the derived table that answers them."""


def toml_of(metric: Metric) -> str:
    """A metric as a `[metric.X]` that would define it."""
    given: dict[str, object] = {"kind": metric.kind}
    if metric.kind == "simple":
        given |= {"table": metric.table or "events", "agg": metric.agg, "column": metric.column}
        given |= {"where": metric.where.text if metric.where else None, "quantile": metric.quantile}
        given |= {"gap": 0 if metric.gap == "zero" else "null"}
    elif metric.kind == "ratio":
        given |= {"num": metric.num, "den": metric.den}
    elif metric.expr is not None:
        given |= {"expr": metric.expr.text}
    given |= {"unit": metric.unit, "good": metric.good, "credit": metric.credit}
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in given.items()
        if value is not None
    ]
    return "\n".join([f"[metric.{metric.name}]", *lines])


def chain(name: str, tables: Sequence[DerivedTable]) -> tuple[DerivedTable, ...]:
    """The derived table of that name and all that it reads, nearest first; none for a canonical table."""
    by_name: Mapping[str, DerivedTable] = {table.name: table for table in tables}
    found: dict[str, DerivedTable] = {}
    waiting = [_SERVED.get(name, name)]
    while waiting:
        table = by_name.get(waiting.pop(0))
        if table is not None and table.name not in found:
            found[table.name] = table
            waiting += table.reads
    return tuple(found.values())
