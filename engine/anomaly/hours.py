"""Hours and shorter: a series against its day, its week and its last hours, measured by its own extremes.

Noise of short periods has tails that no spread tells: so each residual is divided by the extreme quantile of
the series' own past residuals, which makes a score a budget of false alerts whatever the distribution.
Three residuals, the largest counts: against the same time of other days and weekdays, against the last few
periods, and the mean of the last twelve of the first kind, which sees a small fall that lasts.
Source: reference alerts, section 4.2.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist, median

from engine.anomaly.line import Number, Past, Usual
from engine.anomaly.smoothing import CLIP, CYCLES, MEAN

RARE = 0.001
"""The quantile is the one that so many of the past residuals pass."""
LASTING = 12
"""Periods whose mean residual counts."""
_LEVEL = 0.4
"""Share of a surprise that moves the level within a day."""
_SLOT, _WEEKDAY, _ROLLING = 0.15, 0.1, 0.2
_SPREAD = 0.02
_START = 2.5
"""As in `smoothing`."""
_FITTED = _START / 1.4826
"""How much larger residuals are that nothing was fitted to."""
GROWTH = 1.5
"""An incident widens what is usual by so much at most; its first period alone does."""
_WEEKS = 5
"""Weeks whose residuals count: an incident does not hide those of later months."""
_LEAST = 0.005
"""Residuals of a series that never varies are measured by so much of its size."""
_MARK = 168
"""A mark of the state is kept every so many periods."""


@dataclass(slots=True)
class _Week:
    """How many residuals there were, and the largest of each kind, ascending."""

    counted: int = 0
    extremes: tuple[list[float], list[float], list[float]] = field(default_factory=lambda: ([], [], []))

    def copy(self) -> _Week:
        first, second, third = self.extremes
        return _Week(self.counted, (first[:], second[:], third[:]))


@dataclass(slots=True)
class _State:
    slots: int
    level: Number = None
    spread: float = 0.0
    size: float = math.nan
    day: list[float] = field(default_factory=list)
    week: list[float] = field(default_factory=lambda: [0.0] * 7)
    spreads: list[float] = field(default_factory=list)
    """By time of the day."""
    rolling: float = 0.0
    """Mean residual of the last few periods."""
    recent: list[float] = field(default_factory=list)
    """The last LASTING − 1 residuals, in spreads."""
    start: list[tuple[int, int, float]] = field(default_factory=list)
    """(slot, weekday, x) of the values from which it begins."""
    weeks: list[_Week] = field(default_factory=list)
    """Residuals of the newest weeks, the present one last."""

    def wide(self, slot: int) -> float:
        """The spread at a time of the day, half of it that of the whole day."""
        return max((self.spread + self.spreads[slot]) / 2, 1e-9)

    def copy(self) -> _State:
        copied = _State(self.slots, self.level, self.spread, self.size, self.day[:], self.week[:])
        copied.rolling, copied.recent, copied.start = self.rolling, self.recent[:], self.start[:]
        copied.spreads = self.spreads[:]
        copied.weeks = [week.copy() for week in self.weeks]
        return copied


class HourLine:
    """See `Line`: one series of short periods.

    In:  the series, its phases the slot of the day; `weekdays` of its periods; slots of a day; how many days
         must be known before anything is expected, and how many make the final start.
    """

    def __init__(
        self,
        past: Past,
        weekdays: Sequence[int],
        slots: int = 24,
        days: tuple[int, int] = (7 * 3, 7 * CYCLES),
    ) -> None:
        self.past, self.weekdays = past, weekdays
        self.first, self.whole = days[0] * slots, days[1] * slots
        self.room = _WEEKS * 7 * slots // round(1 / RARE) + 2
        self.state = _State(slots)
        self.usual: list[Usual | None] = []
        self._marks: list[tuple[int, _State]] = [(0, self.state.copy())]
        """(period, the state before it was learned)."""
        self._out: frozenset[int] = frozenset()

    def at(self, i: int, left_out: Mapping[int, bool]) -> Usual | None:
        """See `Line`."""
        out = frozenset([p for p, on in left_out.items() if on]) if left_out else frozenset()
        if out != self._out:
            first = min(out ^ self._out)
            self._out = out
            self._back(first)
        while len(self.usual) <= i:
            if self.usual:
                self._learn(len(self.usual) - 1)
            self.usual.append(self._expect(len(self.usual)))
        return self.usual[i]

    def score(self, i: int, left_out: Mapping[int, bool]) -> Number:
        """See `Line`."""
        usual, x = self.at(i, left_out), self.past.x[i]
        return None if usual is None or x is None else usual.score(x, self.past.extra[i])

    def _back(self, to: int) -> None:
        """Forget what was learned of period `to` and later ones."""
        if to >= len(self.usual) - 1:
            return
        while self._marks[-1][0] > to:
            self._marks.pop()
        position, state = self._marks[-1]
        self.state = state.copy()
        del self.usual[position + 1 :]

    def _expect(self, i: int) -> Usual | None:
        here = self.state
        counted = sum(week.counted for week in here.weeks)
        if here.level is None or counted < LASTING:
            return None
        slot = self.past.phases[i]
        centre, wide = here.level + here.day[slot] + here.week[self.weekdays[i]], here.wide(slot)
        sure = NormalDist().inv_cdf(1 - max(RARE, 1 / (counted + 1)) / 2)
        least = _LEAST * (max(here.size, 1.0) if self.past.scale == "plain" else 1.0)
        rank = max(1, int(RARE * counted))
        day, near, lasting = (max(wide * self._extreme(kind, rank) / sure, least) for kind in range(3))
        count = len(here.recent) + 1
        also = ((centre + here.rolling, near), (centre - sum(here.recent) * wide, lasting * count))
        return Usual(self.past.scale, centre, day, 0, also)

    def _extreme(self, kind: int, rank: int) -> float:
        """The residual of a kind that only `rank` − 1 others of the newest weeks pass."""
        return sorted(each for week in self.state.weeks for each in week.extremes[kind])[-rank]

    def _learn(self, i: int) -> None:
        here, past = self.state, self.past
        if i % _MARK == 0 and i > self._marks[-1][0]:
            self._marks.append((i, here.copy()))
        x = past.x[i]
        if x is None or i in past.calendar:
            here.recent.clear()
            return
        slot = past.phases[i]
        if i in self._out:
            if here.level is not None and i - 1 not in self._out:
                self._remember(self._residuals(self._off(i, x), slot), GROWTH)
            here.recent.clear()
            return
        here.size = past.size[i] if math.isnan(here.size) else here.size + 0.15 * (past.size[i] - here.size)
        if len(here.start) < self.whole:
            here.start.append((slot, self.weekdays[i], x))
            if len(here.start) in (self.first, self.whole):
                self._begin()
                return
        if here.level is None:
            return
        moved = self._follow(self._off(i, x), slot)
        here.level += _LEVEL / here.slots * moved
        here.day[slot] += _SLOT * moved
        here.week[self.weekdays[i]] += _WEEKDAY / here.slots * 7 * moved

    def _off(self, i: int, x: float) -> float:
        """How far a value is off its time of the day and weekday."""
        here = self.state
        return x - ((here.level or 0.0) + here.day[self.past.phases[i]] + here.week[self.weekdays[i]])

    def _residuals(self, e: float, slot: int) -> tuple[float, float, float]:
        """In spreads: against the time of the day, against the last periods, mean of the last ones."""
        here, wide = self.state, self.state.wide(slot)
        return e / wide, (e - here.rolling) / wide, (sum(here.recent) + e / wide) / (len(here.recent) + 1)

    def _follow(self, e: float, slot: int) -> float:
        """Count a residual, and learn how much residuals vary; Out: the residual, clipped."""
        here, wide = self.state, self.state.wide(slot)
        self._remember(self._residuals(e, slot))
        here.recent = [*here.recent, e / wide][-(LASTING - 1) :]
        moved = min(max(e, -CLIP * wide), CLIP * wide)
        here.spread += _SPREAD * (MEAN * abs(moved) - here.spread)
        here.spreads[slot] += _SLOT * (MEAN * abs(moved) - here.spreads[slot])
        here.rolling += _ROLLING * (moved - here.rolling)
        return moved

    def _remember(self, residuals: tuple[float, float, float], growth: float = math.inf) -> None:
        """Count residuals among the extremes; none of them widens what is usual by more than `growth`."""
        weeks = self.state.weeks
        if not weeks or weeks[-1].counted >= 7 * self.state.slots:
            weeks.append(_Week())
            del weeks[:-_WEEKS]
        for kind, (largest, residual) in enumerate(zip(weeks[-1].extremes, residuals, strict=True)):
            known = growth < math.inf and any(week.counted for week in weeks)
            limit = growth * self._extreme(kind, 1) if known else math.inf
            insort(largest, min(abs(residual), limit))
            del largest[: -self.room]
        weeks[-1].counted += 1

    def _begin(self) -> None:
        """Level, times of the day, weekdays and spread from the medians of what there is, twice over."""
        here, levels = self.state, [x for _, _, x in self.state.start]
        here.level = median(levels)
        here.day, here.week = [0.0] * here.slots, [0.0] * 7
        for _ in range(2):
            here.day = _medians(
                [(slot, x - here.level - here.week[day]) for slot, day, x in here.start], here.slots
            )
            if len(here.start) >= 7 * here.slots:
                here.week = _medians(
                    [(day, x - here.level - here.day[slot]) for slot, day, x in here.start], 7
                )
        rest = [abs(x - here.level - here.day[slot] - here.week[day]) for slot, day, x in here.start]
        here.spread = _START * median(rest)
        here.spreads = [here.spread] * here.slots
        here.weeks, here.rolling, here.recent = [], 0.0, []
        for slot, day, x in here.start:
            self._follow(_FITTED * (x - here.level - here.day[slot] - here.week[day]), slot)


def _medians(values: Sequence[tuple[int, float]], count: int) -> list[float]:
    """Median by key 0 … count − 1; 0 for a key without values."""
    groups: list[list[float]] = [[] for _ in range(count)]
    for key, each in values:
        groups[key].append(each)
    return [median(group) if group else 0.0 for group in groups]
