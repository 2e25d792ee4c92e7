"""`count = "attempts"`: which attempts of an entity are entries of their own.

Source: T1 to T3: conversions are taken greedily by completion, each with its latest start; other openings
form entries that absorb later openings until their window ends, and a conversion that starts inside one
absorbs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from engine.funnels.plan import Plan
from engine.funnels.represent import parted

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Opening:
    """One attempt: its row in the table, start, window end, completion (µs) and how far it came."""

    row: int
    start: int
    until: int
    done: int
    count: int
    tainted: bool
    entrance: int = 0


def entries(attempts: pl.DataFrame, plan: Plan, more: Sequence[str] = ()) -> pl.DataFrame:
    """The attempts that count: one row per entry, with `excluded` and `latest` as for representatives.

    In:  attempts in the order of `in_order`; `more`: columns that part them besides who (a period, a group).
    """
    import polars as pl

    attempts, numbers = parted(attempts, ("who", *more))
    columns = attempts.select(
        numbers, "began", "until", "done", "count", "tainted", "entrance"
    ).with_row_index("row")
    kept: list[int] = []
    excluded: list[bool] = []
    for _, rows in groupby(columns.iter_rows(), itemgetter(1)):
        openings = [Opening(row, *rest) for row, _, *rest in rows]
        for opening in entries_of(openings, len(plan.required)):
            kept.append(opening.row)
            excluded.append(opening.tainted)
    found = attempts[kept].with_columns(pl.Series("excluded", excluded, dtype=pl.Boolean))
    return found.with_columns(latest=pl.col("until"))


def entries_of(openings: Sequence[Opening], full: int) -> Iterator[Opening]:
    """The entries of one entity, in: its openings by start; tainted ones only stand for removed entries."""
    clean = [each for each in openings if not each.tainted]
    won = list(_conversions([each for each in clean if each.count == full]))
    yield from won
    yield from _clusters(clean, won)
    yield from _clusters([each for each in openings if each.tainted], won)


def _conversions(complete: Sequence[Opening]) -> Iterator[Opening]:
    free_from: int | None = None
    for each in sorted(complete, key=lambda one: (one.done, one.entrance, -one.start)):
        if free_from is None or each.start > free_from:
            yield each
            free_from = each.done


def _clusters(openings: Sequence[Opening], won: Sequence[Opening]) -> Iterator[Opening]:
    """Entries that did not convert: the furthest attempt of each cluster."""
    best: Opening | None = None
    until = -1
    first = 0
    for each in openings:
        if any(one.start <= each.start <= one.done for one in won):
            continue
        ended = any(first < one.start <= each.start for one in won)
        if best is not None and each.start <= until and not ended:
            best = max(best, each, key=lambda one: (one.count, -one.entrance, -one.done, one.start))
            continue
        if best is not None and not _absorbed(first, until, won):
            yield best
        best, first, until = each, each.start, each.until
    if best is not None and not _absorbed(first, until, won):
        yield best


def _absorbed(first: int, until: int, won: Sequence[Opening]) -> bool:
    return any(first <= one.start <= until for one in won)
