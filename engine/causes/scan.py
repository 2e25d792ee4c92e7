"""Which elements moved a total: a greedy Poisson scan over all group-bys of up to three dimensions.

Source: reference alerts.md section 5, steps 2 and 3. A parent beats its children only if they move
together; a child beats a parent that it dilutes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from engine.causes.cuboids import Chosen, Cuboids, code
from engine.causes.leaves import Leaves

DEPTH = 3
MOST_CAUSES = 3
COVER = 0.9
LEAST_SHARE = 0.05
PENALTY = 0.03
LEAST_EVIDENCE = 6.0
SAME = 1e-9
"""Relative difference below which two evidences are one: what summing in another order can make."""


@dataclass(frozen=True, slots=True)
class Found:
    """A cause: `f` expected, `a` actual, `effect` on the metric; `whole`: nothing was left out of it.

    `dims`: the dimensions of its group-by. The element names every value that all its leaves share; that they
    have no value there only in these dimensions.
    """

    element: tuple[tuple[str, str | None], ...]
    dims: tuple[str, ...]
    f: float
    a: float
    effect: float
    llr: float
    whole: bool

    @property
    def ratio(self) -> float | None:
        """Actual / expected."""
        return self.a / self.f if self.f else None


def scan(leaves: Leaves, change: float) -> tuple[Found, ...]:
    """The causes of a change, the strongest first; none where nothing stands out of the noise.

    In:  the change of the metric that shares are of, not 0.
    """
    judged = leaves.judged()
    if judged.is_empty() or not change:
        return ()
    names = [f"_{at}" for at, _ in enumerate(leaves.dims)]
    left = judged.with_columns(
        code(judged[dim]).alias(name) for dim, name in zip(leaves.dims, names, strict=True)
    )
    cuboids = Cuboids(left, names, DEPTH)
    noise = 1.0 if leaves.counts else dispersion(judged)
    found: list[Found] = []
    covered, all_of_it = 0.0, left.height
    while True:
        best = _best(cuboids, noise, change)
        if best is None:
            break
        chosen, members = best
        inside = pl.all_horizontal([pl.lit(True), *(pl.col(name) == at for name, at in members.items())])
        leaving = left.filter(inside)
        cause = _cause(leaves, leaving, chosen, noise, whole=leaving.height == all_of_it)
        if cause.effect / change < LEAST_SHARE:
            break
        found.append(cause)
        covered += cause.effect / change
        left = left.filter(~inside)
        if len(found) == MOST_CAUSES or covered >= COVER or left.is_empty():
            break
        cuboids.without(leaving)
    return tuple(found)


def dispersion(judged: pl.DataFrame) -> float:
    """φ = max(1, median (a − f)² / f): how much noisier the leaves are than counts."""
    spread = judged.filter(pl.col("f") > 0).select(((pl.col("a") - pl.col("f")) ** 2 / pl.col("f")).median())
    value = spread.item()
    return max(1.0, float(value)) if value is not None else 1.0


def evidence(a: float, f: float, noise: float, depth: int) -> float:
    """G = (A ln(A/F) − A + F) / φ · (1 − 0.03 (depth − 1)).

    What nobody expected counts as half an event expected; what is below 0 is no count, and its evidence is
    the square of its move in terms of its size.
    """
    if a < 0 or f < 0:
        raw = (a - f) ** 2 / (2 * max(abs(a), abs(f)))
    else:
        over = f or (noise / 2 if a else 0.0)
        raw = (a * math.log(a / over) if a else 0.0) - a + over
    return raw / noise * (1 - PENALTY * (depth - 1))


def _evidence(noise: float, depth: int) -> pl.Expr:
    """The same over columns a and f."""
    a, f = pl.col("a"), pl.col("f")
    over = pl.when(f == 0).then(pl.lit(noise / 2)).otherwise(f)
    poisson = pl.when(a == 0).then(f).otherwise(a * (a / over).log() - a + over)
    square = (a - f) ** 2 / (2 * pl.max_horizontal(a.abs(), f.abs()))
    raw = pl.when((a < 0) | (f < 0)).then(square).otherwise(poisson)
    return raw / noise * (1 - PENALTY * (depth - 1))


def _best(cuboids: Cuboids, noise: float, change: float) -> tuple[Chosen, dict[str, int]] | None:
    """The element with the most evidence that moved as the total did: its dimensions and members."""
    tables = pl.collect_all(
        [_strongest(table.lazy(), noise, change, len(chosen)) for chosen, table in cuboids.tables.items()]
    )
    rows = [
        (float(row[1]), chosen, int(row[0]))
        for chosen, table in zip(cuboids.tables, tables, strict=True)
        for row in table.iter_rows()
    ]
    most = max((g for g, _, _ in rows), default=0.0)
    if not most:
        return None
    _, chosen, key = min((len(chosen), chosen, key) for g, chosen, key in rows if g >= most * (1 - SAME))
    return chosen, cuboids.unpacked(chosen, key)


def _strongest(table: pl.LazyFrame, noise: float, change: float, depth: int) -> pl.LazyFrame:
    moved, g = pl.col("a") - pl.col("f"), pl.col("g")
    return (
        table.filter(moved < 0 if change < 0 else moved > 0)
        .select("key", g=_evidence(noise, depth))
        .filter((g >= LEAST_EVIDENCE) & (g >= g.max() * (1 - SAME)))
    )


def _cause(leaves: Leaves, inside: pl.DataFrame, chosen: Chosen, noise: float, *, whole: bool) -> Found:
    a, f, effect = (math.fsum(inside[column]) for column in ("a", "f", "effect"))
    dims = tuple(leaves.dims[at] for at in chosen)
    held = {dim: inside[dim][0] for dim in leaves.dims if inside[dim].n_unique() == 1}
    return Found(
        tuple((dim, value) for dim, value in held.items() if value is not None or dim in dims),
        dims,
        f,
        a,
        effect,
        evidence(a, f, noise, len(chosen)),
        whole and not chosen,
    )
