"""A metrics answer as the JSON of `looptop metrics --json`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from zoneinfo import ZoneInfo

from engine.questions import MetricAnswer, MetricQuery, MetricRow


def to_json(answer: MetricAnswer, query: MetricQuery) -> dict[str, object]:
    """Keys and values in the order of the contract; comparisons are objects where several were asked."""
    zone = ZoneInfo(answer.timezone)
    return {
        "as_of": answer.as_of.replace(tzinfo=UTC).astimezone(zone).isoformat(),
        "timezone": answer.timezone,
        "rows": [_row(row, query) for row in answer.rows],
        "definition": dict(answer.definitions),
        "watermark": answer.watermark,
    }


def _row(row: MetricRow, query: MetricQuery) -> dict[str, object]:
    dimensions = dict(row.by)
    own = {"metric": row.metric, "period": row.period}
    values = {
        "value": number(row.value),
        "num": number(row.num),
        "den": number(row.den),
        "previous": _compared(row.previous, query),
        "change": _compared(row.change, query),
        "target": number(row.target),
        "partial": row.partial,
        "provisional": row.provisional,
        "pace": number(row.pace),
        "pace_by": row.pace_by,
        "status": row.status,
    }
    return {**own, **{name: dimensions.get(name) for name in query.by}, **values}


def _compared(found: Mapping[str, float | None], query: MetricQuery) -> object:
    if len(query.compare) > 1:
        return {name: number(found.get(name)) for name in query.compare}
    return number(found.get(query.compare[0])) if query.compare else None


def number(value: float | None) -> int | float | None:
    """Whole numbers without a point."""
    if value is None or not value.is_integer() or abs(value) >= 2**53:
        return value
    return int(value)
