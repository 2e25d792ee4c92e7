"""What the wall shows in one turn."""

from __future__ import annotations

from dataclasses import dataclass

from tui.view.marks import Change, Tile


@dataclass(frozen=True, slots=True)
class Band:
    """One thing on the wall, three rows high: sign and title, a note below, a bar, big numerals at the right.

    `second` or the change stands beside the value. `share`: 0–1 of the bar, None for no bar. `tone` colours
    the title, `state` gives its sign.
    """

    title: str
    note: str = ""
    value: str = ""
    second: str = ""
    change: Change | None = None
    share: float | None = None
    state: str = ""
    tone: str = "ink-strong"
    value_tone: str = "ink-strong"


@dataclass(frozen=True, slots=True)
class WallPage:
    """One turn: tiles, or bands in one frame; `screen` is the screen it stands for."""

    screen: str
    tiles: tuple[Tile, ...] = ()
    bands: tuple[Band, ...] = ()
    title: str = ""
    unit: str = ""
    heavy: bool = False
