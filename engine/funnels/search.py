"""All attempts of all units at once: sorted positions per step and binary search of the next one.

Exact where no moment of a unit mixes events that meet several required steps, and where no limit per hop
lets the earliest match lose; units for which that cannot be told are named, and `exact` does them.
Source: reference of the method: all-starts chain with the earliest next event (exchange argument).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.funnels.arrange import Rows, next_after, next_from
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

    bits = plan.required_bits if plan.mode == "unordered" else 1
    frame = rows.frame
    at = ((frame["mask"] & bits) != 0).arg_true()
    opened = pl.DataFrame({"unit": rows.unit.gather(at), "start": at, "ts": rows.ts.gather(at)})
    opened = opened.with_columns(step=frame["_step"].gather(at))
    if plan.mode == "unordered":
        opened = opened.with_columns(start=rows.first.gather(at), step=pl.lit(0))
    repeated = (pl.col("unit") == pl.col("unit").shift()) & (pl.col("ts") == pl.col("ts").shift())
    if each:
        repeated = repeated & (pl.col("step") == pl.col("step").shift())
    opened = opened.filter(~repeated.fill_null(False))
    return opened.select("unit", "start", until=window_end(pl.col("ts"), plan))


def window_end(start: pl.Expr, plan: Plan) -> pl.Expr:
    """The last microsecond that still belongs to an attempt started then; FOREVER without a window."""
    import polars as pl

    if plan.natural is None:
        if plan.window_us is None:
            return pl.lit(FOREVER, dtype=pl.Int64)
        return (start + plan.window_us).cast(pl.Int64)
    local = pl.from_epoch(start, "us").dt.replace_time_zone("UTC").dt.convert_time_zone(plan.timezone)
    naive = local.dt.replace_time_zone(None)
    if plan.natural == "same_day":
        border = naive.dt.truncate("1d").dt.offset_by("1d")
    else:
        shift = f"{plan.week_start}d"
        border = naive.dt.offset_by(f"-{shift}").dt.truncate("1w").dt.offset_by(shift).dt.offset_by("7d")
    zoned = [
        moment.dt.replace_time_zone(plan.timezone, ambiguous="earliest", non_existent="null")
        for moment in (border, border.dt.offset_by("1h"))
    ]
    return pl.coalesce(zoned).dt.convert_time_zone("UTC").dt.epoch("us") - 1


def search(rows: Rows, plan: Plan) -> Found:
    """Attempts of every unit."""
    return _unordered(rows, plan) if plan.mode == "unordered" else _ordered(rows, plan)


def _ordered(rows: Rows, plan: Plan) -> Found:
    """One column of positions per step; only attempts that are still alive are searched on."""
    import polars as pl

    opened = starts(rows, plan)
    doubtful = [mixed(rows, plan)]
    attempt = pl.int_range(opened.height, dtype=pl.UInt32, eager=True)
    alive, here, until = attempt, opened["start"], opened["until"]
    columns = {"p1": here}
    count = pl.repeat(1, opened.height, dtype=pl.UInt8, eager=True)
    for before, step in zip(plan.required, plan.required[1:], strict=False):
        hop = _hop(rows, plan, (before, step), here, until)
        doubtful.append(rows.unit.gather(here.filter(hop["doubtful"])))
        kept = hop["kept"]
        alive, until = alive.filter(kept), until.filter(kept)
        here = hop["next"].filter(kept)
        column = pl.repeat(None, opened.height, dtype=pl.UInt32, eager=True)
        columns[f"p{step + 1}"] = column.scatter(alive, here)
        count = count.scatter(alive, plan.count_at(step))
    attempts = opened.with_columns(count=count, **columns)
    return Found(attempts, pl.concat(doubtful))


def _hop(rows: Rows, plan: Plan, hop: tuple[int, int], here: pl.Series, until: pl.Series) -> pl.DataFrame:
    """One `hop` between two required steps, from `here`: next, kept, doubtful, one row per attempt."""
    import polars as pl

    before, step = hop
    origin = rows.last.gather(here) if plan.distinct_ties else here
    target = next_after(rows.meeting(step), origin)
    unit, ts = rows.unit.gather(here), rows.ts.gather(here)
    there = rows.ts.gather(target)
    reached = (rows.unit.gather(target) == unit) & (there <= until)
    doubtful = pl.repeat(False, here.len(), eager=True)
    limit = plan.hops[step]
    if limit is not None:
        too_far = reached & (there - ts > limit)
        if plan.previous(before) is not None:
            other = next_after(rows.meeting(before), here)
            doubtful = too_far & (rows.unit.gather(other) == unit) & (rows.ts.gather(other) <= there)
        reached = reached & ~too_far
    if plan.mode == "strict":
        foreign = next_after(rows.lacking(_allowed(plan, before, step)), rows.last.gather(here))
        reached = reached & ~((rows.unit.gather(foreign) == unit) & (rows.ts.gather(foreign) < there))
    return pl.DataFrame({"next": target, "kept": reached, "doubtful": doubtful})


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
    step = rows.frame["_step"]
    several = step.bitwise_count_ones() > 1
    if not several.any():
        return pl.Series("unit", [], dtype=pl.UInt32)
    tied = (rows.first.head(rows.end) == rows.first.head(rows.end).shift()) & (step != step.shift())
    tied = tied & (step.shift() != 0) & (several | several.shift())
    return rows.unit.head(rows.end).filter(tied.fill_null(False))


def _overlapping(rows: Rows, plan: Plan) -> pl.Series:
    """Units with any event that meets several required steps."""
    return rows.unit.head(rows.end).filter(rows.frame["_step"].bitwise_count_ones() > 1)
