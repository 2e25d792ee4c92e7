"""A table as lines: which columns fit, how wide they are, and each row in few runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rich.cells import cell_len

from tui.draw.spark import bar_line, spark_line
from tui.glyphs import Glyphs
from tui.harmless import pad
from tui.lines import cut_line, line, pad_line
from tui.table import TableModel
from tui.view import Cell, Column, Line, Row, Sort
from tui.words import say

NAME_LEAST = 12
SPARK_MOST = 28
BAR_CELLS = 10
MEASURED_ROWS = 200
EDGE_FROM = 40


@dataclass(frozen=True, slots=True)
class Fit:
    """Places of the shown columns with their widths, and how many are not shown."""

    places: tuple[int, ...] = ()
    widths: tuple[int, ...] = ()
    left_out: int = 0


def natural_widths(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[int, ...]:
    """The width that each column's title and these cells would fill."""
    out = []
    for at, column in enumerate(columns):
        widest = max((_cell_width(row.cells[at]) for row in rows if at < len(row.cells)), default=0)
        sortable = cell_len(column.title) + (1 if column.align == "right" else 0)
        out.append(max(sortable, widest))
    return tuple(out)


def _cell_width(cell: Cell) -> int:
    if cell.kind == "spark" and cell.spark is not None:
        return len(cell.spark.values)
    if cell.kind == "bar":
        return BAR_CELLS + 1 + cell_len(cell.text)
    return cell_len(cell.text) + (2 if cell.kind == "heat" else 0)


def fit_columns(columns: Sequence[Column], natural: Sequence[int], width: int, offset: int = 0) -> Fit:
    """Choose what fits into `width` cells (one for the cursor, one blank between columns).

    In:  offset: columns scrolled away after the frozen first one; natural: from `natural_widths`.
    Out: at offset 0 columns go by their `drop`, largest first, then from the right; a name gives way down to
         12 cells; what room is left goes to the name as far as it needs it, then to columns that `grow`.
    """
    shown = [at for at, column in enumerate(columns) if not column.hidden]
    if not shown:
        return Fit()
    asked = [column.width or size for column, size in zip(columns, natural, strict=True)]
    first, rest = shown[0], shown[1:]
    rest = rest[min(offset, max(0, len(rest) - 1)) :]
    least = min(asked[first], NAME_LEAST)

    def used(places: Sequence[int]) -> int:
        return 1 + least + sum(asked[at] + 1 for at in places)

    kept = list(rest)
    while kept and used(kept) > width:
        droppable = [at for at in kept if columns[at].drop] if offset == 0 else []
        kept.remove(max(droppable, key=lambda at: (columns[at].drop, at)) if droppable else kept[-1])
    left = max(0, width - used(kept))
    name = min(least + left, asked[first])
    left -= name - least
    widths = {at: asked[at] for at in kept}
    for at in kept:
        more = min(left, max(0, min(columns[at].grow, natural[at]) - asked[at]))
        widths[at] += more
        left -= more
    name = min(name, max(1, width - 1))
    return Fit((first, *kept), (name, *(widths[at] for at in kept)), len(shown) - 1 - len(kept))


def header_line(
    columns: Sequence[Column],
    fit: Fit,
    width: int,
    glyphs: Glyphs,
    *,
    sort: Sort | None = None,
    chosen: str = "",
) -> Line:
    """The titles; the sorted column ends in `▾` or `▴`, the chosen one stands inverse."""
    runs: list[tuple[str, str]] = [(" ", "header")]
    for number, (at, size) in enumerate(zip(fit.places, fit.widths, strict=True)):
        column = columns[at]
        sign = ""
        if sort is not None and sort.column == column.id:
            sign = glyphs.descending if sort.descending else glyphs.ascending
        elif sort is None and column.natural:
            sign = glyphs.descending if column.natural == "desc" else glyphs.ascending
        title = column.title + sign
        if sign and cell_len(title) > size:
            title = pad(column.title, size - 1).rstrip() + sign
        if number:
            runs.append((" ", "header"))
        runs.append((pad(title, size, column.align), "header selected" if column.id == chosen else "header"))
    return pad_line(line(*runs), width, tokens="header")


def row_line(
    columns: Sequence[Column],
    fit: Fit,
    row: Row,
    width: int,
    glyphs: Glyphs,
    *,
    cursor: bool = False,
    marked: bool = False,
    focused: bool = True,
    cell_at: int | None = None,
) -> Line:
    """One row: cursor or mark, then its cells; the row under the cursor of a focused table stands inverse.

    The first text of a heading has all the room to the right of it. `cell_at`: the place of the column whose
    cell is the cursor, where that is not the whole row.
    """
    sign = glyphs.mark if marked else glyphs.cursor if cursor else " "
    runs: list[tuple[str, str]] = [(sign, "marked" if marked else "ink")]
    one = cursor and focused and cell_at is not None
    for number, (at, size) in enumerate(zip(fit.places, fit.widths, strict=True)):
        if number:
            runs.append((" ", "ink"))
        cell = row.cells[at] if at < len(row.cells) else Cell()
        if row.heading and cell.text:
            runs.append((cell.text, cell.tone))
            break
        if row.tone and cell.tone == "ink":
            cell = replace(cell, tone=row.tone)
        drawn = cell_runs(cell, size, columns[at].align, glyphs)
        if one and at == cell_at:
            drawn = tuple((text, "cell") for text, _ in drawn)
        runs += drawn
    body = pad_line(line(*runs), width)
    whole = cursor and focused and not one
    extra = " ".join(t for t in ("selected" if whole else "", "marked" if marked else "") if t)
    return line(*((text, f"{tokens} {extra}") for text, tokens in body)) if extra else body


