"""Attempts kept per person, so that a funnel's totals cost what changed: the tables `attempts_<n>`.

`n` is the funnel's place in looptop.toml, from 1. Answered from events by the same search, without a table: a
funnel that counts a column (its entities are no persons, and a change touches persons), one whose predicates
need columns that the `events` relation does not hold in memory, an open one, one of a single question.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from engine.derive.table import Ask, DerivedTable, words
from engine.errors import ExpressionError, UnknownName
from engine.funnels.attempts import find
from engine.funnels.parting import at_once, parts_of
from engine.funnels.plan import Plan, plan_of
from engine.funnels.read import Reading
from engine.funnels.represent import in_order
from engine.funnels.summary import level_of
from engine.questions import Range
from engine.schema import EVENTS, Kind
from engine.store.duck import quote
from engine.store.select import Select
from engine.store.tables import Tables
from engine.workspace.model import Funnel, Workspace

if TYPE_CHECKING:
    import polars as pl

_NOT_HELD = frozenset({"event_id", "subject", "text", "file", "line"})
KINDS: dict[str, Kind] = {
    **{column.name: column.kind for column in EVENTS if column.name not in _NOT_HELD},
    "lts": "time",
    "day": "date",
    "amount": "money",
}
"""Columns of the `events` relation that need no look into the parts."""


def tables(
    workspace: Workspace,
    held: Mapping[str, Kind] = KINDS,
    relation: Callable[[Collection[str]], str] = lambda _: "events",
) -> tuple[DerivedTable, ...]:
    """One table of attempts per configured funnel that can be kept, keyed by person.

    In:  `held`, the columns that events have without a look into the parts (more than the default: props kept
         in memory, looked-up columns); `relation`, SQL of `events` with the columns that are asked for.
    """
    found = (_table(workspace, name, held, relation) for name in workspace.funnels)
    return tuple(table for table in found if table is not None)


def table_name(workspace: Workspace, funnel: str) -> str:
    """`attempts_<n>` of a funnel."""
    return f"attempts_{list(workspace.funnels).index(funnel) + 1}"


def _table(
    workspace: Workspace, name: str, held: Mapping[str, Kind], relation: Callable[[Collection[str]], str]
) -> DerivedTable | None:
    funnel = workspace.funnels[name]
    plan = plan_of(funnel, workspace.console.timezone, workspace.console.week_start)
    reading = Reading(funnel, plan, held)
    if funnel.count not in ("persons", "attempts"):
        return None
    try:
        reading.check()
        sql = reading.query(relation(reading.columns))
    except (ExpressionError, UnknownName):
        return None
    return DerivedTable(
        name=table_name(workspace, name),
        key="person",
        reads=("events",),
        columns=_columns(funnel),
        compute=lambda ask: compute(ask, sql, plan, funnel),
        definition=f"{sql} {plan!r}",
        uses=tuple(
            name for name in ("person", "part", "row", *held) if name in words(sql) or quote(name) in sql
        ),
        doc=f'attempts at funnel "{name}": one row per opening, times in microseconds (UTC)',
    )


def _columns(funnel: Funnel) -> tuple[tuple[str, str], ...]:
    later = tuple((f"t{k}", "BIGINT") for k in range(2, len(funnel.steps) + 1))
    return (
        ("person", "UBIGINT"), ("day", "DATE"), ("start", "BIGINT"), ("until", "BIGINT"),
        ("reached", "UTINYINT"), ("level", "UTINYINT"), ("done", "BIGINT"), ("tainted", "BOOLEAN"), *later,
    )  # fmt: skip


def compute(ask: Ask, sql: str, plan: Plan, funnel: Funnel) -> pl.DataFrame:
    """Events of some persons → their rows of the table."""
    import polars as pl

    unit = ("who", *(f"hold_{i}" for i in range(len(funnel.hold))))
    found = at_once(lambda some: find(some, plan, unit)[1], parts_of(ask(sql)))
    attempts = pl.concat(found)
    renamed = (
        attempts.with_columns(level_of(plan).alias("level"))
        .drop("start")
        .rename({"who": "person", "began": "start", "count": "reached"})
    )
    return renamed.select(name for name, _ in _columns(funnel))


def kept_attempts(tables: Tables, workspace: Workspace, funnel: Funnel, span: Range) -> pl.DataFrame | None:
    """Attempts that started in a range of days, from their table; None where there is no such table."""
    import polars as pl

    if funnel.count not in ("persons", "attempts") or f"funnel.{funnel.name}" in workspace.adhoc:
        return None
    name = table_name(workspace, funnel.name)
    try:
        held = tables.columns(name)
    except UnknownName:
        return None
    if not {column for column, _ in _columns(funnel)} <= set(held):
        return None
    days = ((">=", span.first), ("<=", span.last))
    later = [f"t{k}" for k in range(2, len(funnel.steps) + 1)]
    names = {"who": "person", "began": "start", "until": "until", "count": "reached", "done": "done"}
    names |= {"day": "day", "tainted": "tainted", "t1": "start", **{name: name for name in later}}
    query = Select(
        quote(name),
        columns=tuple((quote(column), alias) for alias, column in names.items()),
        where=tuple(f"day {sign} DATE '{day.isoformat()}'" for sign, day in days if day is not None),
    )
    found = tables.frame(query.sql()).with_columns(entrance=pl.lit(0, dtype=pl.UInt8))
    required = [f"t{k + 1}" for k, step in enumerate(funnel.steps) if not step.optional]
    return in_order(found, found["who"], found.select(required))
