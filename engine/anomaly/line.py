"""One series at a time, while periods are left out of its past and taken back in: what rules judge by.

The same recursion as `smoothing`, to the last digit, in plain numbers: whether a period is left out follows
from the verdict on it, so a member's periods come one after another.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.anomaly.scales import LEAST, Scale, back
from engine.anomaly.smoothing import (
    CLIP,
    CYCLES,
    LEVEL,
    MEAN,
    SEASON,
    SPREAD,
    START,
    SURE,
    normal,
    student,
)

Number = float | None


@dataclass(frozen=True, slots=True)
class Usual:
    """What a period should be, on its scale. `degrees` 0: the spread is sure; else see `normal`.

    `also`: other centres and spreads that it is measured by as well; the largest score counts.
    """

    scale: Scale
    centre: float
    spread: float
    degrees: int = 0
    also: tuple[tuple[float, float], ...] = ()

    @property
    def expected(self) -> float:
        """In the metric's own unit."""
        return back(self.scale, self.centre)

    def score(self, x: float, extra: float = 0.0) -> Number:
        """Signed z of a value on the scale; None where nothing ever varied."""
        apart = math.sqrt(self.spread * self.spread + extra)
        t = (x - self.centre) / apart if apart > 0 else math.nan
        if not math.isfinite(t):
            return None
        for centre, spread in self.also:
            t = max(t, (x - centre) / math.sqrt(spread * spread + extra), key=abs)
        return float(normal(np.array([t]), np.array([self.degrees]))[0]) if self.degrees else t

    def bound(self, z: float, extra: float = 0.0) -> float:
        """The value, in the metric's own unit, that has this z."""
        t, measures = student(z, self.degrees), ((self.centre, self.spread), *self.also)
        edges = [centre + t * math.sqrt(spread * spread + extra) for centre, spread in measures]
        return back(self.scale, min(edges) if z > 0 else max(edges))

    def moved(self, by: float) -> Usual:
        """The same around another centre."""
        also = tuple((centre + by, spread) for centre, spread in self.also)
        return Usual(self.scale, self.centre + by, self.spread, self.degrees, also)


class Line(Protocol):
    """One member's series of one metric."""

    def at(self, i: int, left_out: Mapping[int, bool]) -> Usual | None:
        """What period `i` should be after those before it, the ones that `left_out` says yes to left out."""


@dataclass(frozen=True, slots=True)
class Past:
    """A series on its scale; equally long lists.

    `x` None: unknown; `extra`: the values' own variance; `size`: absolute values in the metric's unit;
    `calendar`: periods that are always left out.
    """

    scale: Scale
    phases: Sequence[int]
    x: Sequence[Number]
    extra: Sequence[float]
    size: Sequence[float]
    calendar: Collection[int] = frozenset()


class SmoothLine:
    """Clipped Holt-Winters of one series."""

    def __init__(self, past: Past, phases: int, cycles: int = 3) -> None:
        self.past, self.first, self.whole = past, max(2, min(cycles, CYCLES) * phases), CYCLES * phases
        self.level: Number = None
        self.spread = self.size = math.nan
        self.season: list[Number] = [None] * phases
        self.seen, self.waiting = 0, True
        self.usual: list[Usual | None] = []
        self._learned: list[bool] = []
        self._undo: list[tuple[Number, float, float, int, bool, Number]] = []
        self._out: frozenset[int] = frozenset()

    def at(self, i: int, left_out: Mapping[int, bool]) -> Usual | None:
        """See `Line`; periods may be asked in any order, forward is fast."""
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

    def _back(self, to: int) -> None:
        """Forget what was learned of period `to` and later ones."""
        if to >= len(self._undo):
            return
        for p in range(len(self._undo) - 1, to - 1, -1):
            self.level, self.spread, self.size, self.seen, self.waiting, season = self._undo[p]
            self.season[self.past.phases[p]] = season
        del self._undo[to:], self._learned[to:], self.usual[to + 1 :]

    def _expect(self, i: int) -> Usual | None:
        if self.waiting and self.seen >= self.first:
            self._begin()
        season = self.season[self.past.phases[i]]
        if self.level is None or season is None:
            return None
        degrees = max(1, self.seen - len(self.season)) if self.seen < SURE else 0
        return Usual(self.past.scale, self.level + season, max(self.spread, self._floor()), degrees)

    def _floor(self) -> float:
        if self.past.scale == "counts":
            return max(LEAST, 0.5 / math.sqrt(self.size + 1))
        return LEAST * self.size if self.past.scale == "plain" else LEAST

    def _learn(self, i: int) -> None:
        past, phase = self.past, self.past.phases[i]
        season, x = self.season[phase], past.x[i]
        self._undo.append((self.level, self.spread, self.size, self.seen, self.waiting, season))
        if x is None or i in self._out or i in past.calendar:
            self._learned.append(False)
            return
        self._learned.append(True)
        self.seen += 1
        size = past.size[i]
        self.size = size if math.isnan(self.size) else self.size + LEVEL * (size - self.size)
        if self.waiting or self.level is None:
            return
        usual, extra = self.usual[i], past.extra[i]
        if usual is None or season is None:
            self.season[phase] = x - self.level
            return
        e, limit = x - usual.centre, CLIP * math.sqrt(usual.spread * usual.spread + extra)
        moved = min(max(e, -limit), limit)
        grown = MEAN * abs(moved)
        self.spread = (1 - SPREAD) * usual.spread + SPREAD * math.sqrt(max(grown * grown - extra, 0.0))
        self.level += LEVEL * moved
        self.season[phase] = season + SEASON * moved

    def _begin(self) -> None:
        """See `Smoother._begin`."""
        known = [(self.past.phases[p], self.past.x[p]) for p, yes in enumerate(self._learned) if yes]
        level = _median([x for _, x in known if x is not None])
        rest = [(phase, x - level) for phase, x in known if x is not None]
        groups: list[list[float]] = [[] for _ in self.season]
        for phase, r in rest:
            groups[phase].append(r)
        middles = [_median(group) if group else math.nan for group in groups]
        self.season = [None if math.isnan(middle) else middle for middle in middles]
        self.level = level
        self.spread = START * _median([abs(r - middles[phase]) for phase, r in rest])
        self.waiting = self.seen < self.whole


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
