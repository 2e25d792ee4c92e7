"""Events → attempts: one row per opening, with the time of each step, the window's end and what taints it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from engine.funnels.arrange import Rows, arrange, next_after, next_from
from engine.funnels.exact import exact
from engine.funnels.moments import local_days
from engine.funnels.plan import Plan
from engine.funnels.represent import in_order
from engine.funnels.search import search

if TYPE_CHECKING:
    import polars as pl


def attempts_of(rows: Rows, plan: Plan) -> pl.DataFrame:
    """All attempts of the arranged events.

    Out: unit, start (position), who, began (µs), until (µs, inclusive), count (required steps up to the last
         one done, those before the entrance of an open funnel included), entrance (the step that opened it,
         from 0), done (µs of the last step), tainted, p1 … pn (positions); in the order of `in_order`.
    """
    import polars as pl

    parts = [_entered(rows, one, at) for at, one in enumerate(plan.entrances())]
    found = pl.concat(part for part, _ in parts)
    found = found.with_columns(began=rows.ts.gather(found["start"]), tainted=_tainted(rows, plan, found))
    if len(parts) > 1 or rows.entity is not rows.unit or any(unsure for _, unsure in parts):
        steps = [f"p{step + 1}" for step in plan.required]
        times = found.select(_time(rows, found[name]).alias(f"_{name}") for name in steps)
        found = in_order(found, rows.entity.gather(found["start"]), times.hstack(found.select(steps)))
    return found.with_columns(who=rows.frame["who"].gather(found["start"]))


def _entered(rows: Rows, plan: Plan, skipped: int) -> tuple[pl.DataFrame, bool]:
    """The attempts of one entrance, and whether some were done one by one.

    In:  how many required steps lie before it.
    """
    import polars as pl

    found = search(rows, plan)
    columns = ["unit", "start", "until", "count", *(f"p{step + 1}" for step in plan.required)]
    attempts, unsure = found.attempts.select(columns), not found.doubtful.is_empty()
    if unsure:
        doubtful = found.doubtful.unique()
        sure = attempts.filter(~pl.col("unit").is_in(doubtful.implode()))
        attempts = pl.concat([sure, exact(rows, plan, doubtful).select(columns)])
    last = pl.coalesce(*(f"p{step + 1}" for step in reversed(plan.required)))
    done = rows.ts.gather(attempts.select(last).to_series())
    for step in range(plan.steps):
        if step in plan.optional:
            attempts = attempts.with_columns(_optional(rows, plan, attempts, step).alias(f"p{step + 1}"))
        elif step not in plan.required:
            attempts = attempts.with_columns(pl.lit(None, dtype=pl.UInt32).alias(f"p{step + 1}"))
    entrance = pl.lit(0 if plan.mode == "unordered" else plan.opening, dtype=pl.UInt8)
    attempts = attempts.select(
        "unit", "start", "until", *(f"p{step + 1}" for step in range(plan.steps)),
        count=(pl.col("count") + skipped).cast(pl.UInt8), entrance=entrance, done=done,
    )  # fmt: skip
    return attempts, unsure


def timed(attempts: pl.DataFrame, rows: Rows, plan: Plan) -> pl.DataFrame:
    """The same with t1 … tn (µs) beside p1 … pn."""
    return attempts.with_columns(
        _time(rows, attempts[f"p{step + 1}"]).alias(f"t{step + 1}") for step in range(plan.steps)
    )


def find(frame: pl.DataFrame, plan: Plan, unit: Sequence[str] = ("who",)) -> tuple[Rows, pl.DataFrame]:
    """The arranged events and their attempts, with t1 … tn and the local day of each opening."""
    rows = arrange(frame, plan, unit)
    found = timed(attempts_of(rows, plan), rows, plan)
    return rows, found.with_columns(local_days(found["began"], plan.timezone).alias("day"))


def _time(rows: Rows, places: pl.Series) -> pl.Series:
    return rows.ts.gather(places)


def _optional(rows: Rows, plan: Plan, attempts: pl.DataFrame, step: int) -> pl.Series:
    """P1: the first unused event of an optional step between its required neighbours, or up to the window."""
    before, after = plan.previous(step), plan.following(step)
    free_order = plan.mode == "unordered"
    origin = attempts[f"p{(plan.opening if free_order or before is None else before) + 1}"]
    reached = origin.is_not_null()
    here = origin.fill_null(rows.end)
    places = rows.meeting(step)
    strict = plan.distinct_ties and not free_order
    target = (
        next_after(places, rows.last.gather(here)) if strict else next_from(places, rows.first.gather(here))
    )
    used = [name for name in attempts.columns if name.startswith("p") and name[1:].isdigit()]
    for _ in used:
        clash = reduce(or_, ((attempts[name] == target).fill_null(False) for name in used)) & (
            target != rows.end
        )
        if not clash.any():
            break
        target = next_after(places, target).zip_with(clash, target)
    ts = rows.ts.gather(target)
    good = reached & (rows.unit.gather(target) == attempts["unit"]) & (ts <= attempts["until"])
    limit = plan.hops[step]
    if limit is not None:
        good = good & (ts - rows.ts.gather(here) <= limit)
    if after is not None and not free_order:
        next_at = attempts[f"p{after + 1}"]
        border = rows.ts.gather(next_at.fill_null(rows.end))
        good = good & (next_at.is_null() | ((ts < border) if strict else (ts <= border)))
    return target.set(~good, None)


def _tainted(rows: Rows, plan: Plan, attempts: pl.DataFrame) -> pl.Series:
    """X1: an excluded event strictly between two steps, or up to the window's end without the later."""
    import polars as pl

    tainted = pl.repeat(False, attempts.height, dtype=pl.Boolean, eager=True)
    for number, (i, j) in enumerate(plan.exclusions):
        here = attempts[f"p{i + 1}"]
        found = next_after(rows.meeting(plan.steps + number), rows.last.gather(here.fill_null(rows.end)))
        ts, border = rows.ts.gather(found), attempts[f"p{j + 1}"]
        before = ts < rows.ts.gather(border.fill_null(rows.end))
        inside = (ts <= attempts["until"]).zip_with(border.is_null(), before)
        tainted = tainted | (here.is_not_null() & (rows.unit.gather(found) == attempts["unit"]) & inside)
    return tainted
