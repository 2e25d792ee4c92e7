"""Cumulative and semi-additive metrics: which days stand for a period, and how far back each one reads.

Source: reference formulas M2 (semi-additive: over time one day is picked) and M7 (to date from a border of
the calendar, trailing windows; both read before the range).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from engine.metrics.period import DAY, HOUR, Calendar, Slot
from engine.questions import Grain

Pick = Literal["last", "first", "avg"]


@dataclass(frozen=True, slots=True)
class Frame:
    """What is read for a day: so many days up to it, or the calendar's period up to it.

    `pick`: which day stands for a period, or their mean. `by_facts`: only days on which the metric has facts
    can stand for one (balances); otherwise any day up to today.
    """

    days: int | None
    to_date: Grain | None
    pick: Pick = "last"
    by_facts: bool = False

    def start(self, day: date, cal: Calendar) -> date:
        """The first day that is read for a day."""
        if self.to_date is not None:
            return cal.bucket(self.to_date, day)[0]
        return day - timedelta(days=(self.days or 1) - 1)

    def points(self, slot: Slot, cal: Calendar, today: date) -> tuple[Slot, ...]:
        """What is read for a slot: a slot for each day that may stand for it, in order, none after today."""
        if slot.first > today:
            return ()
        if slot.hour is not None:
            return (slot,) if self.by_facts else (self._hour(slot, slot.hour, cal),)
        last = slot.last if slot.cut is not None else min(slot.last, today)
        days = [slot.first + DAY * n for n in range((last - slot.first).days + 1)]
        if self.pick != "avg" and not self.by_facts:
            days = days[:1] if self.pick == "first" else days[-1:]
        return tuple(self._day(slot, day, cal) for day in days)

    def _day(self, slot: Slot, day: date, cal: Calendar) -> Slot:
        cut = slot.cut if day == slot.cut_day else None
        return Slot(self.start(day, cal), day, None, cut, day if cut is not None else None)

    def _hour(self, slot: Slot, hour: datetime, cal: Calendar) -> Slot:
        end = slot.cut if slot.cut is not None else hour + HOUR - hour.resolution
        return Slot(self.start(slot.first, cal), slot.first, None, end, slot.first)

    def partial(self, slot: Slot, cal: Calendar, since: date | None) -> bool:
        """Whether a trailing window begins before there were any facts."""
        if self.days is None or self.days == 1 or since is None:
            return False
        day = slot.last if self.pick == "last" else slot.first
        return self.start(day, cal) < since


def picked(
    frame: Frame, points: Sequence[int], value: Callable[[int], Decimal | None], has: Callable[[int], bool]
) -> Decimal | None:
    """The value of a period out of its days.

    In:  the numbers of the days in order; the value on a day; whether the metric has any facts on it,
         whichever the members and the filter (so that members of one day add up to the whole).
    """
    days = [each for each in points if has(each)] if frame.by_facts else list(points)
    if not days:
        return None
    if frame.pick != "avg":
        return value(days[0] if frame.pick == "first" else days[-1])
    found = [each for each in map(value, days) if each is not None]
    return sum(found, Decimal(0)) / len(found) if found else None
