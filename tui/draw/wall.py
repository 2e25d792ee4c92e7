"""Bands of the wall: to be read from three metres."""

from __future__ import annotations

from rich.cells import cell_len

from tui.draw.digits import digits, digits_width
from tui.draw.frame import frame
from tui.draw.spark import bar_line
from tui.draw.tile import arrow_text, change_line
from tui.glyphs import Glyphs
from tui.lines import line, pad_line, spread
from tui.view import Line
from tui.view.wall import Band, WallPage

BAND_ROWS = 3
GAP = 3
LEAST_BAR = 10


def page_lines(page: WallPage, width: int, height: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """All bands in one frame; one row each where three are too many."""
    pad = 1 if width >= 60 else 0
    inside, rows = width - 2 - 2 * pad, height - 2
    tall = width >= 60 and rows >= BAND_ROWS * len(page.bands)
    body: list[Line] = []
    blank = tall and rows >= (BAND_ROWS + 1) * len(page.bands)
    for band in page.bands:
        body += _tall(band, page, inside, glyphs) if tall else [_flat(band, inside, glyphs)]
        body += [()] if blank else []
    return frame(
        body, width, height, glyphs, title=page.title, right=page.unit,
        kind="heavy" if page.heavy else "round", border="bad" if page.heavy else "border", pad=pad,
    )  # fmt: skip


def _beside(band: Band) -> str:
    """What stands beside the value in big numerals."""
    return band.second or (arrow_text(band.change) if band.change else "")


def _sign(band: Band, glyphs: Glyphs) -> str:
    return f"{glyphs.state(band.state)[0]} " if band.state else ""


def _flat(band: Band, width: int, glyphs: Glyphs) -> Line:
    left = line((_sign(band, glyphs) + band.title, band.tone))
    beside = change_line(band.change, glyphs) or line((band.second, band.value_tone))
    right = line((band.value + " ", band.value_tone), *beside)
    return spread(left, right, width)


def _tall(band: Band, page: WallPage, width: int, glyphs: Glyphs) -> list[Line]:
    """Title and note at the left, the bar, value and change in columns of their own at the right."""
    values = max((digits_width(each.value, BAND_ROWS, glyphs) for each in page.bands), default=0)
    moves = max((digits_width(_beside(each), BAND_ROWS, glyphs) for each in page.bands), default=0)
    right = sum(part + GAP for part in (values, moves) if part)
    barred = any(each.share is not None for each in page.bands)
    words = min(
        width - right,
        max(max(cell_len(_sign(each, glyphs) + each.title), cell_len(each.note)) for each in page.bands) + 1,
    )
    room = width - right - words - GAP if barred else 0
    if room < LEAST_BAR:
        room, words = 0, width - right
    return [
        _row(band, at, (words, room, values, moves), glyphs)
        for at in range(BAND_ROWS)
    ]  # fmt: skip


def _row(band: Band, at: int, rooms: tuple[int, int, int, int], glyphs: Glyphs) -> Line:
    words, room, values, moves = rooms
    text = {1: (_sign(band, glyphs) + band.title, band.tone), 2: (band.note, "ink-dim")}.get(at, ("", "ink"))
    out = [*pad_line(line(text), words)]
    if room:
        shown = bar_line(band.share, room, glyphs) if band.share is not None and at < BAND_ROWS - 1 else ()
        out += [*pad_line(shown, room), (" " * GAP, "ink")]
    if values:
        out += _numeral(band.value, at, values, band.value_tone, glyphs)
    if moves:
        tone = band.change.tone if band.change else band.value_tone
        out += _numeral(_beside(band), at, moves, tone, glyphs)
    return line(*out)


def _numeral(text: str, at: int, room: int, tone: str, glyphs: Glyphs) -> Line:
    row = digits(text, BAND_ROWS, glyphs)[at] if text else ""
    return ((" " * (room - cell_len(row) + GAP), "ink"), (row, tone))
