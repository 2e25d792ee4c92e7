"""The alert feed: two lines an entry, worst state as sign and word."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from tui.glyphs import Glyphs
from tui.harmless import pad
from tui.lines import line, pad_line, spread, toned
from tui.view import AlertEntry, FeedView, Line


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A drawn line and the place of the entry it belongs to (−1: none)."""

    entry: int
    line: Line


def alert_line(entry: AlertEntry, width: int, glyphs: Glyphs) -> Line:
    """An alert in one row: `✖ crit  10-28 sentence: cause   owner`."""
    sign, tone = glyphs.state(entry.state)
    said = f"{entry.text}: {entry.detail}" if entry.detail else entry.text
    left = line(
        (f"{sign} {entry.word}  ", tone), (f"{entry.day} " if entry.day else "", "ink-dim"), (said, "ink")
    )
    return spread(left, line((entry.owner, "ink-dim")), width)


def feed_lines(view: FeedView, width: int, glyphs: Glyphs, cursor: int | None = None) -> tuple[FeedLine, ...]:
    """All lines of the feed at that width; the caller cuts out what is in sight."""
    if not view.entries:
        return (FeedLine(-1, pad_line(line((" " + view.empty, "ink-dim")), width)),)
    words = max((cell_len(e.word) for e in view.entries if e.kind == "entry"), default=0)
    signs = max((cell_len(glyphs.state(e.state)[0]) for e in view.entries if e.kind == "entry"), default=1)
    out: list[FeedLine] = []
    for at, entry in enumerate(view.entries):
        if view.gap and entry.kind == "entry" and entry.detail and out and out[-1].entry >= 0:
            out.append(FeedLine(-1, line((" " * width, "ink"))))
        out += [FeedLine(at if entry.able else -1, each) for each in _entry(
            entry, width, glyphs, words, signs, chosen=cursor == at)]  # fmt: skip
    return tuple(out)


def _entry(
    entry: AlertEntry, width: int, glyphs: Glyphs, words: int, signs: int, *, chosen: bool
) -> tuple[Line, ...]:
    if entry.kind == "rule":
        return (line((glyphs.rule * width, "border")),)
    if entry.kind == "heading":
        return (pad_line(line((" " + entry.text, "ink-dim")), width),)
    lead = glyphs.cursor if chosen else " "
    if entry.kind == "link":
        return (_shown(pad_line(line((lead, "ink"), (entry.text, "ink-dim")), width), chosen),)
    sign, tone = glyphs.state(entry.state)
    words_tone = "ink"
    if entry.dim:
        tone = words_tone = "ink-dim"
    if entry.inset:
        lead += glyphs.step
    state = pad(sign, signs) + " " + pad(entry.word, words)
    head = line(
        (lead, "ink"),
        (state + " ", tone),
        (f"{entry.day} " if entry.day else "", "ink-dim"),
        (entry.text, words_tone),
    )
    lines = [spread(head, line((entry.owner, "ink-dim"), (" ", "ink")), width)]
    if entry.detail or entry.detail_right:
        indent = cell_len(lead) + cell_len(state) + 1 + (cell_len(entry.day) + 1 if entry.day else 0)
        below = line((" " * indent, "ink"), (entry.detail, "ink-dim"))
        lines.append(spread(below, line((entry.detail_right, "ink-dim"), (" ", "ink")), width))
    return tuple(_shown(each, chosen) for each in lines)


def _shown(each: Line, chosen: bool) -> Line:
    return toned(each, "selected") if chosen else each
