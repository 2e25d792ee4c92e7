"""Where a number comes from: its hops and lines, each a way to go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.binding import Binding
from textual.widget import Widget

from engine.questions import Trace
from tui.harmless import harmless
from tui.lines import line, toned
from tui.overlays.base import Lines, Overlay
from tui.place import Place
from tui.views import lineage
from tui.views.lineage import Entry
from tui.views.tracing import Number


class LineageOverlay(Overlay[Place]):
    """A tree with a cursor; Enter comes back with the place of its line.

    In:  the number that is asked about; without one, the counts of the sources as ready entries.
    """

    BINDINGS: ClassVar = [
        Binding("q,backspace,i", "close", show=False),
        Binding("j,down", "go(1)", show=False),
        Binding("k,up", "go(-1)", show=False),
        Binding("pagedown", "go(10)", show=False),
        Binding("pageup", "go(-10)", show=False),
        Binding("g,home", "go(-1000000)", show=False),
        Binding("G,end", "go(1000000)", show=False),
        Binding("enter", "take", show=False),
    ]
    WIDTH = 120

    def __init__(self, number: Number | None, entries: tuple[Entry, ...] = ()) -> None:
        super().__init__()
        self.number, self.entries = number, entries
        self.at = self.top = 0

    def title_text(self) -> str:
        """The title, with the metric."""
        name = f" · {harmless(self.number.query.metric)}" if self.number else ""
        return self.say("label.lineage.open") + name

    def keys_text(self) -> str:
        """Enter and Esc."""
        return self.say("lineage.keys")

    def parts(self) -> Iterable[Widget]:
        """The tree."""
        yield Lines(id="lineage")

    def on_mount(self) -> None:
        """Draw what is there."""
        self.take_answer()

    def on_resize(self) -> None:
        """Draw it for another size."""
        self.action_go(0)

    def take_answer(self) -> None:
        """Draw the answer, or why there is none yet."""
        scene = self.console.scene()
        if self.number is not None:
            found = scene.got(self.number.query, Trace)
            if found is not None:
                self.entries = lineage.entries(found, self.lang, self.number.place)
            else:
                text = scene.failure(self.number.query) or self.say("empty.computing")
                self.entries = (Entry(line((text, "ink-dim"))),)
        self.action_go(0)

    def action_go(self, step: int) -> None:
        """Move the cursor; the tree scrolls under it."""
        room = max(1, int(self.app.size.height * 0.9) - 3)
        self.at = min(max(0, self.at + step), max(0, len(self.entries) - 1))
        self.top = min(max(self.top, self.at - room + 1), self.at)
        shown = [self._line(at) for at in range(self.top, min(self.top + room, len(self.entries)))]
        self.query_one("#lineage", Lines).put(shown)

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
        lines = self.query_one("#lineage", Lines)
        row = event.screen_y - lines.region.y
        if 0 <= row < lines.region.height and self.top + row < len(self.entries):
            if self.top + row == self.at:
                self.action_take()
            else:
                self.action_go(self.top + row - self.at)
