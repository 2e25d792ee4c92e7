"""The one door to DuckDB: a connection in memory, a cursor a thread, errors that name the statement.

Nothing else imports DuckDB. Values are bound; text that goes in comes from `.sql` files, from
`engine.store.select` or from `engine.expressions`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import StoreError

if TYPE_CHECKING:
    import duckdb
    import polars as pl

_FEW_FACTS = 300_000
_SETTINGS = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET preserve_insertion_order = false",
    "SET TimeZone = 'UTC'",
)

_NOTHING = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "256MB",
    "python_enable_replacements": "false",
    "threads": "1",
}


def quote(name: str) -> str:
    """An identifier in double quotes, safe whatever it holds.

    >>> quote('a "b')
    '"a ""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    """A string in single quotes, for the few statements that cannot bind values (views, file lists).

    >>> text_literal("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


class Duck:
    """An in-memory database; `cursor()` gives each thread its own way in.

    In:  threads to use (default: the cores), a directory for spilling (None: no spilling), and how much
         memory it may take before it spills, such as `800MB` (None: most of the machine's).
    Raises: StoreError for a memory that is no amount.
    """

    def __init__(
        self, threads: int | None = None, spill: Path | None = None, memory: str | None = None
    ) -> None:
        import duckdb

        self._error = duckdb.Error
        self._connection = duckdb.connect(":memory:")
        # A compressed attachment holds ten million events in a third of the memory of the default one.
        self._connection.execute("ATTACH ':memory:' AS shop (COMPRESS)")
        self._local = threading.local()
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        self._lock = threading.Lock()
        for setting in _SETTINGS:
            self._connection.execute(setting)
        self._most = int(threads or os.cpu_count() or 2)
        self._threads = 0
        self.fit(0)
        if spill is not None:
            self._connection.execute(f"SET temp_directory = {text_literal(str(spill))}")
        if memory is not None:
            self.rows_of(self._connection, f"SET memory_limit = {text_literal(memory)}")

    def fit(self, facts: int) -> None:
        """Use one thread for few facts: small queries over small files cost twice as much on several."""
        threads = self._most if facts > _FEW_FACTS else 1
        if threads != self._threads:
            self._connection.execute(f"SET threads = {threads}")
            self._threads = threads

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """The calling thread's own cursor."""
        found: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if found is None:
            found = self.open_cursor()
            self._local.cursor = found
        return found

    def open_cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of one's own, with transactions and a search path of its own."""
        with self._lock:
            opened = self._connection.cursor()
            opened.execute("USE shop")
            self._cursors.append(opened)
        return opened

    def run(self, sql: str, params: Sequence[object] = ()) -> None:
        """Execute a statement whose result nobody reads, with the calling thread's cursor.

        Raises: StoreError with the statement and DuckDB's cause.
        """
        self.rows_of(self.cursor(), sql, params)

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """All rows of a query as tuples. Raises: StoreError with the statement and DuckDB's cause."""
        return self.rows_of(self.cursor(), sql, params)

    def frame(self, sql: str, params: Sequence[object] = ()) -> pl.DataFrame:
        """The result of a query as a frame. Raises: StoreError with the statement and DuckDB's cause."""
        return self.frame_of(self.cursor(), sql, params)

    def rows_of(
        self, cursor: duckdb.DuckDBPyConnection, sql: str, params: Sequence[object] = ()
    ) -> list[tuple[object, ...]]:
        """As `rows`, with a cursor of the caller's."""
        try:
            return list(cursor.execute(sql, list(params)).fetchall())
        except self._error as error:
            raise _store_error(sql, error) from error

    def frame_of(
        self, cursor: duckdb.DuckDBPyConnection, sql: str, params: Sequence[object] = ()
    ) -> pl.DataFrame:
        """As `frame`, with a cursor of the caller's."""
        import polars as pl

        try:
            return pl.DataFrame(cursor.sql(sql, params=list(params)))
        except self._error as error:
            raise _store_error(sql, error) from error

    def memory(self) -> int:
        """Bytes that the tables and what is computed over them take; for any thread."""
        return int(str(self.rows("SELECT sum(memory_usage_bytes) FROM duckdb_memory()")[0][0]))

    def interrupt(self) -> None:
        """Stop what every cursor is running; the caller sees a StoreError."""
        with self._lock:
            for cursor in self._cursors:
                cursor.interrupt()

    def open_apart(self) -> duckdb.DuckDBPyConnection:
        """A cursor that finds the tables under their full names only: its own views take the short ones."""
        opened = self._connection.cursor()
        with self._lock:
            self._cursors.append(opened)
        return opened

    def head_of(
        self, cursor: duckdb.DuckDBPyConnection, sql: str, rows: int
    ) -> tuple[list[str], list[tuple[object, ...]]]:
        """Types of the columns and the first rows of a query; the rest is not computed.

        Raises: StoreError with DuckDB's cause alone, which names what is wrong with the text.
        """
        try:
            found = cursor.execute(sql)
            types = [str(one[1]) for one in found.description or ()]
            return types, list(found.fetchmany(rows))
        except self._error as error:
            raise StoreError(str(error)) from error

    def close(self) -> None:
        """Close all cursors and the database."""
        with self._lock:
            for cursor in self._cursors:
                cursor.close()
            self._cursors.clear()
        self._connection.close()


class Checker:
    """A database of its own that holds tables without rows and reaches nothing: no file, no network, no
    extension, no setting. What can be planned here reads these tables alone."""

    def __init__(self) -> None:
        import duckdb

        self._error, self._select = duckdb.Error, duckdb.StatementType.SELECT
        self._connection = duckdb.connect(":memory:", config=dict(_NOTHING))
        self._connection.execute("SET lock_configuration = true")
        self._defined: dict[str, tuple[tuple[str, str], ...]] = {}

    def define(self, name: str, columns: Sequence[tuple[str, str]]) -> None:
        """A table with these columns and DuckDB types, without rows."""
        if self._defined.get(name) == tuple(columns):
            return
        self._defined[name] = tuple(columns)
        listed = ", ".join(f"{quote(column)} {kind}" for column, kind in columns)
        self._connection.execute(f"CREATE OR REPLACE TABLE {quote(name)} ({listed})")

    def statements(self, sql: str) -> list[bool]:
        """For each statement of a text whether it is a query. Raises: StoreError with the cause alone."""
        try:
            return [one.type == self._select for one in self._connection.extract_statements(sql)]
        except self._error as error:
            raise StoreError(str(error)) from error

    def tree(self, sql: str) -> str:
        """A query as DuckDB's parser reads it, in JSON. Raises: StoreError with the cause alone."""
        return str(self._ask("SELECT json_serialize_sql(CAST(? AS VARCHAR))", sql))

    def volatile(self) -> frozenset[str]:
        """Functions that do more than compute a value from their arguments."""
        found = self._connection.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions() WHERE has_side_effects"
        )
        return frozenset(str(name) for (name,) in found.fetchall())

    def text(self, tree: str) -> str:
        """The query that a tree stands for. Raises: StoreError with the cause alone."""
        return str(self._ask("SELECT json_deserialize_sql(CAST(? AS JSON))", tree))

    def plan(self, sql: str) -> list[str]:
        """Plan a query without running it; its columns. Raises: StoreError with the cause alone."""
        try:
            return list(self._connection.sql(sql).columns)
        except self._error as error:
            raise StoreError(str(error)) from error

    def _ask(self, sql: str, value: str) -> object:
        try:
            return self._connection.execute(sql, [value]).fetchall()[0][0]
        except self._error as error:
            raise StoreError(str(error)) from error


def _store_error(sql: str, error: Exception) -> StoreError:
    shown = " ".join(sql.split())
    if len(shown) > 600:
        shown = shown[:600] + " …"
    cause = str(error).split("\tCandidate functions:")[0].strip()
    return StoreError(f"a query failed: {cause}\n  in: {shown}")
