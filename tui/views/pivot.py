"""Two dimensions: members down and across, cells coloured by size, totals recomputed; hours of a week.

A cell shows the value, or with `measure` the change against what the view compares with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from engine.questions import MetricAnswer, MetricQuery, MetricRow
from tui import format as fmt
from tui.rows import MemoryRows
from tui.view import Cell, Column, Row, TableView
from tui.views.crumbs import dimension_text, metric_name
from tui.views.metrics import (
    Key,
    asked,
    base_of,
    dimensions_of,
    entry_of,
    key_of,
    key_text,
    metric_of,
    moved,
    row_id,
    whole,
)  # fmt: skip
from tui.views.scene import Scene, head
from tui.views.steps import move_of, step_of

if TYPE_CHECKING:
    from engine.metrics import Entry

HOURS = ("weekday", "hour_of_day")
"""The two dimensions of the hours of a week."""
ALL: Mapping[str, tuple[str, ...]] = {
    "weekday": tuple("1234567"),
    "hour_of_day": tuple(f"{hour:02d}" for hour in range(24)),
}
"""Members that are always there, in their own order."""
NAMES, TOTALS = 6, 10
"""Cells of the names and of the totals of rows beside the hours."""
TOTAL, NEW = "total", "+"


def is_hours(scene: Scene) -> bool:
    """Whether the place shows the hours of a week."""
    return dimensions_of(scene.place) == HOURS


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The cells by their two members, the totals, and how they are shown."""

    scene: Scene
    entry: Entry | None
    dims: tuple[str, str]
    cells: Mapping[tuple[Key, Key], MetricRow]
    down: Mapping[Key, MetricRow]
    across: Mapping[Key, MetricRow]
    total: MetricRow | None
    column: fmt.ColumnUnit
    known: tuple[float, ...]

    @property
    def changes(self) -> bool:
        """Whether cells show changes."""
        return self.scene.place.measure == "change"

    def text(self, value: float | None) -> str:
        """A value in the unit of the table."""
        unit = self.entry.unit if self.entry else "count"
        if unit == "percent":
            return fmt.percent(value, 2)
        if unit == "seconds":
            return fmt.duration(value, self.scene.lang)
        return fmt.in_unit(value, self.column)


def table(scene: Scene, room: int) -> TableView:
    """The pivot in a panel of `room` cells."""
    found, entry = asked(scene), entry_of(scene)
    dims = dimensions_of(scene.place)
    title = _title(scene, dims)
    asks = [found.cells, found.total, *(each for each in (found.down, found.across) if each)] if found else []
    answers = [scene.got(each, MetricAnswer) for each in asks]
    answer = answers[0] if answers else None
    if found is None or answer is None or None in answers or len(dims) < 2:
        name = Column("member", head(dims[0], scene.lang), "left")
        text = scene.failure(*asks) or scene.say("empty.computing")
        return TableView((name,), MemoryRows(), title=title, empty=text, shape="computing")
    first, second = dims
    unit = entry.unit if entry else "count"
    sheet = _Sheet(
        scene, entry, (first, second),
        {(key_of(row, first), key_of(row, second)): row for row in answer.rows},
        _by(scene, found.down, first), _by(scene, found.across, second), whole(scene, found),
        fmt.column_unit((row.value for row in answer.rows), scene.lang, whole=unit == "count"),
        _known(scene, answer.rows),
    )  # fmt: skip
    size = _shades(sheet, room)
    across = _order((key for _, key in sheet.cells), sheet.across, second)
    rows = [
        _row(sheet, key, across, size)
        for key in _order((key for key, _ in sheet.cells), sheet.down, first)
        if sheet.cells
    ]
    total = _total(sheet, across, size) if rows else None
    return TableView(
        _columns(sheet, across, size),
        MemoryRows(rows),
        total,
        foot=(scene.say("metrics.hours_foot"),) if dims == HOURS and scene.size.high else (),
        title=title,
        unit=scene.say(f"metrics.shows_{scene.place.measure}"),
        empty=scene.say("empty.panel"),
        underline=True,
        by_cell=True,
        shape="pivot",
    )


def _title(scene: Scene, dims: Sequence[str]) -> str:
    named = " × ".join(dimension_text(each, scene.place, scene) for each in dims)
    unit = _suffix(scene)
    return f"{metric_name(scene, metric_of(scene))} {scene.say('panel.by', dimension=named)}{unit}"


def _suffix(scene: Scene) -> str:
    """The one unit of all cells, behind the title."""
    found, entry = asked(scene), entry_of(scene)
    answer = scene.got(found.cells, MetricAnswer) if found else None
    if answer is None or entry is None or entry.unit in ("percent", "seconds"):
        return ""
    column = fmt.column_unit((row.value for row in answer.rows), scene.lang, whole=entry.unit == "count")
    return f" · {column.suffix}" if column.suffix else ""


def _by(scene: Scene, query: MetricQuery | None, dim: str) -> Mapping[Key, MetricRow]:
    answer = scene.got(query, MetricAnswer) if query else None
    return {key_of(row, dim): row for row in answer.rows} if answer else {}


def _known(scene: Scene, rows: Sequence[MetricRow]) -> tuple[float, ...]:
    if scene.place.measure != "change":
        return tuple(row.value for row in rows if row.value is not None)
    kind = scene.snapshot.view.compare if scene.snapshot else "none"
    moves = (_move(row, kind) for row in rows)
    return tuple(each for each in moves if each is not None)


