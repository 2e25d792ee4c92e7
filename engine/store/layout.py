"""How the canonical tables stand in memory: raw tables of facts, and the views that definitions read.

A raw table holds every fact of every part with `kept`: whether it counts, or another copy of its record
does. `part` numbers an instance of a part in a file; (`part`, `row`) names a fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.schema import Kind, Table
from engine.store.duck import quote, text_literal

DECIMAL = "DECIMAL(18,6)"

SQL_TYPE: dict[Kind, str] = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "money": DECIMAL,
    "count": DECIMAL,
    "boolean": "BOOLEAN",
    "time": "TIMESTAMP",
    "date": "DATE",
    "list": "VARCHAR[]",
}

_FACT = (("part", "INTEGER"), ("row", "UINTEGER"), ("line", "BIGINT"))

STORED: dict[Table, tuple[tuple[str, str], ...]] = {
    "events": (
        ("ts", "TIMESTAMP"),
        ("day", "DATE"),
        ("subject", "UBIGINT"),
        ("event", "VARCHAR"),
        ("kind", "VARCHAR"),
        ("value", DECIMAL),
        ("currency", "VARCHAR"),
        ("quantity", DECIMAL),
        ("order_id", "VARCHAR"),
        ("channel", "VARCHAR"),
        ("campaign", "VARCHAR"),
        ("creative", "VARCHAR"),
        ("product", "VARCHAR"),
        ("region", "VARCHAR"),
        ("device", "VARCHAR"),
        ("page", "VARCHAR"),
        ("score", "DOUBLE"),
        ("stage", "VARCHAR"),
        ("valid", "BOOLEAN"),
        ("record", "UBIGINT"),
    ),
    "spend": (
        ("ts", "TIMESTAMP"),
        ("day", "DATE"),
        ("channel", "VARCHAR"),
        ("campaign", "VARCHAR"),
        ("creative", "VARCHAR"),
        ("region", "VARCHAR"),
        ("ad_group", "VARCHAR"),
        ("keyword", "VARCHAR"),
        ("account", "VARCHAR"),
        ("device", "VARCHAR"),
        ("impressions", DECIMAL),
        ("reach", DECIMAL),
        ("clicks", DECIMAL),
        ("cost", DECIMAL),
        ("conversions", DECIMAL),
        ("conversion_value", DECIMAL),
        ("currency", "VARCHAR"),
        ("granularity", "VARCHAR"),
        ("record", "UBIGINT"),
    ),
    "profiles": (
        ("ts", "TIMESTAMP"),
        ("day", "DATE"),
        ("subject", "UBIGINT"),
        ("name", "VARCHAR"),
        ("gender", "VARCHAR"),
        ("birth", "DATE"),
        ("region", "VARCHAR"),
        ("city", "VARCHAR"),
        ("signup_ts", "TIMESTAMP"),
        ("tier", "VARCHAR"),
        ("tags", "VARCHAR[]"),
        ("record", "UBIGINT"),
    ),
    "targets": (("period", "VARCHAR"), ("metric", "VARCHAR"), ("value", DECIMAL)),
}
"""Columns that a part and its raw table have in common."""

MONEY: dict[Table, tuple[tuple[str, str], ...]] = {
    "events": (("value", "amount"),),
    "spend": (("cost", "cost_converted"), ("conversion_value", "conversion_value_converted")),
    "profiles": (),
    "targets": (),
}
"""Money columns and the raw column that holds them in the console's currency."""

VIEW_COLUMNS: dict[str, tuple[str, ...]] = {
    "events": tuple(name for name, _ in STORED["events"] if name != "record"),
    "spend": tuple(name for name, _ in STORED["spend"] if name != "record"),
    "profiles": tuple(name for name, _ in STORED["profiles"] if name != "record"),
}


def raw_ddl(table: Table, props: Mapping[str, Kind]) -> str:
    """CREATE TABLE of a raw table with the props that definitions name as columns of their own."""
    columns = list(_FACT) + list(STORED[table])
    columns += [(converted, DECIMAL) for _, converted in MONEY[table]]
    columns += [("source", "VARCHAR"), ("kept", "BOOLEAN")]
    columns += [("person", "UBIGINT")] if table in ("events", "profiles") else []
    if table == "targets":
        columns += [("by", "MAP(VARCHAR, VARCHAR)")]
    columns += [(name, SQL_TYPE[kind]) for name, kind in props.items()]
    return f"CREATE TABLE raw_{table} ({', '.join(f'{quote(name)} {kind}' for name, kind in columns)})"


def local_time(column: str, zone: str, first: datetime, last: datetime) -> str:
    """SQL for the local wall time of a naive UTC column: the zone's offsets between two moments, as a CASE.

    DuckDB's own conversion asks ICU for each row; offsets change twice a year at most.
    """
    pieces = _offsets(ZoneInfo(zone), first - timedelta(days=2), last + timedelta(days=800))
    if len(pieces) == 1:
        return f"({column} + to_microseconds({pieces[0][1]}))"
    cases = " ".join(
        f"WHEN {column} < TIMESTAMP {text_literal(until.isoformat(sep=' '))} "
        f"THEN {column} + to_microseconds({us})"
        for until, us in pieces[:-1]
    )
    return f"(CASE {cases} ELSE {column} + to_microseconds({pieces[-1][1]}) END)"


def _offsets(zone: ZoneInfo, first: datetime, last: datetime) -> list[tuple[datetime, int]]:
    """(end of validity in naive UTC, offset in µs), in order; the last one holds on."""
    pieces: list[tuple[datetime, int]] = []
    moment, offset = first, _offset(zone, first)
    while moment < last:
        following = moment + timedelta(days=14)
        if _offset(zone, following) != offset:
            low, high = moment, following
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            change = high.replace(second=0, microsecond=0)
            pieces.append((change, offset))
            offset = _offset(zone, following)
        moment = following
    pieces.append((last, offset))
    return pieces


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    shift = moment.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()
    return int(shift.total_seconds() * 1_000_000)


def view_sql(table: str, props: Iterable[str], lts: str) -> str:
    """CREATE VIEW of events, spend or profiles: the facts that count, with persons and money.

    In:  props kept as columns; SQL of the local time of `r.ts`.
    """
    names = [f"r.{quote(name)}" for name in ("part", "row", "line", *VIEW_COLUMNS[table])]
    if table == "spend":
        plain = {'r."cost"', 'r."conversion_value"'}
        names = [name for name in names if name not in plain]
        names += ["r.cost_converted AS cost", "r.conversion_value_converted AS conversion_value"]
    else:
        names.append("r.person")
    if table == "events":
        names.append("r.amount")
    names += [f"r.{quote(name)}" for name in props]
    names += ["r.source", f"{lts} AS lts"]
    body = f"SELECT {', '.join(names)} FROM shop.main.raw_{table} r WHERE r.kept"
    return f"CREATE OR REPLACE VIEW shop.main.{table} AS {body}"
