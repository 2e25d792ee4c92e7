"""What a derived table is: a key, what it reads, how far it looks, and one computation."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import polars as pl

Key = Literal["day", "person"]

Ask = Callable[[str], "pl.DataFrame"]
"""Runs a query over the (narrowed) relations that the table reads."""


@dataclass(frozen=True, slots=True)
class DerivedTable:
    """A table whose rows of one key are a function of its inputs' rows of that key.

    `columns` are (name, DuckDB type) in order and hold the key column (`day` DATE or `person` UBIGINT).
    `lookback_days`, `lookahead_days` (day keys): an answer for day d reads [d − lookback, d + lookahead].
    Exactly one of `sql` (a SELECT) and `compute` (a Polars function) is there. Neither knows whether its
    inputs hold all keys or the touched ones. `definition` says in text what a function was made from, so
    that a changed definition is a changed `fingerprint`.
    """

    name: str
    key: Key
    reads: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    sql: str | None = None
    compute: Callable[[Ask], pl.DataFrame] | None = None
    definition: str = ""
    uses: tuple[str, ...] = ()
    """Input columns that `compute` asks for; those of `sql` are read from its text."""
    lookback_days: int = 0
    lookahead_days: int = 0
    doc: str = ""

    def needs(self, column: str) -> bool:
        """Whether the computation may read an input column of this name."""
        if self.sql is None:
            return column in self.uses or not self.uses
        return column in words(self.sql)

    @property
    def fingerprint(self) -> str:
        """Changes when the rows could; not when the documentation does."""
        code = self.compute.__module__ + self.compute.__qualname__ if self.compute is not None else ""
        looks = (self.lookback_days, self.lookahead_days)
        parts = (self.name, self.key, self.reads, self.columns, self.sql, code, self.definition, looks)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


@cache
def words(sql: str) -> frozenset[str]:
    """Every name that a query could mean: more than it reads, never less."""
    return frozenset(re.findall(r"\w+", sql))
