"""Lines with a cursor, each a way to go: what a number is made of, why it changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.binding import Binding
from textual.widget import Widget

from tui.lines import line, toned
from tui.overlays.base import Lines, Overlay
from tui.place import Place
from tui.views.lineage import Entry


class TreeOverlay(Overlay[Place]):
    """Entries with a cursor; Enter comes back with the place of its line. Subclasses give `found`.

    In:  entries that are ready; `found` takes their place where it has any.
    """

    BINDINGS: ClassVar = [
        Binding("q,backspace", "close", show=False),
        Binding("j,down", "go(1)", show=False),
        Binding("k,up", "go(-1)", show=False),
        Binding("pagedown", "go(10)", show=False),
        Binding("pageup", "go(-10)", show=False),
        Binding("g,home", "go(-1000000)", show=False),
        Binding("G,end", "go(1000000)", show=False),
        Binding("enter", "take", show=False),
    ]
    WIDTH = 120

    def __init__(self, entries: tuple[Entry, ...] = ()) -> None:
        super().__init__()
        self.entries = entries
        self.at = self.top = 0
        self.moved = False
        """Whether a person has moved the cursor."""

    def found(self) -> tuple[Entry, ...]:
        """The entries, made of the answer or of why there is none; () where nothing was asked."""
        return ()

    def keys_text(self) -> str:
        """Enter and Esc."""
        return self.say("lineage.keys")

    def parts(self) -> Iterable[Widget]:
        """The lines."""
        yield Lines(id="tree")

    def on_mount(self) -> None:
        """Draw what is there."""
        self.take_answer()

    def on_resize(self) -> None:
        """Draw it for another size."""
        self.take_answer()

    def take_answer(self) -> None:
        """Draw the answer, or why there is none yet."""
        self.entries = self.found() or self.entries
        if not self.moved:
            self.at = self.start()
        self.lay()

    def waiting(self, text: str) -> tuple[Entry, ...]:
        """A line in place of an answer."""
        return (Entry(line((text or self.say("empty.computing"), "ink-dim"))),)

    def start(self) -> int:
        """The line that the cursor begins on."""
        return 0

    def action_go(self, step: int) -> None:
        """Move the cursor; the lines scroll under it."""
        self.at = min(max(0, self.at + step), max(0, len(self.entries) - 1))
        self.moved = True
        self.lay()

    def lay(self) -> None:
        """Draw the lines in sight."""
        room = max(1, int(self.app.size.height * 0.9) - 3)
        self.top = min(max(self.top, self.at - room + 1), self.at)
        shown = [self._line(at) for at in range(self.top, min(self.top + room, len(self.entries)))]
        self.query_one("#tree", Lines).put(shown)

    def _line(self, at: int) -> tuple[tuple[str, str], ...]:
        entry = self.entries[at]
        if at != self.at:
            return line(("  ", "ink"), *entry.text)
        return toned(line((f"{self.console.glyphs.cursor} ", "ink"), *entry.text), "selected")

    def action_take(self) -> None:
        """Go where the line leads; a line that leads nowhere keeps the box."""
        place = self.entries[self.at].place if self.entries else None
        if place is not None:
            self.dismiss(place)

    def on_click(self, event: events.Click) -> None:
        """A click goes to its line, on the line of the cursor it enters."""
        lines = self.query_one("#tree", Lines)
        row = event.screen_y - lines.region.y
        if 0 <= row < lines.region.height and self.top + row < len(self.entries):
            if self.top + row == self.at:
                self.action_take()
            else:
                self.action_go(self.top + row - self.at)
