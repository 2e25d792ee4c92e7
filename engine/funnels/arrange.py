"""Events in the order of the search: by unit, then time, then step; and the series that it runs on.

A *unit* is whom an attempt belongs to: the entity, with `hold` (or a breakdown by all events) the entity
with those values. Positions are row numbers in this order; `end` (one past the last row) means "none",
and every series has one more row there that belongs to no unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.funnels.plan import FOREVER, Plan

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Rows:
    """`frame` is the sorted input; `unit`, `ts`, `mask`, `first`, `last` have its height plus one.

    `first` and `last` are the positions of the first and last row of the same unit and moment.
    """

    frame: pl.DataFrame
    unit: pl.Series
    ts: pl.Series
    mask: pl.Series
    first: pl.Series
    last: pl.Series

    @property
    def end(self) -> int:
        """The position that means "none"."""
        return self.frame.height

    def meeting(self, bit: int) -> pl.Series:
        """Positions of the rows with a bit, ascending, `end` last."""
        return _closed(((self.frame["mask"] & (1 << bit)) != 0).arg_true(), self.end)

    def lacking(self, bits: int) -> pl.Series:
        """Positions of the rows with none of these bits, ascending, `end` last."""
        return _closed(((self.frame["mask"] & bits) == 0).arg_true(), self.end)


def arrange(frame: pl.DataFrame, plan: Plan, unit: Sequence[str]) -> Rows:
    """The rows of a question, sorted.

    In:  who, ts, mask, day and the columns of `unit`. Order in a moment: by required step, then lineage.
    """
    import polars as pl

    order = [*unit, "ts", "_step", *(name for name in ("part", "row") if name in frame.columns)]
    step = (pl.col("mask") & plan.required_bits).alias("_step")
    ordered = frame.with_columns(step).sort(order)
    new_unit = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in unit)
    at = pl.int_range(pl.len(), dtype=pl.UInt32)
    new_unit = new_unit | (at == 0)
    new_moment = new_unit | (pl.col("ts") != pl.col("ts").shift())
    last_moment = new_moment.shift(-1, fill_value=True)
    series = ordered.select(
        unit=new_unit.cum_sum().cast(pl.UInt32),
        first=pl.when(new_moment).then(at).forward_fill(),
        last=pl.when(last_moment).then(at).backward_fill(),
    )
    end = ordered.height
    return Rows(
        ordered,
        _closed(series["unit"], 0),
        _closed(ordered["ts"], FOREVER),
        _closed(ordered["mask"], 0),
        _closed(series["first"], end),
        _closed(series["last"], end),
    )


def next_after(positions: pl.Series, after: pl.Series) -> pl.Series:
    """For each position: the next one out of `positions`; `end` where there is none or `after` is `end`."""
    import polars as pl

    found = positions.search_sorted(after, side="right")
    return positions.gather(found.clip(upper_bound=positions.len() - 1).cast(pl.UInt32))


def next_from(positions: pl.Series, at: pl.Series) -> pl.Series:
    """The same, and a position may be its own next."""
    import polars as pl

    return positions.gather(positions.search_sorted(at, side="left").cast(pl.UInt32))


def _closed(series: pl.Series, value: int) -> pl.Series:
    import polars as pl

    return pl.concat([series, pl.Series(series.name, [value], dtype=series.dtype)], rechunk=True)
