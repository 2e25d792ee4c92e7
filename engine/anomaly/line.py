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

from engine.anomaly.scales import FEW, LEAST, NOTHING, OF_LATE, OFTEN, Scale, back
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
AHEAD = 27
"""Periods that are expected in advance while nothing more is left out."""
_NONE: frozenset[int] = frozenset()


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

    def score(self, i: int, left_out: Mapping[int, bool]) -> Number:
        """Signed z of the period against that."""


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
        self.empty = 0.0
        self.season: list[Number] = [None] * phases
        self.seen, self.waiting = 0, True
        self._centre: list[Number] = []
        self._wide: list[float] = []
        self._degrees: list[int] = []
        self._sparse: list[bool] = []
        self._undo: list[tuple[Number, float, float, float, int, bool, Number]] = []
        """What a period changed, as it was before it was learned."""
        self._out: frozenset[int] = frozenset()

    def at(self, i: int, left_out: Mapping[int, bool]) -> Usual | None:
        """See `Line`; periods may be asked in any order, forward is fast."""
        centre = self._ready(i, left_out)
        return None if centre is None else Usual(self.past.scale, centre, self._wide[i], self._degrees[i])

    def score(self, i: int, left_out: Mapping[int, bool]) -> Number:
        """See `Line`."""
        centre, x = self._ready(i, left_out), self.past.x[i]
        if centre is None or x is None:
            return None
        wide, extra = self._wide[i], self.past.extra[i]
        if self._degrees[i] or extra or wide <= 0:
            return Usual(self.past.scale, centre, wide, self._degrees[i]).score(x, extra)
        return (x - centre) / wide

    def _ready(self, i: int, left_out: Mapping[int, bool]) -> Number:
        """The centre of a period, after those before it as they are left out now."""
        out = frozenset([p for p, on in left_out.items() if on]) if left_out else _NONE
        ahead = AHEAD
        if out != self._out:
            self._back(min(out ^ self._out))
            self._out, ahead = out, 0
        if len(self._centre) <= i:
            self._run(min(i + ahead, len(self.past.x) - 1))
        return None if self._sparse[i] else self._centre[i]

    def _back(self, to: int) -> None:
        """Forget what was learned of period `to` and later ones."""
        if to >= len(self._undo):
            return
        for p in range(len(self._undo) - 1, to - 1, -1):
            self.level, self.spread, self.size, self.empty, self.seen, self.waiting, season = self._undo[p]
            self.season[self.past.phases[p]] = season
        for each in (self._centre, self._wide, self._degrees, self._sparse):
            del each[to + 1 :]
        del self._undo[to:]

    def _run(self, upto: int) -> None:
        """What is expected of the periods up to one, each after the one before it is learned."""
        scale, phases, cycle = self.past.scale, self.past.phases, len(self.season)
        for i in range(len(self._centre), upto + 1):
            if i:
                self._learn(i - 1)
            if self.waiting and self.seen >= self.first:
                self._begin(i)
            usual, level, size = self.season[phases[i]], self.level, self.size
            self._centre.append(None if level is None or usual is None else level + usual)
            least = LEAST
            if scale == "counts":
                least = 0.5 / math.sqrt(size + 1)
                least = least if least > LEAST else LEAST
            elif scale == "plain":
                least = LEAST * size
            self._wide.append(self.spread if self.spread >= least else least)
            self._degrees.append(max(1, self.seen - cycle) if self.seen < SURE else 0)
            often = self.empty > OFTEN and scale != "logit"
            self._sparse.append(often and (scale != "counts" or size > FEW))

    def _learn(self, i: int) -> None:
        past = self.past
        phase, x = past.phases[i], past.x[i]
        season, level = self.season[phase], self.level
        self._undo.append((level, self.spread, self.size, self.empty, self.seen, self.waiting, season))
        if x is None or i in self._out or i in past.calendar:
            return
        self.seen += 1
        size, before = past.size[i], self.size
        self.size = self.size + LEVEL * (size - self.size) if self.size == self.size else size
        centre, wide, extra = self._centre[i], self._wide[i], past.extra[i]
        nothing = NOTHING if past.scale != "plain" else before / 2
        wrong = (size == 0) != (centre is not None and centre < nothing)
        self.empty += OF_LATE * (wrong - self.empty)
        if self.waiting or level is None:
            return
        if centre is None or season is None:
            self.season[phase] = x - level
            return
        e, limit = x - centre, CLIP * math.sqrt(wide * wide + extra)
        moved = -limit if e < -limit else limit if e > limit else e
        grown = MEAN * abs(moved)
        apart = grown * grown - extra
        self.spread = (1 - SPREAD) * wide + SPREAD * math.sqrt(apart if apart > 0 else 0.0)
        self.level = level + LEVEL * moved
        self.season[phase] = season + SEASON * moved

    def _begin(self, upto: int) -> None:
        """See `Smoother._begin`; In: the period before which it begins."""
        past, out = self.past, self._out.union(self.past.calendar)
        known = [(past.phases[p], past.x[p]) for p in range(upto) if p not in out]
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
