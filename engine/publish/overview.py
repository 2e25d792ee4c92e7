"""The overview: tiles, funnel, channels and alerts of one view, from one version of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from engine import funnels, metrics
from engine.errors import ExpressionError, UsageError
from engine.publish import changes
from engine.publish.work import Member, Work, against, daily_of, one_of, totals_of, worse
from engine.questions import (
    Alert,
    ChannelRow,
    FunnelAnswer,
    FunnelQuery,
    MetricRow,
    Snapshot,
    Tile,
    View,
)

if TYPE_CHECKING:
    from engine.session import Session

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


def snapshot(session: Session, view: View) -> Snapshot:
    """The snapshot of a view. What a workspace cannot answer is a tile without value, never an error."""
    work = Work.of(session.store, session.workspace, view, session.pipeline.moment.as_of)
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
        tiles=_marked(session, work, _tiles(work)),
        funnel=_funnel(session, work),
        funnel_label=work.workspace.funnels[work.funnel].label if work.funnel else {},
        trend=_tile(work, "revenue", CHART_DAYS, one_of(work, "revenue")),
        channels=channels,
        total=total,
        alerts=alerts,
        status=status,
        activity=session.activity,
        faults=session.faults,
        notices=(f"state_not_writable {session.pipeline.state.fault}",)
        if session.pipeline.state.fault
        else (),
        movers=_movers(work),
        dimensions=tuple(name for each in work.workspace.lookups for name in each.add),
        role=session.role,
        definitions=_definitions(work),
        delivery=session.delivery(),
        watermark=session.watermark,
    )


def _definitions(work: Work) -> dict[str, str]:
    """Hashes of the definitions of all metrics shown, and of all funnels."""
    names = [name for name in (*TILES, *CHANNEL_METRICS) if name in work.workspace.metrics]
    found = {name: metrics.definition_hash(work.workspace, name) for name in names}
    for name in work.workspace.funnels:
        found[f"funnel:{name}"] = funnels.definition_hash(work.workspace, name)
    return found


def _movers(work: Work) -> tuple[tuple[str | None, float], ...]:
    """How much each member of the view's dimension moved revenue, the largest first; they add up."""
    if not work.compare:
        return ()
    found = []
    for member, row in totals_of(work, ("revenue",), (work.view.by,)).get("revenue", {}).items():
        before = row.previous.get(work.view.compare)
        found.append((member[0], (row.value or 0.0) - (before or 0.0)))
    return tuple(sorted(found, key=lambda one: (-abs(one[1]), one[0] is None, one[0] or "")))


def _tiles(work: Work) -> tuple[Tile, ...]:
    names = [name for name in TILES if name in work.workspace.metrics]
    totals = totals_of(work, names)
    series = daily_of(work, names, TREND_DAYS)
    found = (_tile(work, name, TREND_DAYS, totals.get(name, {}).get(()), series) for name in names)
    return tuple(tile for tile in found if tile is not None)


def _marked(session: Session, work: Work, tiles: tuple[Tile, ...]) -> tuple[Tile, ...]:
    """The tiles with how many of their days were revised; a filter makes other numbers of them."""
    if work.view.where:
        return tiles
    pipeline = session.pipeline
    names = [tile.metric for tile in tiles]
    found = changes.revised(pipeline.ledger, work.workspace, names, work.days, pipeline.wall())
    return tuple(replace(tile, revised=found.get(tile.metric, 0)) for tile in tiles)


def _tile(
    work: Work, name: str, days: int, row: MetricRow | None, series: metrics.Series | None = None
) -> Tile | None:
    metric = work.workspace.metrics.get(name)
    if metric is None:
        return None
    series = series if series is not None else daily_of(work, (name,), days)
    base, change = against(work, row)
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
        pace=row.pace if row else None,
        status=row.status if row else "unknown",
        provisional=row is not None and row.provisional,
        partial=work.days.last == work.today,
        stale=row.stale if row else False,
        worse_beyond_noise=worse(work, name, row, series, target),
    )


def _funnel(session: Session, work: Work) -> FunnelAnswer | None:
    if work.funnel is None:
        return None
    query = FunnelQuery(work.funnel, range=work.days, where=work.view.where)
    try:
        return funnels.answer(
            work.tables, work.workspace, query, work.now, language=work.workspace.console.language
        )
    except (UsageError, ExpressionError):
        return None


def _channels(
    work: Work, alerts: Sequence[Alert], stale: frozenset[str]
) -> tuple[ChannelRow | None, tuple[ChannelRow, ...]]:
    """The total row and the members of the view's dimension, the largest revenue first."""
    totals = totals_of(work, CHANNEL_METRICS)
    trend = daily_of(work, ("revenue",), TREND_DAYS)
    total = _channel(
        work,
        None,
        {name: rows.get(()) for name, rows in totals.items()},
        trend,
        key=(),
        alerts=alerts,
        stale_sources=stale,
        total=True,
    )
    by = (work.view.by,)
    rows = totals_of(work, CHANNEL_METRICS, by)
    series = daily_of(work, CHANNEL_METRICS, TREND_DAYS, by)
    members = {member for each in rows.values() for member in each}
    found = [
        _channel(
            work,
            member[0],
            {name: each.get(member) for name, each in rows.items()},
            series,
            key=member,
            alerts=alerts,
            stale_sources=stale,
        )
        for member in members
        if member
    ]
    found.sort(key=lambda row: (-(row.values.get("revenue") or 0), row.member is None, row.member or ""))
    return total, tuple(found)


def _channel(
    work: Work,
    member: str | None,
    rows: Mapping[str, MetricRow | None],
    series: metrics.Series,
    *,
    key: Member,
    alerts: Sequence[Alert],
    stale_sources: frozenset[str],
    total: bool = False,
) -> ChannelRow:
    stale = any(row.stale for row in rows.values() if row is not None) and (
        total or _touches(work, stale_sources, member)
    )
    moved = frozenset(name for name, row in rows.items() if worse(work, name, row, series, None, member=key))
    return ChannelRow(
        member=member,
        values={name: row.value if row else None for name, row in rows.items()},
        changes={name: against(work, row)[1] for name, row in rows.items()},
        worse=moved,
        trend=series.of("revenue", key),
        state="stale" if total and stale else "ok" if total else _state(work.view.by, member, alerts, stale),
        stale=stale,
    )


def _touches(work: Work, stale_sources: frozenset[str], member: str | None) -> bool:
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
