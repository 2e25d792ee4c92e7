"""The overview: tiles, funnel, channels and alerts of one view, from one version of the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from engine import funnels, metrics
from engine.errors import LooptopError
from engine.metrics import Side, worse_beyond_noise
from engine.questions import (
    Alert,
    ChannelRow,
    FunnelAnswer,
    FunnelQuery,
    MetricRow,
    Range,
    Snapshot,
    Tile,
    View,
)

if TYPE_CHECKING:
    from engine.session import Session
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace

TILES = (
    "revenue", "orders", "cost", "roi", "visits", "conversion_rate", "cac", "retention_d7", "valid_leads",
    "budget_pace",
)  # fmt: skip
CHANNEL_METRICS = ("cost", "revenue", "orders", "conversion_rate", "roi")
TREND_DAYS = 14
CHART_DAYS = 56

_STATE_OF: dict[str, Literal["ok", "warning", "critical", "pending", "stale"]] = {
    "critical": "critical", "warning": "warning", "info": "warning",
}  # fmt: skip
_WORST = ("critical", "warning", "pending", "stale", "ok")

Member = tuple[str | None, ...]


def snapshot(session: Session, view: View) -> Snapshot:
    """The snapshot of a view. What a workspace cannot answer is a tile without value, never an error."""
    work = _Work.of(session.store, session.workspace, view, session.moment.as_of)
    status = session.status()
    alerts = session.alerts()
    stale = frozenset(source.name for source in status.sources if source.stale)
    total, channels = _channels(work, alerts.alerts, stale)
    return Snapshot(
        version=session.store.version(("events", "spend", "profiles", "targets")),
        as_of=work.now,
        timezone=work.workspace.console.timezone,
        currency=work.workspace.console.currency,
        title=work.workspace.console.title,
        language=work.workspace.console.language,
        view=view,
        range=work.days,
        base_range=work.base,
        partial_until=work.now if work.days.last == work.today else None,
        tiles=_tiles(work),
        funnel=_funnel(session, work),
        funnel_label=work.workspace.funnels[work.funnel].label if work.funnel else {},
        trend=_tile(work, "revenue", CHART_DAYS, _one(work, "revenue")),
        channels=channels,
        total=total,
        alerts=alerts,
        status=status,
        activity=session.activity,
        faults=session.faults,
        notices=(f"state_not_writable {session.state.fault}",) if session.state.fault else (),
        role=session.role,
    )


@dataclass(frozen=True, slots=True)
class _Work:
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
    def of(cls, tables: Tables, workspace: Workspace, view: View, now: datetime) -> _Work:
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


def _totals(work: _Work, names: Sequence[str], by: tuple[str, ...] = ()) -> dict[str, dict[Member, MetricRow]]:
    """Totals by metric and member. A metric that cannot be asked this way has no rows."""
    known = [name for name in names if name in work.workspace.metrics]
    try:
        return metrics.totals(
            work.tables, work.workspace, known, work.days, work.now, where=work.view.where, by=by, compare=work.compare
        )
    except LooptopError:
        if len(known) <= 1:
            return {}
        return {name: rows for one in known for name, rows in _totals(work, (one,), by).items()}


def _daily(work: _Work, names: Sequence[str], days: int, by: tuple[str, ...] = ()) -> metrics.Series:
    """Daily values up to the range's last day. A metric that cannot be asked this way has gaps."""
    last = work.days.last or work.today
    span = (last - timedelta(days=days - 1), last)
    known = [name for name in names if name in work.workspace.metrics]
    try:
        return metrics.daily(work.tables, work.workspace, known, span, work.now, where=work.view.where, by=by)
    except LooptopError:
        listed = tuple(span[0] + timedelta(days=n) for n in range(days))
        values: dict[str, dict[Member, tuple[float | None, ...]]] = {}
        if len(known) > 1:
            for name in known:
                values.update(_daily(work, (name,), days, by).values)
        return metrics.Series(listed, values)


def _one(work: _Work, name: str) -> MetricRow | None:
    return _totals(work, (name,)).get(name, {}).get(())


def _tiles(work: _Work) -> tuple[Tile, ...]:
    names = [name for name in TILES if name in work.workspace.metrics]
    totals = _totals(work, names)
    series = _daily(work, names, TREND_DAYS)
    found = (
        _tile(work, name, TREND_DAYS, totals.get(name, {}).get(()), series) for name in names
    )
    return tuple(tile for tile in found if tile is not None)


