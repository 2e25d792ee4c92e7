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


def pace_cell(row: MetricRow) -> Cell:
    """The share of the goal that is used against the share that is due: 1 is on time."""
    if row.pace is None:
        return Cell(fmt.NONE, None)
    return Cell(fmt.in_unit(row.pace, fmt.ColumnUnit(decimals=2)), row.pace, kind="number")


def state_of(row: MetricRow, entry: Entry | None, scene: Scene) -> Cell:
    """Where the value stands, as sign and word."""
    good = entry.good if entry else ""
    word = standing(row, good, scene)
    return state_cell("warn" if fails(row, good) else "ok", word) if word else Cell("", None)


def standing(row: MetricRow, good: str, scene: Scene) -> str:
    """`ahead`, `on track`, `behind`; of a band `above`, `within`, `below`; empty where nothing is known."""
    if row.status == "unknown":
        return ""
    where = "band_" if good == "band" else ""
    return scene.say(f"metrics.{where}{row.status}")


def fails(row: MetricRow, good: str) -> bool:
    """Whether the goal is not going to be met; a band is missed above as well as below."""
    return row.status == "behind" or (good == "band" and row.status == "ahead")
