"""Line 2: where we are, which range, against what, and as of when."""

from __future__ import annotations

from collections.abc import Sequence

from tui.draw import chrome
from tui.view import ContextView, Line
from tui.widgets.chrome import ChromeLine


class ContextLine(ChromeLine[ContextView]):
    """A click on a crumb posts its place."""

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The line."""
        if self.view is None:
            return ()
        drawn, self.zones = chrome.context(self.view, width, self.glyphs)
        return (drawn,)
