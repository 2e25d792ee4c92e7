"""Small numbers: when a rate is really beyond a limit, and when two rates really differ."""

from __future__ import annotations

import math

Z95 = 1.6448536269514722
"""One-sided 95 % quantile of the normal distribution."""
Counts = tuple[float, float]
"""Numerator and denominator of a proportion."""


def wilson(counts: Counts, upper: bool) -> float:
    """One-sided 95 % Wilson bound of a proportion.

    Source: E. B. Wilson, Probable inference, JASA 22 (1927).

    >>> round(wilson((0, 132), True), 4), round(wilson((1, 40), True), 4)
    (0.0201, 0.1046)
    """
    num, den = counts
    share, square = num / den, Z95 * Z95
    centre = share + square / (2 * den)
    half = Z95 * math.sqrt(share * (1 - share) / den + square / (4 * den * den))
    return (centre + half if upper else centre - half) / (1 + square / den)


def needed(limit: float, below: bool) -> int:
    """Least denominator at which a rate can be beyond a limit at all: with nothing, or all, above the line.

    In:  the limit as a share; whether the rate must be below it.

    >>> needed(0.02, True), needed(0.6, False)
    (133, 5)
    """
    share = min(max(limit if below else 1 - limit, 0.0), 1.0)
    return 0 if share <= 0 else math.floor(Z95 * Z95 * (1 - share) / share) + 1


def differs(now: Counts, then: Counts) -> bool:
    """Whether two proportions differ at one-sided 95 %: pooled two-proportion z.

    >>> differs((10, 1000), (50, 1000)), differs((1, 40), (2, 40))
    (True, False)
    """
    pooled = (now[0] + then[0]) / (now[1] + then[1])
    error = math.sqrt(max(0.0, pooled * (1 - pooled) * (1 / now[1] + 1 / then[1])))
    return error > 0 and abs(now[0] / now[1] - then[0] / then[1]) / error > Z95
