"""What a name in a rule means in one file: a canonical column, the file's own, one under another name."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from engine.expressions import PolarsColumn
from engine.ingest.convert import Frame, as_text
from engine.ingest.sniff import fold


def file_column(frame: pl.DataFrame, names: Iterable[str]) -> str | None:
    """The first of these names that is a column of the file, written in any case."""
    folded = {fold(name): name for name in reversed(frame.columns)}
    return next((found for name in names if (found := folded.get(fold(name))) is not None), None)


def text_of(rows: Frame, names: Iterable[str]) -> pl.Series | None:
    """The first of these columns that says something, row by row, as texts; None where the file has none.

    Which columns are there may differ from block to block of a file: what a row says must not follow from it.
    """
    folded = {fold(name): name for name in reversed(rows.frame.columns)}
    there = [found for name in names if (found := folded.get(fold(name))) is not None]
    texts = [as_text(rows.frame[name]).alias(name) for name in dict.fromkeys(there)]
    return pl.DataFrame(texts).select(pl.coalesce(pl.all()).alias("text"))["text"] if texts else None


def canonical_column(values: pl.Series) -> PolarsColumn:
    """A canonical column as expressions see it."""
    dtype = values.dtype
    column = pl.col(values.name)
    if dtype.is_numeric():
        return PolarsColumn(column, "number")
    if dtype == pl.Boolean:
        return PolarsColumn(column, "boolean")
    if isinstance(dtype, pl.Datetime):
        return PolarsColumn(column, "time")
    if isinstance(dtype, pl.List):
        return PolarsColumn(column, "list")
    return PolarsColumn(column, "date" if dtype == pl.Date else "text")
