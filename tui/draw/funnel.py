"""A funnel as bars with its numbers, in three forms: table, compact bars, one line."""

from __future__ import annotations

from rich.cells import cell_len

from tui.draw.spark import bar_line
from tui.glyphs import Glyphs
from tui.harmless import pad
from tui.lines import cut_line, line, pad_line, width_of
from tui.view import FunnelView, Line, Step

NAME_MOST = 16
NAME_LEAST = 8
BAR_LEAST = 6
BAR_ROOMY = 30
COLUMNS = ("of_first", "of_previous", "dropped", "average", "median", "p75", "p90", "target", "benchmark")
MORE = frozenset(["average", "p75", "benchmark"])
"""Columns that come only where the bars stay long."""
DROPPED_FIRST = ("average", "p75", "benchmark", "p90", "median", "dropped", "of_first", "target")


def funnel_one_line(view: FunnelView, width: int, glyphs: Glyphs) -> Line:
    """`purchase  168.4k ▸72.2%▸ 121.6k ▸26.2%◀▸ 31.92k …`; the bottleneck's rate is marked."""
    runs = [(view.name + "  ", "ink-dim")]
    for step in view.steps:
        if step.number > 1 and step.of_previous:
            mark = glyphs.bottleneck if step.bottleneck else ""
            runs.append(
                (
                    f" {glyphs.step}{step.of_previous}{mark}{glyphs.step} ",
                    "warn" if step.bottleneck else "ink-dim",
                )
            )
        runs.append((step.persons, "ink-strong"))
    return pad_line(line(*runs), width)


def funnel_lines(
    view: FunnelView,
    width: int,
    height: int,
    glyphs: Glyphs,
    *,
    full: bool = False,
    cursor: int | None = None,
) -> tuple[Line, ...]:
    """Steps as bars; `full` adds a head row and all numbers that fit; `cursor` is the chosen step's place."""
    if not view.steps:
        return (pad_line(line((view.empty or "–", "ink-dim")), width),)[:height]
    if height < len(view.steps):
        return (funnel_one_line(view, width, glyphs),)[:height]
    shown = _columns(view, width, full)
    sizes = {
        name: max([_head_width(view, name)] + [cell_len(_text(s, name)) for s in view.steps])
        for name in shown
    }
    out: list[Line] = [_head(view, width, sizes)] if full and height > len(view.steps) else []
    for at, step in enumerate(view.steps):
        row = _step(view, step, width, glyphs, sizes, mark=not full)
        chosen = cursor == at
        drawn = line((glyphs.cursor if chosen else " ", "ink"), *row)
        out.append(tuple((t, f"{k} selected") for t, k in drawn) if chosen else drawn)
    out += [pad_line(line((" " + text, "warn")), width) for text in view.warnings]
    out += [pad_line(line((" " + note, "ink-dim")), width) for note in view.notes]
    return tuple(out[:height])


def _text(step: Step, column: str) -> str:
    text: str = getattr(step, column)
    return text + ("!" if step.missed else " ") if column == "target" else text


def _head_width(view: FunnelView, column: str) -> int:
    return cell_len(dict(view.heads).get(column, ""))


def _name_width(view: FunnelView) -> int:
    return min(NAME_MOST, max(NAME_LEAST, *(cell_len(s.name) for s in view.steps)))


def _columns(view: FunnelView, width: int, full: bool) -> tuple[str, ...]:
    """The number columns that leave the bars at least their least width."""
    wanted = [c for c in COLUMNS if any(getattr(s, c) for s in view.steps)] if full else ["of_previous"]
    for goes in (*DROPPED_FIRST, ""):
        used = 5 + _name_width(view) + 9
        used += sum(
            2 + max(_head_width(view, c), *(cell_len(_text(s, c)) for s in view.steps)) for c in wanted
        )
        used += 0 if full else _mark_width(view)
        least = BAR_ROOMY if MORE & set(wanted) else BAR_LEAST * 2
        if used + least <= width or not goes:
            break
        wanted = [c for c in wanted if c != goes]
    return tuple(wanted)


def _mark_width(view: FunnelView) -> int:
    return 3 + cell_len(view.bottleneck) if any(s.bottleneck for s in view.steps) else 0


def _head(view: FunnelView, width: int, sizes: dict[str, int]) -> Line:
    heads = dict(view.heads)
    left = f" # {pad(heads.get('step', ''), _name_width(view))} {heads.get('persons', '')}"
    right = "".join("  " + pad(heads.get(name, ""), sizes[name], "right") for name in sizes) + " "
    room = width - cell_len(right)
    return cut_line(line((pad(left, room) + right, "header")), width)


def _step(
    view: FunnelView, step: Step, width: int, glyphs: Glyphs, sizes: dict[str, int], *, mark: bool
) -> Line:
    persons = max(cell_len(s.persons) for s in view.steps)
    tail: list[tuple[str, str]] = [("  " + pad(step.persons, persons, "right"), "ink-strong")]
    tail += [
        ("  " + pad(_text(step, name), size, "right"), _tone(step, name)) for name, size in sizes.items()
    ]
    if mark and _mark_width(view):
        words = f" {glyphs.bottleneck} {view.bottleneck}" if step.bottleneck else ""
        room = _mark_width(view)
        if width - room - width_of(line(*tail)) - _name_width(view) - 5 < BAR_LEAST:
            words, room = (f" {glyphs.bottleneck}" if step.bottleneck else ""), 2
        tail.append((pad(words, room), "warn"))
    number = f"{step.number} " if step.number < 10 else f"{step.number}"
    lead = line((number, "ink-dim"), (pad(step.name, _name_width(view)) + " ", "ink"))
    room = width - 2 - width_of(lead) - width_of(line(*tail))
    bar = bar_line(step.share, max(0, room), glyphs)
    return pad_line(line(*lead, *bar, *tail), width - 1)


def _tone(step: Step, column: str) -> str:
    if column == "target" and step.missed:
        return "bad"
    return "warn" if column == "of_previous" and step.bottleneck else "ink"
