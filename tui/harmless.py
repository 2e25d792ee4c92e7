"""Hostile text made safe to show, and text cut and padded by terminal cells.

Nothing that comes from a data file reaches the terminal otherwise: control characters become their pictures
(`␛ ⇥ ␀`), bidirectional and other invisible controls become `·`, a combining mark keeps at most two
companions, and every width is a count of cells, never of characters.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len

ELLIPSIS = "…"
REPLACED = "·"
MARKS_KEPT = 2
PICTURES = {code: chr(0x2400 + code) for code in range(32)} | {9: "⇥", 10: "⏎", 13: "␍", 127: "␡", 0x85: "⏎"}
# Variation selectors, flags, skin tones: how wide they make their neighbour differs between terminals.
_JOINING = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF), (0x1F1E6, 0x1F1FF), (0x1F3FB, 0x1F3FF))


@lru_cache(maxsize=8192)
def harmless(text: str) -> str:
    """The same text with everything that could move, hide or colour something replaced by a visible sign.

    Out: no control, format, surrogate, private or unassigned character; no line break; no right-to-left run
         that the terminal could reorder across its cell (an isolate cannot be written, so such letters stay,
         their controls do not).
    """
    if text.isascii() and text.isprintable():
        return text
    out: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        shown = _shown(char)
        if shown == char and unicodedata.combining(char):
            marks += 1
            if not out or marks > MARKS_KEPT:
                continue
        else:
            marks = 0
        out.append(shown)
    return "".join(out)


def _shown(char: str) -> str:
    code = ord(char)
    if code in PICTURES:
        return PICTURES[code]
    category = unicodedata.category(char)
    if category == "Zs":
        return " " if char != "　" else char
    if category in ("Zl", "Zp"):
        return "⏎"
    if category in ("Cc", "Cf", "Cs", "Co", "Cn") or any(low <= code <= high for low, high in _JOINING):
        return REPLACED
    if category.startswith("M") and not unicodedata.combining(char) and cell_len(char) == 0:
        return char
    return char if cell_len(char) or category.startswith("M") else REPLACED


def cells(text: str) -> int:
    """How many terminal cells a text takes."""
    return cell_len(text)


def _split(text: str, room: int) -> str:
    """The longest head of text that takes at most `room` cells and ends at no half of a character."""
    if room <= 0:
        return ""
    low, high = 0, min(len(text), room * (MARKS_KEPT + 1) + MARKS_KEPT)
    while low < high:
        middle = (low + high + 1) // 2
        if cell_len(text[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low]


def cut(text: str, room: int, mark: str = ELLIPSIS) -> str:
    """Text in at most `room` cells; where something is left out it ends in `mark`.

    A wide character that does not fit before the mark is left out whole; the blank it leaves stands after the
    mark.
    """
    if room <= 0:
        return ""
    if cell_len(text) <= room:
        return text
    head = _split(text, room - cell_len(mark))
    if not head and cell_len(mark) > room:
        return _split(mark, room)
    return head + mark + " " * (room - cell_len(head) - cell_len(mark))


def pad(text: str, room: int, align: str = "left", mark: str = ELLIPSIS) -> str:
    """Text in exactly `room` cells: cut where longer, filled with blanks where shorter.

    In: align: left, right or center.
    """
    short = cut(text, room, mark)
    left_over = max(0, room - cell_len(short))
    if align == "right":
        return " " * left_over + short
    if align == "center":
        return " " * (left_over // 2) + short + " " * (left_over - left_over // 2)
    return short + " " * left_over


def safe(text: str, room: int, align: str = "left") -> str:
    """A text from a data file, harmless and in exactly `room` cells."""
    return pad(harmless(text), room, align)


def wrap(text: str, room: int) -> tuple[str, ...]:
    """Text in lines of at most `room` cells, broken at blanks and between wide characters."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in _words(paragraph):
            if cell_len(line + word.rstrip()) <= room:
                line += word
                continue
            if line.strip():
                lines.append(line.rstrip())
            line = word.lstrip()
            while cell_len(line.rstrip()) > room > 0:
                head = _split(line, room) or line[:1]
                lines.append(head)
                line = line[len(head) :]
        lines.append(line.rstrip())
    return tuple(lines)


def _words(text: str) -> list[str]:
    """Pieces after which a line may break: words with the blanks after them, and single wide characters."""
    out: list[str] = []
    for char in text:
        starts = not out or out[-1][-1:] == " " != char or cell_len(char) == 2 or cell_len(out[-1][-1:]) == 2
        closing = char in "，。：；！？、）」》”%"
        if starts and not closing and char != " ":
            out.append(char)
        elif out:
            out[-1] += char
        else:
            out.append(char)
    return out
