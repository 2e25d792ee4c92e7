"""Measures over persons that no single aggregation gives: repeat orders, cohorts that return, churn.

All read tables of days, so they know whole days; a cut slot reads the day of its cut whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.expressions import Expression, SqlColumn, to_sql
from engine.metrics.period import Slot
from engine.metrics.plan import Measure
from engine.store.duck import text_literal
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.store.tables import Tables

Member = tuple[str | None, ...]
Cells = dict[tuple[int, Member], tuple[Decimal | None, int]]

CHURN_DAYS = 30
_ACTIVE = "r.event NOT IN ('message_sent', 'mql', 'sql', 'deal', 'lost')"
_SLOTS = "JOIN (SELECT unnest(?::DATE[]) AS unit, unnest(?::INTEGER[]) AS k) s ON"


def read(
    tables: Tables,
    measure: Measure,
    *,
    slots: tuple[Slot, ...],
    by: tuple[str, ...],
    where: Expression | None,
    today: date,
    others: frozenset[Member] = frozenset(),
) -> Cells:
    """Values of one measure per slot and member; with `others` of all but these, as one.

    Raises: UsageError where slots are hours.
    """
    if any(slot.hour is not None for slot in slots):
        raise UsageError(
            "repeat orders, retention and churn are known by day; ask for a longer grain than hour"
        )
    if measure.table == "churn":
        return _churn(tables, slots, str(measure.column))
    channel = SqlColumn('r."channel"', "text")
    tests = [to_sql(where, {"channel": channel}, want="boolean")] if where is not None else []
    if others:
        listed = sorted((member[0] for member in others), key=repr)
        tests += [f"r.channel IS DISTINCT FROM {_literal(each)}" for each in listed]
    if measure.table == "repeat_orders":
        return _cells(tables, _repeat(tables, slots, by, tests), by)
    kind, age = str(measure.column).split("_")
    return _cells(tables, _cohort(tables, slots, by, tests, (kind, int(age), today)), by)


def _literal(value: str | None) -> str:
    return "NULL" if value is None else text_literal(value)


def _cells(tables: Tables, select: Select, by: tuple[str, ...]) -> Cells:
    found: Cells = {}
    for row in tables.rows(select.sql(), select.params):
        member = tuple(None if value is None else str(value) for value in row[1 : 1 + len(by)])
        found[int(str(row[0])), member] = (Decimal(int(str(row[-2]))), int(str(row[-1])))
    return found


def _units(slots: tuple[Slot, ...]) -> tuple[object, object]:
    pairs = [(day, number) for number, slot in enumerate(slots) for day in slot.days]
    return [day for day, _ in pairs], [number for _, number in pairs]


def _repeat(tables: Tables, slots: tuple[Slot, ...], by: tuple[str, ...], tests: Sequence[str]) -> Select:
    dims = tuple(('r."channel"', f"d{n}") for n, _ in enumerate(by))
    inner = Select(
        f"{tables.relation('person_days', ['person', 'day', 'event', 'channel', 'n'])} AS r",
        (("s.k", "k"), *dims, ("r.person", "person"), ("sum(r.n)", "n")),
        (f"{_SLOTS} r.day = s.unit",),
        ("r.event = 'order'", *tests),
        ("s.k", *(sql for sql, _ in dims), "r.person"),
        params=_units(slots),
    )
    outer = tuple((f"o.d{n}", f"d{n}") for n, _ in enumerate(by))
    return Select(
        f"({inner.sql()}) AS o",
        (("o.k", "k"), *outer, ("count(*) FILTER (WHERE o.n >= 2)", "v"), ("count(*)", "rows")),
        group=("o.k", *(sql for sql, _ in outer)),
        params=inner.params,
    )


def _cohort(
    tables: Tables,
    slots: tuple[Slot, ...],
    by: tuple[str, ...],
    tests: Sequence[str],
    which: tuple[str, int, date],
) -> Select:
    """New persons old enough on `today` (size), and those active exactly `age` days later (kept)."""
    kind, age, today = which
    kept = "persons" if kind == "size" else f"d{int(age)}"
    read = ["day", "channel", "persons", *([kept] if kind != "size" else [])]
    dims = tuple(('r."channel"', f"d{n}") for n, _ in enumerate(by))
    return Select(
        f"{tables.relation('cohort_days', read)} AS r",
        (("s.k", "k"), *dims, (f"sum(r.{kept})", "v"), ("sum(r.persons)", "rows")),
        (f"{_SLOTS} r.day = s.unit",),
        (f"r.day + {int(age)} <= ?", *tests),
        ("s.k", *(sql for sql, _ in dims)),
        params=(*_units(slots), today),
    )


def _churn(tables: Tables, slots: tuple[Slot, ...], column: str) -> Cells:
    """Active in the days before a slot; lost: not active in the days up to its end."""
    window = timedelta(days=CHURN_DAYS)
    one = timedelta(days=1)
    bounds: list[list[date]] = [
        [slot.first - window for slot in slots],
        [slot.first - one for slot in slots],
        [slot.last - window + one for slot in slots],
        [slot.last for slot in slots],
    ]
    names = ", ".join(f"unnest(?::DATE[]) AS {name}" for name in ("a0", "a1", "b0", "b1"))
    inner = Select(
        f"{tables.relation('person_days', ['person', 'day', 'event'])} AS r",
        (("w.k", "k"), ("r.person", "person"), ("bool_or(r.day BETWEEN w.b0 AND w.b1)", "here")),
        (f"JOIN (SELECT unnest(?::INTEGER[]) AS k, {names}) w ON r.day BETWEEN w.a0 AND w.b1",),
        (_ACTIVE,),
        ("w.k", "r.person"),
        ("bool_or(r.day BETWEEN w.a0 AND w.a1)",),
        params=(list(range(len(slots))), *bounds),
    )
    counted = "count(*)" if column == "active" else "count(*) FILTER (WHERE NOT o.here)"
    outer = Select(
        f"({inner.sql()}) AS o", (("o.k", "k"), (counted, "v"), ("count(*)", "rows")), group=("o.k",),
        params=inner.params,
    )  # fmt: skip
    return _cells(tables, outer, ())
