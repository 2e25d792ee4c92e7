"""Persons in a few parts that are worked on at the same time: nothing about a funnel crosses persons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import polars as pl

ROWS_TO_PART = 300_000
"""Fewer rows are worked on at once."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def parts_of(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """The rows parted by `who`, one part for each core; all of them where they are few.

    Numbers of persons are hashes: equal stretches of them hold equally many.
    """
    import polars as pl

    cores = pl.thread_pool_size()
    low, high = (frame["who"].min(), frame["who"].max()) if frame["who"].dtype.is_integer() else (0, 0)
    if frame.height < ROWS_TO_PART or cores < 2 or not isinstance(low, int) or not isinstance(high, int):
        return [frame]
    borders = [low + (high - low) * at // cores for at in range(1, cores)]
    edges = [pl.lit(border, dtype=frame["who"].dtype) for border in borders]
    conditions = [pl.col("who") < edges[0]]
    conditions += [(pl.col("who") >= one) & (pl.col("who") < other) for one, other in pairwise(edges)]
    return at_once(frame.filter, [*conditions, pl.col("who") >= edges[-1]])


def at_once(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """The results in the order of the items; each in a thread of its own."""
    if len(items) == 1:
        return [work(items[0])]
    with ThreadPoolExecutor(len(items), thread_name_prefix="funnel") as threads:
        return list(threads.map(work, items))
