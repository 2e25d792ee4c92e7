"""`--by`: the value by which an entity belongs to a group, and the numbers of each group.

Groups partition the entities (B2); only `all_events` may show one in several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.funnels.arrange import Rows
from engine.funnels.plan import Plan
from engine.funnels.summary import maturity, steps_of
from engine.questions import FunnelGroup
from engine.workspace.model import Funnel

if TYPE_CHECKING:
    import polars as pl

ATTRIBUTIONS = ("first_touch", "last_touch", "all_events")


def touch_step(breakdown: str, plan: Plan) -> int | None:
    """`step:K` → K from 0, the other attributions → None.

    Raises: UsageError for anything else.
    """
    kind, _, number = breakdown.partition(":")
    if kind == "step" and number.isdecimal() and 1 <= int(number) <= plan.steps:
        return int(number) - 1
    if breakdown in ATTRIBUTIONS:
        return None
    known = f"first_touch, last_touch, all_events or step:1 … step:{plan.steps}"
    raise UsageError(f'--breakdown takes {known}, not "{breakdown}"')


def with_values(
    chosen: pl.DataFrame, rows: Rows, plan: Plan, breakdown: str, column: str = "by"
) -> pl.DataFrame:
    """`chosen` with its group in `column` (null: no value); with `step:K` entities without step K leave.

    Source: B1.
    """
    import polars as pl

    step = touch_step(breakdown, plan)
    bare = chosen.drop(column, strict=False)
    if step is not None:
        bare = bare.filter(pl.col(f"p{step + 1}").is_not_null())
        return bare.with_columns(rows.frame[column].gather(bare[f"p{step + 1}"]).alias(column))
    steps = (1 << plan.steps) - 1
    valued = rows.frame.filter(((pl.col("mask") & steps) != 0) & pl.col(column).is_not_null())
    ordered = valued.select("who", "ts", column).sort("who", "ts", maintain_order=True)
    keep = pl.col(column).first() if breakdown == "first_touch" else pl.col(column).last()
    values = ordered.group_by("who", maintain_order=True).agg(keep)
    return bare.join(values, on="who", how="left", maintain_order="left")


def members(
    chosen: pl.DataFrame,
    openings: pl.Series,
    rows: Rows,
    plan: Plan,
    *,
    breakdown: str,
    value: str | None,
) -> pl.Series:
    """Who belongs to one group.

    In:  what is counted; the events that open attempts (positions in `rows`, whose column `member` makes
         groups); the value of the group, None: no value.
    """
    import polars as pl

    if breakdown == "all_events":
        found = rows.frame[openings].select("who", "member")
    else:
        found = with_values(chosen, rows, plan, breakdown, "member")
    return found.filter(pl.col("member").eq_missing(value))["who"].unique()


def groups_of(
    found: pl.DataFrame, funnel: Funnel, plan: Plan, language: str, now_us: int
) -> tuple[FunnelGroup, ...]:
    """Steps, excluded and open of each value of `by`, largest group first, no value last."""
    groups = []
    for (value,), part in found.group_by("by"):
        steps = steps_of(part, funnel, plan, language)
        name, excluded = None if value is None else str(value), int(part["excluded"].sum())
        far = maturity(part, plan, now_us)
        groups.append(FunnelGroup(name, steps, excluded, far.open, far.mature_rate, far.observed_rate))
    return tuple(sorted(groups, key=lambda one: (one.value is None, -one.steps[0].persons, one.value or "")))
