"""A grid of cells, of a workbook or a page → records: where the header is, which columns are the table."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from engine.ingest.delimited import BLANKS, LINE, Parsed, trimmed
from engine.ingest.sniff import LOOKED_AT, fold, header_at, names_of, positions
from engine.workspace.model import Source

Told = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells as texts, all rows as wide as the widest; `numbers` are the rows' own, from 1."""

    cells: pl.DataFrame
    numbers: pl.Series
    name: str = ""

    def known(self, known: frozenset[str]) -> int:
        """How many known names its best row has, of the first rows."""
        rows = self.cells.head(LOOKED_AT).rows()
        return max((len({fold(cell) for cell in row if cell} & known) for row in rows), default=0)


def grid_of(rows: list[list[str]], numbers: list[int]) -> Grid:
    """A grid of ragged rows."""
    width = max(map(len, rows), default=0)
    columns = {f"c{i}": [row[i] if i < len(row) else None for row in rows] for i in range(width)}
    return Grid(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), pl.Series(numbers))


def records_of(grid: Grid, source: Source | None, known: frozenset[str]) -> tuple[Parsed, Told]:
    """The records below the header, each with its row's number; and what was decided."""
    cells = grid.cells.select(pl.all().cast(pl.String).str.strip_chars(BLANKS).replace({"": None}))
    filled = cells.select(pl.any_horizontal(pl.all().is_not_null()).alias("f"))["f"] if cells.width else None
    if filled is None or not filled.any():
        return Parsed(pl.DataFrame(schema={LINE: pl.Int64})), (("empty", "there is no filled cell"),)
    told: Told = ()
    if source and source.no_header:
        first = _at_or_after(grid, source.header_row or 0, 1)
        names = positions(source, cells.width)
    else:
        looked = filled.arg_true()[:LOOKED_AT]
        rows = [["" if cell is None else cell for cell in cells.row(at)] for at in looked]
        if source and source.header_row:
            header = min(_at_or_after(grid, source.header_row, 0), len(cells) - 1)
        else:
            header = looked[header_at(rows, known)]
        first, names = header + 1, names_of([cell or "" for cell in cells.row(header)])
        chosen = _one_table(cells, header, known)
        if len(chosen) < cells.width:
            names = names_of([cells.row(header)[i] or "" for i in chosen])
            told = (("table", _side_by_side(chosen, names)),)
            cells = cells.select([cells.columns[i] for i in chosen])
            filled = cells.select(pl.any_horizontal(pl.all().is_not_null()).alias("f"))["f"]
        told = (*told, ("header", f"row {grid.numbers[header]}; header_row says another"))
    frame = cells.rename(dict(zip(cells.columns, names, strict=True)))
    frame.insert_column(0, grid.numbers.cast(pl.Int64).alias(LINE))
    return Parsed(frame.slice(first).filter(filled.slice(first)).with_columns(trimmed())), told


def _at_or_after(grid: Grid, number: int, after: int) -> int:
    """Index of the row with that number, or of the next one; `after` rows on."""
    return int((grid.numbers < number + after).sum())


def _one_table(cells: pl.DataFrame, header: int, known: frozenset[str]) -> list[int]:
    """The columns of one table of those that stand side by side, parted by columns without a single cell."""
    names = cells.row(header)
    below = cells.slice(header)
    blocks: list[list[int]] = [[]]
    for i, column in enumerate(below.columns):
        if below[column].null_count() == len(below):
            blocks.append([])
        else:
            blocks[-1].append(i)
    blocks = [block for block in blocks if len(block) > 1 and all(names[i] for i in block)]
    folded = [{fold(names[i] or "") for i in block} for block in blocks]
    if len(blocks) < 2 or not any(one & other for i, one in enumerate(folded) for other in folded[:i]):
        return list(range(cells.width))
    return max(blocks, key=lambda block: (len({fold(names[i] or "") for i in block} & known), -block[0]))


def _side_by_side(chosen: list[int], names: tuple[str, ...]) -> str:
    return (
        f"several tables side by side: the one in columns {chosen[0] + 1} to {chosen[-1] + 1} "
        f"({names[0]} …) is read; put the others in sheets of their own"
    )
