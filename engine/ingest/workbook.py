"""Workbooks and pages with tables → grids of texts. Nothing in them is run, fetched or believed.

A workbook is a zip archive, and its cells are laid out as a full rectangle when they are read: both are
limited before anything is unpacked.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable

import polars as pl

from engine.errors import SourceError
from engine.ingest.delimited import BLANKS
from engine.ingest.htmltables import tables_of
from engine.ingest.sheet import Grid, Told, grid_of
from engine.workspace.model import Source

LARGEST = 1 << 30
"""Bytes that all parts of a workbook may have unpacked."""
RATIO = 250
MOST_CELLS = 60_000_000
"""Cells of the rectangle around all filled cells of a sheet."""

_REF = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="([0-9]{1,9})"[^<>]*office:value')
_MIDNIGHT = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
_CLOCK_ONLY = r"^18(?:99-12-3[01]) (\d\d:\d\d:\d\d)(?:\.\d+)?$"


def excel(content: bytes, source: Source | None, known: frozenset[str]) -> tuple[Grid, Told]:
    """A sheet of a workbook (xlsx, xlsm, xls, ods); rows numbered as the sheet does.

    The sheet is the one that the source names, else the first with a header that is known, else the first
    that is shown and has cells. Dates are `2026-11-01` or with a clock; numbers have no noise of doubles; a
    cell with an error (#N/A) is empty.
    Raises: SourceError where it is no complete workbook, has no such sheet, or is beyond the limits.
    """
    import fastexcel

    if content.startswith(b"PK"):
        _sound(content)
    try:
        book = fastexcel.read_excel(content)
        names = book.sheet_names
        wanted = source.sheet if source else None
        if wanted is not None and wanted not in names:
            raise SourceError(f'no sheet "{wanted}"; there are: {", ".join(names)}')

        def load(name: str) -> tuple[Grid, bool]:
            sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            cells = sheet.to_polars()
            if source and source.decimal == ",":
                typed = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="datetime")
                cells = _with_commas(cells, typed.to_polars())
            return _grid(cells, name), sheet.visible == "visible"

        return _chosen(load, names, wanted, known)
    except fastexcel.FastExcelError as error:
        raise SourceError("not a complete Excel file; save it again, it is read at once") from error


def _chosen(
    load: Callable[[str], tuple[Grid, bool]], names: list[str], wanted: str | None, known: frozenset[str]
) -> tuple[Grid, Told]:
    if wanted is not None:
        return load(wanted)[0], (("sheet", f"{wanted} (said by the source)"),)
    first: Grid | None = None
    chosen: Grid | None = None
    for name in names:
        grid, shown = load(name)
        if shown and grid.known(known) >= 2:
            chosen = grid
            break
        if shown and first is None and grid.cells.width and len(grid.cells):
            first = grid
    found = chosen or first or load(names[0])[0]
    others = [name for name in names if name != found.name]
    why = "" if not others else ("; the first with a known header" if chosen else "; the first with cells")
    more = f"; not read: {', '.join(others[:5])} (sheet says which)" if others else ""
    return found, (("sheet", f"{found.name}{why}{more}"),)


def _with_commas(cells: pl.DataFrame, typed: pl.DataFrame) -> pl.DataFrame:
    """Cells that are numbers written with the comma that the source says of texts.

    In: `typed`: the same cells as moments, null where a cell is a text; too large a number is null as well,
        but can be read in one way only.
    """
    columns = []
    for text, real in zip(cells, typed, strict=True):
        sure = real.is_not_null() & text.str.contains(r"^-?\d+\.\d+$") | text.str.contains(r"^-?\d{4,}\.\d+$")
        made = text.str.replace(".", ",", literal=True)
        columns.append(pl.select(pl.when(sure).then(made).otherwise(text)).to_series().alias(text.name))
    return pl.DataFrame(columns)


def _grid(cells: pl.DataFrame, name: str) -> Grid:
    if cells.width:
        text = pl.all().str.replace(_MIDNIGHT, "$1").str.replace(_CLOCK_ONLY, "$1")
        cells = cells.with_columns(text)
    return Grid(cells, pl.int_range(1, len(cells) + 1, dtype=pl.Int64, eager=True), name)


def page(text: str, source: Source | None, known: frozenset[str]) -> tuple[Grid, Told]:
    """A table of an HTML page; rows numbered within the table from 1, as a spreadsheet shows them.

    The table is the first with a header that is known, else the one with the most cells.
    Raises: SourceError where the page has none.
    """
    grids = [grid_of(table.rows, table.numbers) for table in tables_of(text)]
    if not grids:
        title = re.sub(r"<[^<>]*>|\s+", " ", text[:3000]).strip(BLANKS)[:80]
        raise SourceError(f"a page of HTML without a table ({title}); export the report again")
    if source and source.sheet and source.sheet.isdigit() and 1 <= int(source.sheet) <= len(grids):
        return grids[int(source.sheet) - 1], (
            ("table", f"{source.sheet} of {len(grids)} (said by the source)"),
        )
    sizes = [(_two(grid.known(known)), grid.cells.height * grid.cells.width) for grid in grids]
    at = sizes.index(max(sizes))
    which = f"{at + 1} of {len(grids)}" + ('; sheet = "1" takes the first' if len(grids) > 1 else "")
    return grids[at], (("table", which),)


def _two(known: int) -> int:
    return known if known >= 2 else 0


def _sound(content: bytes) -> None:
    """Raises: SourceError where the archive would expand without measure or its cells lie far apart."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise SourceError("not a complete Excel file; save it again, it is read at once") from error
    names = {member.filename for member in members}
    if not names & {"[Content_Types].xml", "content.xml"}:
        listed = ", ".join(sorted(names)[:3])
        raise SourceError(
            f"a zip archive, no workbook ({listed}); unpack it here, its files are read at once"
        )
    left = LARGEST
    for member in members:
        looked_into = re.search(r"worksheets/[^/]*\.xml$|^content\.xml$", member.filename) is not None
        left -= _measure(content, member, left, looked_into)


def _measure(content: bytes, member: zipfile.ZipInfo, left: int, cells: bool) -> int:
    """Bytes of a member as they really are, whatever the archive says of it."""
    head = content[member.header_offset : member.header_offset + 30]
    at = (
        member.header_offset
        + 30
        + int.from_bytes(head[26:28], "little")
        + int.from_bytes(head[28:30], "little")
    )
    raw = memoryview(content)[at : at + member.compress_size]
    if member.compress_type != zipfile.ZIP_DEFLATED:
        return len(raw)
    inflate, size, rest, extent = zlib.decompressobj(-15), 0, b"", _Extent()
    feed: bytes | memoryview = raw
    while feed and not inflate.eof:
        try:
            made = inflate.decompress(feed, 1 << 20)
        except zlib.error as error:
            raise SourceError("not a complete Excel file; save it again, it is read at once") from error
        size += len(made)
        if size > left or (size > (64 << 20) and size > RATIO * max(1, len(raw))):
            raise SourceError(f"a workbook that expands beyond {size >> 20:,} MB; save it as CSV")
        if cells:
            extent.add(rest + made)
            rest = made[-64:]
        feed = inflate.unconsumed_tail
        if not made and not feed:
            break
    return size


class _Extent:
    """The rectangle around the filled cells of a sheet."""

    def __init__(self) -> None:
        self.rows, self.columns = 0, 0

    def add(self, xml: bytes) -> None:
        """Takes in a piece of a sheet. Raises: SourceError where the rectangle is beyond the limit."""
        found = _REF.findall(xml)
        if found:
            self.rows = max(self.rows, *(int(row) for _, row in found))
            longest = max((letters for letters, _ in found), key=lambda letters: (len(letters), letters))
            self.columns = max(self.columns, _column(longest))
        repeated = [int(count) for count in _REPEATED.findall(xml)]
        if self.rows * self.columns > MOST_CELLS or any(count > 1_048_576 for count in repeated):
            raise SourceError(
                f"a sheet of {self.rows:,} rows and {self.columns:,} columns; delete what lies far outside "
                "the table, or save it as CSV"
            )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
