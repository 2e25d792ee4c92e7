"""What a panel of ready lines shows."""

from __future__ import annotations

from dataclasses import dataclass

from tui.view.marks import Line


@dataclass(frozen=True, slots=True)
class TextView:
    """Lines with the words of their frame; too long ones are cut, too many are scrolled."""

    lines: tuple[Line, ...] = ()
    title: str = ""
    unit: str = ""
    keys: str = ""
