"""What stands behind one measure: the rows of its table, the rules that they pass, the facts that they are.

facts:  a row of events, spend or profiles is a fact and contributes itself.
units:  a row of a table of visits or persons is a unit; its facts are found again in the events, and the
        first of them stands for what the unit contributes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.expressions import Expression, SqlColumn, to_sql
from engine.metrics.period import Slot
from engine.metrics.plan import Measure
from engine.metrics.shapes import Route, columns, general, physical
from engine.schema import Table
from engine.store.duck import quote, text_literal
from engine.store.select import Fragment, Select

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Console

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a row has to meet: a name and text for people, SQL over the alias `r`."""

    name: str
    text: str
    sql: str


@dataclass(frozen=True, slots=True)
class Facts:
    """How the facts of a unit are found: `on` joins the events `e` to the chosen units `c`.

    `relation`: events or credited. `key`: columns of `c` that name a unit. `first`, `last`: days that hold
    all of its facts (None: open), so that no others are read.
    """

    relation: str
    on: str
    key: tuple[str, ...]
    columns: tuple[Fragment, ...]
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Behind:
    """A measure in a slot. `rows`: the relation as `r` with the conditions of the slot, without columns."""

    table: Table
    rows: Select
    rules: tuple[Rule, ...]
    value: str
    """SQL over `r`: what a row contributes; of distinct values, the value."""
    once: bool = False
    """Whether rows with an equal value contribute one between them."""
    facts: Facts | None = None
    """None: rows are facts."""
    channel: str = "channel"
    """The column of the channel that a fact is counted to."""


def where_rules(measure: Measure, asked: Expression | None, known: dict[str, SqlColumn]) -> tuple[Rule, ...]:
    """The metric's own filter, then the question's.

    Raises: UnknownName, UsageError for a filter that the table cannot answer.
    """
    given = (("metric", measure.where), ("where", asked))
    return tuple(
        Rule(name, each.text, to_sql(each, known, want="boolean")) for name, each in given if each is not None
    )


def in_slot(route: Route, slot: Slot) -> Select:
    """The conditions of a slot over `r`, on a relation that is still to be named."""
    days = Select("", where=(f"{route.day} BETWEEN ? AND ?",), params=(slot.first, slot.last))
    if slot.hour is None:
        return days
    moment = route.moment
    return days.also(f"{moment} >= ? AND {moment} < ?", params=(slot.hour, slot.hour + HOUR))


def facts_of(
    tables: Tables, measure: Measure, asked: Expression | None, slot: Slot, console: Console
) -> Behind:
    """What stands behind a measure over events, spend or profiles."""
    route = general(measure)
    names = set(measure.where.columns if measure.where else ()) | set(asked.columns if asked else ())
    names |= {measure.column} if measure.column else set()
    known = columns(tables, route, names, ZoneInfo(console.timezone))
    relation = tables.relation(route.relation, physical(tables, names, route))
    value = known[measure.column].sql if measure.column else "1"
    rules = where_rules(measure, asked, known)
    distinct = measure.agg == "count_distinct"
    if measure.column is not None and measure.agg != "only":
        rules += _filled(measure, known[measure.column], console.currency)
    if measure.agg == "count":
        value = "1"
    table: Table = (
        "spend" if measure.table == "spend" else "profiles" if measure.table == "profiles" else "events"
    )
    return Behind(
        table,
        replace(in_slot(route, slot), relation=f"{relation} AS r"),
        rules,
        value,
        distinct,
        channel="c_channel" if route.relation == "credited" else "channel",
    )


def _filled(measure: Measure, column: SqlColumn, currency: str) -> tuple[Rule, ...]:
    """Rows without the value that is added up: no person, no rate for their money, or just nothing."""
    name = str(measure.column)
    if measure.agg == "count_distinct" and name == "person":
        return (Rule("person", "", "r.person IS NOT NULL"),)
    filled = Rule("empty", name, f"{column.sql} IS NOT NULL")
    if measure.table == "events" and name == "value":
        return (Rule("rate", currency, "r.value IS NULL OR r.amount IS NOT NULL"), filled)
    if measure.table == "spend" and name in ("cost", "conversion_value"):
        rated = (
            "SELECT 1 FROM rates x WHERE x.currency = r.currency AND r.day BETWEEN x.first_day AND x.last_day"
        )
        home = f"r.currency IS NULL OR r.currency = {text_literal(currency)}"
        return (Rule("rate", currency, f"{column.sql} IS NOT NULL OR {home} OR EXISTS ({rated})"), filled)
    return (filled,)


