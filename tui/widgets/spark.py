"""A sparkline by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tui.draw.spark import spark_line
from tui.view import Line, Spark
from tui.widgets.lines import LineWidget


class SparkWidget(LineWidget[Spark]):
    """One row of blocks, its newest period at the right end."""

    DEFAULT_CSS: ClassVar[str] = """
    SparkWidget { height: 1; }
    """

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The sparkline."""
        return (spark_line(self.view, width, self.glyphs),) if self.view is not None else ()
