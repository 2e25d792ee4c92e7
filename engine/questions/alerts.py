"""Alerts and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from engine.questions.causes import WhyAnswer


@dataclass(frozen=True, slots=True)
class Tick:
    """A step of the SOP that somebody has done; `step` counts from 0."""

    step: int
    by: str
    at: datetime


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
    period: str | None = None
    """The period that `value` is of, in the rule's grain; None: none was judged."""
    grain: str = "day"
    where: str | None = None
    """The rule's own filter."""
    low: float | None = None
    high: float | None = None
    """The band of an anomaly, or the bound of a rate that evidence asks for; None: there is none."""
    why: WhyAnswer | None = None
    """The cause that was found when it fired, kept with the episode."""
    incident: str | None = None
    """Episode of the incident that it belongs to: of the total where a member and its total fire together."""
    inhibited_by: tuple[str, ...] = ()
    """Episodes of alerts about sources that explain it: nobody is told while they fire."""
    flapping: bool = False
    acked_at: datetime | None = None
    ack_note: str = ""
    silenced_by: str | None = None
    silence_reason: str = ""
    closed_by: str | None = None
    ticks: tuple[Tick, ...] = ()
    label: str | None = None
    """What the review said of the episode."""
    adapted: bool = False
    """Whether the level has lasted so long that baselines take it as normal."""


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
    fault: str | None = None
    """Why this evaluation could not be written down: it stands, and is recorded with the next that can be."""
