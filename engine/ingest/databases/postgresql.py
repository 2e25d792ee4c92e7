"""PostgreSQL by psycopg: a read-only transaction, a cursor on the server, times in UTC."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from engine.ingest.databases.address import Address, Unreachable
from engine.ingest.databases.connection import CONNECT_SECONDS, FETCH, Result, Row, place
from engine.workspace.statement import CURSOR, parameters, placed

try:
    import psycopg
    from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
    from psycopg.types.string import TextLoader
except ImportError as error:  # the extra is not there: its source says so, the others go on
    raise Unreachable('psycopg is not installed; pip install "looptop[postgresql]"') from error

_KINDS = {
    "bool": "bool", "int2": "int", "int4": "int", "int8": "int", "oid": "int", "float4": "float",
    "float8": "float", "numeric": "float", "timestamp": "time", "timestamptz": "zoned", "date": "date",
}  # fmt: skip
_LEAST: dict[str, object] = {
    "int": -(2**63), "float": -(10**300), "time": "-infinity", "zoned": "-infinity", "date": "-infinity",
}  # fmt: skip
_TEXTS = ("json", "jsonb", "time", "timetz", "interval")
"""Types that are read as PostgreSQL writes them."""


def _or_text(load: Callable[[Any], Any], data: Any) -> Any:
    """Dates beyond Python's (infinity, before Christ) stay texts: their rows are rejects, no more."""
    try:
        return load(data)
    except psycopg.DataError:
        return bytes(data).decode()


class _Date(DateLoader):
    def load(self, data: Any) -> Any:
        return _or_text(super().load, data)


class _Timestamp(TimestampLoader):
    def load(self, data: Any) -> Any:
        return _or_text(super().load, data)


class _Timestamptz(TimestamptzLoader):
    def load(self, data: Any) -> Any:
        return _or_text(super().load, data)


class Postgresql:
    def __init__(self, connection: psycopg.Connection[Any], opened: ExitStack) -> None:
        self._connection, self._opened = connection, opened

    def rows(self, sql: str, cursor: object) -> Result:
        found = self._ask(sql, cursor)
        return Result(*self._columns(found), _batches(found))

    def least(self, sql: str, column: str) -> object:
        """The type of the column is asked first: a comparison with NULL has no rows, but has columns."""
        with self._ask(sql, None) as found:
            names, declared = self._columns(found)
            place(names, column)
            code = next((each.type_code for each in found.description or () if each.name == column), 0)
        if column in declared:
            return _LEAST.get(declared[column], "")
        known = psycopg.adapters.types.get(code)
        return "00000000-0000-0000-0000-000000000000" if known and known.name == "uuid" else ""

    def _ask(self, sql: str, cursor: object) -> psycopg.ServerCursor[Any]:
        bound = {CURSOR: cursor} if CURSOR in parameters(sql) else None
        found = self._opened.enter_context(self._connection.cursor(name="looptop"))
        found.execute(placed(sql, "format").encode(), bound)
        return found

    def _columns(self, found: psycopg.ServerCursor[Any]) -> tuple[tuple[str, ...], dict[str, str]]:
        columns = found.description or []
        named = {each.name: psycopg.adapters.types.get(each.type_code) for each in columns}
        kinds = {name: _KINDS[known.name] for name, known in named.items() if known and known.name in _KINDS}
        return tuple(each.name for each in columns), kinds


def _batches(found: psycopg.ServerCursor[Any]) -> Iterator[Sequence[Row]]:
    while rows := found.fetchmany(FETCH):
        yield rows


@contextmanager
def connect(address: Address, seconds: float) -> Iterator[Postgresql]:
    """See `connection.connect`."""
    options: dict[str, Any] = {"client_encoding": "utf8", "application_name": "looptop"}
    if "connect_timeout" not in address.options:
        options["connect_timeout"] = CONNECT_SECONDS
    try:
        with closing(psycopg.connect(address.url, **options)) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            for name in _TEXTS:
                connection.adapters.register_loader(name, TextLoader)
            for name, loader in (("date", _Date), ("timestamp", _Timestamp), ("timestamptz", _Timestamptz)):
                connection.adapters.register_loader(name, loader)
            settings = {"statement_timeout": f"{seconds * 1000:.0f}", "TimeZone": "UTC", "DateStyle": "ISO"}
            for name, value in settings.items():
                connection.execute("SELECT set_config(%s, %s, false)", (name, value))
            with ExitStack() as opened:
                yield Postgresql(connection, opened)
    except psycopg.errors.QueryCanceled as error:
        late = f"took longer than {seconds:g} s; raise timeout or ask for less"
        raise Unreachable(f"PostgreSQL: {late}") from error
    except psycopg.Error as error:
        said = address.without_secrets(str(error)) or type(error).__name__
        raise Unreachable(f"PostgreSQL: {said}") from error
