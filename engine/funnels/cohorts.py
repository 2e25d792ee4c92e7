"""Entrants by period, and how many of them had converted by the end of each period since."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine.funnels.moments import day_start
from engine.funnels.plan import Plan
from engine.funnels.summary import Grain, named, periods, reached
from engine.questions import FunnelCohort

if TYPE_CHECKING:
    import polars as pl

MOST_PERIODS = 60


def cohorts(
    chosen: pl.DataFrame,
    plan: Plan,
    steps: tuple[int | None, int],
    *,
    all_periods: list[date],
    grain: Grain,
    now_us: int,
) -> tuple[FunnelCohort, ...]:
    """One row per period of entry; every row has as many columns as it takes until nobody converts any more.

    In:  representatives per who and `period`, with t1 … tn; the steps that count as entered and converted
         (from 0; without the first one every entrant).
    """
    import polars as pl

    if not all_periods:
        return ()
    kept = chosen.filter(~pl.col("excluded") & (True if steps[0] is None else reached(plan, steps[0])))
    done = pl.when(reached(plan, steps[1])).then(pl.col(f"t{steps[1] + 1}"))
    entered = dict(kept.group_by("period").len().iter_rows())
    ends = _ends(all_periods, plan, grain)
    since = kept.select("period", done=done).drop_nulls()
    at = pl.Series("end", [end for _, end in ends], dtype=pl.Int64)
    first = {start: number for number, start in enumerate(all_periods)}
    late = since.with_columns(
        k=at.search_sorted(since["done"], side="right").cast(pl.Int64)
        - since["period"].replace_strict(first, return_dtype=pl.Int64)
    )
    counted = {(start, k): n for start, k, n in late.group_by("period", "k").len().iter_rows()}
    width = min(MOST_PERIODS, 1 + max((k for _, k in counted), default=0))
    found = []
    for number, start in enumerate(all_periods):
        sums, so_far = [], 0
        for k in range(width):
            so_far += counted.get((start, k), 0)
            over = number + k < len(ends) and ends[number + k][1] <= now_us
            sums.append(so_far if over else None)
        found.append(FunnelCohort(named(start, grain), entered.get(start, 0), tuple(sums)))
    return tuple(found)


def _ends(starts: list[date], plan: Plan, grain: Grain) -> list[tuple[date, int]]:
    """The end (µs, not inclusive) of each period and of as many after them as a table can be wide."""
    last = starts[-1].toordinal() + (MOST_PERIODS + 2) * {"day": 1, "week": 7, "month": 31}[grain]
    following = periods(starts[0], date.fromordinal(last), grain, plan.week_start)
    moments = [day_start(day, plan.timezone) for day in following]
    return list(zip(following, moments[1:], strict=False))
