"""SQLite by the standard library: opened read-only, its values typed one by one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from urllib.parse import quote

from engine.ingest.databases.address import Address, Unreachable
from engine.ingest.databases.connection import CONNECT_SECONDS, FETCH, Result, Row
from engine.workspace.statement import CURSOR, parameters, placed

_LEAST = -(2**63)
"""Before every number, and as a text before every date and every number without a sign."""
_STEPS = 20_000
"""Steps of SQLite's machine between two looks at the time."""


class Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, cursor: object) -> Result:
        bound = {CURSOR: cursor} if CURSOR in parameters(sql) else {}
        found = self._connection.execute(placed(sql, "named"), bound)
        names = tuple(column[0] for column in found.description or ())
        return Result(names, {}, _batches(found))

    def least(self, sql: str, column: str) -> object:
        return _LEAST


def _batches(found: sqlite3.Cursor) -> Iterator[Sequence[Row]]:
    while rows := found.fetchmany(FETCH):
        yield rows


@contextmanager
def connect(address: Address, seconds: float) -> Iterator[Sqlite]:
    """See `connection.connect`."""
    end = time.monotonic() + seconds
    try:
        where = f"file:{quote(str(address.path))}?mode=ro"
        opened = sqlite3.connect(where, uri=True, timeout=CONNECT_SECONDS, isolation_level=None)
        with closing(opened) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            yield Sqlite(connection)
    except sqlite3.Error as error:
        late = time.monotonic() > end
        said = f"took longer than {seconds:g} s; raise timeout or ask for less" if late else str(error)
        raise Unreachable(f"SQLite: {address.without_secrets(said)}") from error
