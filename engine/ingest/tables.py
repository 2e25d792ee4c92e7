"""Parquet files → frames; records are numbered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from engine.errors import SourceError
from engine.ingest.delimited import LINE, Parsed, trimmed

SLICE = 1_000_000
"""Records of a Parquet file that go into one part."""


def parquet(path: Path) -> Iterator[Parsed]:
    """A Parquet file in slices; `line` is the record number.

    Raises: SourceError where it is no complete Parquet file.
    """
    try:
        scanned = pl.scan_parquet(path, glob=False)
        height = scanned.select(pl.len()).collect().item()
        for start in range(0, max(height, 1), SLICE):
            frame = scanned.slice(start, SLICE).collect(engine="in-memory")
            lines = pl.int_range(start + 1, start + 1 + len(frame), dtype=pl.Int64, eager=True)
            yield Parsed(_flat(frame).insert_column(0, lines.alias(LINE)))
    # Polars panics over some broken headers of pages: an exception that is not even an Exception.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        raise SourceError("not a complete Parquet file; save it again, it is read at once") from error


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Categories, binary, decimals and nested values in the forms that the mapping knows."""
    changed: list[pl.Expr] = []
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.Categorical | pl.Enum | pl.Null):
            changed.append(pl.col(name).cast(pl.String))
        elif dtype == pl.Binary:
            changed.append(pl.col(name).cast(pl.String, strict=False))
        elif isinstance(dtype, pl.Struct):
            changed.append(pl.col(name).struct.json_encode())
        elif isinstance(dtype, pl.Array):
            changed.append(pl.col(name).arr.to_list())
    flat = frame.with_columns(changed)
    return flat.with_columns(trimmed()) if any(_padded(column) for column in flat) else flat


def _padded(column: pl.Series) -> bool:
    """Whether texts may be empty or have blanks at their ends."""
    if column.dtype != pl.String:
        return False
    ends = r"^$|^[\s\u{feff}\u{200b}]|[\s\u{feff}\u{200b}]$"
    return bool(column.str.contains(ends).any())