def _tile(
    work: _Work, name: str, days: int, row: MetricRow | None, series: metrics.Series | None = None
) -> Tile | None:
    metric = work.workspace.metrics.get(name)
    if metric is None:
        return None
    series = series if series is not None else _daily(work, (name,), days)
    base, change = _against(work, row)
    target = metrics.target_for(work.tables, work.workspace, name, work.days)
    if work.view.compare == "target" and row is not None and row.value is not None and target:
        base, change = target, row.value / target - 1
    return Tile(
        metric=name,
        label=metric.label,
        unit=metric.unit,
        good=metric.good,
        value=row.value if row else None,
        base=base,
        change=change,
        target=target,
        trend=series.of(name),
        trend_days=series.days,
        partial=work.days.last == work.today,
        stale=row.stale if row else False,
        worse_beyond_noise=_worse(work, name, row, series, target),
    )


def _against(work: _Work, row: MetricRow | None) -> tuple[float | None, float | None]:
    if row is None or not work.compare:
        return None, None
    return row.previous.get(work.view.compare), row.change.get(work.view.compare)


def _worse(
    work: _Work, name: str, row: MetricRow | None, series: metrics.Series, target: float | None, member: Member = ()
) -> bool:
    """Whether the value is worse than its base by more than chance: what `!` stands for."""
    base, _ = _against(work, row)
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


def _funnel(session: Session, work: _Work) -> FunnelAnswer | None:
    if work.funnel is None:
        return None
    query = FunnelQuery(work.funnel, range=work.days, where=work.view.where)
    try:
        return funnels.answer(
            work.tables, work.workspace, query, work.now, language=work.workspace.console.language
        )
    except LooptopError:
        return None


def _channels(
    work: _Work, alerts: Sequence[Alert], stale: frozenset[str]
) -> tuple[ChannelRow | None, tuple[ChannelRow, ...]]:
    """The total row and the members of the view's dimension, the largest revenue first."""
    totals = _totals(work, CHANNEL_METRICS)
    trend = _daily(work, ("revenue",), TREND_DAYS)
    total = _channel(work, None, {name: rows.get(()) for name, rows in totals.items()}, trend, (), alerts, stale, total=True)
    by = (work.view.by,)
    rows = _totals(work, CHANNEL_METRICS, by)
    series = _daily(work, CHANNEL_METRICS, TREND_DAYS, by)
    members = {member for each in rows.values() for member in each}
    found = [
        _channel(work, member[0], {name: each.get(member) for name, each in rows.items()}, series, member, alerts, stale)
        for member in members
        if member
    ]
    found.sort(key=lambda row: (-(row.values.get("revenue") or 0), row.member is None, row.member or ""))
    return total, tuple(found)


def _channel(
    work: _Work,
    member: str | None,
    rows: Mapping[str, MetricRow | None],
    series: metrics.Series,
    key: Member,
    alerts: Sequence[Alert],
    stale_sources: frozenset[str],
    total: bool = False,
) -> ChannelRow:
    stale = any(row.stale for row in rows.values() if row is not None) and (total or _touches(work, stale_sources, member))
    worse = frozenset(
        name for name, row in rows.items() if _worse(work, name, row, series, None, key)
    )
    return ChannelRow(
        member=member,
        values={name: row.value if row else None for name, row in rows.items()},
        changes={name: _against(work, row)[1] for name, row in rows.items()},
        worse=worse,
        trend=series.of("revenue", key),
        state="stale" if total and stale else "ok" if total else _state(work.view.by, member, alerts, stale),
        stale=stale,
    )


def _touches(work: _Work, stale_sources: frozenset[str], member: str | None) -> bool:
    """Whether a stale source can hold facts of a member: not where its constant says another one."""
    by = work.view.by
    named = (source for source in work.workspace.sources if source.name in stale_sources)
    return any(source.constants.get(by, member) == member for source in named)


def _state(
    by: str, member: str | None, alerts: Sequence[Alert], stale: bool
) -> Literal["ok", "warning", "critical", "pending", "stale"]:
    """The worst that an open alert says of a member of the dimension."""
    mine = [alert for alert in alerts if by in alert.labels and alert.labels[by] == member]
    states: set[Literal["ok", "warning", "critical", "pending", "stale"]] = {"stale"} if stale else {"ok"}
    for alert in mine:
        if alert.state == "pending":
            states.add("pending")
        elif alert.state in ("firing", "recovering"):
            states.add(_STATE_OF.get(alert.severity, "warning"))
    return min(states, key=_WORST.index)
