"""Rules looked at as a whole: how they stand, what they would have done, what people said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from engine.questions.alerts import Transition

Label = Literal["true", "true_no_action", "false", "expected", "data_defect", "duplicate"]
LABELS: tuple[Label, ...] = ("true", "true_no_action", "false", "expected", "data_defect", "duplicate")


@dataclass(frozen=True, slots=True)
class Quiet:
    """Why nothing (more) fires: what the newest judged period said of a rule's members.

    `nearest`: the member that came closest to its limit from this side, its value and that limit.
    `unknown`: members by why they could not be judged (history, nodata, min_den, calendar, stale …).
    """

    period: str | None = None
    members: int = 0
    breach: int = 0
    clear: int = 0
    unknown: Mapping[str, int] = field(default_factory=dict)
    nearest: tuple[Mapping[str, str | None], float, float | None] | None = None
    sources: tuple[str, ...] = ()
    """Sources that the rule reads, with the version below."""
    silenced: int = 0
    inhibited: int = 0
    unit: str = "count"
    """Unit of what `nearest` tells."""


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule: definition, state, record and load. `state`: the worst of its members."""

    name: str
    label: Mapping[str, str]
    when: str
    levels: tuple[tuple[str, str], ...]
    """(severity, condition), the worst first."""
    by: tuple[str, ...]
    grain: str
    state: Literal["pending", "firing", "recovering", "ok"]
    severity: str
    open: int
    owner: str | None
    last_fired: str | None
    """Period in which an episode last began to fire."""
    episodes: int
    reviewed: int
    precision: float | None
    low: float | None
    high: float | None
    messages_week: float
    """Messages a week over the last four weeks."""
    quiet: Quiet
    builtin: bool = False
    metric: str | None = None
    unit: str = "count"
    edited_at: datetime | None = None
    """When the rule's present definition was first evaluated, where an earlier one was."""
    edited: Mapping[str, str] = field(default_factory=dict)
    """What that edit changed, by language."""
    line: int | None = None
    """Line of the rule in looptop.toml."""


@dataclass(frozen=True, slots=True)
class RulesAnswer:
    """All rules, the worst first; `version` names the data that they were judged on, `read` when."""

    as_of: datetime
    version: str
    read: datetime
    rules: tuple[RuleEntry, ...]


@dataclass(frozen=True, slots=True)
class BacktestQuery:
    """What a rule would have done, without any side effect.

    `when` replaces its condition, `threshold` the constant of its first comparison (of all levels in
    proportion); `first`, `last`: local days, None: all of the history.
    """

    rule: str
    when: str = ""
    threshold: float | None = None
    first: date | None = None
    last: date | None = None
    for_periods: int | None = None
    """In place of the rule's own."""


@dataclass(frozen=True, slots=True)
class PastEpisode:
    """An episode of a back-test; `label`: what people said of a recorded episode that overlaps it."""

    labels: Mapping[str, str | None]
    active_at: str
    fired: str
    resolved: str | None
    severity: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class BacktestAnswer:
    """`episodes`, `messages` after grouping, `load`: messages by recipient, precision of reviewed ones.

    `threshold`: the constant of the first comparison now, `steps`: sensible thresholds around it for a
    slider, ascending; `missed`: reviewed true episodes that it does not find; `days`: episodes that
    fire by day.
    """

    rule: str
    when: str
    first: str | None
    last: str | None
    periods: int
    members: int
    episodes: tuple[PastEpisode, ...]
    messages: int
    load: Mapping[str, int]
    reviewed: int
    precision: float | None
    low: float | None
    high: float | None
    missed: int
    transitions: tuple[Transition, ...]
    days: Mapping[str, int]
    threshold: float | None = None
    steps: tuple[float, ...] = ()
    unit: str = "count"
    line: str = ""
    """The line of looptop.toml that makes the rule so."""
    false_per_week: float | None = None
    """Expected false alerts a week over all series, where the rule asks for an anomaly."""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A closed episode that waits for its label, or has one."""

    id: str
    rule: str
    labels: Mapping[str, str | None]
    severity: str
    active_at: str
    resolved: str | None
    reason: str | None
    owner: str | None
    sentence: Mapping[str, str]
    label: str | None = None
    by: str | None = None
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RuleReview:
    """A rule's record.

    Medians in hours: end of the first breaching period → told, first clear period → resolved.
    """

    rule: str
    episodes: int
    reviewed: int
    coverage: float | None
    precision: float | None
    low: float | None
    high: float | None
    recall: float | None = None
    """Detected / (detected + moments that somebody marked as missed); None: nobody marked one."""
    detection_hours: float | None = None
    reset_hours: float | None = None
    messages: int = 0


@dataclass(frozen=True, slots=True)
class OwnerLoad:
    """Messages to one recipient in the last week, and those outside of working hours."""

    owner: str
    messages: int
    outside: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the record of a rule suggests; `evidence`: the back-test of the change, None where none applies.

    `change`: the line of looptop.toml that would do it.
    """

    rule: str
    kind: Literal["retire", "tighten", "dead", "hold", "merge", "flaps"]
    sentence: Mapping[str, str]
    change: str = ""
    evidence: BacktestAnswer | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    as_of: datetime
    rules: tuple[RuleReview, ...]
    queue: tuple[ReviewItem, ...]
    """Closed episodes without a label, the newest first."""
    done: tuple[ReviewItem, ...]
    load: tuple[OwnerLoad, ...]
    proposals: tuple[Proposal, ...]
    digest: Mapping[str, str]
    """The week in a few lines, by language."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How messages stand: `fault` says why none is sent, `dead` waits for somebody to look."""

    notifier: bool
    queued: int
    dead: int
    fault: str | None = None
    last_error: str | None = None
    next_try: datetime | None = None
