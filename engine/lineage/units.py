"""Tables of visits and persons: which of their rows a measure counts, and which events each of them is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.errors import UsageError
from engine.expressions import Expression, SqlColumn, to_sql
from engine.lineage.behind import Behind, Facts, Rule, in_slot, where_rules
from engine.metrics.period import Slot
from engine.metrics.persons import CHURN_DAYS
from engine.metrics.plan import Measure
from engine.metrics.shapes import columns, general
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.store.tables import Tables

DAY = timedelta(days=1)
_PERSON = "e.person = c.person"
_IDLE = "NOT IN ('message_sent', 'mql', 'sql', 'deal', 'lost')"


_EVER = date(1970, 1, 1)
Question = tuple[Expression | None, ZoneInfo]
"""The question's filter, and the time zone of weekdays and hours in it."""


def units_of(
    tables: Tables, measure: Measure, asked: Expression | None, slot: Slot, at: tuple[date, ZoneInfo]
) -> Behind:
    """What stands behind a measure over visits or persons.

    In:  `at`: the local day, on which cohorts that are not old enough are not counted yet, and its zone.
    Raises: UsageError for a table whose rows are no facts of persons.
    """
    listed = {"repeat_orders": _repeat, "churn": _churn}.get(measure.table)
    if listed is not None:
        return listed(measure, asked, slot)
    if measure.table == "cohort":
        return _cohort(measure, asked, slot, at[0])
    found = {"sessions": _sessions, "customers": _customers, "new_customers": _customers,
             "person_days": _person_days}.get(measure.table)  # fmt: skip
    if found is None:
        raise UsageError(f"the rows of {measure.table} cannot be traced to lines")
    return found(tables, measure, (asked, at[1]), slot)


def _rows(
    tables: Tables, measure: Measure, asked: Question, slot: Slot, relation: str
) -> tuple[Select, tuple[Rule, ...], str]:
    """Rows of a slot, rules and contribution, for a table that one aggregation reads."""
    route = general(measure)
    where, zone = asked
    names = [*(measure.where.columns if measure.where else ()), *(where.columns if where else ())]
    known = columns(tables, route, names, zone)
    rows = replace(in_slot(route, slot), relation=f"{relation} AS r")
    rules = where_rules(measure, where, known)
    value = "1"
    if measure.column is not None and measure.column in known:
        sql = known[measure.column].sql
        rules += (Rule("empty", measure.column, f"{sql} IS NOT NULL"),)
        value = sql if measure.agg != "count" else "1"
    return rows, rules, value


def _sessions(tables: Tables, measure: Measure, asked: Question, slot: Slot) -> Behind:
    rows, rules, value = _rows(tables, measure, asked, slot, "sessions")
    # Seconds are a double: a second more takes the last fact in, and the next visit is half an hour away.
    stop = "r.start + to_microseconds(CAST(round((r.seconds + 1) * 1000000) AS BIGINT))"
    facts = Facts(
        "events",
        f"{_PERSON} AND e.kind = 'behaviour' AND e.ts BETWEEN c.lo AND c.hi",
        ("person", "lo"),
        (("r.person", "person"), ("r.start", "lo"), (stop, "hi")),
        slot.first,
        None,
    )
    return Behind("events", rows, rules, value, facts=facts)


def _customers(tables: Tables, measure: Measure, asked: Question, slot: Slot) -> Behind:
    relation = "customers"
    if measure.table == "new_customers":
        kept = (("day", "day"), ("person", "person"), ("first_order", "first_order"), ("1", "customers"))
        named = tuple((name, name) for name in ("channel", "campaign", "creative"))
        relation = f"({Select('customers', (*kept, *named), where=('day IS NOT NULL',)).sql()})"
    rows, rules, value = _rows(tables, measure, asked, slot, relation)
    event = "refund" if measure.column == "refunds" else "order"
    ever = measure.column in ("revenue", "refunds", "orders")
    facts = Facts(
        "credited",
        f"{_PERSON} AND e.event = '{event}'" + ("" if ever else " AND e.ts = c.lo"),
        ("person",),
        (("r.person", "person"), ("r.first_order", "lo")),
        _EVER if event == "refund" else slot.first,
        None if ever else slot.last,
    )
    return Behind("events", rows, rules, value, facts=facts, channel="c_channel")


