"""Where a measure can be read: the relation of its table, and the small daily table that serves it too.

A daily table (a cube) holds the same facts already added up by day and dimensions; it answers a measure
whose filter and dimensions it has. Both give the same numbers: that is a law.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.errors import UnknownName, UsageError
from engine.expressions import Expression, SqlColumn
from engine.metrics.moments import needs, time_columns
from engine.metrics.plan import ADDITIVE, Credit, Measure, touched
from engine.schema import TIMES, Kind
from engine.store.duck import quote

if TYPE_CHECKING:
    from engine.store.tables import Tables

_DAY = {"customers": "first_day"}
_MOMENT = {"sessions": "start", "customers": "first_order"}
_SESSION_SUMS = {
    "bounces": "CAST(CASE WHEN r.bounced THEN 1 ELSE 0 END AS DECIMAL(18,6))",
    "seconds": "CAST(r.seconds AS DECIMAL(18,6))",
}
_CUBES: Mapping[str, str] = {
    "events": "event_days",
    "spend": "spend_days",
    "sessions": "session_days",
    "customers": "new_customers",
}
_ROWS = {"event_days": "n", "spend_days": "n", "session_days": "visits", "new_customers": "customers"}
_SUMS: Mapping[str, Mapping[str, str]] = {
    "event_days": {"value": "amount", "quantity": "quantity"},
    "spend_days": {
        name: name for name in ("impressions", "clicks", "cost", "conversions", "conversion_value")
    },
    "session_days": {"bounces": "bounces", "seconds": "seconds", "pageviews": "pageviews"},
    "new_customers": {},
}


@dataclass(frozen=True, slots=True)
class Route:
    """One way to read: a relation, the rule of credit for its dimensions, and whether it is a daily table."""

    relation: str
    credit: Credit
    table: str
    daily: bool = False

    @property
    def day(self) -> str:
        """SQL of the local day."""
        return f"r.{quote('day' if self.daily else _DAY.get(self.table, 'day'))}"

    @property
    def moment(self) -> str:
        """SQL of the moment, naive UTC; a daily table has none."""
        return f"r.{quote(_MOMENT.get(self.table, 'ts'))}"

    @property
    def rows(self) -> str:
        """SQL that counts facts."""
        return f"sum(r.{quote(_ROWS[self.relation])})" if self.relation in _ROWS else "count(*)"


def general(measure: Measure) -> Route:
    """The relation that can answer anything about a measure's table."""
    if measure.table != "events":
        return Route(measure.table, "own", measure.table)
    return Route("credited" if measure.credit == "last_touch" else "events", measure.credit, "events")


def cube(tables: Tables, measure: Measure, by: Collection[str], where: Expression | None) -> Route | None:
    """The daily table that answers a measure under these dimensions and filters; None where none does."""
    name = _CUBES.get(measure.table)
    if name is None:
        return None
    named = (
        set(by) | (measure.where.columns if measure.where else set()) | (where.columns if where else set())
    )
    free = {"weekday"} & named
    if free and "weekday" in tables.columns(measure.table):
        free = set()
    if measure.agg == "count_distinct" and measure.column == "person" and measure.table == "events":
        lent = measure.credit == "last_touch" or "channel" not in named
        daily = lent and named <= {"event", "channel", *free}
        return Route("person_days", "own", "events", True) if daily else None
    if measure.agg not in ADDITIVE or not _added(name, measure):
        return None
    if not named - free <= {column for column, kind in tables.columns(name).items() if kind == "text"}:
        return None
    return Route(name, measure.credit if name == "event_days" else "own", measure.table, True)


def _added(name: str, measure: Measure) -> bool:
    if measure.column is None:
        return measure.agg == "count"
    if measure.agg == "sum":
        return measure.column in _SUMS[name]
    return name == "event_days" and measure.column == "value"


