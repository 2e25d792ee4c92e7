"""Questions to the engine and its answers: all that a screen, a command or a report may know.

Frozen values without frames or connections, safe to hand to another thread. The JSON of a command is
its answer, key by key. Rates, changes and shares are fractions; `ts` is naive UTC, `day` a date in the
workspace's time zone; money is in the console's currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Grain = Literal["hour", "day", "week", "month", "quarter", "year", "total"]
Comparison = Literal["previous", "week", "month", "year", "target"]
Value = str | int | float | bool | Decimal | datetime | date | None


@dataclass(frozen=True, slots=True)
class Range:
    """Inclusive days in the workspace's time zone; None: as far as the data goes."""

    first: date | None = None
    last: date | None = None


# --- metrics ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """`looptop metrics`: names, up to two dimensions, a grain, a range, a filter, comparisons.

    `where` is text of the expression language over the columns of the metric's table.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    grain: Grain = "total"
    range: Range = Range()
    where: str | None = None
    compare: tuple[Literal["previous", "week", "month", "year"], ...] = ()
    top: int | None = None


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric in one period for one member of the dimensions.

    `num` and `den` for rates; `previous` and `change` by comparison; `change` is relative, None without base.
    `partial`: the period is not over or is cut by the range; `provisional`: inside the restatement window.
    """

    metric: str
    period: str | None
    by: tuple[tuple[str, str | None], ...]
    value: float | None
    num: float | None = None
    den: float | None = None
    previous: Mapping[str, float | None] = field(default_factory=dict)
    change: Mapping[str, float | None] = field(default_factory=dict)
    target: float | None = None
    partial: bool = False
    provisional: bool = False
    stale: bool = False
    """True where a source that the value reads is stale."""


@dataclass(frozen=True, slots=True)
class MetricAnswer:
    as_of: datetime
    timezone: str
    rows: tuple[MetricRow, ...]
    version: str = ""


# --- funnels ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FunnelQuery:
    """`looptop funnel`: a funnel by name, and each option of the command."""

    funnel: str
    by: str | None = None
    breakdown: str | None = None
    range: Range = Range()
    where: str | None = None
    grain: Literal["day", "week", "month"] | None = None
    steps: tuple[int, int] | None = None
    hist: tuple[int, int] | None = None
    persons: str | None = None
    """`all` or a step number as text."""
    which: Literal["reached", "dropped", "excluded"] = "reached"
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step; times and `of_previous` against the previous required step, None for step 1."""

    step: int
    label: str
    persons: int
    of_first: float | None
    of_previous: float | None
    dropped: int | None
    avg_seconds: float | None
    median_seconds: float | None
    p90_seconds: float | None
    target: float | None = None
    benchmark: float | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class FunnelGroup:
    value: str | None
    steps: tuple[FunnelStep, ...]
    excluded: int


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    period: str
    entered: int
    converted: int
    rate: float | None
    open: int


@dataclass(frozen=True, slots=True)
class FunnelMoment:
    """One step of a person's representative attempt and the row that fills it."""

    step: int
    event: str
    ts: datetime
    source: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class FunnelPerson:
    person: str
    identifiers: tuple[str, ...]
    level: int
    why_not: str | None
    path: tuple[FunnelMoment, ...]
    key: int = 0
    """The engine's own number of the person, for follow-up questions."""


@dataclass(frozen=True, slots=True)
class FunnelAnswer:
    funnel: str
    mode: str
    window_seconds: float | None
    steps: tuple[FunnelStep, ...]
    excluded: int
    open: int
    mature_rate: float | None
    bottleneck: int | None
    groups: tuple[FunnelGroup, ...] = ()
    trend: tuple[FunnelPoint, ...] = ()
    histogram: tuple[tuple[float, int], ...] = ()
    persons: tuple[FunnelPerson, ...] = ()
    version: str = ""


# --- files, rows, persons --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileStatus:
    """One file: rows = accepted + rejected + duplicates + filtered, always."""

    file: str
    source: str
    table: str
    layout: str | None
    encoding: str | None
    rows: int
    accepted: int
    rejected: int
    duplicates: int
    filtered: int
    filtered_reasons: Mapping[str, int] = field(default_factory=dict)
    evidence: tuple[tuple[str, str], ...] = ()
    """What was decided about the file and why: (topic, sentence)."""
    mapping: tuple[tuple[str, str], ...] = ()
    """(file column, canonical column or `props`)."""
    error: str | None = None
    last_ts: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceStatus:
    name: str
    table: str
    files: int
    rows: int
    accepted: int
    rejected: int
    duplicates: int
    filtered: int
    last_ts: datetime | None
    stale: bool
    stale_after_seconds: float | None = None
    age_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Status:
    as_of: datetime
    tables: Mapping[str, int]
    persons: int
    conflicts: int
    unconverted: int
    sources: tuple[SourceStatus, ...]
    files: tuple[FileStatus, ...]
    unmapped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that is in no number; `column` and `value` are None where the whole line is meant."""

    source: str
    file: str
    line: int
    column: str | None
    value: str | None
    reason: str
    text: str = ""
    """The line itself, cut."""


@dataclass(frozen=True, slots=True)
class RowsAnswer:
    """Rows of a canonical table: values in the order of `columns`; `total` before the limit."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    total: int


