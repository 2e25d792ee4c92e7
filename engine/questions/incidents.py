"""One incident, its timeline and its trend: what an alert says when it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from engine.questions.alerts import Alert

Deed = Literal[
    "transition", "message", "ack", "silence", "unsilence", "close", "tick", "untick", "undo_adapt",
    "label", "missed", "cause",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Silence:
    """Members that are kept quiet from `begins` up to `until`, exclusive (naive UTC): that of an episode, or
    all that have these labels, of a rule or (None) of any."""

    id: str
    rule: str | None
    labels: Mapping[str, str | None]
    episode: str | None
    begins: datetime
    until: datetime
    by: str
    reason: str
    at: datetime

    def ending(self, until: datetime) -> Silence:
        """The same with another end."""
        return replace(self, until=until)

    def at_work(self, moment: datetime) -> bool:
        """Whether it is in force."""
        return self.begins <= moment < self.until


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline: a transition, a message, or what somebody did.

    `word`: the event, the kind of message, or the label. `text`: note, reason, step, or the reply to a
    message that failed. `to`: recipients and channel of a message.
    """

    at: datetime
    deed: Deed
    word: str
    episode: str
    by: str | None = None
    text: str = ""
    period: str | None = None
    severity: str | None = None
    late: bool = False
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SilenceQuery:
    """A silence to be: `looptop silence DIR --rule R --match DIM=VALUE`; moments in naive UTC."""

    rule: str | None
    labels: Mapping[str, str | None]
    reason: str
    until: datetime | None
    begins: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    """An episode; `looptop alerts DIR ID`."""

    id: str


@dataclass(frozen=True, slots=True)
class IncidentAnswer:
    """The alert first, then the others of its incident, the largest share of it first."""

    alerts: tuple[Alert, ...]
    timeline: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class BandQuery:
    """The trend of a rule's metric for one member as the rule sees it; `when` another condition to try."""

    rule: str
    labels: tuple[tuple[str, str | None], ...] = ()
    when: str = ""
    periods: int = 60
    """How many periods before the newest."""


@dataclass(frozen=True, slots=True)
class BandPoint:
    """A period: what was seen, what was expected, between which bounds; `limit` by severity."""

    period: str
    value: float | None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: Literal["breach", "clear", "unknown", "skipped"] = "unknown"
    firing: bool = False
    adapted: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True)
class BandAnswer:
    rule: str
    metric: str | None
    unit: str
    grain: str
    points: tuple[BandPoint, ...]
    limits: Mapping[str, float]
    """Threshold by severity, where the condition compares with a constant."""
    sentence: Mapping[str, str]
    """The verdict on the newest judged period explained, by language."""
