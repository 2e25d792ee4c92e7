"""All attempts of all units at once: sorted positions per step and binary search of the next one.

Exact where no moment of a unit mixes events that meet several required steps, and where no limit per hop
lets the earliest match lose; units for which that cannot be told are named, and `exact` does them.
Source: reference of the method: all-starts chain with the earliest next event (exchange argument).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.funnels.arrange import Rows, next_after, next_from
from engine.funnels.moments import day_start, local_days
from engine.funnels.plan import FOREVER, Plan

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Found:
    """`attempts`: unit, start (position), until (µs, inclusive), count (required steps done), p1 … pn.

    `doubtful`: units whose attempts here may be wrong, with repeats.
    """

    attempts: pl.DataFrame
    doubtful: pl.Series


def starts(rows: Rows, plan: Plan, *, each: bool = False) -> pl.DataFrame:
    """Every opening of an attempt: unit, start, until. Openings of one moment are one.

    With `each` only those that meet the same steps: where the search is not sure of a unit, it matters which
    event of a moment opens.
    """
    import polars as pl

    free_order = plan.mode == "unordered"
    bits = plan.required_bits if free_order else 1 << plan.opening
    at = ((rows.frame["mask"] & bits) != 0).arg_true()
    opened = pl.DataFrame({"unit": rows.unit.gather(at), "start": at, "ts": rows.ts.gather(at)})
    repeated = (pl.col("unit") == pl.col("unit").shift()) & (pl.col("ts") == pl.col("ts").shift())
    if free_order:
        opened = opened.with_columns(start=rows.first.gather(at))
    elif each:
        opened = opened.with_columns(step=rows.step.gather(at))
        repeated = repeated & (pl.col("step") == pl.col("step").shift())
    again = opened.select(again=repeated.fill_null(False)).to_series()
    if again.any():
        opened = opened.filter(~again)
    return opened.select("unit", "start", until=window_ends(opened["ts"], plan))


def window_ends(started: pl.Series, plan: Plan) -> pl.Series:
    """The last microsecond that still belongs to attempts started then; FOREVER without a window."""
    import polars as pl

    if plan.natural is None:
        if plan.window_us is None:
            return pl.repeat(FOREVER, started.len(), dtype=pl.Int64, eager=True)
        return started + plan.window_us
    days = local_days(started, plan.timezone)
    ends = {day: day_start(_following(day, plan), plan.timezone) - 1 for day in days.unique().to_list()}
    return days.replace_strict(list(ends), list(ends.values()), return_dtype=pl.Int64) if ends else started


def _following(day: date, plan: Plan) -> date:
    """The first day after the natural window that a day is in."""
    if plan.natural == "same_day":
        return day + timedelta(days=1)
    return day + timedelta(days=7 - (day.weekday() - plan.week_start) % 7)


def search(rows: Rows, plan: Plan) -> Found:
    """Attempts of every unit."""
    return _unordered(rows, plan) if plan.mode == "unordered" else _ordered(rows, plan)


def _ordered(rows: Rows, plan: Plan) -> Found:
    """One column of positions per step; only attempts that are still alive are searched on."""
    import polars as pl

    opened = starts(rows, plan)
    doubtful = [mixed(rows, plan)]
    alive = pl.int_range(opened.height, dtype=pl.UInt32, eager=True)
    here, until, unit = opened["start"], opened["until"], opened["unit"]
    columns = {f"p{plan.opening + 1}": here}
    count = pl.repeat(1, opened.height, dtype=pl.UInt8, eager=True)
    for before, step in zip(plan.required, plan.required[1:], strict=False):
        target, kept, unsure = _hop(rows, plan, (before, step), pl.DataFrame([unit, here, until]))
        if unsure is not None:
            doubtful.append(unit.filter(unsure))
        alive, until, unit, here = (each.filter(kept) for each in (alive, until, unit, target))
        column = pl.repeat(None, opened.height, dtype=pl.UInt32, eager=True)
        columns[f"p{step + 1}"] = column.scatter(alive, here)
        count = count.scatter(alive, plan.count_at(step))
    attempts = opened.with_columns(count=count, **columns)
    return Found(attempts, pl.concat(doubtful))


def _hop(
    rows: Rows, plan: Plan, hop: tuple[int, int], at: pl.DataFrame
) -> tuple[pl.Series, pl.Series, pl.Series | None]:
    """One `hop` between two required steps: the next position, whether it counts, whether that may be wrong.

    In:  unit, start (where the attempt stands), until of the attempts that are alive.
    """
    before, step = hop
    unit, here, until = at.get_columns()
    origin = rows.last.gather(here) if plan.distinct_ties else here
    target = next_after(rows.meeting(step), origin)
    there = rows.ts.gather(target)
    reached = (rows.unit.gather(target) == unit) & (there <= until)
    unsure = None
    limit = plan.hops[step]
    if limit is not None:
        too_far = reached & (there - rows.ts.gather(here) > limit)
        if before != plan.opening:
            other = next_after(rows.meeting(before), here)
            unsure = too_far & (rows.unit.gather(other) == unit) & (rows.ts.gather(other) <= there)
        reached = reached & ~too_far
    if plan.mode == "strict":
        foreign = next_after(rows.lacking(_allowed(plan, before, step)), rows.last.gather(here))
        reached = reached & ~((rows.unit.gather(foreign) == unit) & (rows.ts.gather(foreign) < there))
    return target, reached, unsure


def _allowed(plan: Plan, before: int, step: int) -> int:
    """Bits of events that may stand between two required steps: repeats of the first, optional steps."""
    return (1 << before) | sum(1 << each for each in plan.optional if before < each < step)


def _unordered(rows: Rows, plan: Plan) -> Found:
    """Per opening the next event of each step, sorted by time: exact while every event meets one step."""
    opened = starts(rows, plan)
    found = []
    for step in plan.required:
        target = next_from(rows.meeting(step), opened["start"])
        inside = (rows.unit.gather(target) == opened["unit"]) & (rows.ts.gather(target) <= opened["until"])
        found.append(target.set(~inside, rows.end))
    columns = [
        column.set(column == rows.end, None).alias(f"p{step + 1}")
        for step, column in zip(plan.required, _ascending(found), strict=True)
    ]
    return Found(_cut_hops(opened.with_columns(columns), rows, plan), _overlapping(rows, plan))


def _ascending(columns: list[pl.Series]) -> list[pl.Series]:
    """The columns with the values of each row in ascending order (lists of a few are far slower to sort)."""
    held = list(columns)
    for end in range(len(held) - 1, 0, -1):
        for at in range(end):
            low, high = held[at], held[at + 1]
            right = low <= high
            held[at], held[at + 1] = low.zip_with(right, high), high.zip_with(right, low)
    return held


def _cut_hops(frame: pl.DataFrame, rows: Rows, plan: Plan) -> pl.DataFrame:
    """Limits per hop in unordered mode hold between the n-th and the step before it; then the count."""
    import polars as pl

    for before, step in zip(plan.required, plan.required[1:], strict=False):
        here, there = frame[f"p{before + 1}"], frame[f"p{step + 1}"]
        gone = here.is_null()
        limit = plan.hops[step]
        if limit is not None:
            late = (
                rows.ts.gather(there.fill_null(rows.end)) - rows.ts.gather(here.fill_null(rows.end)) > limit
            )
            gone = gone | (late & there.is_not_null())
        frame = frame.with_columns(there.set(gone, None).alias(f"p{step + 1}"))
    done = [pl.col(f"p{step + 1}").is_not_null().cast(pl.UInt8) for step in plan.required]
    return frame.with_columns(count=pl.sum_horizontal(done).cast(pl.UInt8))


def mixed(rows: Rows, plan: Plan) -> pl.Series:
    """Units with a moment that holds events of several kinds, one of which meets several required steps."""
    import polars as pl

    if plan.mode == "strict":
        return _overlapping(rows, plan)
    if plan.distinct_ties:
        return pl.Series("unit", [], dtype=pl.UInt32)
    step = rows.step
    several = step.bitwise_count_ones() > 1
    if not several.any():
        return pl.Series("unit", [], dtype=pl.UInt32)
    tied = (rows.first.head(rows.end) == rows.first.head(rows.end).shift()) & (step != step.shift())
    tied = tied & (step.shift() != 0) & (several | several.shift())
    return rows.unit.head(rows.end).filter(tied.fill_null(False))


def _overlapping(rows: Rows, plan: Plan) -> pl.Series:
    """Units with any event that meets several required steps."""
    return rows.unit.head(rows.end).filter(rows.step.bitwise_count_ones() > 1)
