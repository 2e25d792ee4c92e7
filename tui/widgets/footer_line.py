"""The last line: keys that work here."""

from __future__ import annotations

from collections.abc import Sequence

from tui.draw import chrome
from tui.view import FooterView, Line
from tui.widgets.chrome import ChromeLine


class FooterLine(ChromeLine[FooterView]):
    """A click on a hint posts the id of its action."""

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The line."""
        if self.view is None:
            return ()
        drawn, self.zones = chrome.footer(self.view, width, self.glyphs)
        return (drawn,)
