"""Line 1: product, workspace, screens and states."""

from __future__ import annotations

from collections.abc import Sequence

from tui.draw import chrome
from tui.view import HeaderView, Line
from tui.widgets.chrome import ChromeLine


class HeaderLine(ChromeLine[HeaderView]):
    """A click on a screen posts its number."""

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The line."""
        if self.view is None:
            return ()
        drawn, self.zones = chrome.header(self.view, width, self.glyphs)
        return (drawn,)
