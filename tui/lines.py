"""Lines of runs: built, measured, cut and padded in cells, still without any terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from tui.harmless import cut
from tui.view import Line, Run


def line(*runs: Run) -> Line:
    """A line of these runs; empty ones vanish and neighbours of one style become one run."""
    out: list[Run] = []
    for text, tokens in runs:
        if not text:
            continue
        if out and (out[-1][1] == tokens or (text.isspace() and not _ground(tokens) and _plain(out[-1][1]))):
            out[-1] = (out[-1][0] + text, out[-1][1])
        else:
            out.append((text, tokens))
    return tuple(out)


def _ground(tokens: str) -> bool:
    """Whether blanks of that style are seen by their background."""
    return any(t in tokens for t in ("selected", "heat", "shade", "cell"))


def _plain(tokens: str) -> bool:
    """Whether blanks may be drawn in that style without being seen (no background, no underline)."""
    return not any(
        t in tokens for t in ("selected", "banner", "heat", "fresh", "marked", "header", "cell", "shade")
    )


def text_of(value: Line) -> str:
    """The line without its styles."""
    return "".join(text for text, _ in value)


def width_of(value: Line) -> int:
    """How many cells the line takes."""
    return sum(cell_len(text) for text, _ in value)


def cut_line(value: Line, room: int, mark: str = "…") -> Line:
    """The line in at most `room` cells."""
    if width_of(value) <= room:
        return value
    out: list[Run] = []
    left = room
    for at, (text, tokens) in enumerate(value):
        size = cell_len(text)
        more = any(rest for rest, _ in value[at + 1 :])
        if size < left or (size == left and not more):
            out.append((text, tokens))
            left -= size
            continue
        out.append((cut(text + " " if size <= left else text, left, mark), tokens))
        break
    return line(*out)


def pad_line(value: Line, room: int, align: str = "left", tokens: str = "ink") -> Line:
    """The line in exactly `room` cells."""
    short = cut_line(value, room)
    blank = " " * max(0, room - width_of(short))
    return line((blank, tokens), *short) if align == "right" else line(*short, (blank, tokens))


def spread(left: Line, right: Line, room: int, keep: str = "right") -> Line:
    """Two lines at the ends of `room` cells; where both do not fit, the one not kept is cut, then goes."""
    kept, other = (right, left) if keep == "right" else (left, right)
    rest = room - width_of(kept) - 1
    if rest < 1:
        return pad_line(kept, room, "right" if keep == "right" else "left")
    other = cut_line(other, rest)
    left, right = (other, kept) if keep == "right" else (kept, other)
    return line(*left, (" " * (room - width_of(left) - width_of(right)), "ink"), *right)


def toned(value: Line, token: str) -> Line:
    """The line with one more token on every run."""
    return tuple((text, f"{tokens} {token}" if tokens else token) for text, tokens in value)


def block(lines: Iterable[Line], width: int, height: int) -> tuple[Line, ...]:
    """Exactly `height` lines of exactly `width` cells."""
    out = [pad_line(each, width) for each in list(lines)[:height]]
    out += [line((" " * width, "ink"))] * (height - len(out))
    return tuple(out)
