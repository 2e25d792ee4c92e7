"""Attempts → one representative attempt per entity, and who is removed by an exclusion.

Every table here has who, level, count, done, start, until, tainted, t1 … tn; `keys` are who, or who with a
group or a period.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.funnels.plan import Plan

if TYPE_CHECKING:
    import polars as pl


def representatives(attempts: pl.DataFrame, plan: Plan, keys: Sequence[str] = ("who",)) -> pl.DataFrame:
    """O3, U2: furthest, then earliest completed, then latest start, then earliest steps; one row per key.

    Out: the attempt's columns, `excluded` (X2: no clean attempt at the best level; X3: no clean one at all)
         and `latest`, the last window end among the key's attempts.
    """
    import polars as pl

    names = list(keys)
    if not attempts["tainted"].any():
        return _best(attempts, plan, names).with_columns(excluded=pl.lit(False))
    ends = attempts.group_by(names).agg(latest=pl.col("until").max())
    pool = attempts.filter(_furthest(names)) if not plan.restart else attempts
    excluded = pl.col("tainted").all().over(names)
    pool = pool.with_columns(excluded=excluded).filter(pl.col("excluded") | ~pl.col("tainted"))
    best = _best(pool, plan, names).drop("latest")
    return best.join(ends, on=names, how="left", nulls_equal=True, maintain_order="left")


def _best(pool: pl.DataFrame, plan: Plan, names: list[str]) -> pl.DataFrame:
    """The first attempt of each key in the order of preference, and `latest` over all its attempts here."""
    import polars as pl

    steps = [f"t{step + 1}" for step in plan.required] + (["p1"] if "p1" in pool.columns else [])
    order = [*names, "count", "done", "t1", *(name for name in steps if name != "t1")]
    worst_first = [name in ("count", "t1") for name in order]
    others = [name for name in pool.columns if name not in names]
    return (
        pool.sort(order, descending=worst_first, nulls_last=True)
        .group_by(names, maintain_order=True)
        .agg(*(pl.col(name).first() for name in others), latest=pl.col("until").max())
    )


def _furthest(names: Sequence[str]) -> pl.Expr:
    import polars as pl

    return pl.col("count") == pl.col("count").max().over(names)
