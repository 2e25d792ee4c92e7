"""A question about a funnel → its attempts (from their table where that suffices), and what is counted.

question ─► asked ─► attempts in parts (table, or events ─► arrange ─► search) ─► representatives or entries
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.errors import UnknownName, UsageError
from engine.expressions import parse
from engine.funnels.arrange import Rows, arrange
from engine.funnels.attempts import attempts_of, timed
from engine.funnels.breakdown import members, touch_step
from engine.funnels.moments import day_start
from engine.funnels.parting import at_once, parts_of
from engine.funnels.plan import Plan, plan_of
from engine.funnels.read import Reading
from engine.funnels.represent import representatives
from engine.funnels.stored import kept_attempts
from engine.funnels.summary import SECOND
from engine.funnels.totals import entries
from engine.questions import FunnelQuery
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
    def entity(self) -> str:
        """What is counted: `person`, or a column."""
        return "person" if self.funnel.count in ("persons", "attempts") else self.funnel.count

    @property
    def counts_attempts(self) -> bool:
        """Whether every entry of an entity counts."""
        return self.funnel.count == "attempts"

    @property
    def breakdown(self) -> str:
        """How an entity gets its group."""
        return self.query.breakdown or self.funnel.breakdown


@dataclass(frozen=True, slots=True)
class Part:
    """Attempts of some persons, and the events that they were found in; None where they come from a table."""

    rows: Rows | None
    attempts: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Found:
    """All attempts of a question in parts, and what is counted of them: `chosen`, with t1 … tn."""

    asked: Asked
    parts: tuple[Part, ...]
    chosen: pl.DataFrame

    @property
    def rows(self) -> Rows | None:
        """The events that the attempts were found in, where the question needs them."""
        return self.parts[0].rows if len(self.parts) == 1 else None


def find_attempts(
    tables: Tables, workspace: Workspace, query: FunnelQuery, now: datetime, language: str | None = None
) -> Found:
    """The attempts that a question is answered from. In, raises: as `answer`."""
    import polars as pl

    asked = asked_of(tables, workspace, query, now, language)
    kept = None
    bare = query.by is None and query.where is None and query.member is None
    if bare and query.persons is None and not asked.plan.anywhere:
        kept = kept_attempts(tables, workspace, asked.funnel, query.range)
    if kept is not None:
        return Found(asked, (Part(None, kept),), choose(Part(None, kept), asked))
    frame = read(asked)
    whole = query.by is not None or query.persons is not None
    found = at_once(lambda some: _with_chosen(some, asked), [frame] if whole else parts_of(frame))
    return Found(asked, tuple(part for part, _ in found), pl.concat(chosen for _, chosen in found))


def _with_chosen(frame: pl.DataFrame, asked: Asked) -> tuple[Part, pl.DataFrame]:
    import polars as pl

    part = from_events(frame, asked, asked.hold)
    chosen = choose(part, asked)
    if asked.query.member is None or part.rows is None:
        return part, chosen
    value, openings = asked.query.member[1], part.attempts["start"]
    inside = members(chosen, openings, part.rows, asked.plan, breakdown=asked.breakdown, value=value)
    part = Part(part.rows, part.attempts.filter(pl.col("who").is_in(inside.implode())))
    return part, choose(part, asked)


def asked_of(
    tables: Tables, workspace: Workspace, query: FunnelQuery, now: datetime, language: str | None
) -> Asked:
    """A question resolved and checked. In, raises: as `answer`."""
    funnel = workspace.funnels.get(query.funnel)
    if funnel is None:
        raise UnknownName("funnel", query.funnel, workspace.funnels)
    console = workspace.console
    plan = plan_of(funnel, console.timezone, console.week_start, anywhere=query.enter == "any")
    now_us = int((now - EPOCH).total_seconds()) * SECOND + now.microsecond
    asked = Asked(tables, workspace, query, funnel, plan, now_us, language or console.language or "en")
    for option, pair in (("--steps", query.steps), ("--hist", query.hist)):
        if pair is not None and not 1 <= pair[0] <= pair[1] <= plan.steps:
            raise UsageError(
                f"{option} takes two steps from 1 to {plan.steps} in order, not {pair[0]},{pair[1]}"
            )
    if query.after is not None and not 1 <= query.after <= plan.steps:
        raise UsageError(f"what came after a step is known of steps 1 to {plan.steps}, not of {query.after}")
    touch_step(asked.breakdown, plan)
    return asked


def choose(part: Part, asked: Asked, *more: str) -> pl.DataFrame:
    """What is counted: one representative attempt per entity, or every entry of its own."""
    if asked.counts_attempts:
        chosen = entries(part.attempts, asked.plan, more)
    else:
        chosen = representatives(part.attempts, asked.plan, ("who", *more))
    return chosen if part.rows is None else timed(chosen, part.rows, asked.plan)


def read(asked: Asked, *, values: Sequence[str] = (), at: int = 0) -> pl.DataFrame:
    """The events that take part.

    In:  columns whose values are wanted of the events that fill a step (from 0), as `value_i`.
    """
    query, plan = asked.query, asked.plan
    reading = Reading(
        funnel=asked.funnel,
        plan=plan,
        kinds=asked.tables.columns("events"),
        where=parse(query.where) if query.where is not None else None,
        by=query.by,
        range=query.range,
        lineage=query.persons is not None,
        values=tuple(values),
        at=at,
        only=query.only if query.persons is not None else (),
        member=query.member[0] if query.member is not None else None,
    )
    reading.check()
    return asked.tables.frame(reading.query(asked.tables.relation("events", reading.columns)))


def from_events(frame: pl.DataFrame, asked: Asked, unit: tuple[str, ...]) -> Part:
    """Arranged events and the attempts started in the range; with a dimension also the opening's `by`."""
    import polars as pl

    query, plan = asked.query, asked.plan
    rows = arrange(frame, plan, ("who", *unit))
    attempts = attempts_of(rows, plan)
    first, last = query.range.first, query.range.last
    if first is not None:
        attempts = attempts.filter(pl.col("began") >= day_start(first, plan.timezone))
    if last is not None:
        attempts = attempts.filter(pl.col("began") < day_start(last + timedelta(days=1), plan.timezone))
    if query.by is not None:
        attempts = attempts.with_columns(by=rows.frame["by"].gather(attempts["start"]))
    return Part(rows, attempts)
