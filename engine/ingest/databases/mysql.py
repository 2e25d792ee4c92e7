"""MySQL and MariaDB by PyMySQL: a read-only transaction, rows one after the other, times in UTC."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, date, datetime
from typing import Any

from engine.ingest.databases.address import Address, Unreachable
from engine.ingest.databases.connection import CONNECT_SECONDS, FETCH, Result, Row, place
from engine.workspace.statement import CURSOR, parameters, placed

try:
    import pymysql
    from pymysql.constants import FIELD_TYPE
    from pymysql.converters import conversions
except ImportError as error:  # the extra is not there: its source says so, the others go on
    raise Unreachable('PyMySQL is not installed; pip install "looptop[mysql]"') from error

_INTS = (FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG)
_FRACTIONS = (FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE, FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL)
_KINDS = {
    **dict.fromkeys((*_INTS, FIELD_TYPE.YEAR, FIELD_TYPE.BIT), "int"), **dict.fromkeys(_FRACTIONS, "float"),
    FIELD_TYPE.DATETIME: "time", FIELD_TYPE.TIMESTAMP: "zoned", FIELD_TYPE.DATE: "date",
}  # fmt: skip
_LEAST: dict[str, object] = {
    "int": -(2**63), "float": -(2**63), "time": "1000-01-01 00:00:00", "zoned": "1970-01-01 00:00:01",
    "date": "1000-01-01",
}  # fmt: skip
_LATE = (1969, 3024)
"""Codes of MariaDB and MySQL for a statement that took too long."""
_OPTIONS = frozenset({"unix_socket", "ssl_ca", "ssl_cert", "ssl_key", "ssl"})


def _moment(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # 0000-00-00: the row is a reject, no more
        return text


def _zoned(text: str) -> datetime | str:
    found = _moment(text)
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) else found


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


_DECODERS: dict[Any, Any] = {
    **conversions, FIELD_TYPE.DATETIME: _moment, FIELD_TYPE.TIMESTAMP: _zoned, FIELD_TYPE.DATE: _day,
    FIELD_TYPE.TIME: str, FIELD_TYPE.BIT: lambda raw: int.from_bytes(raw, "big"),
}  # fmt: skip


class Mysql:
    def __init__(self, connection: Any, opened: ExitStack) -> None:
        self._connection, self._opened = connection, opened

    def rows(self, sql: str, cursor: object) -> Result:
        found = self._ask(sql, cursor)
        return Result(*_columns(found), _batches(found))

    def least(self, sql: str, column: str) -> object:
        """The type of the column is asked first: a comparison with NULL has no rows, but has columns."""
        with closing(self._ask(sql, None)) as found:
            names, kinds = _columns(found)
            place(names, column)
            return _LEAST.get(kinds.get(column, ""), "")

    def _ask(self, sql: str, cursor: object) -> Any:
        bound = {CURSOR: cursor} if CURSOR in parameters(sql) else None
        found = self._connection.cursor()
        self._opened.callback(_abandon, found)
        found.execute(placed(sql, "format"), bound)
        return found


def _abandon(found: Any) -> None:
    """PyMySQL would read a result to its end before it lets go of it; here its connection is closed."""
    if (result := found._result) is not None:
        result.unbuffered_active = False
    found.connection = None


def _columns(found: Any) -> tuple[tuple[str, ...], dict[str, str]]:
    columns = found.description or ()
    kinds = {each[0]: _KINDS[each[1]] for each in columns if each[1] in _KINDS}
    return tuple(each[0] for each in columns), kinds


def _batches(found: Any) -> Iterator[Sequence[Row]]:
    while rows := found.fetchmany(FETCH):
        yield rows


@contextmanager
def connect(address: Address, seconds: float) -> Iterator[Mysql]:
    """See `connection.connect`."""
    if unknown := sorted(set(address.options) - _OPTIONS):
        raise Unreachable(f"MySQL: unknown option {', '.join(unknown)} in the address")
    try:
        opened = pymysql.connect(
            host=address.host or "localhost", port=address.port or 3306, user=address.user or None,
            password=address.password, database=address.database or None,
            unix_socket=address.options.get("unix_socket"), ssl=_ssl(address), charset="utf8mb4",
            connect_timeout=CONNECT_SECONDS, read_timeout=seconds + CONNECT_SECONDS,
            cursorclass=pymysql.cursors.SSCursor, conv=_DECODERS,
        )  # fmt: skip
        with closing(opened) as connection:
            _prepare(connection, seconds)
            with ExitStack() as opened:
                yield Mysql(connection, opened)
    except pymysql.Error as error:
        code, *said = error.args or (0, "")
        late = code in _LATE or (code == 2013 and "timed out" in str(said))
        words = f"took longer than {seconds:g} s; raise timeout or ask for less" if late else str(said[:1])
        raise Unreachable(f"MySQL: {address.without_secrets(words)}") from error


def _prepare(connection: Any, seconds: float) -> None:
    """The session's settings, then one read-only transaction."""
    limit = "max_statement_time" if "MariaDB" in connection.get_server_info() else "max_execution_time"
    value = seconds if limit == "max_statement_time" else round(seconds * 1000)
    with closing(connection.cursor()) as cursor:
        cursor.execute("SET time_zone = '+00:00'")
        cursor.execute(f"SET SESSION {limit} = %s", (value,))
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def _ssl(address: Address) -> ssl.SSLContext | None:
    """TLS where the address names an authority or asks for it with `ssl=true`."""
    options = address.options
    if not (options.get("ssl_ca") or options.get("ssl", "").lower() in ("1", "true")):
        return None
    context = ssl.create_default_context(cafile=options.get("ssl_ca"))
    if options.get("ssl_cert"):
        context.load_cert_chain(options["ssl_cert"], options.get("ssl_key"))
    return context
