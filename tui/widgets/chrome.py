"""What the lines around the screens have in common: one row, and zones that a click presses."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.message import Message

from tui.draw.chrome import Zone
from tui.widgets.lines import LineWidget, View


class ChromeLine(LineWidget[View]):
    """One row without a frame; subclasses keep `zones` while they draw."""

    DEFAULT_CSS: ClassVar[str] = """
    ChromeLine { height: 1; }
    """
    zones: tuple[Zone, ...] = ()

    class Pressed(Message):
        """A click on a zone; `value` is a screen's number, a crumb's place or an action's id."""

        def __init__(self, line: ChromeLine, value: str) -> None:  # type: ignore[type-arg]
            self.line, self.value = line, value
            super().__init__()

    def on_click(self, event: events.Click) -> None:
        """Press what is under the pointer."""
        for zone in self.zones:
            if zone.start <= event.x < zone.end:
                self.post_message(self.Pressed(self, zone.value))
                return
