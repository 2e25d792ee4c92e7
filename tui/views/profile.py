"""What profiles say of a person: name, region, tier, tags and whatever else the files have."""

from __future__ import annotations

from datetime import date, datetime

from engine.questions import Attribute
from tui.harmless import cells, harmless
from tui.lines import line
from tui.view import Line
from tui.view.text import TextView
from tui.views.person import answer_of
from tui.views.scene import Scene
from tui.words import UnknownWordError

MOST_LINES = 3
"""Lines of the panel above the journey."""
_GAP = 3


def view(scene: Scene, width: int) -> TextView:
    """The attributes in as many lines as they need, at most MOST_LINES; no lines without any.

    In:  width: cells of a line.
    """
    answer = answer_of(scene)
    said = [(label(one, scene), text_of(one, scene)) for one in answer.attributes] if answer else []
    rows: list[list[tuple[str, str]]] = [[]]
    room = width
    for name, value in said:
        wide = cells(name) + 1 + cells(value) + _GAP
        if rows[-1] and wide > room:
            rows.append([])
            room = width
        rows[-1].append((name, value))
        room -= wide
    lines = tuple(_line(row) for row in rows[:MOST_LINES] if row)
    return TextView(lines, scene.say("attribute.panel"))


def _line(row: list[tuple[str, str]]) -> Line:
    parts: list[tuple[str, str]] = [(" ", "ink")]
    for name, value in row:
        parts += [(f"{name} ", "ink-dim"), (value, "ink"), (" " * _GAP, "ink")]
    return line(*parts[:-1])


def label(one: Attribute, scene: Scene) -> str:
    """What an attribute is called: its word, else the column's own name."""
    try:
        return scene.say(f"attribute.{one.name}")
    except UnknownWordError:
        return harmless(one.name)


def text_of(one: Attribute, scene: Scene) -> str:
    """An attribute's value: a moment as its day, a list by commas."""
    value = one.value
    if isinstance(value, datetime):
        return f"{scene.local(value):%Y-%m-%d}"
    if isinstance(value, date):
        return value.isoformat()
    return harmless(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
