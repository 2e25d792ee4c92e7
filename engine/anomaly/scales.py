"""On which scale a metric is smoothed: where its noise is about as large on good days as on bad ones.

A count or a sum moves by shares, so its logarithm is smoothed; a proportion is held between 0 and 1, so its
log-odds are, and each value brings its own binomial variance; what may be negative or is a quotient of
sums (profit, ROI, a price per click) has neither, so it is smoothed as it is. The choice follows from the
metric's definition alone: one that looked at values would judge the past anew when a new value comes.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from engine.anomaly.smoothing import Floats, Marks

Scale = Literal["counts", "log", "logit", "plain"]
LEAST = 0.02
"""The spread is at least 2 %: of the level, or of the odds."""


def scale_of(kind: str, unit: str, proportion: bool = False) -> Scale:
    """The scale of a metric.

    In:  its kind and unit; whether its values are proportions whose numerator and denominator are known.

    >>> scale_of("simple", "count"), scale_of("simple", "money"), scale_of("derived", "money")
    ('counts', 'log', 'plain')
    """
    if proportion:
        return "logit"
    volume = kind in ("simple", "cumulative", "funnel")
    if volume and unit == "count":
        return "counts"
    return "log" if volume and unit in ("money", "seconds") else "plain"


def forward(scale: Scale, value: Floats) -> Floats:
    """Values on the scale; of "logit" see `odds`. A negative sum mirrors the positive one."""
    if scale in ("counts", "log"):
        return np.copysign(np.log1p(np.abs(value)), value)
    return value


def odds(num: Floats, den: Floats) -> tuple[Floats, Floats]:
    """Log-odds of proportions and their binomial variance, half an event added on both sides.

    Source: F. J. Anscombe, On estimating binomial response relations, Biometrika 43 (1956).

    >>> [round(float(each[0]), 3) for each in odds(np.array([9.5]), np.array([19.0]))]
    [0.0, 0.2]
    """
    yes, no = num + 0.5, den - num + 0.5
    return np.log(yes / no), 1 / yes + 1 / no


def back(scale: Scale, x: float) -> float:
    """A point of the scale in the metric's own unit; counts do not go below 0.

    >>> round(back("counts", 6.909753), 0), round(back("logit", 0.0), 1)
    (1001.0, 0.5)
    """
    if scale == "plain":
        return x
    if scale == "logit":
        return float(1 / (1 + np.exp(-min(max(x, -700.0), 700.0))))
    found = float(np.copysign(np.expm1(min(abs(x), 700.0)), x))
    return max(found, 0.0) if scale == "counts" else found


OFTEN, OF_LATE = 0.08, 0.05
"""Where more periods than OFTEN are 0 and should not be, or the reverse, nothing is usual; what one adds."""
NOTHING = 0.7
"""On the scale of a logarithm: less than one is expected."""
FEW = 3.0
"""So small counts are 0 by chance, and are judged all the same."""


def sparse(scale: Scale, empty: Floats, size: Floats) -> Marks:
    """Whether 0 and not 0 are both usual, so that neither says anything: sales of a channel that has few.

    In:  smoothed share of periods that were 0 and should not have been, or the reverse; mean size.
    """
    if scale == "logit":
        return np.zeros(empty.shape, np.bool_)
    often: Marks = empty > OFTEN
    return often & (size > FEW) if scale == "counts" else often


def floor(scale: Scale, size: Floats) -> Floats | float:
    """The least spread, where the mean size of values is known.

    Counts: at least half of what chance alone makes of so many (Poisson), so that the first order of a
    channel that never had one is no anomaly.
    """
    if scale == "counts":
        return np.maximum(LEAST, 0.5 / np.sqrt(size + 1))
    return LEAST * size if scale == "plain" else LEAST
