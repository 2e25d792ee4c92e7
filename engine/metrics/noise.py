"""Whether a change is bad beyond noise: a small, honest judgement for the `!` of a tile.

It errs towards silence: without enough facts it says no.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Z = 1.96
"""Two-sided 95 %."""
FEWEST_DAYS = 3
FEWEST = 5
"""Fewest events on both sides together for a judgement of counts and rates."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two periods: the value, its parts where it is a rate, its days where they are known."""

    value: float | None
    num: float | None = None
    den: float | None = None
    days: Sequence[float | None] = ()


def worse_beyond_noise(
    unit: str, good: Literal["up", "down", "band"], now: Side, base: Side, *, target: float | None = None
) -> bool:
    """Whether a metric moved to its bad side by more than chance does.

    In:  `target`: with one, missing it counts as well where the value is past the noise of its base.
    """
    if now.value is None or base.value is None or good == "band":
        return False
    moved = now.value - base.value
    if moved == 0 or (moved > 0) == (good == "up"):
        return False
    if target is not None and ((now.value >= target) if good == "up" else (now.value <= target)):
        return False
    return abs(z_score(unit, now, base)) > Z


def z_score(unit: str, now: Side, base: Side) -> float:
    """How many standard errors lie between two periods; 0 where it cannot be said.

    Source: two-proportion z for rates of counts; Welch's t over days for everything with days;
    Poisson for counts without them.
    """
    days = _welch(now.days, base.days)
    if unit == "percent" and _is_proportion(now) and _is_proportion(base):
        chance = two_proportions(now.num or 0, now.den or 0, base.num or 0, base.den or 0)
        return chance if days is None else _smaller(chance, days)
    if unit == "count" and now.value is not None and base.value is not None:
        chance = poisson(now.value, base.value)
        return chance if days is None else _smaller(chance, days)
    return days or 0.0


def two_proportions(num: float, den: float, base_num: float, base_den: float) -> float:
    """z of the difference of two proportions with their pooled variance; 0 for too few."""
    if den <= 0 or base_den <= 0 or num + base_num < FEWEST:
        return 0.0
    pooled = (num + base_num) / (den + base_den)
    error = math.sqrt(pooled * (1 - pooled) * (1 / den + 1 / base_den)) if 0 < pooled < 1 else 0.0
    return (num / den - base_num / base_den) / error if error else 0.0


def poisson(count: float, base: float) -> float:
    """z of the difference of two counts of equal exposure; 0 for too few."""
    if count < 0 or base < 0 or count + base < FEWEST:
        return 0.0
    return (count - base) / math.sqrt(count + base)


def _is_proportion(side: Side) -> bool:
    return side.num is not None and side.den is not None and 0 <= side.num <= side.den and side.den > 0


def _smaller(one: float, other: float) -> float:
    """Events come in bursts and days differ: the more careful of two scores."""
    return one if abs(one) <= abs(other) else other


def _welch(now: Sequence[float | None], base: Sequence[float | None]) -> float | None:
    """Difference of the days' means in standard errors; None with too few days."""
    ours = [value for value in now if value is not None]
    theirs = [value for value in base if value is not None]
    if min(len(ours), len(theirs)) < FEWEST_DAYS:
        return None
    error = math.sqrt(_variance(ours) / len(ours) + _variance(theirs) / len(theirs))
    difference = _mean(ours) - _mean(theirs)
    if error == 0:
        return 0.0 if difference == 0 else math.copysign(math.inf, difference)
    return difference / error


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
