"""SQL over the tables: the question and its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from engine.questions.numbers import Value

Cell: TypeAlias = "Value | list[Cell] | dict[str, Cell]"
"""A value of a row: plain, a list, or a table of values by name."""


@dataclass(frozen=True, slots=True)
class SqlQuery:
    """`looptop sql`: one select, at most so many rows and seconds."""

    text: str
    limit: int = 1000
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """Columns with their types, rows in the order of the query, whether more rows were there."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: bool
    elapsed: float
    watermark: str = ""


@dataclass(frozen=True, slots=True)
class SqlTableEntry:
    """A table that queries may read; columns as (name, type, meaning), `props.x` after `props`."""

    name: str
    meaning: str
    columns: tuple[tuple[str, str, str], ...]
