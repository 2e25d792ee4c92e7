"""How many false alerts a threshold costs, and which threshold a number of them allows.

What is bought is a rate of false episodes per series and period. Beyond the threshold lie so few values of
one workspace that its own history cannot tell that rate: the shape of the tail is taken from series of a
generator (reference alerts, section 4.1) and stretched until it agrees with the history where that is rich,
at its 98 % point. True anomalies are rarer than that, so they hardly stretch it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.anomaly.smoothing import Floats

PER_WEEK: Mapping[str, float] = {"hour": 168.0, "day": 7.0, "week": 1.0, "month": 7 / 30.436875}
"""Periods in a week, by grain."""
Tail = tuple[tuple[float, float], ...]
_DAYS: Tail = ((2.0, 4.9e-2), (2.5, 1.5e-2), (3.0, 3.9e-3), (3.5, 9.3e-4), (4.0, 2.0e-4), (4.5, 3.9e-5),
               (5.0, 9.1e-6), (5.5, 2.2e-6))  # fmt: skip
"""|z| → share of periods beyond it without any anomaly; measured over 6.7 million series-days."""
_HOURS: Tail = ((2.5, 7.7e-3), (3.0, 3.3e-3), (3.5, 1.1e-3), (4.0, 3.4e-4), (4.5, 1.3e-4), (5.0, 4.0e-5))
"""The same of episodes a day apart, over 150 000 series-hours."""
_RICH = 0.98
"""The point at which histories are compared."""
_THERE: Mapping[str, float] = {"hour": 2.58}
"""|z| there in the generator, by grain; 2.38 for the others."""
_PRIOR = 500
"""Series-periods that the generator counts for beside a history."""


def stretch(scores: Floats, grain: str = "day") -> float:
    """How much wider the scores of a history lie than those of the generator; near 1 with little history.

    In:  z of any shape, NaN unknown.
    """
    import numpy as np

    known = np.abs(scores[~np.isnan(scores)])
    if known.size == 0:
        return 1.0
    found = float(np.quantile(known, _RICH)) / _THERE.get(grain, 2.38)
    weight = known.size / (known.size + _PRIOR)
    return max(0.5, math.exp(weight * math.log(max(found, 1e-3))))


def false_per_week(
    threshold: float, series: int, grain: str, scores: Floats | None = None, sides: int = 2
) -> float:
    """Expected false alerts a week over all series where |z| (one sign: `sides` 1) is beyond the threshold.

    In:  `scores`: z of the workspace's history, of any shape, calendar days left out.

    >>> round(false_per_week(3.5, 10, "day"), 3), round(false_per_week(3.5, 10, "day", sides=1), 3)
    (0.065, 0.033)
    """
    wide = 1.0 if scores is None else stretch(scores, grain)
    return _share(_tail(grain), abs(threshold) / wide) * series * PER_WEEK[grain] * sides / 2


def threshold_for(
    false_alerts: float, series: int, grain: str, scores: Floats | None = None, sides: int = 2
) -> float:
    """The |z| that is expected to be passed without reason so many times a week over all series.

    The inverse of `false_per_week`.

    >>> round(threshold_for(0.065, 10, "day"), 2), round(threshold_for(1, 1000, "day"), 2)
    (3.5, 4.1)
    """
    wide = 1.0 if scores is None else stretch(scores, grain)
    share = false_alerts / (max(series, 1) * PER_WEEK[grain] * sides / 2)
    return _point(_tail(grain), max(share, 1e-12)) * wide


def _tail(grain: str) -> Tail:
    return _HOURS if grain == "hour" else _DAYS


def _share(tail: Tail, z: float) -> float:
    """Share of periods beyond |z|: straight in the logarithm between the points, and beyond the last ones."""
    at = sum(z >= point for point, _ in tail[1:-1])
    (z0, p0), (z1, p1) = tail[at : at + 2]
    return min(1.0, p0 * math.exp(math.log(p1 / p0) * (z - z0) / (z1 - z0)))


def _point(tail: Tail, share: float) -> float:
    """|z| beyond which lies that share of periods."""
    at = sum(share <= there for _, there in tail[1:-1])
    (z0, p0), (z1, p1) = tail[at : at + 2]
    return max(0.5, z0 + (z1 - z0) * math.log(share / p0) / math.log(p1 / p0))
