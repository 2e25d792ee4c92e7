"""Measures → values per slot and member, with as few queries as there are relations to read.

All slots (periods and what they are compared with) go into one query: a list of (day, slot) pairs is
joined to the facts. Where a slot is cut at a moment, its last day is read from the facts themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from engine.expressions import Expression, SqlColumn, to_sql
from engine.metrics import entrants, persons
from engine.metrics.period import Calendar, Slot
from engine.metrics.plan import ADDITIVE, LISTED_BY, Measure
from engine.metrics.shapes import Route, columns, cube, general, parts, physical, rows_of
from engine.store.select import Fragment, Select, union_all

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace

Member = tuple[str | None, ...]
Cells = dict[tuple[int, Member], tuple[Decimal | None, int]]
"""(slot, member) → (value or None, number of facts)."""
Extent = Literal["all", "whole", "cut day"]
Sums = list[Decimal | None]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is common to all measures of a question: slots by number, dimensions, filter, calendar."""

    slots: tuple[Slot, ...]
    by: tuple[str, ...]
    where: Expression | None
    calendar: Calendar
    today: date
    outside: tuple[str, ...] = ()
    """Dimensions of `others`; `by` is empty then."""
    others: frozenset[Member] = frozenset()
    """Members that are left out, so that the rest is read as one."""

    @property
    def named(self) -> set[str]:
        """Columns that the question names."""
        return {*self.by, *self.outside, *(self.where.columns if self.where else ())}

    @property
    def hourly(self) -> bool:
        """Whether slots are hours."""
        return any(slot.hour is not None for slot in self.slots)


def read(tables: Tables, workspace: Workspace, measures: Iterable[Measure], ask: Ask) -> dict[Measure, Cells]:
    """Values of all measures.

    Raises: UnknownName, UsageError, StoreError.
    """
    flows = [measure for measure in measures if measure.flow is not None]
    found: dict[Measure, Cells] = entrants.read(tables, workspace, flows, ask) if flows else {}
    for measure in measures:
        if measure.table in LISTED_BY:
            found[measure] = persons.read(
                tables, measure, slots=ask.slots, by=ask.by, where=ask.where, today=ask.today,
                others=ask.others,
            )  # fmt: skip
    return {**found, **_aggregates(tables, [each for each in measures if each not in found], ask)}


def _aggregates(tables: Tables, measures: Sequence[Measure], ask: Ask) -> dict[Measure, Cells]:
    """Measures that one aggregation over a relation gives."""
    jobs: dict[tuple[Route, Extent], list[Measure]] = {}
    for measure in measures:
        for route, extent in _routes(tables, measure, ask):
            jobs.setdefault((route, extent), []).append(measure)
    sums: dict[Measure, dict[tuple[int, Member], tuple[Sums, int]]] = {}
    for (route, extent), wanted in jobs.items():
        units = _units(ask, extent)
        if units:
            for measure, key, values, rows in _run(tables, route, units, wanted, ask):
                _add(sums.setdefault(measure, {}), key, values, rows)
    return {
        measure: {key: (_value(measure, each), rows) for key, (each, rows) in sums.get(measure, {}).items()}
        for measure in measures
    }


def _routes(tables: Tables, measure: Measure, ask: Ask) -> list[tuple[Route, Extent]]:
    daily = None if ask.hourly else cube(tables, measure, (*ask.by, *ask.outside), ask.where)
    if daily is None:
        return [(general(measure), "all")]
    if measure.agg in ADDITIVE:
        return [(daily, "whole"), (general(measure), "cut day")]
    return [(daily, "all")]


Unit = tuple[date | datetime, int, datetime | None]


def _units(ask: Ask, extent: Extent) -> list[Unit]:
    """(day or start of an hour, slot, nothing after) of the slots, as far as the extent goes."""
    found: list[Unit] = []
    for number, slot in enumerate(ask.slots):
        if slot.hour is not None:
            found.append((slot.hour, number, slot.cut))
            continue
        for day in slot.days:
            is_cut = slot.cut is not None and day == slot.cut_day
            if (extent == "whole" and is_cut) or (extent == "cut day" and not is_cut):
                continue
            found.append((day, number, slot.cut if is_cut else None))
    return found


def _run(
    tables: Tables,
    route: Route,
    units: Sequence[Unit],
    measures: Sequence[Measure],
    ask: Ask,
) -> Iterator[tuple[Measure, tuple[int, Member], Sums, int]]:
    """What one query gives: (measure, its slot and member, its parts, its number of facts)."""
    select, spans = _select(tables, route, units, measures, ask)
    width = len(ask.by)
    for row in tables.rows(select.sql(), select.params):
        number = row[0]
        assert isinstance(number, int)
        key = (number, tuple(word(value) for value in row[1 : 1 + width]))
        for measure, (at, counted, length) in zip(measures, spans, strict=True):
            rows = int(str(row[counted] or 0))
            if rows:
                yield measure, key, [_decimal(value) for value in row[at : at + length]], rows


