"""A funnel in a frame, with a cursor on its steps."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from tui.draw.funnel import funnel_lines, funnel_one_line
from tui.view import FunnelView, Line
from tui.widgets.panel import Panel


class FunnelWidget(Panel[FunnelView]):
    """Bars of a funnel; `full` shows all numbers and a cursor, `one_line` a single row without a frame."""

    can_focus = True

    def __init__(
        self,
        view: FunnelView | None = None,
        *,
        full: bool = False,
        one_line: bool = False,
        title: str = "",
        right: str = "",
        keys: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(view, title=title, right=right, keys=keys, framed=not one_line, id=id)
        self.full, self.one_line = full, one_line
        self.can_focus = not one_line
        self.cursor = 0
        if one_line:
            self.styles.height = 1

    class Chosen(Message):
        """Enter on a step; `number` is the step's own, from 1."""

        def __init__(self, funnel: FunnelWidget, number: int) -> None:
            self.funnel, self.number = funnel, number
            super().__init__()

    class Moved(Message):
        """The cursor stands on another step."""

        def __init__(self, funnel: FunnelWidget, number: int) -> None:
            self.funnel, self.number = funnel, number
            super().__init__()

    def body(self, width: int, height: int) -> Sequence[Line]:
        """The bars."""
        if self.view is None:
            return ()
        if self.one_line:
            return (funnel_one_line(self.view, width, self.glyphs),)
        cursor = min(self.cursor, len(self.view.steps) - 1) if self.full or self.has_focus else None
        return funnel_lines(self.view, width, height, self.glyphs, full=self.full, cursor=cursor)

    @property
    def number(self) -> int | None:
        """The number of the step under the cursor, from 1."""
        steps = self.view.steps if self.view else ()
        return steps[min(self.cursor, len(steps) - 1)].number if steps else None

    def update(self, view: FunnelView) -> bool:
        """Take a new funnel and its title; the cursor stays on its step."""
        self.title, self.right = view.title or self.title, view.unit or self.right
        return super().update(view)

    def act(self, action: str) -> bool:
        """Do a cursor action of the registry; false if it is none of this widget's."""
        steps = len(self.view.steps) if self.view else 0
        moves = {
            "cursor.down": self.cursor + 1,
            "cursor.up": self.cursor - 1,
            "cursor.first": 0,
            "cursor.last": steps - 1,
        }
        if action in moves:
            self.move_to(moves[action])
            return True
        if action == "nav.in" and self.number is not None:
            self.post_message(self.Chosen(self, self.number))
            return True
        return False

    def put(self, number: int) -> None:
        """The cursor on a step, by its own number from 1."""
        at = next(
            (n for n, step in enumerate(self.view.steps if self.view else ()) if step.number == number), 0
        )
        if at != self.cursor:
            self.cursor = at
            self.repaint()

    def move_to(self, at: int) -> None:
        """The cursor to a place among the steps."""
        steps = len(self.view.steps) if self.view else 0
        self.cursor = min(max(0, at), max(0, steps - 1))
        self.repaint()
        if self.number is not None:
            self.post_message(self.Moved(self, self.number))

    def on_click(self, event: events.Click) -> None:
        """A click chooses the step, a second one goes in."""
        row = event.y - self.inset[1] - (1 if self.full else 0)
        if self.view and 0 <= row < len(self.view.steps):
            again = row == self.cursor and event.chain >= 2
            self.move_to(row)
            if again:
                self.act("nav.in")
