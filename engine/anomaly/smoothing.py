"""Clipped Holt-Winters: level and season of many series at once, one period after another.

Per series: x = level + season[phase] + noise. A value moves level, season and spread by at most 2.5
spreads, so an incident hardly moves what the next periods are judged against. Source: reference alerts,
section 4.1; the recursion is Holt-Winters (P. R. Winters, Management Science 6, 1960) with the clipping of
Gelper, Fried, Croux (J. Forecasting 29, 2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

LEVEL, SEASON, SPREAD = 0.15, 0.15 * 0.85, 0.03
CLIP = 2.5
"""Spreads by which a value may move the state at most."""
MEAN = 1.25
"""Standard deviations per mean absolute deviation of a normal distribution."""
CYCLES = 4
"""Cycles of known values that a start is made from; with fewer it is made from what there is."""
SURE = 28
"""With fewer values the spread itself is uncertain, and a score counts for less."""
START = 2.5
"""Spread of what comes next, from the median of what is left of four values a phase after their median.

Measured: with it scores spread alike from the first judged day on."""


@dataclass(slots=True)
class Expectation:
    """What a period was expected to be, by series, on the scale of x; NaN: nothing is expected yet.

    `degrees`: degrees of freedom of the spread; 0: enough of them.
    """

    centre: Floats
    spread: Floats
    degrees: NDArray[np.int64]

    def score(self, x: Floats, extra: Floats | float = 0.0) -> Floats:
        """Signed z of values; NaN where the value or the expectation is not known, or nothing ever varied.

        In:  `extra`: variance of each value beyond the spread (the binomial variance of a rate).
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (x - self.centre) / np.sqrt(self.spread * self.spread + extra)
        t[~np.isfinite(t)] = np.nan
        few = self.degrees > 0
        if few.any():
            t[few] = normal(t[few], self.degrees[few])
        return t


def normal(t: Floats, degrees: NDArray[np.int64]) -> Floats:
    """z of the normal distribution with (nearly) the tail of t with these degrees of freedom.

    Source: D. L. Wallace, Bounds on normal approximations to Student's t, Ann. Math. Stat. 30 (1959).

    >>> normal(np.array([3.5, -12.0]), np.array([21, 2])).round(2).tolist()
    [3.07, -2.62]
    """
    v = degrees.astype(np.float64)
    return np.sign(t) * np.sqrt(v * np.log1p(t * t / v)) * (8 * v + 1) / (8 * v + 3)


def student(z: float, degrees: int) -> float:
    """The t whose `normal` is z: how many spreads from the centre a threshold stands.

    >>> round(student(3.5, 0), 2), round(student(3.0, 21), 2)
    (3.5, 3.4)
    """
    if degrees <= 0:
        return z
    v = float(degrees)
    inner = (z * (8 * v + 3) / (8 * v + 1)) ** 2 / v
    return float(np.sign(z) * np.sqrt(v * np.expm1(min(inner, 700.0))))


class Smoother:
    """State of many series, advanced by one period at a time.

    In:  number of series; `phases` of a cycle (7 weekdays, 1: no season); `cycles` of known values before
         anything is expected, at most CYCLES.
    """

    def __init__(self, count: int, phases: int, cycles: int = 3) -> None:
        self.phases = phases
        self.first = max(2, min(cycles, CYCLES) * phases)
        self.whole = CYCLES * phases
        self.level = np.full(count, np.nan)
        self.spread = np.full(count, np.nan)
        self.season = np.full((phases, count), np.nan)
        self.seen = np.zeros(count, np.int64)
        self._begun: list[tuple[int, Floats]] = []
        """Phase and values of the periods from which series that have not begun will begin."""
        self._waiting = np.ones(count, np.bool_)

    def expect(self, phase: int, floor: Floats | float) -> Expectation:
        """What a period of that phase is expected to be; `floor`: the least spread by series."""
        if self._waiting.any():
            self._begin()
        degrees = np.where(self.seen < SURE, np.maximum(1, self.seen - self.phases), 0)
        return Expectation(self.level + self.season[phase], np.maximum(self.spread, floor), degrees)

    def take(self, phase: int, x: Floats, expected: Expectation, extra: Floats | float = 0.0) -> None:
        """Learn a period; NaN teaches nothing.

        In:  what `expect` said of it; the values' own variance.
        """
        known = ~np.isnan(x)
        self.seen += known
        if self._waiting.any():
            self._begun.append((phase, np.where(self._waiting, x, np.nan)))
        e = x - expected.centre
        limit = CLIP * np.sqrt(expected.spread * expected.spread + extra)
        moved = np.minimum(np.maximum(e, -limit), limit)
        learns = ~np.isnan(moved) & ~self._waiting
        size = MEAN * np.abs(moved)
        apart = np.sqrt(np.maximum(size * size - extra, 0.0))
        np.copyto(self.spread, (1 - SPREAD) * expected.spread + SPREAD * apart, where=learns)
        np.copyto(self.level, self.level + LEVEL * moved, where=learns)
        season = self.season[phase]
        fresh = known & np.isnan(season) & ~np.isnan(self.level) & ~self._waiting
        np.copyto(season, season + SEASON * moved, where=learns)
        if fresh.any():
            np.copyto(season, x - self.level, where=fresh)

    def _begin(self) -> None:
        """Level, season and spread of series with enough values, from medians; final after four cycles."""
        ready = np.flatnonzero(self._waiting & (self.seen >= self.first))
        if len(ready) == 0:
            return
        rows = np.stack([values[ready] for _, values in self._begun])
        at = np.array([phase for phase, _ in self._begun])
        level = median(rows)
        rest = rows - level
        season = np.stack([median(rest[at == k]) for k in range(self.phases)])
        self.level[ready], self.season[:, ready] = level, season
        self.spread[ready] = START * median(np.abs(rest - season[at]))
        self._waiting[ready[self.seen[ready] >= self.whole]] = False
        if not self._waiting.any():
            self._begun.clear()


def median(rows: Floats) -> Floats:
    """Median of each column over what is known; NaN where nothing is.

    >>> median(np.array([[1.0, np.nan], [3.0, 5.0], [2.0, np.nan], [9.0, np.nan]])).tolist()
    [2.5, 5.0]
    """
    if len(rows) == 0:
        return np.full(rows.shape[1], np.nan)
    ordered: Floats = np.sort(rows, axis=0)
    count = (~np.isnan(rows)).sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.maximum(count // 2, 0)
    column = np.arange(rows.shape[1])
    middle: Floats = (ordered[low, column] + ordered[np.minimum(high, len(rows) - 1), column]) / 2
    return middle
