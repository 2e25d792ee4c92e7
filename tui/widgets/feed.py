"""Alerts as a list with a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import events
from textual.message import Message

from tui.draw.feed import FeedLine, feed_lines
from tui.lines import line
from tui.rows import matcher
from tui.view import AlertEntry, Cell, Column, FeedView, Line, Row
from tui.widgets.panel import Panel

COLUMNS = tuple(Column(name, name) for name in ("sign", "rule", "state", "member", "owner"))
"""What `/` can name of an entry."""


def matching(entries: Sequence[AlertEntry], query: str) -> tuple[AlertEntry, ...]:
    """The entries that match; a heading stays where one below it does."""
    matches = matcher(query, COLUMNS)
    out: list[AlertEntry] = []
    waiting: list[AlertEntry] = []
    for each in entries:
        if not each.able:
            waiting.append(each)
            continue
        texts = (each.word, each.text, each.owner, each.detail, each.detail_right)
        if matches(Row(each.id, tuple(Cell(text) for text in texts))):
            out += [*waiting, each]
            waiting = []
    return tuple(out)


class FeedWidget(Panel[FeedView]):
    """The cursor follows its alert over refreshes; headings and rules are passed over."""

    can_focus = True

    class Entered(Message):
        """Enter, or a second click, on an alert."""

        def __init__(self, feed: FeedWidget, entry: AlertEntry) -> None:
            self.feed, self.entry = feed, entry
            super().__init__()

    class Moved(Message):
        """The cursor stands on another alert."""

        def __init__(self, feed: FeedWidget, entry: AlertEntry | None) -> None:
            self.feed, self.entry = feed, entry
            super().__init__()

        def can_replace(self, message: Message) -> bool:
            """Only the newest matters."""
            return isinstance(message, FeedWidget.Moved) and message.feed is self.feed

    def __init__(
        self,
        view: FeedView | None = None,
        *,
        title: str = "",
        right: str = "",
        keys: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(view, title=title, right=right, keys=keys, id=id)
        self.cursor = 0
        self.top = 0
        self.query_text = ""
        """What `/` asks of the entries, as of a table's rows."""
        self._whole: FeedView | None = None
        self._drawn: tuple[FeedLine, ...] = ()

    def set_filter(self, text: str) -> None:
        """Only the entries that match; empty: all of them."""
        self.query_text = text.strip()
        if self._whole is not None:
            self.update(self._whole)

    def right_text(self) -> str:
        """The count, before it the filter."""
        return " · ".join(part for part in (self.query_text and f"/{self.query_text}", self.right) if part)

    def update(self, view: FeedView) -> bool:
        """Take new alerts; the cursor stays on its alert, or goes to the neighbour."""
        self._whole = view
        if self.query_text:
            view = replace(view, entries=matching(view.entries, self.query_text))
        if view == self.view:
            return False
        kept = self.current
        self.title, self.right = view.title or self.title, view.unit or self.right
        places = [at for at, entry in enumerate(view.entries) if kept is not None and entry.id == kept.id]
        self.cursor = places[0] if places else self._nearest(view, self.cursor)
        return super().update(view)

    @staticmethod
    def _nearest(view: FeedView, at: int) -> int:
        places = [place for place, entry in enumerate(view.entries) if entry.able]
        return min(places, key=lambda place: abs(place - at), default=0)

    @property
    def current(self) -> AlertEntry | None:
        """The alert under the cursor."""
        entries = self.view.entries if self.view else ()
        return entries[self.cursor] if self.cursor < len(entries) and entries[self.cursor].able else None

    def select(self, entry_id: str) -> bool:
        """Put the cursor on that alert; false if it is not in the feed."""
        for at, entry in enumerate(self.view.entries if self.view else ()):
            if entry.id == entry_id:
                self._go(at)
                return True
        return False

    def act(self, action: str) -> bool:
        """Do a cursor action of the registry; false if it is none of this widget's."""
        places = [at for at, entry in enumerate(self.view.entries if self.view else ()) if entry.able]
        if action == "nav.in":
            if self.current is not None:
                self.post_message(self.Entered(self, self.current))
            return True
        here = next((n for n, at in enumerate(places) if at >= self.cursor), 0)
        moves = {
            "cursor.down": here + 1, "cursor.up": here - 1, "cursor.first": 0, "cursor.last": len(places) - 1,
            "cursor.page_down": here + 5, "cursor.page_up": here - 5,
        }  # fmt: skip
        if action not in moves:
            return False
        if places:
            self._go(places[min(max(0, moves[action]), len(places) - 1)])
        return True

    def _go(self, at: int) -> None:
        self.cursor = at
        self.repaint()
        self.post_message(self.Moved(self, self.current))

    def body(self, width: int, height: int) -> Sequence[Line]:
        """The entries in sight, the foot at the bottom."""
        view = self.view
        if view is None:
            return ()
        cursor = self.cursor if self.has_focus else None
        self._drawn = feed_lines(view, width, self.glyphs, cursor)
        foot = view.foot if height - len(view.foot) > 3 else ()
        room = height - len(foot)
        mine = [at for at, each in enumerate(self._drawn) if each.entry == self.cursor] or [0]
        self.top = min(max(self.top, mine[-1] - room + 1), mine[0])
        self.top = min(max(0, self.top), max(0, len(self._drawn) - room))
        shown = [each.line for each in self._drawn[self.top : self.top + room]]
        shown += [line((" " * width, "ink"))] * (room - len(shown) if foot else 0)
        return [*shown, *(line((" " + text, "ink-dim")) for text in foot)]

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a second one goes in."""
        row = event.y - self.inset[1] + self.top
        if 0 <= row < len(self._drawn) and (at := self._drawn[row].entry) >= 0:
            again = at == self.cursor and event.chain >= 2
            self._go(at)
            if again:
                self.act("nav.in")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The next alert."""
        event.stop()
        self.act("cursor.down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The alert before."""
        event.stop()
        self.act("cursor.up")
