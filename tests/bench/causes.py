"""`python -m tests.bench.causes [--leaves N] [--cubes N] [--seed N]`: how fast and how well causes are found.

Prints seconds over a leaf table of six dimensions beside a hand-written query that ranks every element once,
and F1 over fresh cubes with planted causes beside a plain ranking of one dimension (Adtributor's idea:
the members of the dimension whose changes are the most unlike its sizes).
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Iterator

import duckdb
import polars as pl

from engine.causes import Leaves, split
from tests.engine.causes.cubes import Element, cube, score

SIZES = (10, 40, 200, 31, 8, 50)
DIMS = tuple(f"d{at}" for at, _ in enumerate(SIZES))
TURNS = 5
_QUERY = """
SELECT {dims}, sum(num_base) AS f, sum(num_now) AS a,
       (CASE WHEN a > 0 THEN a * ln(a / greatest(f, 0.5)) ELSE 0 END - a + f)
       * (1 - 0.03 * ({depth} - 1)) AS g
FROM leaves GROUP BY GROUPING SETS ({sets}) HAVING a < f ORDER BY g DESC LIMIT 1
"""


def table(count: int, seed: int) -> Leaves:
    """Leaves of which two elements fell."""
    rng = random.Random(seed)
    columns = {
        dim: [f"{dim}-{rng.randrange(size)}" for _ in range(count)]
        for dim, size in zip(DIMS, SIZES, strict=True)
    }
    base = [float(rng.randrange(1, 40)) for _ in range(count)]
    pair = zip(columns["d1"], columns["d4"], strict=True)
    now = [
        size * (0.4 if both == ("d1-3", "d4-2") else 0.5 if third == "d2-7" else 1)
        for size, both, third in zip(base, pair, columns["d2"], strict=True)
    ]
    return Leaves(pl.DataFrame({**columns, "num_base": base, "num_now": now}), DIMS)


def by_hand(leaves: Leaves) -> float:
    """Seconds of one query that ranks all elements of up to three dimensions, for the first cause alone."""
    held = duckdb.connect()
    names = ", ".join(f"{name} VARCHAR" for name in DIMS)
    held.execute(f"CREATE TABLE leaves ({names}, num_base DOUBLE, num_now DOUBLE)")
    held.execute(f"INSERT INTO leaves SELECT * FROM read_csv('{_written(leaves)}')")
    numbers = range(len(DIMS))
    sets = [
        f"({', '.join(DIMS[at] for at in chosen)})"
        for chosen in [(), *((a,) for a in numbers), *_pairs(), *_triples()]
    ]
    depth = " + ".join(f"(1 - grouping({name}))" for name in DIMS)
    query = _QUERY.format(dims=", ".join(DIMS), depth=depth, sets=", ".join(sets))
    times = []
    for _ in range(TURNS):
        begun = time.perf_counter()
        held.execute(query).fetchall()
        times.append(time.perf_counter() - begun)
    return min(times)


def _pairs() -> Iterator[tuple[int, int]]:
    return ((a, b) for a in range(len(DIMS)) for b in range(a + 1, len(DIMS)))


def _triples() -> Iterator[tuple[int, int, int]]:
    return ((a, b, c) for a, b in _pairs() for c in range(b + 1, len(DIMS)))


def _written(leaves: Leaves) -> str:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as file:
        leaves.frame.write_csv(file.name)
    return file.name


def one_dimension(leaves: Leaves) -> list[Element]:
    """The dimension whose members changed most unlike their sizes, and those that make two thirds of it."""
    change = leaves.change or 0.0
    best: tuple[float, list[Element]] = (-1.0, [])
    for dim in leaves.dims:
        sums = leaves.frame.group_by(dim).agg(pl.col("num_base", "num_now").sum()).rows()
        before, after = (math.fsum(row[at] for row in sums) for at in (1, 2))
        ranked = []
        for member, base, now in sums:
            p, q = base / before, now / after
            middle = (p + q) / 2
            surprise = sum(each * math.log(each / middle) for each in (p, q) if each) / 2
            ranked.append((surprise, (now - base) / change, frozenset({(dim, member)})))
        named, covered, total = list[Element](), 0.0, 0.0
        for surprise, share, element in sorted(ranked, key=lambda each: -each[0]):
            if share > 0.1 and covered < 0.67:
                named.append(element)
                covered, total = covered + share, total + surprise
        best = max(best, (total, named), key=lambda each: each[0])
    return best[1]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--leaves", type=int, default=100_000)
    parser.add_argument("--cubes", type=int, default=120)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    given = parser.parse_args()
    leaves = table(given.leaves, given.seed)
    times = []
    for _ in range(TURNS):
        begun = time.perf_counter()
        found = split(leaves, DIMS[:1])
        times.append(time.perf_counter() - begun)
    print(f"| {given.leaves:,} leaves × {len(DIMS)} dimensions | s |\n|---|---|")
    print(f"| split: {len(found.causes)} causes, members, verdict | {min(times):.2f} |")
    print(f"| by hand, DuckDB grouping sets, first cause alone | {by_hand(leaves):.2f} |\n")
    print(f"Cubes from seed {given.seed}:\n")
    print(f"| F1 / first cause, {given.cubes} cubes | looptop | one dimension |")
    print("|---|---|---|")
    for rate in (False, True):
        cubes = [cube(given.seed + at, rate) for at in range(given.cubes)]
        cells = [
            f"{each['f1']:.2f} / {each['first']:.2f}" for each in (score(cubes), score(cubes, one_dimension))
        ]
        print(f"| {'ratio' if rate else 'additive'} | {cells[0]} | {cells[1] if not rate else '–'} |")


if __name__ == "__main__":
    main()
