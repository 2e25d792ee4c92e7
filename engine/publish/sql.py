"""`looptop sql`: one SELECT of somebody's own over the tables, within limits of rows, time and memory.

text ─► guard (parser, offered tables, planned where nothing can be reached) ─► views of the columns that it
names, masked ─► run on a cursor of its own over the published version ─► rows
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.publish.names import Names
from engine.publish.sql_tables import SqlColumn, SqlTable, sql_tables
from engine.questions import SqlAnswer, SqlQuery, SqlTableEntry
from engine.store.apart import Limits, Statement, run_apart
from engine.store.duck import quote
from engine.store.guard import VIEW, Reading, read
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.derive import DerivedTable
    from engine.questions.sql import Cell
    from engine.store import Store
    from engine.workspace.model import Workspace

MOST_ROWS, MOST_SECONDS = 1_000_000, 600.0


def answer(
    store: Store,
    workspace: Workspace,
    names: Names,
    derived: Iterable[DerivedTable],
    query: SqlQuery,
    *,
    reveal: bool = False,
) -> SqlAnswer:
    """The rows of a query.

    Raises: UnknownName for a table that is not there; UsageError for all else that cannot be run, that is
            wrong with it or that exceeds a limit.
    """
    if not 1 <= query.limit <= MOST_ROWS:
        raise UsageError(f"the limit is a number of rows from 1 to {MOST_ROWS:,}, not {query.limit}")
    if not 0 < query.seconds <= MOST_SECONDS:
        raise UsageError(f"the time limit is more than 0 and at most {MOST_SECONDS:.0f} seconds")
    tables = sql_tables(store, workspace, derived, reveal)
    checker = store.checker
    for table in tables.values():
        checker.define(table.name, [(one.name, one.type) for one in table.columns])
    reading = read(checker, query.text, {name: _named(table) for name, table in tables.items()})
    used = [tables[name] for name in sorted(reading.tables)]
    before: list[Statement] = [(_view(store, table, reading), ()) for table in used]
    if any(one.joins_person for table in used for one in _read(table, reading)):
        before.insert(0, names.table("temp.known_persons"))
    limits = Limits(query.limit + 1, query.seconds)
    types, rows, elapsed = run_apart(store, before, reading.sql, limits)
    columns = zip(reading.columns, types, strict=True)
    shown = tuple(tuple(_cell(value) for value in row) for row in rows[: query.limit])
    return SqlAnswer(tuple(columns), shown, len(rows) > query.limit, elapsed, store.watermark())


def catalog(store: Store, workspace: Workspace, derived: Iterable[DerivedTable]) -> tuple[SqlTableEntry, ...]:
    """Every table that a query may read."""
    found = sql_tables(store, workspace, derived, reveal=False)
    return tuple(SqlTableEntry(one.name, one.meaning, tuple(_listed(one))) for one in found.values())


def _listed(table: SqlTable) -> Iterator[tuple[str, str, str]]:
    for one in table.columns:
        if one.name != "props":
            yield one.name, one.type, one.meaning
            continue
        yield one.name, one.type.split("(")[0], one.meaning
        for field in table.fields:
            yield f"props.{_word(field.name)}", field.type, field.meaning


def _word(name: str) -> str:
    """A name as one writes it in a query."""
    return name if name.isidentifier() and name.isascii() else quote(name)


def _named(table: SqlTable) -> Collection[str]:
    return [*(one.name for one in table.columns), *(one.name for one in table.fields)]


def _read(table: SqlTable, reading: Reading) -> list[SqlColumn]:
    """The columns of a table that the query may read, at least one."""
    found = [one for one in table.columns if reading.reads(one.name)]
    return found or [table.columns[0]]


def _view(store: Store, table: SqlTable, reading: Reading) -> str:
    """CREATE VIEW of a table with the columns that the query may read."""
    columns = _read(table, reading)
    held = [one for one in table.fields if reading.alone("props") or reading.reads(one.name)]
    fields = held if any(one.name == "props" for one in columns) else []
    needs = list(dict.fromkeys(name for one in (*columns, *fields) for name in one.needs))
    credited = table.name == "events" and any(name.startswith("c_") for name in needs)
    relation = store.relation("credited" if credited else table.relation, needs)
    joins = []
    if any(one.joins_file for one in columns):
        joins.append("JOIN shop.main.parts f ON f.part = r.part")
    if any(one.joins_person for one in columns):
        joins.append("LEFT JOIN temp.known_persons n ON n.person = r.person")
    shown = tuple((_packed(fields) if one.name == "props" else _cast(one), one.name) for one in columns)
    return (
        f"CREATE TEMP VIEW {quote(VIEW + table.name)} AS {Select(f'{relation} r', shown, tuple(joins)).sql()}"
    )


def _cast(column: SqlColumn) -> str:
    return f"CAST({column.sql} AS {column.type})"


def _packed(fields: Sequence[SqlColumn]) -> str:
    each = ", ".join(f"{quote(one.name)} := {_cast(one)}" for one in fields)
    return f"struct_pack({each})" if each else "CAST(NULL AS VARCHAR)"


def _cell(value: object) -> Cell:
    """A value of DuckDB as a plain one."""
    if isinstance(value, Decimal):
        return value.normalize() if value else Decimal(0)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): _cell(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_cell(one) for one in value]
    return value  # type: ignore[return-value]
