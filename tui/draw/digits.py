"""Big numerals for the wall: ten or five rows for values, three for changes; other signs on the base line."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len

from tui.glyphs import Glyphs

_BIG = {
    "0": "▗█▀▀█▖|██  ██|██  ██|██  ██|▝█▄▄█▘",
    "1": " ▗██  |  ██  |  ██  |  ██  |▄▄██▄▄",
    "2": "▀▀▀▀█▖|    ██|▗█▀▀▘ |██    |██▄▄▄▄",
    "3": "▀▀▀▀█▖|    ██|  ▀▀█▖|    ██|▄▄▄▄█▘",
    "4": "██  ██|██  ██|▀▀▀▀██|    ██|    ██",
    "5": "██▀▀▀▀|██    |▀▀▀▀█▖|    ██|▄▄▄▄█▘",
    "6": "▗█▀▀▀▀|██    |██▀▀█▖|██  ██|▝█▄▄█▘",
    "7": "▀▀▀▀██|   ▗█▘|  ▗█▘ | ▗█▘  | ██   ",
    "8": "▗█▀▀█▖|██  ██|▗█▀▀█▖|██  ██|▝█▄▄█▘",
    "9": "▗█▀▀█▖|██  ██|▝█▄▄██|    ██|▄▄▄▄█▘",
    "%": "██  ██|   ▗█▘|  ▗█▘ | ▗█▘  |██  ██",
    "k": "██    |██  ██|██▗█▘ |██▝█▖ |██  ██",
    "M": "██▖  ▗██|███▖▗███|██▝██▘██|██    ██|██    ██",
    "B": "██▀▀█▖|██  ██|██▀▀█▖|██  ██|██▄▄█▘",
    "?": "▗█▀▀█▖|   ▗█▘|  ▗█▘ |      |  ▄▄  ",
    ".": "  |  |  |  |▄▄",
    ",": "  |  |  |▄▄|▗▘",
    "−": "    |    |▄▄▄▄|    |    ",
    "–": "    |    |▄▄▄▄|    |    ",
    "▲": "      |  ▄▄  | ▄██▄ |▄████▄|      ",
    "▼": "      |▀████▀| ▀██▀ |  ▀▀  |      ",
    " ": "  |  |  |  |  ",
}
_SMALL = {
    "0": "╭─╮|│ │|╰─╯",
    "1": "╶╮ | │ |╶┴╴",
    "2": "╶─╮|┌─┘|╰─╴",
    "3": "╶─╮| ─┤|╶─╯",
    "4": "╷ ╷|╰─┤|  ╵",
    "5": "╭─╴|╰─╮|╶─╯",
    "6": "╭─╴|├─╮|╰─╯",
    "7": "╶─┐|  │|  ╵",
    "8": "╭─╮|├─┤|╰─╯",
    "9": "╭─╮|╰─┤|╶─╯",
    "▲": " ▄ |▄█▄|   ",
    "▼": "   |▀█▀| ▀ ",
    "−": "  |╶╴|  ",
    "–": "  |╶╴|  ",
}
_SEGMENTS = {
    "0": (" _ ", "| |", "|_|"),
    "1": ("   ", "  |", "  |"),
    "2": (" _ ", " _|", "|_ "),
    "3": (" _ ", " _|", " _|"),
    "4": ("   ", "|_|", "  |"),
    "5": (" _ ", "|_ ", " _|"),
    "6": (" _ ", "|_ ", "|_|"),
    "7": (" _ ", "  |", "  |"),
    "8": (" _ ", "|_|", "|_|"),
    "9": (" _ ", "|_|", " _|"),
    "▲": ("   ", " ^ ", "   "),
    "▼": ("   ", " v ", "   "),
    "−": ("  ", "--", "  "),
    "–": ("  ", "--", "  "),
}
DOUBLE = 10
_TO_HASH = str.maketrans(dict.fromkeys("█▀▄▗▘▝▖", "#"))


def _glyph(sign: str, rows: int, ascii_only: bool) -> tuple[str, ...]:
    if rows == 3 and ascii_only and sign in _SEGMENTS:
        return _SEGMENTS[sign]
    table = _BIG if rows == 5 else {} if ascii_only else _SMALL
    if sign in table:
        drawn = table[sign].translate(_TO_HASH) if ascii_only else table[sign]
        return tuple(drawn.split("|"))
    return (" " * cell_len(sign),) * (rows - 1) + (sign,)


_QUARTERS = {"█": "████", "▀": "██  ", "▄": "  ██", "▘": "█   ", "▝": " █  ", "▖": "  █ ", "▗": "   █",
             "#": "####", " ": "    "}  # fmt: skip
"""The quarters of a block, each of which becomes a cell of its own in twice the size."""


def _doubled(row: str) -> tuple[str, str]:
    """A row of blocks in twice its size; another sign keeps its size and stands on the lower row."""
    above = below = ""
    for sign in row:
        quarters = _QUARTERS.get(sign)
        room = 2 * cell_len(sign)
        above += quarters[:2] if quarters else " " * room
        below += quarters[2:] if quarters else sign + " " * (room - cell_len(sign))
    return above, below


@lru_cache(maxsize=256)
def _joined(text: str, rows: int, ascii_only: bool) -> tuple[str, ...]:
    if rows == DOUBLE:
        return tuple(row for each in _joined(text, 5, ascii_only) for row in _doubled(each))
    glyphs = [_glyph(sign, rows, ascii_only) for sign in text]
    gap = " " if rows == 5 else ""
    return tuple(gap.join(glyph[at] for glyph in glyphs) for at in range(rows))


def digits(text: str, rows: int, glyphs: Glyphs) -> tuple[str, ...]:
    """The text in `rows` (10, 5 or 3) rows of equal width."""
    return _joined(text, rows, not glyphs.braille)


def digits_width(text: str, rows: int, glyphs: Glyphs) -> int:
    """How many cells `digits` takes."""
    return cell_len(digits(text, rows, glyphs)[0]) if text else 0
