"""A question why → the period, what it is compared with, and the values of metrics in both."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.causes.tree import Given
from engine.lineage.asking import asked, chosen
from engine.metrics import answer
from engine.metrics.period import Calendar, Period, Slot, base, periods, slot
from engine.questions import MetricQuery, Range, TraceQuery, WhyQuery

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class When:
    """The periods of a question: `question` is that of `looptop metrics` for the row that changed."""

    question: MetricQuery
    period: Period
    now: Slot
    base: Slot
    calendar: Calendar
    moment: datetime

    @property
    def base_name(self) -> str | None:
        """The name of the period compared with; None for a range of days."""
        if self.period.name is None:
            return None
        if self.base.hour is not None:
            return self.calendar.local(self.base.hour).isoformat(timespec="minutes")
        return self.calendar.name(
            self.period.grain, self.calendar.bucket(self.period.grain, self.base.first)[0]
        )


def when(query: WhyQuery, held: tuple[date, date] | None, now: datetime, cal: Calendar) -> When:
    """The period that is asked about; without one the newest complete day that has facts.

    In:  `held`: first and last day with facts of the metric's tables.
    Raises: UsageError for a period that is none.
    """
    days, period = query.range or Range(), query.period
    if period is None and days == Range():
        yesterday = cal.local(now).date() - DAY
        period = (max(held[0], min(held[1], yesterday)) if held else yesterday).isoformat()
    today = cal.local(now).date()
    first, last = held or (today, today)
    trace = TraceQuery(query.metric, period, query.grain, days, query.where)
    question = asked(trace, cal)
    whole = Range(
        question.range.first or first, question.range.last or max(last, question.range.first or last)
    )
    question = replace(question, range=whole, compare=(query.compare,))
    assert whole.first is not None
    assert whole.last is not None
    bounds = (question.range.first, question.range.last)
    listed = periods(question.grain, whole.first, whole.last, now=now, cal=cal, bounds=bounds)
    found = chosen(trace, listed, cal)
    return When(question, found, slot(found), base(found, query.compare, now, cal), cal, now)


def values(
    tables: Tables, workspace: Workspace, at: When, metrics: Collection[str], where: str | None = None
) -> tuple[Given, Given]:
    """Values before and now of several metrics, as `looptop metrics` has them.

    In:  a filter besides that of the question.
    """
    asked_where = " and ".join(f"({each})" for each in (at.question.where, where) if each) or None
    question = replace(at.question, metrics=tuple(metrics), where=asked_where)
    rows = [
        row for row in answer(tables, workspace, question, at.moment).rows if row.period == at.period.name
    ]
    compare = at.question.compare[0]
    return {row.metric: row.previous.get(compare) for row in rows}, {row.metric: row.value for row in rows}