def passing(behind: Behind) -> Select:
    """The rows that pass every rule."""
    return behind.rows.also(*(rule.sql for rule in behind.rules))


def counted(behind: Behind, group: str = "") -> Select:
    """How many rows there are, and how many are left after each rule; per value of `group` (SQL over `r`)."""
    flags = tuple((f"coalesce(({rule.sql}), FALSE)", f"k{n}") for n, rule in enumerate(behind.rules))
    inner = replace(behind.rows, columns=((group or "0", "g"), *flags))
    left: list[Fragment] = [("o.g", "g"), ("count(*)", "n")]
    for number in range(len(flags)):
        kept = " AND ".join(f"o.k{n}" for n in range(number + 1))
        left.append((f"count(*) FILTER (WHERE {kept})", f"n{number}"))
    return Select(f"({inner.sql()}) AS o", tuple(left), group=("o.g",), params=inner.params)


_PLACE: tuple[Fragment, ...] = (("p.source", "source"), ("p.file", "file"), ("f.line", "line"))


def lines(behind: Behind, limit: int | None) -> Select:
    """The facts by file and line: source, file, line, value, ts, event, channel, person, part, row."""
    found = _of_units(behind, behind.facts) if behind.facts is not None else _of_rows(behind)
    return Select(
        f"({found.sql()}) AS f",
        (
            *_PLACE,
            *((f"f.{name}", name) for name in ("v", "ts", "event", "channel", "person", "part", "row")),
        ),
        ("JOIN parts p ON p.part = f.part",),
        order=("p.file", "f.line", "f.row"),
        limit=limit,
        params=found.params,
    )


def per_part(behind: Behind) -> Select:
    """How many facts of each part are in the number."""
    found = _of_units(behind, behind.facts) if behind.facts is not None else _of_rows(behind)
    return Select(
        f"({found.sql()}) AS f",
        (("f.part", "part"), ("count(*)", "n")),
        group=("f.part",),
        params=found.params,
    )


def _of_rows(behind: Behind) -> Select:
    persons = behind.table != "spend"
    first = f"row_number() OVER (PARTITION BY {behind.value} ORDER BY p.file, r.line, r.row)"
    value = f"CASE {first} WHEN 1 THEN 1 END" if behind.once else behind.value
    return replace(
        passing(behind),
        columns=(
            *((f"r.{name}", name) for name in ("part", "row", "line", "ts")),
            ("r.event" if behind.table == "events" else "CAST(NULL AS VARCHAR)", "event"),
            (f"r.{behind.channel}" if behind.table != "profiles" else "CAST(NULL AS VARCHAR)", "channel"),
            ("r.person" if persons else "CAST(NULL AS UBIGINT)", "person"),
            (value, "v"),
        ),
        joins=("JOIN parts p ON p.part = r.part",) if behind.once else (),
    )


def _of_units(behind: Behind, facts: Facts) -> Select:
    chosen = replace(passing(behind), columns=(*facts.columns, (behind.value, "v")))
    days = ("e.day >= ?",) if facts.last is None else ("e.day >= ?", "e.day <= ?")
    params = (facts.first,) if facts.last is None else (facts.first, facts.last)
    key = ", ".join(f"c.{quote(name)}" for name in facts.key)
    first = f"row_number() OVER (PARTITION BY {key} ORDER BY e.ts, p.file, e.line, e.row)"
    return Select(
        f"({chosen.sql()}) AS c",
        (
            *((f"e.{name}", name) for name in ("part", "row", "line", "ts", "event", "person")),
            (f"e.{behind.channel}", "channel"),
            (f"CASE {first} WHEN 1 THEN c.v END", "v"),
        ),
        (f"JOIN {facts.relation} e ON {facts.on}", "JOIN parts p ON p.part = e.part"),
        days,
        params=chosen.params + params,
    )


def facts_in(table: Table, first: date, last: date) -> Select:
    """How many facts of each part of a canonical table lie on some days."""
    return Select(
        f"{quote(table)} AS r",
        (("r.part", "part"), ("count(*)", "n")),
        where=("r.day BETWEEN ? AND ?",),
        group=("r.part",),
        params=(first, last),
    )