def cell_runs(cell: Cell, size: int, align: str, glyphs: Glyphs) -> tuple[tuple[str, str], ...]:
    """One cell in exactly `size` cells of the terminal."""
    if cell.kind == "spark" and cell.spark is not None:
        return tuple(spark_line(cell.spark, size, glyphs))
    if cell.kind == "bar":
        room = size - cell_len(cell.text) - 1
        text = pad(cell.text, min(size, cell_len(cell.text)), "right")
        if room < 3:
            return ((pad(cell.text, size, "right"), cell.tone),)
        bar = bar_line(cell.share or 0.0, min(room, BAR_CELLS), glyphs)
        return (*bar, (" " * (room - min(room, BAR_CELLS) + 1), "ink"), (text, cell.tone))
    if cell.kind == "heat" and cell.share is not None:
        level = min(4, max(0, int(cell.share * 5)))
        shade = glyphs.heat[level]
        if not cell.text or cell_len(cell.text) + 2 > size:
            return ((shade * size, f"shade-{level}"),)
        text = pad(cell.text, size - 2, align)
        return ((text + " ", f"heat-{level}"), (shade, f"shade-{level}"))
    return ((pad(cell.text, size, align), cell.tone),)


def caption(text: str, width: int) -> Line:
    """A dim line under the rows."""
    return pad_line(cut_line(line((" " + text, "ink-dim")), width), width)


def told(model: TableModel, left_out: int, lang: str) -> list[str]:
    """What one must know of a table before its count: filter, row gone, other order, columns left out."""
    parts = [f"/{model.query}"] if model.query else []
    parts += [say("table.row_gone", lang)] if model.row_gone else []
    parts += [say("table.order_changed", lang)] if model.order_changed else []
    return parts + ([say("table.columns_left", lang, n=left_out)] if left_out else [])


@dataclass(slots=True)
class Sheet:
    """The drawn form of one table; its columns only grow, so that no number jumps at a refresh."""

    widths: tuple[int, ...] = ()
    measured: bool = False
    """Whether the first rows of the view, in sight or not, have been measured."""
    fit: Fit = field(default_factory=Fit)

    def lines(
        self, model: TableModel, width: int, glyphs: Glyphs, *, focused: bool, empty: str, foot: Sequence[str]
    ) -> list[Line]:
        """Titles, the rows in sight, total and foot."""
        view = model.view
        if view is None or not model.columns:
            return []
        places = {column.id: at for at, column in enumerate(view.columns)}
        rows = [model.ordered(row, places) for row in model.rows.slice(model.top, model.room)]
        total = [model.ordered(view.total, places)] if view.total else []
        self._measure(model, [*rows, *total], places)
        inner = width - 1 if width >= EDGE_FROM else width
        self.fit = fit_columns(model.columns, self.widths, inner, model.scrolled)
        chosen = model.chosen if focused else ""
        out = [header_line(model.columns, self.fit, width, glyphs, sort=model.sort, chosen=chosen)]
        ids = [column.id for column in model.columns]
        cell_at = ids.index(chosen) if view.by_cell and chosen in ids else None
        for at, row in enumerate(rows):
            cursor, marked = model.top + at == model.place, row.id in model.marks
            out.append(
                row_line(
                    model.columns,
                    self.fit,
                    row,
                    width,
                    glyphs,
                    cursor=cursor,
                    marked=marked,
                    focused=focused,
                    cell_at=cell_at,
                )
            )
        if not rows:
            out.append(line((" " + empty, "ink-dim")))
        out += [row_line(model.columns, self.fit, row, width, glyphs) for row in total]
        return out + [caption(text, width) for text in foot]

    def _measure(self, model: TableModel, rows: list[Row], places: dict[str, int]) -> None:
        columns = model.columns
        if not self.widths or not self.measured:
            rows = rows + [model.ordered(row, places) for row in model.rows.slice(0, MEASURED_ROWS)]
            self.widths = self.widths or tuple(0 for _ in columns)
            self.measured = True
        asked = natural_widths(columns, rows)
        self.widths = tuple(max(pair) for pair in zip(self.widths, asked, strict=True))

    def column_at(self, model: TableModel, x: int) -> str:
        """The id of the column under that cell of the titles, empty if there is none."""
        at = 1
        for place, width in zip(self.fit.places, self.fit.widths, strict=True):
            if at <= x <= at + width:
                return model.columns[place].id
            at += width + 1
        return ""