def _select(
    tables: Tables,
    route: Route,
    units: Sequence[Unit],
    measures: Sequence[Measure],
    ask: Ask,
) -> tuple[Select, list[tuple[int, int, int]]]:
    """The query, and per measure: where its parts begin, where its facts are counted, how many parts."""
    named = _named(measures, ask)
    known = columns(tables, route, named, ask.calendar.zone)
    tests = [to_sql(m.where, known, want="boolean") if m.where else "" for m in measures]
    shown: list[Fragment] = [("s.k", "k"), *((known[name].sql, f"d{n}") for n, name in enumerate(ask.by))]
    counted: dict[tuple[str, str], int] = {}
    spans: list[tuple[int, int, int]] = []
    for measure, test in zip(measures, tests, strict=True):
        keep = f" FILTER (WHERE {test})" if test else ""
        facts = rows_of(measure, route, known)
        if (test, facts) not in counted:
            counted[test, facts] = len(shown)
            shown.append((f"{facts}{keep}", f"n{len(shown)}"))
        found = parts(measure, route, known, keep)
        spans.append((len(shown), counted[test, facts], len(found)))
        shown += [(sql, f"v{len(shown) + n}") for n, sql in enumerate(found)]
    where = [] if "" in tests else [" OR ".join(dict.fromkeys(tests))]
    if ask.where is not None:
        where.append(to_sql(ask.where, known, want="boolean"))
    relation, given = _relation(tables, route, units, named)
    join, params = _join(route, units, ask)
    if not ask.hourly:
        where.append(f"{route.day} BETWEEN ? AND ?")
        days = [unit[0] for unit in units]
        params += (min(days), max(days))
    if any(unit[2] is not None for unit in units):
        whole = "s.upto IS NULL AND r.ts IS NULL" if route.daily else "s.upto IS NULL"
        where.append(f"({whole}) OR {route.moment} <= s.upto")
    if ask.others:
        test, kept = outside(ask.outside, ask.others, known)
        where.append(test)
        params += kept
    group = ("s.k", *(known[name].sql for name in ask.by))
    select = Select(f"{relation} AS r", tuple(shown), (join,), tuple(where), group, params=given + params)
    return select, spans


def _relation(
    tables: Tables, route: Route, units: Sequence[Unit], named: set[str]
) -> tuple[str, tuple[object, ...]]:
    """What stands in FROM and its bound values.

    Persons of whole days come from their daily table; where a day is cut, from its facts.
    """
    relation = tables.relation(route.relation, physical(tables, named, route))
    cut_days = sorted({unit[0] for unit in units if unit[2] is not None})
    if not route.daily or not cut_days:
        return relation, ()
    credited = "channel" in named
    facts = tables.relation("credited" if credited else "events", ["person", "day", "event", "ts"])
    channel = "c_channel" if credited else "CAST(NULL AS VARCHAR)"
    shared = (("person", "person"), ("day", "day"), ("event", "event"))
    whole = Select(relation, (*shared, ("channel", "channel"), ("CAST(NULL AS TIMESTAMP)", "ts")))
    cut = Select(
        f"{facts} AS f",
        (*shared, (channel, "channel"), ("ts", "ts")),
        where=("list_contains(?::DATE[], day)",),
        params=(cut_days,),
    )
    text, params = union_all((whole, cut))
    return f"({text})", params


def _named(measures: Collection[Measure], ask: Ask) -> set[str]:
    named = ask.named
    for measure in measures:
        named |= measure.where.columns if measure.where else set()
        named |= {measure.column} if measure.column else set()
    return named


def outside(
    names: Sequence[str], members: Collection[Member], known: Mapping[str, SqlColumn]
) -> tuple[str, tuple[object, ...]]:
    """A test that keeps rows of none of these members, and its bound values."""
    ordered = sorted(members, key=repr)
    same = " AND ".join(
        f"{known[name].sql} IS NOT DISTINCT FROM CAST(? AS {_BOUND.get(known[name].kind, 'DOUBLE')})"
        for name in names
    )
    test = " OR ".join(f"({same})" for _ in ordered)
    return f"NOT ({test})", tuple(value for member in ordered for value in member)


_BOUND: Mapping[str, str] = {"text": "VARCHAR", "boolean": "BOOLEAN"}


def _join(route: Route, units: Sequence[Unit], ask: Ask) -> tuple[str, tuple[object, ...]]:
    """The join with the list of (unit, slot, nothing after) and its bound values."""
    days, slots, cuts = zip(*units, strict=True)
    kind, key = "DATE", route.day
    if ask.hourly:
        minutes = int(ask.calendar.hour_shift(units[0][0]).total_seconds()) // 60
        shift = f"to_minutes({minutes})"
        kind, key = "TIMESTAMP", f"(date_trunc('hour', {route.moment} + {shift}) - {shift})"
    listed = f"unnest(?::{kind}[]) AS unit, unnest(?::INTEGER[]) AS k, unnest(?::TIMESTAMP[]) AS upto"
    return f"JOIN (SELECT {listed}) s ON {key} = s.unit", (list(days), list(slots), list(cuts))


def _add(
    cells: dict[tuple[int, Member], tuple[Sums, int]], key: tuple[int, Member], values: Sums, rows: int
) -> None:
    if key in cells:
        before, count = cells[key]
        values = [b if a is None else a if b is None else a + b for a, b in zip(before, values, strict=True)]
        rows += count
    cells[key] = (values, rows)


def _value(measure: Measure, sums: Sums) -> Decimal | None:
    if measure.agg == "avg":
        total, count = sums
        return total / count if total is not None and count else None
    if measure.agg == "only":
        return sums[0] if sums[1] == 1 else None
    return sums[0]


def _decimal(value: object) -> Decimal | None:
    if value is None or isinstance(value, Decimal):
        return value
    number = Decimal(value) if isinstance(value, int) else Decimal(str(value))
    return number if number.is_finite() else None


def word(value: object) -> str | None:
    """A dimension's value as text: `true`, `5`, `2.5`."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return format(Decimal(str(value)).normalize(), "f")
    return str(value)
