"""Which earlier periods a period is compared with, where the calendar marks days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.alerts.reading.periods import Axis
from engine.alerts.reading.specials import Special, specials
from engine.workspace.model import CalendarDay, Rule


@dataclass(frozen=True, slots=True)
class Reach:
    """A rule's periods under the calendar."""

    axis: Axis
    rule: Rule
    calendar: tuple[CalendarDay, ...] = ()

    def special(self, i: int) -> Special | None:
        """What the calendar makes of the period for this rule; weeks and months are as they are."""
        if not self.calendar or self.axis.grain not in ("day", "hour"):
            return None
        return specials(self.calendar, self.rule.calendar).days.get(self.axis.starts[i].date())

    def widening(self, i: int) -> float:
        """What changes, deviations and anomalies of the period are divided by."""
        found = self.special(i)
        return 1.0 if found is None else found.factor

    def _like(self, i: int, special: Special) -> int | None:
        """Index of the same hours of the day that a special day is compared with."""
        if special.like is None:
            return None
        return self.axis.find(datetime.combine(special.like, self.axis.starts[i].time()))

    def base(self, base: str, i: int) -> int | None:
        """Index of the base: the day of the same name, else the next back that the calendar leaves alone."""
        if not self.calendar:
            return self.axis.base(i, base)
        special = self.special(i)
        if special is not None and special.effect == "same_name":
            return self._like(i, special)
        there = self.axis.base(i, base)
        if base == "week" and self._worked(i):
            there = self.axis.find(self.axis.starts[i] - timedelta(days=self.axis.starts[i].weekday() + 3))
        while there is not None and (
            self.special(there) is not None or (base == "week" and self._worked(there))
        ):
            there = self.axis.base(there, base) if base in ("previous", "week") else None
        return there

    def weekday(self, i: int) -> int:
        """0 Monday … 6 Sunday; a worked day at a weekend is of the kind of the Friday before it."""
        return specials(self.calendar, self.rule.calendar).weekday(self.axis.starts[i].date())

    def _worked(self, i: int) -> bool:
        return bool(self.calendar) and self.weekday(i) != self.axis.starts[i].weekday()

    def alike(self, i: int, weeks: int) -> Iterable[int]:
        """Periods before that are of the same weekday (and hour) within so many weeks, nearest first.

        A worked day at a weekend counts among the Fridays, for itself and for others.
        """
        step = {"hour": 168, "day": 7}.get(self.axis.grain, 1)
        every = specials(self.calendar, self.rule.calendar)
        if not every.worked or step == 1:
            return range(i - step, max(-1, i - step * weeks - 1), -step)
        starts = self.axis.starts
        kind = every.weekday(starts[i].date())
        return (
            there
            for there in range(i - 1, max(-1, i - step * weeks - 1), -1)
            if starts[there].time() == starts[i].time() and every.weekday(starts[there].date()) == kind
        )