def columns(
    tables: Tables, route: Route, names: Collection[str] = (), zone: ZoneInfo | None = None
) -> dict[str, SqlColumn]:
    """What a name means in SQL on a route: money converted, dimensions as the credit says.

    In:  the names that are asked for, of which those of TIMES are made in a time zone.
    """
    held = tables.columns(route.relation)
    found = {name: SqlColumn(f"r.{quote(name)}", kind) for name, kind in held.items()}
    if zone is not None and any(name in TIMES and name not in held for name in names):
        found = {**time_columns(tables, route, zone), **found}
    if route.table == "events" and not route.daily:
        found["value"] = SqlColumn('r."amount"', "money")
        found["person"] = SqlColumn('r."person"', "count")
    if route.relation in ("credited", "event_days") and route.credit == "last_touch":
        for name, credited in touched(tables).items():
            found[name] = SqlColumn(f"r.{quote(credited)}", "text")
    if route.table == "sessions" and not route.daily:
        for name, sql in _SESSION_SUMS.items():
            found[name] = SqlColumn(sql, "number")
    return found


def physical(tables: Tables, names: Collection[str], route: Route) -> set[str]:
    """Columns that `Tables.relation` must give so that `names` and the route's own columns are there."""
    found = {"amount" if name == "value" and route.table == "events" else name for name in names}
    if route.table == "sessions" and not route.daily:
        found = {"bounced" if name == "bounces" else name for name in found}
    if route.relation in ("credited", "event_days") and route.credit == "last_touch":
        credited = touched(tables)
        found = {credited.get(name, name) for name in found}
    if found.isdisjoint(TIMES):
        return found
    made = {name for name in TIMES if name not in tables.columns(route.relation)} & found
    return (found - made) | (needs(route.table, made) if not route.daily else set())


def rows_of(measure: Measure, route: Route, known: Mapping[str, SqlColumn]) -> str:
    """SQL that counts the facts of a measure; those without what is counted distinctly are none of it."""
    if measure.agg == "count_distinct" and measure.column is not None and measure.column in known:
        return f"count({known[measure.column].sql})"
    return route.rows


def parts(measure: Measure, route: Route, known: Mapping[str, SqlColumn], keep: str) -> tuple[str, ...]:
    """SQL of what a measure adds up on a route.

    In:  `keep`: a ` FILTER (WHERE …)` clause or nothing.
    Out: one aggregate; (sum, count) for avg; (value, count) for only.
    Raises: UnknownName for a column that the table lacks; UsageError for a sum of texts.
    """
    if route.daily and route.relation != "person_days":
        return _cube_parts(measure, route, keep)
    if measure.column is None:
        return (f"count(*){keep}",)
    if measure.column not in known:
        raise UnknownName(f"column of {measure.table}", measure.column, known)
    column = known[measure.column]
    if measure.agg == "count_distinct":
        return (f"count(DISTINCT {column.sql}){keep}",)
    if measure.agg == "count":
        return (f"count({column.sql}){keep}",)
    if column.kind not in ("money", "count", "number"):
        raise UsageError(f'{measure.agg} of "{measure.column}" means nothing: it is {column.kind}')
    return _numeric(measure, column.sql, column.kind, keep)


def _numeric(measure: Measure, sql: str, kind: Kind, keep: str) -> tuple[str, ...]:
    total = "fsum" if kind == "number" and measure.table in ("events", "spend", "profiles") else "sum"
    if measure.agg == "sum":
        return (f"{total}({sql}){keep}",)
    if measure.agg == "avg":
        return (f"{total}({sql}){keep}", f"count({sql}){keep}")
    if measure.agg == "only":
        return (f"min({sql}){keep}", f"count(*){keep}")
    if measure.agg in ("min", "max"):
        return (f"{measure.agg}({sql}){keep}",)
    share = 0.5 if measure.agg == "median" else measure.quantile
    return (f"quantile_cont(CAST({sql} AS DOUBLE), {float(0.5 if share is None else share)!r}){keep}",)


def _cube_parts(measure: Measure, route: Route, keep: str) -> tuple[str, ...]:
    if measure.column is None:
        return (f"{route.rows}{keep}",)
    counted = f"sum(r.nonnull){keep}"
    if measure.agg == "count":
        return (counted,)
    total = f"sum(r.{quote(_SUMS[route.relation][measure.column])}){keep}"
    return (total, counted) if measure.agg == "avg" else (total,)