def _person_days(tables: Tables, measure: Measure, asked: Question, slot: Slot) -> Behind:
    rows, rules, value = _rows(tables, measure, asked, slot, "person_days")
    named = tuple((f"r.{name}", name) for name in ("person", "event", "channel"))
    same = "e.day = c.lo AND e.event = c.event AND e.c_channel = c.channel"
    key = ("person", "lo", "event", "channel")
    facts = Facts("credited", f"{_PERSON} AND {same}", key, (*named, ("r.day", "lo")), slot.first, slot.last)
    return Behind("events", rows, rules, value, facts=facts, channel="c_channel")


def _channel_tests(asked: Expression | None, column: str) -> str:
    """The question's filter over one channel column, as a condition that may follow another."""
    if asked is None:
        return ""
    return " AND (" + to_sql(asked, {"channel": SqlColumn(column, "text")}, want="boolean") + ")"


def _repeat(measure: Measure, asked: Expression | None, slot: Slot) -> Behind:
    """Persons with an order in the slot, under the filter; counted are those with two or more."""
    ordered = Select(
        "person_days AS d",
        (("d.person", "person"), ("sum(d.n)", "n"), ("min(d.day)", "lo"), ("max(d.day)", "hi")),
        where=("d.event = 'order'", "d.day BETWEEN ? AND ?" + _channel_tests(asked, 'd."channel"')),
        group=("d.person",),
        params=(slot.first, slot.last),
    )
    orders = f"{_PERSON} AND e.event = 'order' AND e.day BETWEEN c.lo AND c.hi"
    facts = Facts(
        "credited",
        orders + _channel_tests(asked, "e.c_channel"),
        ("person",),
        tuple((f"r.{name}", name) for name in ("person", "lo", "hi")),
        slot.first,
        slot.last,
    )
    rows = Select(f"({ordered.sql()}) AS r", params=ordered.params)
    return Behind("events", rows, (Rule("once", "", "r.n >= 2"),), "1", facts=facts, channel="c_channel")


def _cohort(measure: Measure, asked: Expression | None, slot: Slot, today: date) -> Behind:
    """Persons by their first active day; `size`: old enough to be seen again, `kept`: seen again that day."""
    kind, text = str(measure.column).split("_")
    age = int(text)
    where = where_rules(measure, asked, {"channel": SqlColumn('r."channel"', "text")})
    young = Rule("young", text, f"r.day + {age} <= DATE '{today.isoformat()}'")
    rows = Select("returns AS r", where=("r.day BETWEEN ? AND ?",), params=(slot.first, slot.last))
    back = f"r.day + {age}" if kind == "kept" else "r.day"
    facts = Facts(
        "credited",
        f"{_PERSON} AND e.event {_IDLE} AND e.day IN (c.lo, c.hi)",
        ("person",),
        (("r.person", "person"), ("r.day", "lo"), (back, "hi")),
        slot.first,
        slot.last + timedelta(days=age if kind == "kept" else 0),
    )
    rules = (*where, young, *((Rule("away", text, f"r.d{age}"),) if kind == "kept" else ()))
    return Behind("events", rows, rules, "1", facts=facts, channel="c_channel")


def _churn(measure: Measure, asked: Expression | None, slot: Slot) -> Behind:
    """Persons active in the days before the slot; `lost`: not active in the days up to its end."""
    window = timedelta(days=CHURN_DAYS)
    until, since = slot.first - DAY, slot.last - window + DAY
    active = Select(
        "person_days AS d",
        (("d.person", "person"), ("bool_or(d.day >= ?)", "here")),
        where=(f"d.event {_IDLE}", "d.day BETWEEN ? AND ?"),
        group=("d.person",),
        having=("bool_or(d.day <= ?)",),
        params=(since, slot.first - window, slot.last, until),
    )
    facts = Facts(
        "events",
        f"{_PERSON} AND e.event {_IDLE}",
        ("person",),
        (("r.person", "person"),),
        slot.first - window,
        until,
    )
    lost = (Rule("back", "", "NOT r.here"),) if measure.column == "lost" else ()
    rows = Select(f"({active.sql()}) AS r", params=active.params)
    return Behind("events", rows, lost, "1", facts=facts)
