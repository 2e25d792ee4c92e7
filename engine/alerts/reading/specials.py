"""Days that the calendar marks, as one rule sees them: taken out, compared with their like, judged wider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from engine.workspace.model import CalendarDay

Effect = Literal["skip", "same_name", "widen"]
_STRONGEST: tuple[Effect, ...] = ("skip", "same_name", "widen")
FACTOR = 2.0
"""How much wider where the calendar does not say."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Special:
    """`like`: the day of the same name that it is compared with; None: there was none."""

    effect: Effect
    like: date | None = None
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Specials:
    """Special days by date, and days at a weekend that are worked (make-up workdays)."""

    days: Mapping[date, Special] = field(default_factory=dict)
    worked: frozenset[date] = frozenset()

    def weekday(self, day: date) -> int:
        """0 Monday … 6 Sunday; a worked day at a weekend is of the kind of the Friday before it."""
        found = day.weekday()
        return 4 if found > 4 and day in self.worked else found


NONE = Specials()


@lru_cache(maxsize=64)
def specials(
    calendar: tuple[CalendarDay, ...], mode: Literal["skip", "same_name", "widen", "ignore"]
) -> Specials:
    """The calendar under a rule's `calendar`; a day's own `effect` stands above it.

    A make-up workday is special only where the file gives it an effect; a rule that ignores the calendar
    ignores all of it.
    """
    if mode == "ignore" or not calendar:
        return NONE
    worked = frozenset(each.day for each in calendar if each.kind == "workday")
    found: dict[date, Special] = {}
    for effect in reversed(_STRONGEST):
        for each in calendar:
            own = each.effect or (None if each.kind == "workday" else mode)
            if own == effect:
                like = _like(calendar, each) if effect == "same_name" else None
                wide = (each.factor or FACTOR) if effect == "widen" else 1.0
                found[each.day] = Special(effect, like, wide)
    return Specials(found, worked)


def _like(calendar: tuple[CalendarDay, ...], one: CalendarDay) -> date | None:
    """The day at the same place of the last run of days with this name; its last day where it was shorter.

    Seven days of one holiday are one run: its third day is compared with the third a year ago, not with
    the second.
    """
    named = {each.day for each in calendar if each.name == one.name}
    first = one.day
    while first - _DAY in named:
        first -= _DAY
    last = max((day for day in named if day < first), default=None)
    if last is None:
        return None
    begin = last
    while begin - _DAY in named:
        begin -= _DAY
    return min(begin + (one.day - first), last)
