"""A panel of ready lines: details, notes, explanations."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events

from tui.view import Line
from tui.view.text import TextView
from tui.widgets.panel import Panel


class TextWidget(Panel[TextView]):
    """Lines that can be scrolled."""

    can_focus = True

    def __init__(
        self, view: TextView | None = None, *, focusable: bool = True, id: str | None = None
    ) -> None:
        super().__init__(view, id=id)
        self.can_focus = focusable
        self.top = 0

    def update(self, view: TextView) -> bool:
        """Take new lines and the words of the frame."""
        self.title, self.right, self.keys = view.title, view.unit, view.keys
        return super().update(view)

    def body(self, width: int, height: int) -> Sequence[Line]:
        """The lines in sight."""
        lines = self.view.lines if self.view else ()
        self.top = min(max(0, self.top), max(0, len(lines) - height))
        return lines[self.top : self.top + height]

    def act(self, action: str) -> bool:
        """Scroll; false for any other action."""
        page = max(1, self.size.height - 3)
        steps = {"cursor.down": 1, "cursor.up": -1, "cursor.page_down": page, "cursor.page_up": -page,
                 "cursor.first": -(10**6), "cursor.last": 10**6}  # fmt: skip
        if action not in steps:
            return False
        self.top += steps[action]
        self.repaint()
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll under the pointer."""
        event.stop()
        self.act("cursor.down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll back."""
        event.stop()
        self.act("cursor.up")
