"""Definitions in the words of `looptop.toml`, and the derived tables that a measure is read from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from engine.derive import DerivedTable
from engine.workspace.model import Metric, Step

_SERVED = {"repeat_orders": "person_days", "cohort": "cohort_days", "churn": "person_days"}
"""Measures over persons and the derived table that answers them."""


def toml_of(metric: Metric) -> str:
    """A metric as a `[metric.X]` that would define it."""
    given: dict[str, object] = {"kind": metric.kind}
    if metric.kind == "simple" or (metric.kind == "cumulative" and metric.base is None):
        given |= {"table": metric.table or "events", "agg": metric.agg, "column": metric.column}
        given |= {"where": metric.where.text if metric.where else None, "quantile": metric.quantile}
        given |= {"gap": 0 if metric.gap == "zero" else "null"}
        given |= {"additive": metric.additive}
    elif metric.kind == "ratio":
        given |= {"num": metric.num, "den": metric.den}
    elif metric.expr is not None:
        given |= {"expr": metric.expr.text}
    elif metric.kind == "funnel":
        given |= {"funnel": metric.funnel, "measure": metric.measure}
        given |= {"from_step": metric.from_step, "to_step": metric.to_step}
    given |= _windows(metric)
    given |= {"unit": metric.unit, "good": metric.good, "credit": metric.credit}
    lines = [f"{key} = {_inline(value)}" for key, value in given.items() if value is not None]
    return "\n".join([f"[metric.{metric.name}]", *lines])


def _windows(metric: Metric) -> dict[str, object]:
    """What cumulative, semi-additive and conversion metrics say of time and sides."""
    given: dict[str, object] = {}
    if metric.kind == "cumulative":
        given |= {"metric": metric.base, "grain_to_date": metric.grain_to_date}
        given |= {"window": f"{metric.window_days}d" if metric.window_days else None}
    if metric.kind == "cumulative" or metric.additive == "semi":
        given["pick"] = metric.pick
    if metric.kind == "conversion" and metric.sides is not None:
        base, after = metric.sides
        window = "none" if metric.window_us is None else f"{metric.window_us // 1000}ms"
        given |= {"base": _side(base), "conversion": _side(after), "window": window, "per": metric.per}
        given |= {"hold": list(metric.hold) or None}
    return given


def _side(side: Step | str) -> dict[str, object]:
    if isinstance(side, str):
        return {"metric": side}
    given: dict[str, object] = {"event": list(side.events)} if side.events else {}
    return given | ({"where": side.where.text} if side.where is not None else {})


def _inline(value: object) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


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
