"""What definitions see of the store: queries over relations, and versions to keep results by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from engine.schema import Kind, Table

if TYPE_CHECKING:
    import polars as pl


class Tables(Protocol):
    """The relations of `engine/store` and `engine/derive`, read only; every method works in any thread."""

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """All rows of a query. Raises: StoreError."""
        ...

    def frame(self, sql: str, params: Sequence[object] = ()) -> pl.DataFrame:
        """The result of a query as a frame. Raises: StoreError."""
        ...

    def relation(self, table: str, columns: Collection[str]) -> str:
        """SQL that stands in a FROM clause and has at least `columns`, props under their own names.

        In:  events, credited, spend, profiles, targets or a derived table; the columns that are read.
        Raises: UnknownName for a column that the table lacks.
        """
        ...

    def columns(self, table: str) -> Mapping[str, Kind]:
        """Every column that `relation` can give, props included, with its kind."""
        ...

    def version(self, tables: Collection[str], first: date | None = None, last: date | None = None) -> str:
        """Changes when rows of these tables on these days could have changed; equal text, equal answers.

        For tables without days the range is ignored.
        """
        ...

    def newest(self, source: str | None = None, table: Table | None = None) -> datetime | None:
        """Moment (naive UTC) of the newest fact, of one source or table or of all."""
        ...

    def days(self, tables: Collection[str]) -> tuple[date, date] | None:
        """First and last local day with facts in these tables; None where there are none."""
        ...
