"""A wall of stock widgets, to compare with: twelve panels of Digits and Sparkline, changed once a second."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, Vertical
from textual.widgets import Digits, Footer, Header, Sparkline

PANELS = 12


class Wall(App[None]):
    """Counts seconds and shows waves."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit", "Quit")]
    CSS = "Grid { grid-size: 4 3; } Vertical { border: round gray; } Sparkline { height: 3; }"
    TITLE = "stock wall"
    turn = 0

    def compose(self) -> ComposeResult:
        """Twelve panels in a grid."""
        yield Header()
        with Grid():
            for _ in range(PANELS):
                with Vertical():
                    yield Digits("0")
                    yield Sparkline([0.0])
        yield Footer()

    def on_mount(self) -> None:
        """Change everything once a second."""
        self.change()
        self.set_interval(1.0, self.change)

    def change(self) -> None:
        """New values in every panel."""
        self.turn += 1
        for at, digits in enumerate(self.query(Digits)):
            digits.update(f"{self.turn * 1000 + at:,}")
        for at, line in enumerate(self.query(Sparkline)):
            line.data = [2 + math.sin((self.turn + step + at) / 4) for step in range(60)]


if __name__ == "__main__":
    Wall().run()
