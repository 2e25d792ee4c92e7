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
    toml: str = ""
    """A `[funnel.X]` in the words of looptop.toml that stands in for the funnel in this question alone."""
    enter: Literal["first", "any"] = "first"
    """`any`: an open funnel, entered at whichever required step a person does first."""
    cohorts: Literal["day", "week", "month"] | None = None
    """Also converted by period of entry and periods since."""
    only: tuple[int, ...] = ()
    """With `persons`: these alone, by the engine's numbers, whatever their step."""
    after: int | None = None
    """Also what those who dropped at this step did next."""
    member: tuple[str, str | None] | None = None
    """A dimension and its value: only who belongs to that group, as the breakdown makes groups."""


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
    p75_seconds: float | None = None
    entered: int = 0
    """Who entered here: all of them at step 1, in an open funnel some at any required step."""
    benchmark_source: str | None = None
    """The study behind the benchmark."""


@dataclass(frozen=True, slots=True)
class FunnelGroup:
    """One value of the breakdown; the last three as for the whole funnel."""

    value: str | None
    steps: tuple[FunnelStep, ...]
    excluded: int
    open: int = 0
    mature_rate: float | None = None
    observed_rate: float | None = None


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """One period of entry. `rate` is converted / entered, `mature_rate` without open windows."""

    period: str
    entered: int
    converted: int
    rate: float | None
    open: int
    mature_rate: float | None = None


@dataclass(frozen=True, slots=True)
class FunnelCohort:
    """Who entered in a period: `converted[k]` of them by the end of the k-th period after it.

    None where that time has not passed yet for all of them.
    """

    period: str
    entered: int
    converted: tuple[int | None, ...]


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
    barrier: FunnelMoment | None = None
    """The event that excluded, came too late or stood between: the one that `why_not` speaks of."""


@dataclass(frozen=True, slots=True)
class FunnelNext:
    """What so many of those who dropped did first after their last step, in the window; None: nothing."""

    event: str | None
    persons: int


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
    cohorts: tuple[FunnelCohort, ...] = ()
    observed_rate: float | None = None
    """Converted / entered, open entrants included."""
    enter: Literal["first", "any"] = "first"
    checks: tuple[str, ...] = ()
    """Invariants that did not hold, as sentences; empty: rows sum to totals, steps never grow, …"""
    after: tuple[FunnelNext, ...] = ()
    """What those who dropped at a step did next, most persons first; they sum to the dropped."""


@dataclass(frozen=True, slots=True)
class BesideQuery:
    """Two funnels side by side: two periods, two segments (`where`), or two rule sets (`toml`)."""

    a: FunnelQuery
    b: FunnelQuery
    limit: int | None = 200
    """Most persons that are listed."""


@dataclass(frozen=True, slots=True)
class BesideStep:
    """A step of both: persons, rate of the previous required step, and its difference.

    `low`, `high`: two-sided 95 % interval of the difference of the rates (Newcombe); None without a rate.
    """

    step: int
    label: str
    a: int
    b: int
    a_rate: float | None
    b_rate: float | None
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class BesideMove:
    """A person whose level differs; a level of 0: not in that funnel; excluded: -1."""

    person: str
    identifiers: tuple[str, ...]
    a: int
    b: int
    key: int = 0


@dataclass(frozen=True, slots=True)
class BesideAnswer:
    """Both answers, the steps beside each other, and who moves (counted by pair of levels, some listed)."""

    a: FunnelAnswer
    b: FunnelAnswer
    steps: tuple[BesideStep, ...]
    moves: tuple[tuple[int, int, int], ...]
    """(level in a, level in b, persons) where they differ, most persons first."""
    persons: tuple[BesideMove, ...]
    moved: int | None = None
    """The step that moved: of those that differ beyond chance the one that changes the whole rate most."""


@dataclass(frozen=True, slots=True)
class DriversQuery:
    """What goes with reaching a step among those that reached another one."""

    query: FunnelQuery
    from_step: int = 1
    to_step: int | None = None
    """None: the last required step."""
    fewest: int = 30
    """Fewest persons that have the property, and fewest that do not."""
    rate: float = 0.05
    """False-discovery rate (Benjamini-Hochberg)."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A property (`column = value`) or an earlier event that goes with converting, and how strongly.

    `with_n` persons have it and `with_won` of them converted. `odds`: odds ratio, `low`, `high` its 95 %
    interval, `q` the p-value after false-discovery control.
    """

    kind: Literal["property", "event"]
    name: str
    value: str | None
    with_n: int
    with_won: int
    without_n: int
    without_won: int
    odds: float
    low: float
    high: float
    q: float
    table: Literal["events", "profiles"] = "events"
    """Where a property is a column."""


@dataclass(frozen=True, slots=True)
class DriversAnswer:
    """`drivers` by strength, those beyond chance only; `tested` counts all that were looked at."""

    from_step: int
    to_step: int
    entered: int
    converted: int
    drivers: tuple[Driver, ...]
    tested: int
