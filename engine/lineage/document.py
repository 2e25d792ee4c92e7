"""The JSON of `looptop trace`.

    {"metric", "period", "value", "definition", "definition_hash", "watermark", "as_of", "timezone",
     "hops": [{"kind", "name", "text", "words", "toml", "unit", "credit", "definition", "key", "reads",
               "before", "removed": [{"rule", "rows", "text"}], "rows",
               "files": [{"file", "rows", "accepted", "rejected", "duplicates", "filtered", "period",
                          "counted"}]}],
     "lines": [{"source", "file", "line", "table", "value", "ts", "event", "channel", "person",
                "touch": {"source", "file", "line", "ts", "channel"} | null}],
     "total_lines",
     "operands": [the same object for each metric that this one is made from]}

`before` − the rows of `removed` = `rows` wherever `before` is there. `lines` are limited, `total_lines` is
not. The `value`s of all lines of a sum or a count add up to `value`; null: the line belongs to a visit or
person that another line stands for.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.questions import Hop, Trace, TraceLine


def to_json(trace: Trace) -> dict[str, object]:
    """A trace as plain values; decimals stay decimals."""
    zone = ZoneInfo(trace.timezone)
    return {
        "metric": trace.metric,
        "period": trace.period,
        "value": _number(trace.value),
        "definition": trace.definition,
        "definition_hash": trace.definition_hash,
        "watermark": trace.watermark,
        "as_of": _moment(trace.as_of, zone),
        "timezone": trace.timezone,
        "hops": [_hop(hop) for hop in trace.hops],
        "lines": [_line(line, zone) for line in trace.lines],
        "total_lines": trace.total_lines,
        "operands": [to_json(operand) for operand in trace.operands],
    }


def _hop(hop: Hop) -> dict[str, object]:
    return {**asdict(hop), "words": dict(hop.words), "reads": list(hop.reads)}


def _line(line: TraceLine, zone: ZoneInfo) -> dict[str, object]:
    touch = line.touch
    return {
        **asdict(line),
        "value": _number(line.value),
        "ts": _moment(line.ts, zone),
        "touch": None if touch is None else {**asdict(touch), "ts": _moment(touch.ts, zone)},
    }


def _moment(ts: datetime | None, zone: ZoneInfo) -> str | None:
    return None if ts is None else ts.replace(tzinfo=UTC).astimezone(zone).isoformat()


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
