"""The frame of a panel: title at the left, unit or count at the right, keys at the bottom right."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from tui.glyphs import Glyphs
from tui.harmless import cut
from tui.lines import block, line, pad_line
from tui.view import Line


def frame(
    lines: Iterable[Line],
    width: int,
    height: int,
    glyphs: Glyphs,
    *,
    title: str = "",
    right: str = "",
    keys: str = "",
    kind: str = "round",
    border: str = "border",
    pad: int = 0,
) -> tuple[Line, ...]:
    """The lines inside a frame, exactly `width` by `height` cells.

    In: kind: round, focus or heavy; border: the token of the frame; pad: blank cells at both sides inside.
    """
    if width < 2 or height < 2:
        return block(lines, width, height)
    top_left, top, top_right, left, end, bottom_left, bottom, bottom_right = tuple(glyphs.frames[kind])
    inside = width - 2
    out = [_edge((top_left, top, top_right), inside, title, right, border)]
    body = list(lines)[: height - 2]
    blank = " " * pad
    for at in range(height - 2):
        content = (
            pad_line(body[at], inside - 2 * pad)
            if at < len(body)
            else line((" " * (inside - 2 * pad), "ink"))
        )
        out.append(line((left, border), (blank, "ink"), *content, (blank, "ink"), (end, border)))
    out.append(_edge((bottom_left, bottom, bottom_right), inside, "", keys, border))
    return tuple(out)


def _edge(signs: tuple[str, str, str], inside: int, title: str, right: str, border: str) -> Line:
    """`╭─ Title ────── right ─╮`; where both do not fit, the right text goes first, then the title is cut."""
    first, fill, last = signs
    title_text = f" {cut(title, inside - 4)} " if title and inside > 5 else ""
    right_text = f" {right} " if right else ""
    if cell_len(title_text) + cell_len(right_text) + 3 > inside:
        room = inside - cell_len(title_text) - 5
        right_text = f" {cut(right, room).rstrip()} " if right and room >= 8 and not title else ""
    rest = inside - cell_len(title_text) - cell_len(right_text)
    lead = 1 if title_text else 0
    tail = 1 if right_text else 0
    return line(
        (first + fill * lead, border),
        (title_text, f"title {border}"),
        (fill * (rest - lead - tail), border),
        (right_text, "ink-dim"),
        (fill * tail + last, border),
    )
