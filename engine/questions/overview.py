"""What the console looks at, and all that the overview and the frame of every screen show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from engine.questions.alerts import AlertsAnswer
from engine.questions.files import Status
from engine.questions.funnels import FunnelAnswer
from engine.questions.numbers import Range, Standing
from engine.questions.rules import Delivery


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
    revised: int = 0
    """Days of the range, over by then, that are another number than they were a day ago."""
    pace: float | None = None
    """As in `MetricRow`, and so are the next two."""
    status: Standing = "unknown"
    provisional: bool = False


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
    dimensions: tuple[str, ...] = ()
    """Columns that the workspace looks up, which can group as well."""
    role: Literal["refresher", "viewer"] = "refresher"
    definitions: Mapping[str, str] = field(default_factory=dict)
    """Hashes of the definitions in force of what is shown: metrics, and the funnel as `funnel:NAME`."""
    delivery: Delivery | None = None
    """How messages stand."""
    watermark: str = ""
    """Names the data: the same in every process on the same files."""
