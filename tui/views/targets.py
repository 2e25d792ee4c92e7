"""Targets in words and cells: the goal, how much of it is reached, whether that is enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.questions import MetricRow
from tui import format as fmt
from tui.view import Cell
from tui.views.marks import state_cell
from tui.views.scene import Scene

if TYPE_CHECKING:
    from engine.metrics import Entry


def target_cell(row: MetricRow, text: Callable[[float | None], str]) -> Cell:
    """The goal itself."""
    return Cell(text(row.target), row.target, kind="number")


def pace_cell(row: MetricRow, entry: Entry | None) -> Cell:
    """How much of the goal is reached."""
    if row.target is None or row.value is None or not row.target:
        return Cell(fmt.NONE, None)
    share = row.value / row.target
    return Cell(fmt.percent(share, 1), share, kind="number")


def state_of(row: MetricRow, entry: Entry | None, scene: Scene) -> Cell:
    """Whether the goal is met, as sign and word."""
    if row.target is None or row.value is None or entry is None:
        return Cell("", None)
    missed = row.value > row.target if entry.good == "down" else row.value < row.target
    return state_cell("warn" if missed else "ok", scene.say("metrics.missed" if missed else "metrics.met"))
