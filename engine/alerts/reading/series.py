"""Series of metrics by member and period, read once and again only where days changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from engine.alerts.kept.records import Labels
from engine.alerts.reading.periods import Axis, Grain
from engine.questions import MetricAnswer, MetricQuery, MetricRow, Range
from engine.store.tables import Tables
from engine.workspace.model import Metric, Workspace

Answer = Callable[[Tables, Workspace, MetricQuery, datetime], MetricAnswer]
"""How metrics are asked: `engine.metrics.answer`."""

Number = float | None
_BLOCK = 28
_READS: Mapping[str, tuple[str, ...]] = {
    "events": ("events", "event_days"),
    "spend": ("spend", "spend_days"),
    "sessions": ("session_days",),
}
"""Tables with days whose versions cover a metric's table; others stand for themselves, without days."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One batched question: the metrics of all rules that share grain, dimensions, filter and settling."""

    grain: Grain
    by: tuple[str, ...]
    where: str | None
    metrics: tuple[str, ...]
    upto: int
    """Last period that is read (complete, or the running one where a rule wants it)."""
    settle_hours: int = 0


@dataclass(slots=True)
class Cells:
    """One metric of one member: value, numerator, denominator, target, pace by period; None: nothing."""

    value: list[Number]
    num: list[Number]
    den: list[Number]
    target: list[Number]
    pace: list[Number]

    @property
    def lists(self) -> tuple[list[Number], ...]:
        """All of them."""
        return self.value, self.num, self.den, self.target, self.pace


@dataclass(slots=True)
class Loaded:
    """What is in memory of a feed; `stamp[member]` counts changes, so that equal stamps mean equal series."""

    first: str
    length: int
    blocks: dict[int, tuple[str, int]] = field(default_factory=dict)
    members: dict[Labels, dict[str, Cells]] = field(default_factory=dict)
    stamp: dict[Labels, int] = field(default_factory=dict)
    limits: dict[str, tuple[object, Mapping[str, tuple[float, ...]]]] = field(default_factory=dict)
    """By rule: what its limits were made of, and the limits (see `allowance`)."""


def leaves(workspace: Workspace, name: str, seen: frozenset[str] = frozenset()) -> tuple[Metric, ...]:
    """The metrics that count something below a ratio or a formula, in order of the text."""
    metric = workspace.metrics.get(name)
    if metric is None or name in seen:
        return ()
    below: list[str] = [each for each in (metric.num, metric.den) if each]
    if metric.expr is not None and metric.kind == "derived":
        below = sorted(metric.expr.columns, key=metric.expr.text.find)
    if not below:
        return (metric,)
    return tuple(leaf for each in below for leaf in leaves(workspace, each, seen | {name}))


def reads(workspace: Workspace, names: tuple[str, ...]) -> tuple[frozenset[str], bool]:
    """Tables that the metrics read, and whether versions by day tell when they change."""
    daily = True
    tables: set[str] = set()
    for name in names:
        for leaf in leaves(workspace, name):
            plain = leaf.kind == "simple" and leaf.table in _READS and leaf.agg != "count_distinct"
            daily = daily and plain
            found = _READS.get(leaf.table or "", (leaf.table or "events",))
            tables.update(found, () if plain else ("events", "person_days", "customers", "attempts"))
    return frozenset(tables | {"targets"}), daily


ROWS = "alert_rows_of_"
"""Prefix of the metrics that count the facts of a member, to tell 0 from nothing."""


def with_rows(workspace: Workspace, names: tuple[str, ...]) -> tuple[Workspace, tuple[str, ...]]:
    """The workspace and names with one counter of facts for each table whose gaps read as 0."""
    extra: dict[str, Metric] = {}
    for name in names:
        for leaf in leaves(workspace, name):
            if counter := rows_metric(workspace, leaf):
                extra.setdefault(counter, Metric(counter, table=leaf.table, agg="count", credit=leaf.credit))
    if not extra:
        return workspace, names
    return replace(workspace, metrics={**workspace.metrics, **extra}), (*names, *sorted(extra))


