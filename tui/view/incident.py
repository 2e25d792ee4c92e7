"""What the panel of an incident shows."""

from __future__ import annotations

from dataclasses import dataclass

from tui.view.charts import TrendView
from tui.view.marks import Line


@dataclass(frozen=True, slots=True)
class Spot:
    """A line below the trend; one with an `id` can be chosen: a step, a cause, another alert."""

    line: Line
    id: str = ""


@dataclass(frozen=True, slots=True)
class IncidentView:
    """`head` stands still, the trend takes the room that is left, `spots` scroll under the cursor."""

    head: tuple[Line, ...] = ()
    trend: TrendView | None = None
    spots: tuple[Spot, ...] = ()
    title: str = ""
    unit: str = ""
    keys: str = ""
