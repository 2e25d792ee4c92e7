"""Put parts into the raw tables, take them out, and judge which copy of a record counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING

from engine.schema import Kind, Table
from engine.store.duck import quote, text_literal
from engine.store.instance import Instance
from engine.store.layout import MONEY, SQL_TYPE, STORED
from engine.store.observe import PEOPLED

if TYPE_CHECKING:
    import duckdb

    from engine.store.store import StoreSettings


def load(
    cursor: duckdb.DuckDBPyConnection, table: Table, instances: Sequence[Instance], settings: StoreSettings
) -> None:
    """Read the parts of `instances` into their raw table, money converted by shop.main.rates.

    In:  numbered instances of one table that stand in shop.main.parts.
    """
    props: Mapping[str, Kind] = settings.props.get(table, {})
    currency, until = settings.currency, settings.until
    present = {name for instance in instances for name, _ in instance.props}
    columns = ["part", "row", "line", *(name for name, _ in STORED[table])]
    selected = ["p.part", "f.row", "f.line", *(f"f.{quote(name)}" for name, _ in STORED[table])]
    for money, converted in MONEY[table]:
        columns.append(converted)
        selected.append(_converted(f"f.{quote(money)}", currency))
    columns += ["source", "kept"]
    selected += ["p.source", "TRUE"]
    if table in PEOPLED:
        columns.append("person")
        selected.append("CASE WHEN k.subject IS NULL THEN f.subject ELSE k.person END")
    if table == "targets":
        columns.append("by")
        selected.append(_dimensions(sorted(present)))
    for name, kind in props.items():
        columns.append(name)
        source = f"TRY_CAST(f.{quote('p.' + name)} AS {SQL_TYPE[kind]})" if name in present else "NULL"
        selected.append(source)
    paths = ", ".join(text_literal(path) for path in sorted({str(one.path) for one in instances}))
    rates = (
        " LEFT JOIN shop.main.rates x ON x.currency = f.currency AND f.day BETWEEN x.first_day AND x.last_day"
        if MONEY[table]
        else ""
    )
    if table in PEOPLED:
        # A subject of one identifier is mostly its own person: only the others have to be looked up.
        rates += (
            " LEFT JOIN (SELECT subject, person FROM shop.main.subjects"
            " WHERE person IS DISTINCT FROM subject) k ON k.subject = f.subject"
        )
    numbers = ", ".join(str(one.part) for one in instances)
    where = f" WHERE p.part IN ({numbers})"
    params: list[object] = []
    if until is not None and table in ("events", "spend"):
        where += " AND f.ts <= ?"
        params.append(until)
    cursor.execute(
        f"INSERT INTO shop.main.raw_{table} ({', '.join(quote(name) for name in columns)}) "
        f"SELECT {', '.join(selected)} FROM read_parquet([{paths}], union_by_name = true, filename = true) f "
        f"JOIN shop.main.parts p ON p.path = f.filename{rates}{where}",
        params,
    )


def _converted(money: str, currency: str) -> str:
    """SQL of an amount in the console's currency; null where its own has no rate."""
    home = f"f.currency IS NULL OR f.currency = {text_literal(currency)}"
    return f"CASE WHEN {home} THEN {money} ELSE CAST({money} * x.rate AS DECIMAL(18,6)) END"


def _dimensions(names: Sequence[str]) -> str:
    """SQL of a map of the dimension columns that a target row fills."""
    if not names:
        return "MAP()::MAP(VARCHAR, VARCHAR)"
    pairs = ", ".join(
        f"{{'k': {text_literal(name)}, 'v': CAST(f.{quote('p.' + name)} AS VARCHAR)}}" for name in names
    )
    return f"map_from_entries(list_filter([{pairs}], lambda pair: pair.v IS NOT NULL))"


def note_unconverted(cursor: duckdb.DuckDBPyConnection, table: Table, numbers: Sequence[int]) -> None:
    """Count, per part, the facts whose money has no rate."""
    if not numbers or not MONEY[table]:
        return
    missing = " OR ".join(f"{money} IS NOT NULL AND {converted} IS NULL" for money, converted in MONEY[table])
    cursor.execute(
        f"INSERT INTO shop.main.unconverted SELECT part, count(*) FROM shop.main.raw_{table} "
        f"WHERE part IN ({', '.join(map(str, numbers))}) AND ({missing}) GROUP BY part"
    )


def judge(cursor: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Set `kept` of all copies of the records in touched_records; facts that changed: in `flips`.

    Out: how many facts changed; temp table flips(part, row, wins).
    """
    raw = f"shop.main.raw_{table}"
    names = ("judge_copies.sql", "judge_exports.sql") if table == "spend" else ("judge_copies.sql",)
    room = resources.files("engine.store")
    verdicts = (room.joinpath(name).read_text(encoding="utf-8").format(raw=raw) for name in names)
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE flips AS {' UNION ALL '.join(f'({v})' for v in verdicts)}")
    row = cursor.execute("SELECT count(*) FROM flips").fetchone()
    count = int(row[0]) if row else 0
    if count:
        cursor.execute(
            f"UPDATE {raw} SET kept = flips.wins FROM flips "
            f"WHERE raw_{table}.part = flips.part AND raw_{table}.row = flips.row"
        )
    return count
