"""A chart in a frame."""

from __future__ import annotations

from collections.abc import Sequence

from tui.draw.trend import trend_lines
from tui.view import Line, TrendView
from tui.widgets.panel import Panel


class TrendWidget(Panel[TrendView]):
    """A line chart with axes; title and unit come from the view where the panel has none."""

    PAD = 1

    def body(self, width: int, height: int) -> Sequence[Line]:
        """The chart."""
        return trend_lines(self.view, width, height, self.glyphs) if self.view is not None else ()

    def update(self, view: TrendView) -> bool:
        """Take a new chart and its title."""
        self.title, self.right = view.title or self.title, view.unit or self.right
        return super().update(view)
