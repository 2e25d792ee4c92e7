"""A period as people write it → the question of `looptop metrics` whose one row is meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from engine.errors import UsageError
from engine.metrics.period import Calendar, Period
from engine.questions import Grain, MetricQuery, Range, TraceQuery

DAY = timedelta(days=1)


def asked(query: TraceQuery, cal: Calendar) -> MetricQuery:
    """The metrics question with the period's grain and the days that the period and the range share.

    Raises: UsageError for a period that is none, or that the range leaves nothing of.
    """
    if query.period is None:
        return MetricQuery((query.metric,), (), "total", query.range, query.where)
    grain, first, last = _read(query, cal)
    start = max(filter(None, (first, query.range.first)))
    end = min(filter(None, (last, query.range.last)))
    if start > end:
        raise UsageError(
            f"the range {query.range.first} to {query.range.last} leaves nothing of {query.period}"
        )
    return MetricQuery((query.metric,), (), grain, Range(start, end), query.where)


def _read(query: TraceQuery, cal: Calendar) -> tuple[Grain, date, date]:
    text = query.period or ""
    found = cal.read(text)
    if found is None:
        raise UsageError(
            f'"{text}" is no period; write an hour 2026-11-01T13:00+08:00, a day 2026-11-01, '
            "2026-11, 2026-Q4 or 2026"
        )
    grain, first, last = found
    if grain == "hour":
        day = cal.local(hour_of(text, cal)).date()
        first, last = day, day
    if query.grain == "week" and grain == "day":
        first, after = cal.bucket("week", first)
        return "week", first, after - DAY
    if query.grain not in (None, grain):
        raise UsageError(f'"{text}" names a period of grain {grain}, not {query.grain}')
    return grain, first, last


def hour_of(text: str, cal: Calendar) -> datetime:
    """Start of an hour in naive UTC; without an offset it is the workspace's time."""
    moment = datetime.fromisoformat(text)
    return cal.utc(moment) if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def name_of(query: TraceQuery, question: MetricQuery, cal: Calendar) -> str | None:
    """The name of a period of days: a week's is its first day."""
    first = question.range.first
    if query.period is None or first is None:
        return None
    return cal.name(question.grain, cal.bucket(question.grain, first)[0])


def chosen(query: TraceQuery, periods: tuple[Period, ...], cal: Calendar) -> Period:
    """The period that is meant among those of the question.

    Raises: UsageError for an hour that the day does not have.
    """
    if query.period is None or periods[0].hour is None:
        return periods[0]
    moment = hour_of(query.period, cal)
    for period in periods:
        if period.hour == moment:
            return period
    raise UsageError(f"no hour begins at {query.period}; hours of that day begin like {periods[0].name}")
