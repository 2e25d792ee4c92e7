"""Cells that carry a sign: states and changes."""

from __future__ import annotations

from tui.glyphs import UNICODE
from tui.view import Cell, Change

ARROWS = {1: UNICODE.up, -1: UNICODE.down}
RANK = {"crit": 0, "warn": 1, "stale": 2, "pend": 3, "back": 4, "fresh": 5, "live": 5, "ok": 6}


def state_cell(state: str, word: str) -> Cell:
    """`✖ crit`: sign, word and tone of a state; sorts by how bad it is."""
    sign, tone = UNICODE.state(state)
    return Cell(f"{sign} {word}", RANK.get(state, 9), tone, kind="state")


def change_cell(change: Change, share: float | None) -> Cell:
    """`▼18.4%!`; sorts by the move itself."""
    arrow = ARROWS.get(change.direction, "")
    return Cell(arrow + change.text + ("!" if change.alarm else ""), share, change.tone, kind="change")
