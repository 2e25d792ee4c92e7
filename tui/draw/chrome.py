"""The four lines around every screen: header, context, status and footer."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from tui.glyphs import Glyphs
from tui.lines import cut_line, line, pad_line, spread, width_of
from tui.view import ContextView, FooterView, HeaderView, Line, StatusView

WIDE = 160
NARROW = 100
TINY = 60


@dataclass(frozen=True, slots=True)
class Zone:
    """Cells of a line that a click presses: from start up to end; `value` says what."""

    start: int
    end: int
    value: str


def header(view: HeaderView, width: int, glyphs: Glyphs) -> tuple[Line, tuple[Zone, ...]]:
    """Product, workspace, screens, states; narrow: only the current screen keeps its title."""
    states = _states(view, glyphs, words=width >= WIDE)
    gap = "  " if width >= NARROW else " "
    product = f" {view.product}{gap}" if width >= TINY else " "
    head = line((product, "title"), (view.title + (" " if view.title else ""), "ink"), (" ", "ink"))
    full = width >= NARROW
    tabs = _tabs(view, full)
    if full and width_of(head) + sum(cell_len(text) for text, _, _ in tabs) + width_of(states) + 1 > width:
        tabs = _tabs(view, False)
    runs, zones, at = list(head), [], width_of(head)
    for text, tokens, number in tabs:
        runs.append((text, tokens))
        zones.append(Zone(at, at + cell_len(text), str(number)))
        at += cell_len(text)
    return spread(line(*runs), states, width), tuple(zones)


def _states(view: HeaderView, glyphs: Glyphs, *, words: bool) -> Line:
    runs: list[tuple[str, str]] = []
    for state, count, word in view.states:
        if count:
            sign, tone = glyphs.state(state)
            runs += [
                (f"{sign} {count} {word}" if words else f"{sign}{count}", tone),
                ("  " if words else " ", "ink"),
            ]
    if words and runs:
        runs[-1] = (" ", "ink")
    return line(*runs)


def _tabs(view: HeaderView, full: bool) -> list[tuple[str, str, int]]:
    out = []
    for tab in view.tabs:
        title = f"{tab.number} {tab.title}" if full or tab.current else str(tab.number)
        if tab.current:
            out.append((f"[{title}]", "ink-strong", tab.number))
        else:
            out.append((f" {title} " if full else f" {title}", "ink-dim", tab.number))
    return out


def context(view: ContextView, width: int, glyphs: Glyphs) -> tuple[Line, tuple[Zone, ...]]:
    """Crumbs, range and comparison; *as of* never goes, the last parts do; tiny: the last crumb only."""
    crumbs = view.crumbs[-1:] if width < TINY else view.crumbs
    runs: list[tuple[str, str]] = [(" ", "ink")]
    zones: list[Zone] = []
    at = 1
    for place, crumb in enumerate(crumbs):
        last = place == len(crumbs) - 1
        text = crumb + ("" if last else f" {glyphs.crumb} ")
        zones.append(Zone(at, at + cell_len(crumb), str(len(view.crumbs) - len(crumbs) + place)))
        runs.append((text, "ink-strong" if last else "ink-dim"))
        at += cell_len(text)
    right = line((view.as_of, "ink-dim"), (" " if view.as_of else "", "ink"))
    room = width - at - width_of(right) - (2 if crumbs else 1)
    parts = list(view.parts)
    while len(parts) > 1 and cell_len(" · ".join(parts)) > room:
        parts.pop()
    body = " · ".join(parts)
    return spread(line(*runs, ("  " if crumbs and body else "", "ink"), (body, "ink")), right, width), tuple(
        zones
    )


def status(view: StatusView, width: int, glyphs: Glyphs) -> Line:
    """`● live · 502 files · …` and the worst of the sources at the right end; a message takes the middle."""
    sign, tone = glyphs.state(view.state)
    right: Line = ()
    if view.right:
        mark, mark_tone = glyphs.state(view.right_state) if view.right_state else ("", "ink-dim")
        right = line((f"{mark} {view.right}" if mark else view.right, mark_tone), (" ", "ink"))
    head = line((f" {sign} {view.word}", tone))
    if view.message:
        return spread(line(*head, (" · ", "ink-dim"), (view.message, view.tone)), right, width)
    parts = list(view.parts)
    room = width - width_of(head) - width_of(right) - 1
    while parts and sum(cell_len(part) + 3 for part in parts) > room:
        parts.pop(0 if len(parts) > 3 else -1)
    return spread(line(*head, ("".join(f" · {part}" for part in parts), "ink-dim")), right, width)


def footer(view: FooterView, width: int, glyphs: Glyphs) -> tuple[Line, tuple[Zone, ...]]:
    """Keys and what they do; what does not fit goes from the end, the last hint (`?`) stays."""
    if view.message:
        return pad_line(cut_line(line((" " + view.message, view.tone)), width), width), ()
    hints = list(view.hints)

    def used() -> int:
        return 1 + sum(cell_len(h.key) + cell_len(h.label) + 3 for h in hints)

    while len(hints) > 1 and used() > width + 1:
        hints.pop(-2)
    runs: list[tuple[str, str]] = [(" ", "ink")]
    zones, at = [], 1
    for hint in hints:
        size = cell_len(hint.key) + 1 + cell_len(hint.label)
        runs += [(hint.key, "key"), (f" {hint.label}", "ink-dim"), ("  ", "ink")]
        zones.append(Zone(at, at + size, hint.action))
        at += size + 2
    return pad_line(cut_line(line(*runs[:-1] if len(runs) > 1 else runs), width), width), tuple(zones)
