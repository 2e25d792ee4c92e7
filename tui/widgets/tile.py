"""A metric at a glance, and the same for the wall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events

from tui.draw.tile import tile_lines, wall_lines
from tui.view import Line, Tile
from tui.widgets.panel import Panel


class TileWidget(Panel[Tile]):
    """A tile; its height decides its size: 1 line, 4 small, 5 normal, 6 and more with a trend."""

    DEFAULT_CSS: ClassVar[str] = """
    TileWidget { height: 5; }
    """
    can_focus = True

    def __init__(self, view: Tile | None = None, *, wall: bool = False, id: str | None = None) -> None:
        super().__init__(view, id=id)
        self.wall = wall
        self.can_focus = not wall

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The tile in its own frame."""
        if self.view is None:
            return ()
        if self.wall:
            return wall_lines(self.view, width, height, self.glyphs)
        lines = tile_lines(self.view, width, height, self.glyphs, focused=self.has_focus)
        if height < 4 and self.has_focus:
            return [tuple((text, f"{tokens} selected") for text, tokens in each) for each in lines]
        return lines

    def on_click(self, event: events.Click) -> None:
        """A second click goes in."""
        if event.chain >= 2:
            self.post_message(self.Pressed(self))
