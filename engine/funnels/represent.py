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
    ends = attempts.group_by(names).agg(latest=pl.col("until").max())
    pool = attempts.filter(_furthest(names)) if not plan.restart else attempts
    if pool["tainted"].any():
        excluded = pl.col("tainted").all().over(names)
        pool = pool.with_columns(excluded=excluded).filter(pl.col("excluded") | ~pl.col("tainted"))
    else:
        pool = pool.with_columns(excluded=pl.lit(False))
    pool = pool.filter(_furthest(names)) if plan.restart else pool
    pool = pool.filter(pl.col("done") == pl.col("done").min().over(names))
    pool = pool.filter(pl.col("t1") == pl.col("t1").max().over(names))
    order = [*names, *(f"t{step + 1}" for step in plan.required), *(["p1"] if "p1" in pool.columns else [])]
    pool = pool.sort(order).unique(names, keep="first", maintain_order=True)
    return pool.join(ends, on=names, how="left", nulls_equal=True, maintain_order="left")


def _furthest(names: Sequence[str]) -> pl.Expr:
    import polars as pl

    return pl.col("count") == pl.col("count").max().over(names)
