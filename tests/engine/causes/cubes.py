"""Marketing cubes with planted causes, and how well they are found again."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import polars as pl

from engine.causes import Leaves, split

SIZES = {"channel": 6, "campaign": 8, "device": 3, "region": 10, "customer": 2}
DIMS = tuple(SIZES)

Element = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Cube:
    """A leaf table and the elements that were made to fall or rise."""

    leaves: Leaves
    planted: frozenset[Element]


def _poisson(rng: random.Random, mean: float) -> int:
    """A Poisson count; from 50 up the rounded normal that it then is."""
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    count, left = 0, math.exp(-mean)
    chance = rng.random()
    step = left
    while chance > left and count < 1000:
        count += 1
        step *= mean / count
        left += step
    return count


def _element(rng: random.Random) -> Element:
    dims = rng.sample(DIMS, rng.choice((1, 2, 2, 3)))
    return frozenset((dim, f"{dim}{rng.randrange(SIZES[dim])}") for dim in dims)


def _apart(one: Element, other: Element) -> bool:
    """Whether two elements have no leaf in common."""
    return any((dim, value) not in other and dim in dict(other) for dim, value in one)


Expected = tuple[dict[str, str], float, float]
"""A leaf: its members, what is expected of it, and its base rate (of a sum: 1)."""


def _leaves(rng: random.Random, rate: bool) -> list[Expected]:
    """6 × 8 × 3 × 10 × 2 leaves of uneven size."""
    weights = {dim: [rng.lognormvariate(0, 0.5) for _ in range(size)] for dim, size in SIZES.items()}
    rates = {dim: [rng.lognormvariate(0, 0.1) for _ in range(size)] for dim, size in SIZES.items()}
    found = []
    for chosen in product(*(range(size) for size in SIZES.values())):
        pairs = list(zip(DIMS, chosen, strict=True))
        size = (120 if rate else 60) * math.prod(weights[dim][at] for dim, at in pairs)
        own = 0.05 * math.prod(rates[dim][at] for dim, at in pairs) if rate else 1.0
        found.append(({dim: f"{dim}{at}" for dim, at in pairs}, round(size / own) if rate else size, own))
    return found


def cube(seed: int, rate: bool) -> Cube:
    """A cube with one or two causes that move one way, and Poisson noise in what is counted now.

    Each cause makes at least 15 % of the change, as one that makes less than 10 % need not be named, and
    moves its element by at least ten times what chance does.
    """
    rng = random.Random(seed)
    leaves = _leaves(rng, rate)
    while True:
        planted = [_element(rng) for _ in range(rng.choice((1, 2)))]
        way = rng.choice((-1, 1))
        steps = [way * rng.uniform(0.3, 0.8) for _ in planted]
        sizes = [sum(size * own for key, size, own in leaves if one <= set(key.items())) for one in planted]
        moves = [abs(step) * size for step, size in zip(steps, sizes, strict=True)]
        loud = all(move >= 10 * math.sqrt(size) for move, size in zip(moves, sizes, strict=True))
        if loud and min(moves) >= 0.15 * sum(moves) and (len(planted) == 1 or _apart(*planted)):
            break
    rows = []
    for key, size, own in leaves:
        moved = math.prod(
            1 + step for one, step in zip(planted, steps, strict=True) if one <= set(key.items())
        )
        rows.append(key | (_rate_row if rate else _sum_row)(rng, size, own, moved))
    return Cube(Leaves(pl.DataFrame(rows), DIMS, rate), frozenset(planted))


def _sum_row(rng: random.Random, size: float, _: float, moved: float) -> dict[str, float]:
    return {"num_base": size, "num_now": float(_poisson(rng, size * moved))}


def _rate_row(rng: random.Random, size: float, own: float, moved: float) -> dict[str, float]:
    after = float(_poisson(rng, size * rng.uniform(0.9, 1.1)))
    return {
        "den_base": float(size), "num_base": size * own,
        "den_now": after, "num_now": min(after, _poisson(rng, after * own * moved)),
    }  # fmt: skip


Method = Callable[[Leaves], Iterable[Element]]


def ours(leaves: Leaves) -> list[Element]:
    """The elements that looptop names."""
    return [frozenset((dim, value or "") for dim, value in cause.element) for cause in split(leaves).causes]


def score(cubes: Iterable[Cube], method: Method = ours) -> Mapping[str, float]:
    """F1 over exact elements of all cubes together, and how often the first cause named is a planted one."""
    hit = named = planted = first = count = 0
    for one in cubes:
        found = list(method(one.leaves))
        hit += len(set(found) & one.planted)
        named, planted, count = named + len(found), planted + len(one.planted), count + 1
        first += bool(found) and found[0] in one.planted
    return {"f1": 2 * hit / (named + planted), "first": first / count}
