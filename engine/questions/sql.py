"""SQL over the tables: the question and its rows."""

from __future__ import annotations

from dataclasses import dataclass

from engine.questions.numbers import Value


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
    rows: tuple[tuple[Value, ...], ...]
    more: bool
    elapsed: float
    watermark: str = ""