def rows_metric(workspace: Workspace, leaf: Metric) -> str | None:
    """Name of the counter that tells whether a member had facts; None where gaps are null anyway."""
    if leaf.gap != "zero" or leaf.kind != "simple" or leaf.table not in ("events", "spend"):
        return None
    return f"{ROWS}{leaf.table}_{leaf.credit}"


def load(
    feed: Feed,
    axis: Axis,
    known: Loaded | None,
    tables: Tables,
    workspace: Workspace,
    *,
    now: datetime,
    ask: Answer,
) -> Loaded:
    """The series of a feed: `known`, with the blocks read again that could have changed."""
    asked, names = with_rows(workspace, feed.metrics)
    watched, daily = reads(asked, names)
    if known is None or known.first != axis.labels[0]:
        known = Loaded(axis.labels[0], 0)
    stale: dict[int, tuple[str, int]] = {}
    for block in range(feed.upto // _BLOCK + 1):
        last = min((block + 1) * _BLOCK - 1, feed.upto)
        days = (axis.starts[block * _BLOCK].date(), _last_day(axis, last))
        version = tables.version(watched, *days) if daily else tables.version(watched)
        if known.blocks.get(block) != (version, last):
            stale[block] = (version, last)
    for first, final in _runs(list(stale)):
        last = min((final + 1) * _BLOCK - 1, feed.upto)
        days = (axis.starts[first * _BLOCK].date(), _last_day(axis, last))
        query = MetricQuery(names, feed.by, feed.grain, Range(*days), feed.where)
        _take(known, axis, first * _BLOCK, last, ask(tables, asked, query, now).rows)
        known.blocks |= {block: stale[block] for block in range(first, final + 1)}
    return known


def _runs(blocks: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of every run of blocks that follow each other."""
    out: list[tuple[int, int]] = []
    for block in blocks:
        if out and out[-1][1] == block - 1:
            out[-1] = (out[-1][0], block)
        else:
            out.append((block, block))
    return out


def _last_day(axis: Axis, position: int) -> date:
    if axis.grain in ("hour", "day"):
        return axis.starts[position].date()
    start = axis.starts[position]
    following = (
        start + timedelta(days=7) if axis.grain == "week" else (start + timedelta(days=32)).replace(day=1)
    )
    return (following - timedelta(days=1)).date()


def _take(loaded: Loaded, axis: Axis, first: int, last: int, rows: tuple[MetricRow, ...]) -> None:
    """Put the rows of periods first … last in place of what was there; count members that changed."""
    loaded.length = max(loaded.length, last + 1)
    size = last + 1 - first
    fresh: dict[Labels, dict[str, Cells]] = {}
    for row in rows:
        position = None if row.period is None else axis.index.get(row.period)
        if position is None or not first <= position <= last:
            continue
        metrics = fresh.setdefault(row.by, {})
        cells = metrics.get(row.metric)
        if cells is None:
            cells = metrics[row.metric] = _empty(size)
        at = position - first
        cells.value[at], cells.num[at], cells.den[at] = row.value, row.num, row.den
        cells.target[at], cells.pace[at] = row.target, row.pace
    for member in fresh.keys() | loaded.members.keys():
        _put(loaded, member, first, size, fresh.get(member, {}))


def _put(loaded: Loaded, member: Labels, first: int, size: int, fresh: Mapping[str, Cells]) -> None:
    old = loaded.members.setdefault(member, {})
    changed = False
    for metric in fresh.keys() | old.keys():
        new, cells = fresh.get(metric) or _empty(size), old.setdefault(metric, _empty(0))
        for ours, theirs in zip(cells.lists, new.lists, strict=True):
            ours.extend([None] * (first + size - len(ours)))
            if ours[first : first + size] != theirs:
                ours[first : first + size] = theirs
                changed = True
    if changed:
        loaded.stamp[member] = loaded.stamp.get(member, 0) + 1


def _empty(size: int) -> Cells:
    nothing: list[Number] = [None] * size
    return Cells(nothing, nothing[:], nothing[:], nothing[:], nothing[:])
