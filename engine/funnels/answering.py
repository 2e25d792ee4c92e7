"""A question about a funnel → its answer: from the kept attempts where they suffice, else from events.

attempts (table or events) ─► representatives or entries ─► steps · groups · trend · histogram · persons
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.errors import UnknownName, UsageError
from engine.expressions import parse
from engine.funnels import summary
from engine.funnels.arrange import Rows
from engine.funnels.attempts import find
from engine.funnels.breakdown import groups_of, touch_step, with_values
from engine.funnels.people import Persons, Telling, as_hex, listed, people
from engine.funnels.plan import Plan, plan_of
from engine.funnels.read import Reading
from engine.funnels.represent import representatives
from engine.funnels.stored import kept_attempts
from engine.funnels.totals import entries
from engine.questions import FunnelAnswer, FunnelGroup, FunnelPerson, FunnelPoint, FunnelQuery, Range
from engine.store.tables import Tables
from engine.workspace.model import Funnel, Workspace

if TYPE_CHECKING:
    import polars as pl

EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with everything that it needs to be answered."""

    tables: Tables
    workspace: Workspace
    query: FunnelQuery
    funnel: Funnel
    plan: Plan
    now_us: int
    language: str

    @property
    def hold(self) -> tuple[str, ...]:
        """The columns that a unit has besides the entity."""
        return tuple(f"hold_{i}" for i in range(len(self.funnel.hold)))

    @property
    def breakdown(self) -> str:
        """How an entity gets its group."""
        return self.query.breakdown or self.funnel.breakdown


def answer(
    tables: Tables,
    workspace: Workspace,
    query: FunnelQuery,
    now: datetime,
    *,
    persons: Persons = as_hex,
    language: str | None = None,
) -> FunnelAnswer:
    """The answer to one funnel question.

    In:  `now`, the watermark that windows are open or closed at (naive UTC); `persons`, display ids of keys.
    Raises: UnknownName, UsageError, ExpressionError, StoreError.
    """
    asked = _asked(tables, workspace, query, now, language)
    kept = None
    if query.by is None and query.where is None and query.persons is None:
        kept = kept_attempts(tables, workspace, asked.funnel, query.range)
    rows, attempts = (None, kept) if kept is not None else from_events(asked, asked.hold)
    chosen = choose(attempts, asked)
    plan = asked.plan
    steps = summary.steps_of(chosen, asked.funnel, plan, asked.language)
    opened, mature_rate = summary.maturity(chosen, plan, asked.now_us)
    return FunnelAnswer(
        funnel=query.funnel,
        mode=plan.mode,
        window_seconds=None if plan.window_us is None else plan.window_us / summary.SECOND,
        steps=steps,
        excluded=int(chosen["excluded"].sum()),
        open=opened,
        mature_rate=mature_rate,
        bottleneck=summary.bottleneck(steps),
        groups=_groups(asked, rows, chosen),
        trend=_trend(asked, attempts) if query.grain is not None else (),
        histogram=_histogram(asked, chosen),
        persons=_people(asked, rows, chosen, persons),
        version=tables.version(("events",), query.range.first, None),
    )


def _asked(
    tables: Tables, workspace: Workspace, query: FunnelQuery, now: datetime, language: str | None
) -> Asked:
    funnel = workspace.funnels.get(query.funnel)
    if funnel is None:
        raise UnknownName("funnel", query.funnel, workspace.funnels)
    console = workspace.console
    plan = plan_of(funnel, console.timezone, console.week_start)
    now_us = int((now - EPOCH).total_seconds()) * summary.SECOND + now.microsecond
    asked = Asked(tables, workspace, query, funnel, plan, now_us, language or console.language or "en")
    for option, pair in (("--steps", query.steps), ("--hist", query.hist)):
        if pair is not None and not 1 <= pair[0] <= pair[1] <= plan.steps:
            raise UsageError(
                f"{option} takes two steps from 1 to {plan.steps} in order, not {pair[0]},{pair[1]}"
            )
    touch_step(asked.breakdown, plan)
    return asked


