"""Questions about funnels and their answers: persons, rates and times per step, who dropped and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine.questions.numbers import Range


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
    definition: str = ""
    """Hash of the funnel's definition in force."""
    watermark: str = ""
    """Names the data: the same in every process on the same files."""
