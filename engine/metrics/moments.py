"""Weekday and hour of day as dimensions of every table that has times, in the workspace's zone.

A weekday is `1` (Monday) to `7`, by ISO; an hour is `00` to `23`, and unknown where only the day is known.
A column of that name in the files is meant before these.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.expressions import SqlColumn
from engine.store.duck import quote, text_literal
from engine.store.layout import local_time
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.metrics.shapes import Route
    from engine.schema import Kind
    from engine.store.tables import Tables

_HOURS = frozenset({"events", "spend", "sessions", "customers"})
"""Tables whose rows have a moment."""
_DAYS = _HOURS | {"profiles", "person_days", "new_customers"}


def times_of(table: str) -> dict[str, Kind]:
    """The time dimensions of a table, with their kinds."""
    found: dict[str, Kind] = {}
    if table in _DAYS:
        found["weekday"] = "text"
    if table in _HOURS:
        found["hour_of_day"] = "text"
    return found


def time_columns(tables: Tables, route: Route, zone: ZoneInfo) -> dict[str, SqlColumn]:
    """What the time dimensions mean in SQL on a route; without an hour where the route has only days."""
    if route.table not in _DAYS:
        return {}
    found = {"weekday": SqlColumn(f"CAST(isodow({route.day}) AS VARCHAR)", "text")}
    if route.daily or route.table not in _HOURS:
        return found
    if route.table == "spend":
        known, local = "r.granularity = 'hour'", "r.lts"
    elif route.table == "events":
        days_only = only_days(tables)
        listed = ", ".join(map(text_literal, days_only))
        known, local = f"r.source NOT IN ({listed})" if days_only else "TRUE", "r.lts"
    else:
        held = tables.days(("events",))
        years = (held[0].year, held[1].year) if held else (1970, 1970)
        known, local = "TRUE", _local(route.moment, zone.key, *years)
    return {
        **found,
        "hour_of_day": SqlColumn(f"CASE WHEN {known} THEN strftime({local}, '%H') END", "text"),
    }


def needs(table: str, names: set[str]) -> set[str]:
    """The columns that an hour of day is made from."""
    if "hour_of_day" not in names or table not in ("events", "spend"):
        return set()
    return {"lts", "source"} if table == "events" else {"lts", "granularity"}


def only_days(tables: Tables) -> tuple[str, ...]:
    """Sources of events whose facts all stand at midnight: their files say the day and no hour."""
    relation = tables.relation("events", ["source", "lts"])
    found = Select(
        f"{relation} AS r",
        (("r.source", "source"),),
        group=("r.source",),
        having=("bool_and(r.lts = date_trunc('day', r.lts))",),
        order=(quote("source"),),
    )
    return tuple(str(name) for (name,) in tables.rows(found.sql()) if name is not None)


@lru_cache(maxsize=64)
def _local(column: str, zone: str, first: int, last: int) -> str:
    return local_time(column, zone, datetime(first, 1, 1), datetime(last, 12, 31) + timedelta(days=1))