def choose(attempts: pl.DataFrame, asked: Asked, *more: str) -> pl.DataFrame:
    """What is counted: one representative attempt per entity, or every entry of its own."""
    if asked.funnel.count == "attempts":
        return entries(attempts, asked.plan, more)
    return representatives(attempts, asked.plan, ("who", *more))


def from_events(asked: Asked, unit: tuple[str, ...]) -> tuple[Rows, pl.DataFrame]:
    """Arranged events and the attempts started in the range; with a dimension also the opening's `by`."""
    import polars as pl

    query = asked.query
    reading = Reading(
        funnel=asked.funnel,
        plan=asked.plan,
        kinds=asked.tables.columns("events"),
        where=parse(query.where) if query.where is not None else None,
        by=query.by,
        range=query.range,
        lineage=query.persons is not None,
    )
    reading.check()
    sql = reading.query(asked.tables.relation("events", reading.columns))
    rows, attempts = find(asked.tables.frame(sql), asked.plan, ("who", *unit))
    first, last = query.range.first, query.range.last
    if first is not None:
        attempts = attempts.filter(pl.col("day") >= first)
    if last is not None:
        attempts = attempts.filter(pl.col("day") <= last)
    if query.by is not None:
        attempts = attempts.with_columns(by=rows.frame["by"].gather(attempts["start"]))
    return rows, attempts


def _histogram(asked: Asked, chosen: pl.DataFrame) -> tuple[tuple[float, int], ...]:
    pair = asked.query.hist
    return () if pair is None else summary.histogram(chosen, asked.plan, pair[0] - 1, pair[1] - 1)


def _people(
    asked: Asked, rows: Rows | None, chosen: pl.DataFrame, persons: Persons
) -> tuple[FunnelPerson, ...]:
    if asked.query.persons is None or rows is None:
        return ()
    labels = [summary.label_of(asked.funnel, step, asked.language) for step in range(asked.plan.steps)]
    found = listed(chosen, asked.plan, asked.query)
    telling = Telling(asked.plan, labels, asked.now_us, asked.language)
    return people(asked.tables, rows, found, telling, persons)


def _trend(asked: Asked, attempts: pl.DataFrame) -> tuple[FunnelPoint, ...]:
    """Each period judged alone: the best attempt that started in it."""
    import polars as pl

    query, plan, week_start = asked.query, asked.plan, asked.workspace.console.week_start
    grain = query.grain or "day"
    dated = attempts.with_columns(period=summary.period_of(pl.col("day"), grain, week_start))
    first, last = query.steps or (1, plan.required[-1] + 1)
    days = _days(asked)
    all_periods = summary.periods(*days, grain, week_start) if days is not None else []
    chosen = choose(dated, asked, "period")
    return summary.trend(
        chosen, plan, (first - 1, last - 1), all_periods=all_periods, grain=grain, now_us=asked.now_us
    )


def _days(asked: Asked) -> tuple[date, date] | None:
    """The days of the question: its range, open ends as far as events go."""
    span: Range = asked.query.range
    held = asked.tables.days(("events",))
    first = span.first or (held[0] if held else None)
    last = span.last or (held[1] if held else None)
    return (first, last) if first is not None and last is not None and first <= last else None


def _groups(asked: Asked, rows: Rows | None, chosen: pl.DataFrame) -> tuple[FunnelGroup, ...]:
    """The groups of the breakdown, empty without a dimension."""
    if asked.query.by is None or rows is None:
        return ()
    if asked.breakdown == "all_events":
        _, attempts = from_events(asked, (*asked.hold, "by"))
        found = choose(attempts, asked, "by")
    else:
        found = with_values(chosen, rows, asked.plan, asked.breakdown)
    return groups_of(found, asked.funnel, asked.plan, asked.language)
