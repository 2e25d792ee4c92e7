"""Statistics of counts: intervals of differences and odds, and control of false discoveries."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, exp, isclose, lgamma, log, sqrt

Z = 1.959963984540054
"""Two-sided 95 %."""
Share = tuple[int, int]
"""(how many, of how many)."""


def wilson(share: Share) -> tuple[float, float]:
    """Two-sided 95 % interval of a proportion.

    Source: E. B. Wilson, Probable inference, JASA 22 (1927).

    >>> [round(bound, 4) for bound in wilson((10, 40))]
    [0.1419, 0.4019]
    """
    many, of = share
    rate, square = many / of, Z * Z / of
    middle, half = rate + square / 2, Z * sqrt(rate * (1 - rate) / of + square / (4 * of))
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))


def newcombe(one: Share, other: Share) -> tuple[float, float]:
    """Two-sided 95 % interval of the difference of two independent proportions, the first less the second.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics
    in Medicine 17 (1998), method 10; its example is 56/70 and 48/80.

    >>> [round(bound, 4) for bound in newcombe((56, 70), (48, 80))]
    [0.0524, 0.3339]
    """
    p, q = one[0] / one[1], other[0] / other[1]
    (low, high), (other_low, other_high) = wilson(one), wilson(other)
    return (
        p - q - sqrt((p - low) ** 2 + (other_high - q) ** 2),
        p - q + sqrt((high - p) ** 2 + (q - other_low) ** 2),
    )


def odds_ratio(with_: Share, without: Share) -> tuple[float, float, float]:
    """Odds ratio of two groups (converted, all) and its 95 % interval.

    Source: J. Woolf (1955); with a zero cell half a case is added to each (Haldane 1956, Anscombe 1956).

    >>> [round(one, 3) for one in odds_ratio((30, 100), (10, 100))]
    [3.857, 1.767, 8.422]
    """
    cells: list[float] = [with_[0], with_[1] - with_[0], without[0], without[1] - without[0]]
    if not all(cells):
        cells = [cell + 0.5 for cell in cells]
    a, b, c, d = cells
    middle, half = log(a * d / (b * c)), Z * sqrt(sum(1 / cell for cell in cells))
    return exp(middle), exp(middle - half), exp(middle + half)


def chance(with_: Share, without: Share) -> float:
    """Probability of so great a difference between two groups by chance alone, two-sided.

    Source: Pearson's chi-square; Fisher's exact test where a cell is expected to hold less than five.

    >>> round(chance((30, 100), (10, 100)), 5), round(chance((3, 4), (1, 4)), 4)
    (0.00041, 0.4857)
    """
    (a, n), (c, m) = with_, without
    won, lost, total = a + c, n + m - a - c, n + m
    if not (n and m and won and lost):
        return 1.0
    if min(n, m) * min(won, lost) / total < 5:
        return _fisher(a, n, won, total)
    square = total * (a * (m - c) - c * (n - a)) ** 2 / (n * m * won * lost)
    return erfc(sqrt(square / 2))


def _fisher(a: int, n: int, won: int, total: int) -> float:
    def of(k: int) -> float:
        return exp(_choose(won, k) + _choose(total - won, n - k) - _choose(total, n))  # hypergeometric

    seen = of(a)
    possible = range(max(0, n + won - total), min(n, won) + 1)
    values = (of(k) for k in possible)
    return min(1.0, sum(value for value in values if value <= seen or isclose(value, seen, rel_tol=1e-7)))


def _choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def discovered(chances: Sequence[float]) -> list[float]:
    """Each probability as the least false-discovery rate at which it counts as found.

    Source: Y. Benjamini, Y. Hochberg, Controlling the false discovery rate, JRSS B 57 (1995).

    >>> discovered([0.01, 0.04, 0.03])
    [0.03, 0.04, 0.04]
    """
    order = sorted(range(len(chances)), key=lambda at: chances[at], reverse=True)
    found, least = [1.0] * len(chances), 1.0
    for rank, at in zip(range(len(chances), 0, -1), order, strict=True):
        least = min(least, chances[at] * len(chances) / rank)
        found[at] = least
    return found
