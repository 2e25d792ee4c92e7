"""Representative attempts → the numbers of an answer: steps, bottleneck, maturity, trend, histogram.

Times are microseconds in, seconds out. Excluded rows stand in no number but `excluded`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil
from typing import TYPE_CHECKING, Literal

from engine.funnels.plan import Plan
from engine.questions import FunnelPoint, FunnelStep
from engine.workspace.model import Funnel

if TYPE_CHECKING:
    import polars as pl

SECOND = 1_000_000
MOST_BINS = 90
Grain = Literal["day", "week", "month"]


def label_of(funnel: Funnel, step: int, language: str) -> str:
    """What a step is called: its label, else its events."""
    found = funnel.steps[step]
    if isinstance(found.label, str):
        return found.label
    if isinstance(found.label, Mapping) and found.label:
        return found.label.get(language) or found.label.get("en") or next(iter(found.label.values()))
    where = found.where.text if found.where is not None else ""
    return " / ".join(found.events) or where or "*"


def reached(plan: Plan, step: int) -> pl.Expr:
    """Whether an attempt has a step (from 0): a required one by its count, an optional one by its time."""
    import polars as pl

    if step in plan.optional:
        return pl.col(f"t{step + 1}").is_not_null()
    return pl.col("count") >= plan.count_at(step)


def steps_of(chosen: pl.DataFrame, funnel: Funnel, plan: Plan, language: str) -> tuple[FunnelStep, ...]:
    """All steps of one group: persons (O4: never more than at the required step before), rates and times."""
    import polars as pl

    kept = chosen.filter(~pl.col("excluded"))
    asked: list[pl.Expr] = []
    for step in range(plan.steps):
        there = reached(plan, step)
        asked.append(there.sum().alias(f"n{step}"))
        before = plan.previous(step)
        if before is None:
            continue
        took = (pl.col(f"t{step + 1}") - pl.col(f"t{before + 1}")).filter(there) / SECOND
        asked += [took.mean().alias(f"a{step}"), took.median().alias(f"m{step}")]
        asked.append(took.quantile(0.9, interpolation="linear").alias(f"q{step}"))
    numbers = kept.select(asked).row(0, named=True)
    return tuple(_step(numbers, funnel, plan, step, language) for step in range(plan.steps))


def _step(numbers: dict[str, float], funnel: Funnel, plan: Plan, step: int, language: str) -> FunnelStep:
    persons, before = int(numbers[f"n{step}"]), plan.previous(step)
    base = int(numbers[f"n{before}"]) if before is not None else None
    return FunnelStep(
        step=step + 1,
        label=label_of(funnel, step, language),
        persons=persons,
        of_first=ratio(persons, int(numbers["n0"])),
        of_previous=None if base is None else ratio(persons, base),
        dropped=0 if base is None else base - persons,
        avg_seconds=numbers.get(f"a{step}"),
        median_seconds=numbers.get(f"m{step}"),
        p90_seconds=numbers.get(f"q{step}"),
        target=funnel.steps[step].target,
        benchmark=funnel.steps[step].benchmark,
        benchmark_source=funnel.steps[step].benchmark_source,
        optional=funnel.steps[step].optional,
    )


def ratio(part: int, whole: int) -> float | None:
    """part / whole; None for an empty whole.

    >>> ratio(1, 4), ratio(0, 0)
    (0.25, None)
    """
    return part / whole if whole else None


def bottleneck(steps: tuple[FunnelStep, ...]) -> int | None:
    """The required step furthest below its target in proportion, else benchmark, else of lowest rate."""
    rated = [(step, step.of_previous) for step in steps if not step.optional and step.of_previous is not None]
    for aim in ("target", "benchmark"):
        below = [
            (rate / goal, step.step) for step, rate in rated if (goal := getattr(step, aim)) and rate < goal
        ]
        if below:
            return min(below)[1]
    return min(((rate, step.step) for step, rate in rated), default=(0, None))[1]


def converted(plan: Plan) -> pl.Expr:
    """Whether an attempt has every required step."""
    return reached(plan, plan.required[-1])


def maturity(chosen: pl.DataFrame, plan: Plan, now_us: int) -> tuple[int, float | None]:
    """Open entrants (not converted, a window still runs) and the rate among those whose windows have closed.

    A converted entrant is mature when the window of the attempt that converted has closed, so that early
    converters of a young cohort do not raise the rate.
    """
    import polars as pl

    kept = chosen.filter(~pl.col("excluded"))
    won = converted(plan)
    opened, mature, mature_won = kept.select(
        (~won & (pl.col("latest") > now_us)).sum().alias("open"),
        pl.when(won)
        .then(pl.col("until") <= now_us)
        .otherwise(pl.col("latest") <= now_us)
        .sum()
        .alias("mature"),
        (won & (pl.col("until") <= now_us)).sum().alias("won"),
    ).row(0)
    return int(opened), ratio(int(mature_won), int(mature))


def histogram(chosen: pl.DataFrame, plan: Plan, i: int, j: int) -> tuple[tuple[float, int], ...]:
    """Times from step i to step j (from 0): min(90, ⌈∛n⌉) bins of whole seconds, closed left.

    The last entry starts at min + b·width: b bins have b + 1 edges. Source: the cube-root rule.
    """
    import polars as pl

    kept = chosen.filter(~pl.col("excluded") & reached(plan, i) & reached(plan, j))
    took = (kept[f"t{j + 1}"] - kept[f"t{i + 1}"]).drop_nulls().to_list()
    if not took:
        return ()
    low, high = min(took), max(took)
    bins = min(MOST_BINS, _cube_root_up(len(took)))
    width = ceil((high - low) / (bins * SECOND)) * SECOND
    if not width:
        return ((low / SECOND, len(took)),)
    counts = [0] * (bins + 1)
    for value in took:
        counts[(value - low) // width] += 1
    return tuple(((low + at * width) / SECOND, count) for at, count in enumerate(counts))


def _cube_root_up(n: int) -> int:
    root = 1
    while root**3 < n:
        root += 1
    return root


def period_of(day: pl.Expr, grain: Grain, week_start: int) -> pl.Expr:
    """The first day of the period that a day falls in."""
    if grain == "week":
        return day.dt.offset_by(f"-{week_start}d").dt.truncate("1w").dt.offset_by(f"{week_start}d")
    return day.dt.truncate("1mo") if grain == "month" else day


def periods(first: date, last: date, grain: Grain, week_start: int) -> list[date]:
    """The first day of every period that the days from `first` to `last` touch."""
    found, day = [], first
    while day <= last:
        if grain == "week":
            start = day - timedelta(days=(day.weekday() - week_start) % 7)
            following = start + timedelta(days=7)
        elif grain == "month":
            start = day.replace(day=1)
            following = (start + timedelta(days=32)).replace(day=1)
        else:
            start, following = day, day + timedelta(days=1)
        found.append(start)
        day = following
    return found


def trend(
    chosen: pl.DataFrame,
    plan: Plan,
    steps: tuple[int, int],
    *,
    all_periods: list[date],
    grain: Grain,
    now_us: int,
) -> tuple[FunnelPoint, ...]:
    """Entered, converted and open by period, in: representatives per who and `period`; empty periods as 0."""
    import polars as pl

    kept = chosen.filter(~pl.col("excluded") & reached(plan, steps[0]))
    won = reached(plan, steps[1])
    sums = kept.group_by("period").agg(
        entered=pl.len(), converted=won.sum(), open=(~won & (pl.col("latest") > now_us)).sum()
    )
    by_period = {row[0]: row[1:] for row in sums.iter_rows()}
    points = []
    for start in all_periods:
        entered, done, opened = by_period.get(start, (0, 0, 0))
        name = f"{start:%Y-%m}" if grain == "month" else start.isoformat()
        points.append(FunnelPoint(name, int(entered), int(done), ratio(int(done), int(entered)), int(opened)))
    return tuple(points)
