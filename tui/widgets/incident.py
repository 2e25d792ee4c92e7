"""An incident with a cursor on its steps, causes and companions."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from tui.draw.incident import incident_lines, room_for, trend_rows
from tui.view import Line
from tui.view.incident import IncidentView, Spot
from tui.widgets.panel import Panel


class IncidentWidget(Panel[IncidentView]):
    """The cursor goes over the lines that can be chosen; where there is none, the lines scroll."""

    can_focus = True

    class Chosen(Message):
        """Enter, or a second click; `spot` is `""` on no line that can be chosen."""

        def __init__(self, widget: IncidentWidget, spot: str) -> None:
            self.widget, self.spot = widget, spot
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(None, id=id)
        self.at = self.top = 0
        self.chosen = self.follow = False
        """Whether somebody has gone to a line, and whether it has to be in sight."""

    def update(self, view: IncidentView) -> bool:
        """Take a newer view; the cursor stays on its line, of another incident it begins anew."""
        if view.title != self.title:
            self.at = self.top = 0
            self.chosen = self.follow = False
        kept = self.current
        self.title, self.right, self.keys = view.title, view.unit, view.keys
        if kept:
            places = [at for at, spot in enumerate(view.spots) if spot.id == kept]
            self.at = places[0] if places else 0
            self.chosen = bool(places)
        return super().update(view)

    @property
    def _spots(self) -> tuple[Spot, ...]:
        return self.view.spots if self.view else ()

    @property
    def current(self) -> str:
        """The id of the line under the cursor, empty where none can be chosen."""
        return self._spots[self.at].id if self.chosen and self.at < len(self._spots) else ""

    def select(self, spot: str) -> bool:
        """Put the cursor on that line; false if it is not there."""
        found = next((at for at, each in enumerate(self._spots) if each.id == spot), None)
        if found is None:
            return False
        self.at, self.chosen, self.follow = found, True, True
        self.repaint()
        return True

    def act(self, action: str) -> bool:
        """Move among the lines that can be chosen, else scroll; false for any other action."""
        if action == "nav.in":
            self.post_message(self.Chosen(self, self.current))
            return True
        page = max(1, self.size.height - 3)
        steps = {"cursor.down": 1, "cursor.up": -1, "cursor.page_down": page, "cursor.page_up": -page,
                 "cursor.first": -(10**6), "cursor.last": 10**6}  # fmt: skip
        if action not in steps:
            return False
        self._go(steps[action])
        return True

    def _go(self, step: int) -> None:
        """The next line that can be chosen that way; past the last one the lines scroll."""
        places = [at for at, spot in enumerate(self._spots) if spot.id]
        if step > 0:
            ahead = [at for at in places if at > self.at or (at == self.at and not self.chosen)]
        else:
            ahead = [at for at in reversed(places) if at < self.at]
        self.chosen = self.follow = self.chosen or bool(ahead)
        if ahead:
            self.at = ahead[min(len(ahead), abs(step)) - 1]
        else:
            self.follow = False
            self.top += step
        self.repaint()

    def body(self, width: int, height: int) -> Sequence[Line]:
        """Head, trend, and the spots in sight."""
        if self.view is None:
            return ()
        room = room_for(self.view, height)
        last = max(0, len(self._spots) - room)
        if self.follow:
            self.top = min(max(self.top, self.at - room + 1), self.at)
        self.top = min(max(0, self.top), last)
        cursor = self.at if self.has_focus and self.current else None
        return incident_lines(self.view, width, height, self.glyphs, top=self.top, cursor=cursor)

    def on_click(self, event: events.Click) -> None:
        """A click on a line that can be chosen chooses it, a second one enters."""
        if self.view is None:
            return
        rows = trend_rows(self.view, self.size.height - 2)
        above = len(self.view.head) + (rows + 1 if rows else 0)
        at = event.y - self.inset[1] - above - (1 if above else 0) + self.top
        if 0 <= at < len(self._spots) and self._spots[at].id:
            again = at == self.at and event.chain >= 2
            self.select(self._spots[at].id)
            if again:
                self.act("nav.in")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll under the pointer."""
        event.stop()
        self._wheel(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll back."""
        event.stop()
        self._wheel(-1)

    def _wheel(self, step: int) -> None:
        self.follow = False
        self.top += step
        self.repaint()