@dataclass(frozen=True, slots=True)
class JourneyFact:
    """One fact of a person's journey, any of the five classes."""

    ts: datetime
    kind: str
    event: str
    channel: str | None
    campaign: str | None
    detail: str
    value: Decimal | None
    currency: str | None
    source: str
    file: str
    line: int
    session: int | None = None


@dataclass(frozen=True, slots=True)
class PersonEntry:
    person: str
    canonical: str
    identifiers: tuple[str, ...]
    aliases: tuple[str, ...]
    first_ts: datetime | None


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    entry: PersonEntry
    journey: tuple[JourneyFact, ...]


# --- alerts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alert:
    """One (rule, member): its state now. `id` is the episode, None for one that never fired."""

    id: str | None
    rule: str
    labels: Mapping[str, str | None]
    state: Literal["pending", "firing", "recovering", "ok"]
    severity: str
    since: str | None
    active_at: str | None
    detected_at: datetime | None
    value: float | None
    expected: float | None
    owner: str | None
    acked_by: str | None = None
    silenced_until: datetime | None = None
    causes: tuple[Mapping[str, object], ...] = ()
    metric: str | None = None
    """The first metric of `when`, for the trend."""
    unit: str = "count"
    when: str = ""
    sop: tuple[str, ...] = ()
    sentence: Mapping[str, str] = field(default_factory=dict)
    """What happened, by language."""
    partial: bool = False
    count: int = 0
    """Breaching periods so far."""
    for_periods: int = 1


@dataclass(frozen=True, slots=True)
class Transition:
    id: str | None
    rule: str
    labels: Mapping[str, str | None]
    period: str
    event: str
    severity: str | None
    reason: str | None
    late: bool
    partial: bool
    active_at: str | None
    detected_at: datetime


@dataclass(frozen=True, slots=True)
class AlertsAnswer:
    as_of: datetime
    alerts: tuple[Alert, ...]
    judged: int = 0
    """Rules judged on this version of the data."""


# --- the overview ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """What the console looks at: a range, a comparison, a dimension, a filter.

    `days`: rolling length that ends today (None with fixed `range`); `month`: this month.
    """

    kind: Literal["today", "days", "month", "all", "fixed"] = "days"
    days: int = 7
    range: Range = Range()
    compare: Literal["none", "previous", "week", "month", "year", "target"] = "previous"
    by: str = "channel"
    where: str | None = None
    funnel: str | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """One metric over the view's range with its base, target and daily trend (None: a gap)."""

    metric: str
    label: Mapping[str, str]
    unit: str
    good: str
    value: float | None
    base: float | None
    change: float | None
    target: float | None
    trend: tuple[float | None, ...]
    trend_days: tuple[date, ...]
    partial: bool
    stale: bool
    worse_beyond_noise: bool = False


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One member of the view's dimension; None as member is 'no value'."""

    member: str | None
    values: Mapping[str, float | None]
    """By metric: cost, revenue, orders, conversion_rate, roi."""
    changes: Mapping[str, float | None]
    worse: frozenset[str]
    """Metrics that moved badly beyond noise."""
    trend: tuple[float | None, ...]
    state: Literal["ok", "warning", "critical", "pending", "stale"]
    stale: bool


@dataclass(frozen=True, slots=True)
class Activity:
    """What the last refresh did: times in seconds, `ended` on the wall clock (UTC)."""

    refresh: int = 0
    trigger: str = "start"
    files: tuple[str, ...] = ()
    rows_added: int = 0
    rows_removed: int = 0
    days: int = 0
    persons: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    error: str | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that the overview, the wall and the frame of every screen show, from one version of the data."""

    version: str
    as_of: datetime
    timezone: str
    currency: str
    title: str
    language: str | None
    view: View
    range: Range
    base_range: Range | None
    partial_until: datetime | None
    """Where the range holds the running day: how far it reaches (UTC), else None."""
    tiles: tuple[Tile, ...]
    funnel: FunnelAnswer | None
    funnel_label: Mapping[str, str]
    trend: Tile | None
    channels: tuple[ChannelRow, ...]
    total: ChannelRow | None
    alerts: AlertsAnswer
    status: Status
    activity: Activity
    movers: tuple[tuple[str | None, float], ...] = ()
    """Members of the view's dimension and how much each moved revenue against the base; they add up."""
    faults: tuple[str, ...] = ()
    """Configuration faults; the last good configuration is in force."""
    notices: tuple[str, ...] = ()
    """Ids and arguments of messages: `directory_gone`, …"""
    role: Literal["refresher", "viewer"] = "refresher"