def _move(row: MetricRow, kind: str) -> float | None:
    base = base_of(row, kind)
    return row.value / base - 1 if row.value is not None and base else None


def _order(keys: Iterable[Key], totals: Mapping[Key, MetricRow], dim: str) -> list[Key]:
    """Hours, weekdays and periods in their own order, members by their totals; without a value last."""
    there = list(dict.fromkeys((*totals, *keys)))
    if dim in ALL or dim == "day":
        known = list(ALL.get(dim, ())) or sorted(key for key in there if key is not None)
        return [*known, *(key for key in there if key not in known)]

    def rank(key: Key) -> tuple[bool, float, str]:
        value = totals[key].value if key in totals else None
        return key is None, -value if value is not None else float("inf"), key or ""

    return sorted(there, key=rank)


def _shades(sheet: _Sheet, room: int) -> int:
    """Cells of each hour of a week where values have no room beside each other; 0 where they have."""
    if sheet.dims != HOURS:
        return 0
    hours = len(ALL[HOURS[1]])
    shown = (moved(row, sheet.entry, sheet.scene).text if sheet.changes else sheet.text(row.value)
             for row in sheet.cells.values())  # fmt: skip
    widest = max((cell_len(text) for text in shown), default=0) + 2
    fits = (room - NAMES - TOTALS) // hours - 1
    return 0 if fits >= widest else max(2, min(4, (room - NAMES) // hours - 1))


def _columns(sheet: _Sheet, across: Sequence[Key], size: int) -> tuple[Column, ...]:
    scene, (first, second) = sheet.scene, sheet.dims
    title = scene.say("head.total")
    columns = [
        Column("member", "" if size else head(first, scene.lang), "left", width=4 if size else 0, name=first),
        Column(TOTAL, title, hidden=bool(size), name=title),
    ]
    for key in across:
        text = str(key) if size and key is not None else key_text(key, second, scene)
        columns.append(Column(row_id(key), text, width=size, hidden=bool(size) and key is None, name=text))
    return tuple(columns)


def _row(sheet: _Sheet, key: Key, across: Sequence[Key], size: int) -> Row:
    cells = [Cell(key_text(key, sheet.dims[0], sheet.scene), key), _plain(sheet, sheet.down.get(key))]
    found = [_cell(sheet, sheet.cells.get((key, other))) for other in across]
    return Row(row_id(key), (*cells, *(_short(cell) if size else cell for cell in found)))


def _short(cell: Cell) -> Cell:
    """A cell that has room for its shade alone; what is new has none."""
    if cell.kind == "heat":
        return replace(cell, text="")
    return cell if cell.text == fmt.NONE else replace(cell, text=NEW)


def _total(sheet: _Sheet, across: Sequence[Key], size: int) -> Row:
    """The totals; where only shades have room, coloured by their size among themselves."""
    word = sheet.scene.say("metrics.all" if size else "head.total")
    cells = [_plain(sheet, sheet.across.get(key)) for key in across]
    if size:
        known = [cell.value for cell in cells if isinstance(cell.value, float | int)]
        step = move_of if sheet.changes else step_of
        cells = [
            replace(cell, text="", kind="heat", share=step(cell.value, known))
            if isinstance(cell.value, float | int)
            else cell
            for cell in cells
        ]
    return Row(TOTAL, (Cell(word), _plain(sheet, sheet.total), *cells))


def _plain(sheet: _Sheet, row: MetricRow | None) -> Cell:
    """A total: without colour, since it is of another size than the cells."""
    if row is None:
        return Cell(fmt.NONE, None)
    if sheet.changes:
        return moved(row, sheet.entry, sheet.scene)
    return Cell(sheet.text(row.value) + ("?" if row.stale else ""), row.value, kind="number")


def _cell(sheet: _Sheet, row: MetricRow | None) -> Cell:
    if row is None or row.value is None:
        return Cell(fmt.NONE, None)
    if not sheet.changes:
        return Cell(sheet.text(row.value), row.value, kind="heat", share=step_of(row.value, sheet.known))
    kind = sheet.scene.snapshot.view.compare if sheet.scene.snapshot else "none"
    found, move = moved(row, sheet.entry, sheet.scene), _move(row, kind)
    if move is None:
        return found
    return replace(found, kind="heat", share=move_of(move, sheet.known))


def said(scene: Scene, row: Row | None, column: str) -> str:
    """The cell under the cursor in words: `Wed 14 · 1,204 · ▼3.1%`."""
    found, entry = asked(scene), entry_of(scene)
    answer = scene.got(found.cells, MetricAnswer) if found else None
    dims = dimensions_of(scene.place)
    if answer is None or row is None or entry is None or len(dims) < 2 or column in ("", "member", TOTAL):
        return ""
    for each in answer.rows:
        keys = [key_of(each, dim) for dim in dims]
        if [row_id(key) for key in keys] == [row.id, column]:
            names = " ".join(key_text(key, dim, scene) for key, dim in zip(keys, dims, strict=True))
            value = fmt.value_of(each.value, entry.unit, scene.lang)
            return " · ".join(part for part in (names, value, moved(each, entry, scene).text) if part)
    return ""
