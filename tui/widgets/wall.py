"""Bands of the wall in one frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tui.draw.wall import page_lines
from tui.view import Line
from tui.view.wall import WallPage
from tui.widgets.lines import LineWidget


class WallBands(LineWidget[WallPage]):
    """A page of the wall that is no tiles."""

    DEFAULT_CSS: ClassVar[str] = """
    WallBands { height: 1fr; }
    """

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The bands."""
        return page_lines(self.view, width, height, self.glyphs) if self.view is not None else ()
