"""Many series of one metric against their own past: what each period should be, and how far off it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.anomaly.scales import NOTHING, OF_LATE, Scale, floor, forward, odds, sparse
from engine.anomaly.smoothing import LEVEL, Expectation, Floats, Marks, Smoother


class Baseline:
    """The state of many series on one scale: twelve numbers each. One period after another.

    In:  number of series; scale; phases of a cycle (7 for days, 1 for weeks and months); cycles needed.
    """

    def __init__(self, count: int, scale: Scale, phases: int, cycles: int = 3) -> None:
        self.scale: Scale = scale
        self.smoother = Smoother(count, phases, cycles)
        self.size = np.full(count, np.nan)
        """Smoothed size of the values, for the least spread."""
        self.empty = np.zeros(count)
        """Smoothed share of values that are 0 and should not be, or the reverse."""

    def judge(
        self, phase: int, value: Floats, den: Floats | None = None, left_out: Marks | None = None
    ) -> tuple[Floats, Expectation]:
        """Score a period of all series, and learn from it.

        In:  values by series, NaN unknown; with `den` they are numerators of proportions; series that the
             period is left out of (calendar, firing): scored, but nothing is learned.
        Out: signed z, and what was expected.
        """
        x, extra = (forward(self.scale, value), 0.0) if den is None else odds(value, den)
        expected = self.smoother.expect(phase, floor(self.scale, self.size))
        score = expected.score(x, extra)
        score[sparse(self.scale, self.empty, self.size)] = np.nan
        learned = x if left_out is None else np.where(left_out, np.nan, x)
        self.smoother.take(phase, learned, expected, extra)
        self._grow(np.abs(value), ~np.isnan(learned), expected.centre)
        return score, expected

    def _grow(self, size: Floats, known: Marks, centre: Floats) -> None:
        nothing = NOTHING if self.scale != "plain" else self.size / 2
        wrong = (size == 0) != (centre < nothing)
        np.copyto(self.empty, self.empty + OF_LATE * (wrong - self.empty), where=known)
        first = known & np.isnan(self.size)
        np.copyto(self.size, self.size + LEVEL * (size - self.size), where=known)
        if first.any():
            np.copyto(self.size, size, where=first)


@dataclass(frozen=True, slots=True)
class Judged:
    """By period and series: signed z, and centre and spread on the scale; NaN: unknown."""

    score: Floats
    centre: Floats
    spread: Floats


def judge(
    values: Floats,
    phases: Sequence[int],
    scale: Scale,
    *,
    den: Floats | None = None,
    left_out: Marks | None = None,
    cycles: int = 3,
) -> Judged:
    """All periods of many series in one pass.

    In:  [periods, series] values (numerators with `den`), NaN unknown; phase of each period; periods and
         series that are left out. Out: the same shape.
    """
    count = max(phases, default=0) + 1
    baseline = Baseline(values.shape[1], scale, 7 if count > 1 else 1, cycles)
    score, centre, spread = (np.full(values.shape, np.nan) for _ in range(3))
    for i, phase in enumerate(phases):
        score[i], expected = baseline.judge(
            phase,
            values[i],
            None if den is None else den[i],
            None if left_out is None else left_out[i],
        )
        centre[i], spread[i] = expected.centre, expected.spread
    return Judged(score, centre, spread)
