"""A text in big numerals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tui.draw.digits import digits
from tui.view import Line
from tui.widgets.lines import LineWidget


class DigitsWidget(LineWidget[str]):
    """Five rows where there is room for them, else three."""

    DEFAULT_CSS: ClassVar[str] = """
    DigitsWidget { height: 5; }
    """

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The numerals."""
        rows = 5 if height >= 5 else 3
        return [((row, "ink-strong"),) for row in digits(self.view, rows, self.glyphs)] if self.view else ()
