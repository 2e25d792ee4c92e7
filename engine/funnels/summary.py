"""Representative attempts → the numbers of an answer: steps, bottleneck, maturity, trend, histogram.

Times are microseconds in, seconds out. Excluded rows stand in no number but `excluded`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
QUANTILES = (0.5, 0.75, 0.9)
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
    there = pl.col("count") >= plan.count_at(step)
    return there & (pl.col("entrance") <= step) if plan.anywhere else there


def level_of(plan: Plan) -> pl.Expr:
    """The number (from 1) of the last required step that an attempt has."""
    import polars as pl

    numbers = {plan.count_at(step): step + 1 for step in plan.required}
    if all(count == number for count, number in numbers.items()):
        return pl.col("count")
    return pl.col("count").replace_strict(numbers, return_dtype=pl.UInt8)


def steps_of(chosen: pl.DataFrame, funnel: Funnel, plan: Plan, language: str) -> tuple[FunnelStep, ...]:
    """All steps of one group: persons (O4: never more than at the required step before, unless one may enter
    anywhere), rates and times."""
    import polars as pl

    kept = chosen.filter(~pl.col("excluded"))
    asked: list[pl.Expr] = [pl.len().alias("n")]
    for step in range(plan.steps):
        there = reached(plan, step)
        asked += [there.sum().alias(f"n{step}"), (pl.col("entrance") == step).sum().alias(f"e{step}")]
        before = plan.previous(step)
        if before is None:
            continue
        both = there & reached(plan, before)
        took = (pl.col(f"t{step + 1}") - pl.col(f"t{before + 1}")).filter(both)
        asked += [both.sum().alias(f"c{step}"), took.cast(pl.Int128).sum().alias(f"a{step}")]
        asked += [
            took.quantile(share, interpolation="linear").alias(f"q{share}_{step}") for share in QUANTILES
        ]
    numbers = kept.select(asked).row(0, named=True)
    return tuple(_step(numbers, funnel, plan, step, language) for step in range(plan.steps))


def _step(numbers: dict[str, float], funnel: Funnel, plan: Plan, step: int, language: str) -> FunnelStep:
    persons, before = int(numbers[f"n{step}"]), plan.previous(step)
    base, went = 0, 0
    if before is not None:
        base, went = int(numbers[f"n{before}"]), int(numbers[f"c{step}"])
    median, p75, p90 = (_seconds(numbers.get(f"q{share}_{step}")) for share in QUANTILES)
    return FunnelStep(
        step=step + 1,
        label=label_of(funnel, step, language),
        persons=persons,
        of_first=ratio(persons, int(numbers["n"])),
        of_previous=None if before is None else ratio(went, base),
        dropped=base - went,
        avg_seconds=numbers[f"a{step}"] / went / SECOND if went else None,
        median_seconds=median,
        p75_seconds=p75,
        p90_seconds=p90,
        target=funnel.steps[step].target,
        benchmark=funnel.steps[step].benchmark,
        benchmark_source=funnel.steps[step].benchmark_source,
        optional=funnel.steps[step].optional,
        entered=int(numbers[f"e{step}"]),
    )


def _seconds(us: float | None) -> float | None:
    return None if us is None else us / SECOND


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


@dataclass(frozen=True, slots=True)
class Maturity:
    """Entrants: how many, how many of them converted, how many may still convert; and the mature rate."""

    entered: int
    converted: int
    open: int
    mature_rate: float | None

    @property
    def observed_rate(self) -> float | None:
        """Converted / entered, those who may still convert included."""
        return ratio(self.converted, self.entered)


def maturity_of(won: pl.Expr, now_us: int) -> list[pl.Expr]:
    """Sums over entrants: entered, converted, open, mature, mature_won.

    A converted entrant is mature when the window of the attempt that converted has closed, so that early
    converters of a young cohort do not raise the rate.
    """
    import polars as pl

    closed = pl.when(won).then(pl.col("until") <= now_us).otherwise(pl.col("latest") <= now_us)
    return [
        pl.len().alias("entered"),
        won.sum().alias("converted"),
        (~won & (pl.col("latest") > now_us)).sum().alias("open"),
        closed.sum().alias("mature"),
        (won & closed).sum().alias("mature_won"),
    ]


def maturity(chosen: pl.DataFrame, plan: Plan, now_us: int) -> Maturity:
    """How far the entrants of one group are, as of the watermark."""
    import polars as pl

    kept = chosen.filter(~pl.col("excluded"))
    return _maturity(*kept.select(maturity_of(converted(plan), now_us)).row(0))


def _maturity(entered: int, won: int, opened: int, mature: int, mature_won: int) -> Maturity:
    return Maturity(entered, won, opened, ratio(mature_won, mature))


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


def named(start: date, grain: Grain) -> str:
    """A period by its first day, as `looptop metrics` names it."""
    return f"{start:%Y-%m}" if grain == "month" else start.isoformat()


def trend(
    chosen: pl.DataFrame,
    plan: Plan,
    steps: tuple[int | None, int],
    *,
    all_periods: list[date],
    grain: Grain,
    now_us: int,
) -> tuple[FunnelPoint, ...]:
    """Entered, converted and open by period, in: representatives per who and `period`; empty periods as 0.

    In:  the two steps (from 0); without the first one all entrants count.
    """
    import polars as pl

    kept = chosen.filter(~pl.col("excluded") & (True if steps[0] is None else reached(plan, steps[0])))
    sums = kept.group_by("period").agg(maturity_of(reached(plan, steps[1]), now_us))
    by_period = {row[0]: _maturity(*row[1:]) for row in sums.iter_rows()}
    points = []
    for start in all_periods:
        one = by_period.get(start) or Maturity(0, 0, 0, None)
        name = named(start, grain)
        points.append(
            FunnelPoint(name, one.entered, one.converted, one.observed_rate, one.open, one.mature_rate)
        )
    return tuple(points)
