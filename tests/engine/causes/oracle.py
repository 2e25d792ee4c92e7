"""The scan once more, slow and plain: every element by hand, straight from the reference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import median

Row = tuple[tuple[str | None, ...], float, float]
"""(members, expected, actual)."""
Element = Mapping[str, str | None]


def scan(dims: Sequence[str], rows: Sequence[Row], counts: bool) -> list[tuple[Element, float]]:
    """Elements with their evidence, in the order in which they are found."""
    change = math.fsum(a - f for _, f, a in rows)
    spread = [(a - f) ** 2 / f for _, f, a in rows if f > 0]
    noise = 1.0 if counts or not spread else max(1.0, median(spread))
    left, found, covered = list(rows), list[tuple[Element, float]](), 0.0
    while left and change and len(found) < 3 and covered < 0.9:
        best: tuple[float, dict[str, str | None]] | None = None
        for depth in range(4):
            for chosen in combinations(range(len(dims)), depth):
                for members in sorted({_at(row, chosen) for row in left}, key=repr):
                    inside = [row for row in left if _at(row, chosen) == members]
                    g = _evidence(inside, noise, depth)
                    moved = math.fsum(a - f for _, f, a in inside)
                    if moved * change > 0 and (best is None or g > best[0] * (1 + 1e-9)):
                        best = (g, {dims[at]: member for at, member in zip(chosen, members, strict=True)})
        if best is None or best[0] < 6:
            break
        g, element = best
        inside = [row for row in left if all(row[0][dims.index(dim)] == one for dim, one in element.items())]
        share = math.fsum(a - f for _, f, a in inside) / change
        if share < 0.05:
            break
        shared = {
            dim: inside[0][0][at]
            for at, dim in enumerate(dims)
            if len({row[0][at] for row in inside}) == 1 and (inside[0][0][at] is not None or dim in element)
        }
        found.append((shared, g))
        covered += share
        left = [row for row in left if row not in inside]
    return found


def _at(row: Row, chosen: tuple[int, ...]) -> tuple[str | None, ...]:
    return tuple(row[0][at] for at in chosen)


def _evidence(inside: Sequence[Row], noise: float, depth: int) -> float:
    f, a = math.fsum(row[1] for row in inside), math.fsum(row[2] for row in inside)
    over = f or (noise / 2 if a else 0)
    raw = (a * math.log(a / over) if a else 0) - a + over
    return raw / noise * (1 - 0.03 * (depth - 1))
