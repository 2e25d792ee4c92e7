"""One view resolved: its days, those it is compared with, and the numbers that its panels share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine import metrics
from engine.errors import ExpressionError, UsageError
from engine.metrics import Side, worse_beyond_noise
from engine.questions import MetricRow, Range, View

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace

Member = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """One view resolved: its days, those it is compared with, its funnel."""

    tables: Tables
    workspace: Workspace
    view: View
    now: datetime
    today: date
    days: Range
    base: Range | None
    funnel: str | None

    @classmethod
    def of(cls, tables: Tables, workspace: Workspace, view: View, now: datetime) -> Work:
        today = now.replace(tzinfo=UTC).astimezone(ZoneInfo(workspace.console.timezone)).date()
        days = _range(tables, view, today)
        base = None
        if view.compare in ("previous", "week", "month", "year"):
            assert days.first is not None and days.last is not None
            found = metrics.base_range(workspace, (days.first, days.last), view.compare, now)
            base = Range(found[0], found[1]) if found else None
        names = list(workspace.funnels)
        funnel = view.funnel if view.funnel in workspace.funnels else next(iter(names), None)
        return cls(tables, workspace, view, now, today, days, base, funnel)

    @property
    def compare(self) -> tuple[str, ...]:
        return (self.view.compare,) if self.view.compare in ("previous", "week", "month", "year") else ()


def _range(tables: Tables, view: View, today: date) -> Range:
    if view.kind == "today":
        return Range(today, today)
    if view.kind == "month":
        return Range(today.replace(day=1), today)
    if view.kind == "fixed" and (view.range.first or view.range.last):
        first = view.range.first or view.range.last
        return Range(first, view.range.last or today)
    if view.kind == "all":
        span = tables.days(("events", "spend"))
        return Range(min(span[0], today), max(span[1], span[0])) if span else Range(today, today)
    return Range(today - timedelta(days=max(view.days, 1) - 1), today)


def totals_of(
    work: Work, names: Sequence[str], by: tuple[str, ...] = ()
) -> dict[str, dict[Member, MetricRow]]:
    """Totals by metric and member. A metric that cannot be asked this way has no rows."""
    known = [name for name in names if name in work.workspace.metrics]
    try:
        return metrics.totals(
            work.tables,
            work.workspace,
            known,
            work.days,
            work.now,
            where=work.view.where,
            by=by,
            compare=work.compare,
        )
    except (UsageError, ExpressionError):
        if len(known) <= 1:
            return {}
        return {name: rows for one in known for name, rows in totals_of(work, (one,), by).items()}


def daily_of(work: Work, names: Sequence[str], days: int, by: tuple[str, ...] = ()) -> metrics.Series:
    """Daily values up to the range's last day. A metric that cannot be asked this way has gaps."""
    last = work.days.last or work.today
    span = (last - timedelta(days=days - 1), last)
    known = [name for name in names if name in work.workspace.metrics]
    try:
        return metrics.daily(work.tables, work.workspace, known, span, work.now, where=work.view.where, by=by)
    except (UsageError, ExpressionError):
        listed = tuple(span[0] + timedelta(days=n) for n in range(days))
        values: dict[str, dict[Member, tuple[float | None, ...]]] = {}
        if len(known) > 1:
            for name in known:
                values.update(daily_of(work, (name,), days, by).values)
        return metrics.Series(listed, values)


def one_of(work: Work, name: str) -> MetricRow | None:
    return totals_of(work, (name,)).get(name, {}).get(())


def against(work: Work, row: MetricRow | None) -> tuple[float | None, float | None]:
    if row is None or not work.compare:
        return None, None
    return row.previous.get(work.view.compare), row.change.get(work.view.compare)


def worse(
    work: Work,
    name: str,
    row: MetricRow | None,
    series: metrics.Series,
    target: float | None,
    *,
    member: Member = (),
) -> bool:
    """Whether the value is worse than its base by more than chance: what `!` stands for."""
    base, _ = against(work, row)
    if row is None or base is None or work.base is None:
        return False
    values = dict(zip(series.days, series.of(name, member), strict=False))
    whole = work.today if work.days.last == work.today else None
    now_days = [values.get(day) for day in _days(work.days) if day != whole]
    base_days = [values.get(day) for day in _days(work.base)]
    enough = all(day in values for day in _days(work.base))
    metric = work.workspace.metrics[name]
    return worse_beyond_noise(
        metric.unit,
        metric.good,
        Side(row.value, row.num, row.den, now_days if enough else ()),
        Side(base, days=base_days if enough else ()),
        target=target,
    )


def _days(span: Range) -> Iterable[date]:
    assert span.first is not None and span.last is not None
    return (span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1))
