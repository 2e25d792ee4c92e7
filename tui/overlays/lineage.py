"""Where a number comes from: its hops and lines, each a way to go."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding

from engine.questions import Trace
from tui.harmless import harmless
from tui.overlays.tree import TreeOverlay
from tui.views import lineage
from tui.views.lineage import Entry
from tui.views.tracing import Number


class LineageOverlay(TreeOverlay):
    """The trace of a number.

    In:  the number that is asked about; without one, the counts of the sources as ready entries.
    """

    BINDINGS: ClassVar = [Binding("i", "close", show=False)]

    def __init__(self, number: Number | None, entries: tuple[Entry, ...] = ()) -> None:
        super().__init__(entries)
        self.number = number

    def title_text(self) -> str:
        """The title, with the metric."""
        name = f" · {harmless(self.number.query.metric)}" if self.number else ""
        return self.say("label.lineage.open") + name

    def found(self) -> tuple[Entry, ...]:
        """The tree of the trace."""
        if self.number is None:
            return ()
        scene = self.console.scene()
        trace = scene.got(self.number.query, Trace)
        if trace is None:
            return self.waiting(scene.failure(self.number.query))
        return lineage.entries(trace, self.lang, self.number.place)
