"""The line above the last: live or paused, what is read, and the worst of the sources."""

from __future__ import annotations

from collections.abc import Sequence

from tui.draw import chrome
from tui.view import Line, StatusView
from tui.widgets.chrome import ChromeLine


class StatusLine(ChromeLine[StatusView]):
    """Nothing in it can be pressed."""

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The line."""
        if self.view is None:
            return ()
        return (chrome.status(self.view, width, self.glyphs),)
