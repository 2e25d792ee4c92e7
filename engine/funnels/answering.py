"""A question about a funnel → its answer.

attempts ─► representatives or entries ─► steps · groups · trend · cohorts · histogram · persons · checks
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.funnels import summary
from engine.funnels.afterwards import next_events
from engine.funnels.arrange import Rows
from engine.funnels.breakdown import groups_of, with_values
from engine.funnels.checks import checks
from engine.funnels.cohorts import cohorts
from engine.funnels.finding import Asked, Found, Part, choose, find_attempts, from_events
from engine.funnels.moments import local_days
from engine.funnels.parting import at_once
from engine.funnels.people import Persons, Telling, as_hex, listed, people
from engine.questions import (
    FunnelAnswer,
    FunnelCohort,
    FunnelGroup,
    FunnelPerson,
    FunnelPoint,
    FunnelQuery,
    Range,
)
from engine.store.tables import Tables
from engine.workspace.model import Workspace

if TYPE_CHECKING:
    import polars as pl


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
    return told(find_attempts(tables, workspace, query, now, language), persons)


def told(found: Found, persons: Persons = as_hex) -> FunnelAnswer:
    """The numbers of an answer."""
    asked, chosen, plan = found.asked, found.chosen, found.asked.plan
    query = asked.query
    steps = summary.steps_of(chosen, asked.funnel, plan, asked.language)
    far = summary.maturity(chosen, plan, asked.now_us)
    plain = FunnelAnswer(
        funnel=query.funnel,
        mode=plan.mode,
        window_seconds=None if plan.window_us is None else plan.window_us / summary.SECOND,
        steps=steps,
        excluded=int(chosen["excluded"].sum()),
        open=far.open,
        mature_rate=far.mature_rate,
        observed_rate=far.observed_rate,
        bottleneck=summary.bottleneck(steps),
        groups=_groups(found),
        trend=_trend(found) if query.grain is not None else (),
        cohorts=_cohorts(found) if query.cohorts is not None else (),
        histogram=_histogram(asked, chosen),
        persons=_people(asked, found.rows, chosen, persons),
        after=next_events(asked, chosen, query.after) if query.after is not None else (),
        version=asked.tables.version(("events",), query.range.first, None),
        enter=query.enter,
    )
    return replace(plain, checks=checks(plain, plan, asked.breakdown))


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


def _dated(found: Found, grain: summary.Grain) -> tuple[pl.DataFrame, list[date]]:
    """What is counted where each period is judged alone (`period`: the best attempt that started in it), and
    every period of the question."""
    import polars as pl

    asked, week_start = found.asked, found.asked.workspace.console.week_start
    period = summary.period_of(pl.col("day"), grain, week_start).alias("period")

    def chosen(part: Part) -> pl.DataFrame:
        days = local_days(part.attempts["began"], asked.plan.timezone)
        dated = part.attempts.with_columns(day=days).with_columns(period)
        return choose(replace(part, attempts=dated), asked, "period")

    span = _days(asked)
    periods = summary.periods(*span, grain, week_start) if span is not None else []
    return pl.concat(at_once(chosen, found.parts)), periods


def _between(asked: Asked) -> tuple[int | None, int]:
    """The steps (from 0) of trend and cohorts: an open funnel's entrants come in anywhere."""
    first, last = asked.query.steps or (1, asked.plan.required[-1] + 1)
    anywhere = asked.plan.anywhere and asked.query.steps is None
    return None if anywhere else first - 1, last - 1


def _trend(found: Found) -> tuple[FunnelPoint, ...]:
    asked = found.asked
    grain = asked.query.grain or "day"
    chosen, periods = _dated(found, grain)
    return summary.trend(
        chosen, asked.plan, _between(asked), all_periods=periods, grain=grain, now_us=asked.now_us
    )


def _cohorts(found: Found) -> tuple[FunnelCohort, ...]:
    asked = found.asked
    grain = asked.query.cohorts or "week"
    chosen, periods = _dated(found, grain)
    return cohorts(chosen, asked.plan, _between(asked), all_periods=periods, grain=grain, now_us=asked.now_us)


def _days(asked: Asked) -> tuple[date, date] | None:
    """The days of the question: its range, open ends as far as events go."""
    span: Range = asked.query.range
    held = asked.tables.days(("events",))
    first = span.first or (held[0] if held else None)
    last = span.last or (held[1] if held else None)
    return (first, last) if first is not None and last is not None and first <= last else None


def _groups(found: Found) -> tuple[FunnelGroup, ...]:
    """The groups of the breakdown, empty without a dimension."""
    import polars as pl

    asked, rows = found.asked, found.rows
    if asked.query.by is None or rows is None:
        return ()
    if asked.breakdown == "all_events":
        part = from_events(rows.frame, asked, (*asked.hold, "by"))
        inside = found.chosen["who"].unique().implode()
        part = replace(part, attempts=part.attempts.filter(pl.col("who").is_in(inside)))
        chosen = choose(part, asked, "by")
    else:
        chosen = with_values(found.chosen, rows, asked.plan, asked.breakdown)
    return groups_of(chosen, asked.funnel, asked.plan, asked.language, asked.now_us)
