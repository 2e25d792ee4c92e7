"""An incident in one frame: what it is, its trend, then cause, steps and timeline."""

from __future__ import annotations

from tui.draw.trend import trend_lines
from tui.glyphs import Glyphs
from tui.lines import line, pad_line, toned
from tui.view import Line
from tui.view.incident import IncidentView

LEAST_TREND, MOST_TREND, TALLEST, HIGH = 7, 11, 18, 40
"""Rows of the trend: below the least it is left out; the most beside other lines, and in a high panel."""


def trend_rows(view: IncidentView, height: int) -> int:
    """Rows of the trend at that height, 0 where there is none or no room for it."""
    if view.trend is None:
        return 0
    rest = height - len(view.head) - 1
    room = rest - len(view.spots) - 1 if view.spots else rest
    rows = min(max(room, LEAST_TREND), MOST_TREND if view.spots and height < HIGH else TALLEST)
    return rows if rest - rows >= min(len(view.spots), 3) and rest >= LEAST_TREND else 0


def incident_lines(
    view: IncidentView, width: int, height: int, glyphs: Glyphs, *, top: int = 0, cursor: int | None = None
) -> tuple[Line, ...]:
    """All rows; the spots from `top` on, that of the cursor marked."""
    out = list(view.head)
    rows = trend_rows(view, height)
    if rows and view.trend is not None:
        out += [(), *(_inset(each) for each in trend_lines(view.trend, width - 2, rows, glyphs))]
    if view.spots:
        out += [()] if out else []
        for at, spot in enumerate(view.spots[top:], top):
            sign = glyphs.cursor if at == cursor else " "
            shown = pad_line(line((sign, "ink"), *spot.line), width)
            out.append(toned(shown, "selected") if at == cursor else shown)
    return tuple(out[:height])


def room_for(view: IncidentView, height: int) -> int:
    """How many spots are in sight."""
    rows = trend_rows(view, height)
    above = len(view.head) + (rows + 1 if rows else 0)
    return max(0, height - above - (1 if above else 0))


def _inset(each: Line) -> Line:
    return line((" ", "ink"), *each)
