"""Parquet and Excel files → frames; each is read whole, its records numbered as the file numbers them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from engine.errors import SourceError
from engine.ingest.delimited import BLANKS, LINE, Parsed, Record, fit, trimmed
from engine.ingest.layout import known_names
from engine.ingest.rejects import Fault
from engine.ingest.sniff import header_at, names_of, positions
from engine.workspace.model import Source

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
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
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


def excel(content: bytes, source: Source | None, known: frozenset[str]) -> tuple[Parsed, tuple[str, str]]:
    """A sheet of a workbook, all cells as texts; `line` is the sheet row. Also the sheet as evidence.

    The sheet is the one that the source names, else the first with a header that is known, else the first.
    Raises: SourceError where it is no complete workbook or has no such sheet.
    """
    import fastexcel

    try:
        book = fastexcel.read_excel(content)
        names = book.sheet_names
        if source and source.sheet and source.sheet not in names:
            raise SourceError(f'no sheet "{source.sheet}"; there are: {", ".join(names)}')
        name = source.sheet if source and source.sheet else names[0]
        sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise SourceError("not a complete Excel file; save it again, it is read at once") from error
    rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows()]
    return _sheet(rows, source, known), ("sheet", name)


def _sheet(rows: list[list[str]], source: Source | None, known: frozenset[str]) -> Parsed:
    filled = [i for i, row in enumerate(rows) if any(cell.strip(BLANKS) for cell in row)]
    if not filled:
        return Parsed(pl.DataFrame(schema={LINE: pl.Int64}))
    if source and source.no_header:
        header, names = (source.header_row or 0) - 1, positions(source, len(rows[0]))
    else:
        at = header_at([rows[i] for i in filled[:80]], known)
        header = source.header_row - 1 if source and source.header_row else filled[at]
        names = names_of(rows[header])
    kept: list[list[str | int | None]] = []
    faults: list[Fault] = []
    for at in range(header + 1, len(rows)):
        fitted = fit(Record(at + 1, rows[at], ""), len(names))
        if isinstance(fitted, Fault):
            faults.append(fitted)
        elif fitted is not None:
            kept.append([at + 1, *fitted])
    schema = {LINE: pl.Int64, **dict.fromkeys(names, pl.String)}
    return Parsed(pl.DataFrame(kept, schema=schema, orient="row").with_columns(trimmed()), faults)


def all_names() -> frozenset[str]:
    """Folded names of all columns that shipped layouts know."""
    return known_names()
