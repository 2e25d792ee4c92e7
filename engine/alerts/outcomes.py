"""What an evaluation found of each rule, and what one process remembers of what was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.alerts.judging.rules import Ready
from engine.alerts.kept.deeds import Mine
from engine.alerts.kept.recording import Finding
from engine.alerts.reading.feeds import Series
from engine.alerts.telling.cases import Case
from engine.alerts.telling.explaining import Behind
from engine.questions import Alert

Known = tuple[Finding, Mine]
"""A member with what people did about it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A member as it is known after an evaluation; `case` as messages take it."""

    finding: Finding
    mine: Mine
    alert: Alert
    case: Case


@dataclass(slots=True)
class Outcome:
    """What judging a rule gave; `fresh`: something is new, or time alone may change what is told."""

    rule: Ready
    series: Series
    findings: Sequence[Finding]
    fresh: bool

    @property
    def name(self) -> str:
        """Of the rule."""
        return self.rule.rule.name


@dataclass(slots=True)
class Remembered:
    """What one process keeps of what was told; dropping it costs time, never correctness."""

    seen: dict[str, tuple[object, object, list[Seen]]] = field(default_factory=dict)
    """Members by rule, with the deeds of people and the alerts about sources that they know of."""
    joined: dict[str, str] = field(default_factory=dict)
    causes: dict[str, Behind | None] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()
    """Rules with causes that are still to be found."""
