"""What a poll asks of a database, whichever it is, and the door to the three that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from engine.errors import nearest
from engine.ingest.databases.address import Address, Unreachable

CONNECT_SECONDS = 5
"""A server that does not answer so long is not there."""
FETCH = 5_000
"""Rows that a driver holds at a time."""

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Result:
    """Rows as they come. `declared`: kinds of columns, where the database says them itself."""

    names: tuple[str, ...]
    declared: Mapping[str, str]
    batches: Iterator[Sequence[Row]]


def place(names: Sequence[str], column: str) -> int:
    """Where the cursor column stands in a result. Raises: Unreachable with the nearest name."""
    if column in names:
        return names.index(column)
    close = nearest(column, names)
    hint = f'; nearest: "{close}"' if close else ""
    raise Unreachable(f'the result has no column "{column}" for cursor{hint}')


class Connection(Protocol):
    """One read-only transaction: all that it is asked sees the same moment."""

    def rows(self, sql: str, cursor: object) -> Result:
        """The rows of the user's statement, `:cursor` bound to a value; not all at once."""
        ...

    def least(self, sql: str, column: str) -> object:
        """A value before every one of the cursor column. Raises: Unreachable where there is none."""
        ...


def connect(address: Address, seconds: float) -> AbstractContextManager[Connection]:
    """A connection that ends with the block.

    In:  the longest time of one statement.
    Raises: Unreachable, in the block as well: whatever the driver says, without the password.
    """
    if address.kind == "sqlite":
        from engine.ingest.databases import sqlite

        return sqlite.connect(address, seconds)
    if address.kind == "postgresql":
        from engine.ingest.databases import postgresql

        return postgresql.connect(address, seconds)
    from engine.ingest.databases import mysql

    return mysql.connect(address, seconds)
