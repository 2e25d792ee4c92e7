"""Attempts → one representative attempt per entity, and who is removed by an exclusion.

Every table here has who, count, entrance, done, began, until, tainted, and lies in the order of `in_order`;
`keys` are who, or who with a group or a period.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.funnels.packed import fields_of, fit, pack, unpack
from engine.funnels.plan import Plan

if TYPE_CHECKING:
    import polars as pl


def representatives(attempts: pl.DataFrame, plan: Plan, keys: Sequence[str] = ("who",)) -> pl.DataFrame:
    """O3, U2: furthest, then entered earliest, completed earliest, started latest, with the earliest steps.

    Out: one row per key: the attempt's columns, `excluded` (X2: no clean attempt at the best level; X3: no
         clean one at all) and `latest`, the last window end among the key's attempts.
    """
    import polars as pl

    order = ["count", "tainted", "entrance", "done", "_row"]
    if plan.restart:
        order = ["tainted", "count", "entrance", "done", "_row"]
    attempts, numbers = parted(attempts, keys)
    pool = attempts.select("count", "tainted", "entrance", "done", _key=numbers).with_row_index("_row")
    best = _firsts(pool, ["_key", *order], ["count", "_row"])
    last = (numbers != numbers.shift(-1)).fill_null(True)
    return attempts[best].with_columns(excluded=pl.col("tainted"), latest=attempts["until"].filter(last))


def parted(attempts: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, pl.Series]:
    """The attempts with the rows of one key together, in order, and the key of each, numbered from 1."""
    import polars as pl

    order = [*keys, "began"]
    found = attempts if _ascending(attempts, order) else attempts.sort(order, maintain_order=True)
    changed = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in keys)
    first = pl.int_range(pl.len()) == 0
    return found, found.select((changed | first).cum_sum().cast(pl.UInt32).alias("_key")).to_series()


def _ascending(attempts: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Whether the keys, taken together, never descend from one row to the next."""
    import polars as pl

    same, descends = pl.lit(True), pl.lit(False)
    for name in keys:
        before = pl.col(name).shift()
        descends = descends | (
            same & ((pl.col(name) < before) | (pl.col(name).is_null() & before.is_not_null()))
        )
        same = same & pl.col(name).eq_missing(before)
    return not attempts.select(descends.any()).item()


def _firsts(pool: pl.DataFrame, order: Sequence[str], descending: Sequence[str]) -> pl.Series:
    """The `_row` of the first row of each `_key` in an order."""
    import polars as pl

    fields = fields_of(pool, order, descending)
    if fit(fields):
        ordered = unpack(pack(pool, fields).sort(), fields, ("_key", "_row"))
    else:
        ordered = pool.select(order).sort(order, descending=[name in descending for name in order])
    new = (pl.col("_key") != pl.col("_key").shift()).fill_null(True)
    return ordered.filter(new)["_row"].cast(pl.UInt32)


def in_order(attempts: pl.DataFrame, who: pl.Series, steps: pl.DataFrame) -> pl.DataFrame:
    """By entity, then moment of opening; of openings of one moment the one with the earliest steps last.

    In:  attempts; a number of each row's entity; what tells openings of one moment apart, nulls as latest.
    """
    import polars as pl

    held = attempts.select("began", _key=who).with_row_index("_row")
    keys = ["_key", "began", "_row"]
    fields = fields_of(held, keys)
    if fit(fields):
        ordered = unpack(pack(held, fields).sort(), fields)
    else:
        ordered = held.select(keys).sort(keys)
    same = (pl.col("_key") == pl.col("_key").shift()) & (pl.col("began") == pl.col("began").shift())
    tied = ordered.select((same | same.shift(-1)).fill_null(False)).to_series()
    rows = ordered["_row"].cast(pl.UInt32)
    if not tied.any():
        return attempts[rows]
    places = tied.arg_true()
    few = ordered.filter(tied).hstack(steps[rows.filter(tied)])
    descending = [False, False, *(True for _ in steps.columns)]
    few = few.sort(["_key", "began", *steps.columns], descending=descending, nulls_last=False)
    return attempts[rows.scatter(places, few["_row"].cast(pl.UInt32))]
