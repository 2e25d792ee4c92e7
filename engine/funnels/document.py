"""The JSON of `looptop funnel`, key by key: those of the contract and, further down, our own."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.questions import (
    BesideAnswer,
    DriversAnswer,
    FunnelAnswer,
    FunnelGroup,
    FunnelMoment,
    FunnelPerson,
    FunnelPoint,
    FunnelStep,
)


def to_json(answer: FunnelAnswer, timezone: str = "UTC") -> dict[str, object]:
    """One answer as JSON values; `timezone` is the workspace's, for `ts`. All keys are always there."""
    return {
        "funnel": answer.funnel,
        "mode": answer.mode,
        "window_seconds": _number(answer.window_seconds),
        "steps": [_step(step) for step in answer.steps],
        "excluded": answer.excluded,
        "open": answer.open,
        "mature_rate": answer.mature_rate,
        "bottleneck": answer.bottleneck,
        "groups": [_group(group) for group in answer.groups],
        "trend": [_point(point) for point in answer.trend],
        "histogram": [[_number(start), count] for start, count in answer.histogram],
        "persons": [_person(person, ZoneInfo(timezone)) for person in answer.persons],
        "observed_rate": answer.observed_rate,
        "enter": answer.enter,
        "cohorts": [
            {"period": row.period, "entered": row.entered, "converted": list(row.converted)}
            for row in answer.cohorts
        ],
        "after": [{"event": each.event, "persons": each.persons} for each in answer.after],
        "checks": list(answer.checks),
        "definition": answer.definition,
        "watermark": answer.watermark,
    }


def beside_to_json(answer: BesideAnswer, timezone: str = "UTC") -> dict[str, object]:
    """Two funnels side by side as JSON values: both whole, the steps, who moves."""
    return {
        "a": to_json(answer.a, timezone),
        "b": to_json(answer.b, timezone),
        "steps": [
            {
                "step": step.step,
                "label": step.label,
                "a": step.a,
                "b": step.b,
                "a_rate": step.a_rate,
                "b_rate": step.b_rate,
                "difference": step.difference,
                "low": step.low,
                "high": step.high,
            }
            for step in answer.steps
        ],
        "moved": answer.moved,
        "moves": [{"a": a, "b": b, "persons": count} for a, b, count in answer.moves],
        "persons": [
            {"person": one.person, "identifiers": list(one.identifiers), "a": one.a, "b": one.b}
            for one in answer.persons
        ],
    }


def drivers_to_json(answer: DriversAnswer) -> dict[str, object]:
    """What goes with converting as JSON values."""
    return {
        "from_step": answer.from_step,
        "to_step": answer.to_step,
        "entered": answer.entered,
        "converted": answer.converted,
        "tested": answer.tested,
        "drivers": [
            {
                "kind": one.kind,
                "name": one.name,
                "value": one.value,
                "with": one.with_n,
                "with_converted": one.with_won,
                "without": one.without_n,
                "without_converted": one.without_won,
                "odds": one.odds,
                "low": one.low,
                "high": one.high,
                "q": one.q,
            }
            for one in answer.drivers
        ],
    }


def _group(group: FunnelGroup) -> dict[str, object]:
    return {
        "value": group.value,
        "steps": [_step(step) for step in group.steps],
        "excluded": group.excluded,
        "open": group.open,
        "mature_rate": group.mature_rate,
        "observed_rate": group.observed_rate,
    }


def _point(point: FunnelPoint) -> dict[str, object]:
    return {
        "period": point.period,
        "entered": point.entered,
        "converted": point.converted,
        "rate": point.rate,
        "open": point.open,
        "mature_rate": point.mature_rate,
    }


def _number(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value


def _step(step: FunnelStep) -> dict[str, object]:
    return {
        "step": step.step,
        "label": step.label,
        "persons": step.persons,
        "of_first": step.of_first,
        "of_previous": step.of_previous,
        "dropped": step.dropped,
        "avg_seconds": _number(step.avg_seconds),
        "median_seconds": _number(step.median_seconds),
        "p75_seconds": _number(step.p75_seconds),
        "p90_seconds": _number(step.p90_seconds),
        "target": step.target,
        "benchmark": step.benchmark,
        "entered": step.entered,
    }


def _person(person: FunnelPerson, zone: ZoneInfo) -> dict[str, object]:
    return {
        "person": person.person,
        "identifiers": list(person.identifiers),
        "level": person.level,
        "why_not": person.why_not,
        "path": [_moment(moment, zone) for moment in person.path],
        "barrier": _moment(person.barrier, zone) if person.barrier is not None else None,
    }


def _moment(moment: FunnelMoment, zone: ZoneInfo) -> dict[str, object]:
    return {
        "step": moment.step,
        "event": moment.event,
        "ts": local(moment.ts, zone),
        "source": moment.source,
        "file": moment.file,
        "line": moment.line,
    }


def local(ts: datetime, zone: ZoneInfo) -> str:
    """ISO 8601 with the workspace's offset."""
    return ts.replace(tzinfo=UTC).astimezone(zone).isoformat()
