"""How a metric stands against its target: the share that is used over the share that is due, and a word.

Source: reference formulas M9. Due is the share of the period that has elapsed: of its time, or, with
`pace = "profile"`, the mean share of their whole that the periods before had by the same moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from engine.metrics.evaluate import Read
from engine.metrics.period import DAY, HOUR, Calendar, Period, Slot, earlier
from engine.metrics.read import Member
from engine.questions import PaceBy, Range, Standing

if TYPE_CHECKING:
    from engine.metrics.plan import Node
    from engine.metrics.targets import Targets
    from engine.workspace.model import Metric, Workspace

PROFILE = 6
"""Most periods before that a profile is learned from."""
LEAST = 2
"""With fewer the calendar is taken."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Pace, how it was found, and the word for it."""

    pace: Decimal | None = None
    by: PaceBy | None = None
    status: Standing = "unknown"


NOWHERE = Stand()


@dataclass(frozen=True, slots=True)
class Paced:
    """Targets of a question's periods, and what share of each is due."""

    targets: Targets
    workspace: Workspace
    periods: Sequence[Period]
    by: tuple[str, ...]
    asked: Range
    now: datetime
    cal: Calendar
    profiles: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """By number of a running period: slots of the periods before it, whole and up to the same moment."""

    def learn(self, nodes: Iterable[Node], slots: dict[Slot, int], since: date | None) -> None:
        """Adds to the slots of a question what profiles are learned from, where one is asked for.

        In:  the first day with facts: periods that begin before it say nothing.
        """
        wanted = {each.metric.name for node in nodes for each in node.nodes if each.metric.pace == "profile"}
        if since is None or not any(self.targets.has(name) for name in wanted):
            return
        for number, period in enumerate(self.periods):
            first, end = self._days(period)
            running = self.cal.start(first) < self.now < self.cal.start(end)
            if period.hour is None and (first, end) == period.bucket and running:
                pairs = [
                    pair for pair in earlier(period, PROFILE, self.now, self.cal) if pair[0].first >= since
                ]
                self.profiles[number] = [
                    (slots.setdefault(whole, len(slots)), slots.setdefault(part, len(slots)))
                    for whole, part in pairs
                ]

    def share(self, name: str, read: Read, number: int, member: Member) -> Decimal | None:
        """The pace of a metric in a slot of the question."""
        return self.stand(name, read, number, member, read(number, member).value).pace

    def stand(self, name: str, read: Read, number: int, member: Member, value: Decimal | None) -> Stand:
        """Pace and status of a value in a period; `unknown` without a target or band, or without a value."""
        metric = self.workspace.metrics[name]
        if value is None or number >= len(self.periods):
            return NOWHERE
        target = self._target(name, self.periods[number], member)
        if target is None or (metric.good == "band" and metric.band is not None):
            held = _in_band(metric, value)
            if target is None:
                return Stand(status=held)
        due, by = self._due(metric, read, number, member)
        if due is None:
            return Stand(by=by)
        expected = target * due
        pace = value / expected if expected else None
        if metric.good == "band" and metric.band is not None:
            return Stand(pace, by, held)
        return Stand(pace, by, _word(metric, _side(value, expected, metric.tolerance)))

    def _days(self, period: Period) -> tuple[date, date]:
        """The first day of a period and the day after its last, as far as the question goes."""
        first, end = period.bucket
        asked = self.asked
        if asked.first is not None:
            first = max(first, asked.first)
        return first, end if asked.last is None else min(end, asked.last + DAY)

    def _target(self, name: str, period: Period, member: Member) -> Decimal | None:
        if not self.targets.has(name):
            return None
        named = tuple(zip(self.by, member, strict=True)) if member or not self.by else None
        if named is None:
            return None
        first, end = self._days(period)
        whole = (first, end) == period.bucket
        exact = self.targets.of(name, period, named) if whole else None
        if exact is not None or period.hour is not None:
            return exact
        return self.targets.target_for(name, Range(first, end - DAY), named)

    def _due(self, metric: Metric, read: Read, number: int, member: Member) -> tuple[Decimal | None, PaceBy]:
        """The share of a target that is due by now: all of it for what does not add up over the period."""
        period = self.periods[number]
        first, end = self._days(period)
        start, stop = self.cal.start(first), self.cal.start(end)
        if period.hour is not None:
            start, stop = period.hour, period.hour + HOUR
        if self.now <= start:
            return None, "calendar"
        if metric.name not in self.targets.sums or self.now >= stop:
            return Decimal(1), "calendar"
        if metric.pace == "profile":
            shares = [_share(read, *pair, member) for pair in self.profiles.get(number, ())]
            known = [share for share in shares if share is not None]
            if len(known) >= LEAST:
                mean = sum(known, Decimal(0)) / len(known)
                return (mean or None), "profile"
        elapsed, whole = self.now - start, stop - start
        return Decimal(elapsed // elapsed.resolution) / Decimal(whole // whole.resolution), "calendar"


def _share(read: Read, whole: int, part: int, member: Member) -> Decimal | None:
    all_of, held = read(whole, member).value, read(part, member).value
    return None if not all_of or all_of < 0 or held is None else held / all_of


Side = Literal["over", "within", "under"]


def _side(value: Decimal, expected: Decimal, tolerance: Decimal) -> Side:
    room = abs(expected) * tolerance
    if value > expected + room:
        return "over"
    return "under" if value < expected - room else "within"


def _in_band(metric: Metric, value: Decimal) -> Standing:
    if metric.band is None:
        return "unknown"
    low, high = metric.band
    return _word(metric, "over" if value > high else "under" if value < low else "within")


def _word(metric: Metric, side: Side) -> Standing:
    """Over is ahead and under is behind, but where less is better."""
    if side == "within":
        return "on_track"
    return "behind" if (side == "over") == (metric.good == "down") else "ahead"
