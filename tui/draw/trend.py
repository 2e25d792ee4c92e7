"""Line charts of braille dots (or `*` in ASCII) with axes, limits, bands and unfinished tails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.cells import cell_len

from tui.glyphs import Glyphs
from tui.lines import line, pad_line
from tui.view import Limit, Line, Series, TrendView

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
PLAIN = {"series-2": "o", "series-3": "x", "series-4": "+", "target": "-"}
"""The sign of a series where there is no braille."""
STROKES = {"solid": (1, 0), "dotted": (1, 1), "dashed": (3, 2)}
"""Dots drawn and left out of a line, by its style."""
MIN_AXIS_WIDTH = 24
MIN_AXIS_HEIGHT = 5


@dataclass(slots=True)
class Canvas:
    """Cells of 2 by 4 dots (1 by 1 without braille); the first to draw in a cell gives its token."""

    width: int
    height: int
    glyphs: Glyphs
    dots: dict[tuple[int, int], int] = field(default_factory=dict)
    signs: dict[tuple[int, int], str] = field(default_factory=dict)
    tokens: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def columns(self) -> int:
        """Dots from left to right."""
        return self.width * 2 if self.glyphs.braille else self.width

    @property
    def rows(self) -> int:
        """Dots from top to bottom."""
        return self.height * 4 if self.glyphs.braille else self.height

    def dot(self, x: int, y: int, token: str) -> None:
        """Set one dot; outside the grid nothing happens."""
        if not (0 <= x < self.columns and 0 <= y < self.rows):
            return
        if not self.glyphs.braille:
            self.sign(x, y, PLAIN.get(token, "*"), token, over=False)
            return
        cell = (x // 2, y // 4)
        self.dots[cell] = self.dots.get(cell, 0) | _DOTS[y % 4][x % 2]
        self.tokens.setdefault(cell, token)

    def sign(self, column: int, row: int, sign: str, token: str, over: bool = True) -> None:
        """Put one sign into a cell; `over` replaces what is there."""
        cell = (column, row)
        if over or (cell not in self.signs and cell not in self.dots):
            self.signs[cell] = sign
            self.tokens[cell] = token

    def lines(self) -> tuple[Line, ...]:
        """The canvas as lines of few runs."""
        return tuple(line(*self._runs(row)) for row in range(self.height))

    def _runs(self, row: int) -> Iterator[tuple[str, str]]:
        for column in range(self.width):
            cell = (column, row)
            dots = chr(0x2800 + self.dots[cell]) if cell in self.dots else " "
            sign = self.signs.get(cell, dots)
            yield sign, self.tokens.get(cell, "ink")


def _bounds(view: TrendView) -> tuple[float, float]:
    known = [v for s in view.series for v in s.values if v is not None]
    known += [limit.value for limit in view.limits] + [tick for tick, _ in view.y_ticks]
    known += [edge for pair in view.band if pair for edge in pair if edge is not None]
    if view.from_zero:
        known.append(0.0)
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _y(value: float, low: float, high: float, rows: int) -> int:
    return round((high - value) / (high - low) * (rows - 1))


def _points(values: tuple[float | None, ...], columns: int) -> list[tuple[int, float] | None]:
    """(dot column, value) per period; several periods in one column keep their order."""
    last = max(1, len(values) - 1)
    return [None if v is None else (round(at * (columns - 1) / last), v) for at, v in enumerate(values)]


def _draw(canvas: Canvas, series: Series, view: TrendView, low: float, high: float) -> None:
    points = _points(series.values, canvas.columns)
    own = series is view.series[0]
    dotted_from = len(points) - (view.partial if own else 0)
    open_from = len(points) - (view.open if own else 0)
    for at, point in enumerate(points):
        if point is None:
            continue
        x, y = point[0], _y(point[1], low, high, canvas.rows)
        if at >= open_from or series.style == "points":
            canvas.sign(*_cell(canvas, x, y), canvas.glyphs.open_point, series.token)
            continue
        before = points[at - 1] if at else None
        if before is None:
            canvas.dot(x, y, series.token)
            continue
        style = "dotted" if at >= dotted_from else series.style
        start = (before[0], _y(before[1], low, high, canvas.rows))
        _segment(canvas, start, (x, y), "partial" if at >= dotted_from else series.token, style)


def _cell(canvas: Canvas, x: int, y: int) -> tuple[int, int]:
    return (x // 2, y // 4) if canvas.glyphs.braille else (x, y)


def _segment(canvas: Canvas, start: tuple[int, int], end: tuple[int, int], token: str, style: str) -> None:
    """A straight line between two dots, without holes; dotted: every second dot; dashed: in strokes."""
    (x0, y0), (x1, y1) = start, end
    span = max(1, x1 - x0)
    previous = y0
    drawn, left_out = STROKES.get(style, STROKES["solid"])
    if left_out:
        length = max(span, abs(y1 - y0), 1)
        for at in range(length, 0, -1):
            x = round(x0 + (x1 - x0) * at / length)
            if ((length - at) if style == "dotted" else x) % (drawn + left_out) < drawn:
                canvas.dot(x, round(y0 + (y1 - y0) * at / length), token)
        return
    for x in range(x0 if x1 == x0 else x0 + 1, x1 + 1):
        y = round(y0 + (y1 - y0) * (x - x0) / span) if x1 != x0 else y1
        step = 1 if y >= previous else -1
        first = previous + step if abs(y - previous) > 1 and canvas.glyphs.braille else y
        for filled in range(first, y + step, step):
            canvas.dot(x, filled, token)
        previous = y


def braille_lines(view: TrendView, width: int, height: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """The bare chart without axes, exactly `width` by `height` cells."""
    canvas = Canvas(width, height, glyphs)
    low, high = _bounds(view)
    for series in view.series:
        _draw(canvas, series, view, low, high)
    _marks(canvas, view)
    for limit in view.limits:
        _limit(canvas, _cell(canvas, 0, _y(limit.value, low, high, canvas.rows))[1], limit, glyphs)
    _band(canvas, view, low, high)
    return canvas.lines()


def _limit(canvas: Canvas, row: int, limit: Limit, glyphs: Glyphs) -> None:
    """A dotted line with its name at the right end; a wide character takes its two cells."""
    label = f" {limit.label}" if limit.label else ""
    room = canvas.width - cell_len(label)
    for column in range(room):
        canvas.sign(column, row, glyphs.dotted, limit.token, over=False)
    column = room
    for char in label if room > 0 else "":
        canvas.sign(column, row, char, limit.token)
        for beside in range(1, cell_len(char)):
            canvas.sign(column + beside, row, "", limit.token)
        column += cell_len(char)


def _marks(canvas: Canvas, view: TrendView) -> None:
    """Signs on the lowest row, where nothing else is drawn: numbers that have changed."""
    last = max(1, max((len(series.values) for series in view.series), default=0) - 1)
    for at, state in view.marks:
        sign, token = canvas.glyphs.state(state)
        canvas.sign(round(at * (canvas.width - 1) / last), canvas.height - 1, sign, token)


def legend_line(view: TrendView, glyphs: Glyphs) -> Line:
    """The series by the signs they are drawn with: `⠉ now  ⠂⠂ the week before`."""
    runs: list[tuple[str, str]] = []
    for series in view.series:
        strokes = {"dotted": "⠂⠂", "dashed": "⠒⠂"}.get(series.style, "⠒⠒")
        sign = strokes if glyphs.braille else PLAIN.get(series.token, "*") * 2
        runs += [(f"{sign} ", series.token), (f"{series.label}   ", "ink-dim")]
    return line(*runs)


def _band(canvas: Canvas, view: TrendView, low: float, high: float) -> None:
    last = max(1, len(view.band) - 1)
    for column in range(canvas.width if view.band else 0):
        pair = view.band[round(column * last / max(1, canvas.width - 1))]
        if pair is None:
            continue
        for edge in (each for each in pair if each is not None):
            row = _cell(canvas, 0, _y(edge, low, high, canvas.rows))[1]
            canvas.sign(column, row, canvas.glyphs.gap if canvas.glyphs.braille else ".", "band", over=False)


def trend_lines(view: TrendView, width: int, height: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """The chart with axes, labels and notes, `width` by `height` cells; bare where there is no room."""
    if not any(v is not None for series in view.series for v in series.values):
        body = [pad_line(line((view.empty or "–", "ink-dim")), width)]
        return tuple(body + [line((" " * width, "ink"))] * (height - 1))[:height]
    notes = view.notes if height - len(view.notes) >= MIN_AXIS_HEIGHT + 2 else ()
    if width < MIN_AXIS_WIDTH or height < MIN_AXIS_HEIGHT:
        return braille_lines(view, width, height, glyphs)
    gutter = max((cell_len(label) for _, label in view.y_ticks), default=0) + 1
    legend = view.legend and len(view.series) > 1 and height - len(notes) >= MIN_AXIS_HEIGHT + 3
    rows = height - 2 - len(notes) - (1 if legend else 0)
    room = width - gutter - 1
    low, high = _bounds(view)
    dots = rows * 4 if glyphs.braille else rows
    marks = {_y(value, low, high, dots) * rows // dots: label for value, label in view.y_ticks}
    tee, bar = glyphs.axis[0], glyphs.axis[1]
    out = [
        line((_right(marks.get(at, ""), gutter), "ink-dim"), (tee if at in marks else bar, "border"), *body)
        for at, body in enumerate(braille_lines(view, room, rows, glyphs))
    ]
    out.append(_axis(view, gutter, room, glyphs))
    out.append(_x_labels(view, gutter + 1, room))
    if legend:
        out.append(pad_line(line((" " * (gutter + 1), "ink"), *legend_line(view, glyphs)), width))
    out += [pad_line(line((" " * (gutter + 1) + note, "ink-dim")), width) for note in notes]
    return tuple(out)


def _right(text: str, room: int) -> str:
    return " " * (room - cell_len(text)) + text


def _axis(view: TrendView, gutter: int, room: int, glyphs: Glyphs) -> Line:
    periods = max((len(s.values) for s in view.series), default=0)
    unfinished = max(view.partial, view.open)
    tail = min(room, max(1, round(room * unfinished / periods))) if unfinished and periods else 0
    corner, fill = glyphs.axis[2], glyphs.axis[3]
    return line((" " * gutter + corner + fill * (room - tail), "border"), (glyphs.dotted * tail, "partial"))


def _x_labels(view: TrendView, indent: int, room: int) -> Line:
    """Labels under their periods; one that would touch its neighbour is left out, the last one stays."""
    periods = max(2, max((len(s.values) for s in view.series), default=0))
    wanted = [
        (
            min(
                max(0, round(at * (room - 1) / (periods - 1)) - cell_len(label) // 2), room - cell_len(label)
            ),
            label,
        )
        for at, label in view.x_ticks
    ]
    placed: list[tuple[int, str]] = wanted[-1:]
    for start, label in reversed(wanted[:-1]):
        if start >= 0 and start + cell_len(label) < placed[-1][0]:
            placed.append((start, label))
    text, at = "", 0
    for start, label in reversed(placed):
        text += " " * (start - at) + label
        at = start + cell_len(label)
    return pad_line(line((" " * indent + text, "ink-dim")), indent + room)
