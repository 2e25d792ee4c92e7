"""Leave or stay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding
from textual.widget import Widget

from tui import remembering
from tui.lines import line
from tui.overlays.base import Lines, Overlay


class QuitOverlay(Overlay[bool]):
    """`q` again leaves, any other key stays."""

    BINDINGS: ClassVar = [Binding("q,ctrl+c,enter", "leave", show=False)]
    WIDTH = 60

    def title_text(self) -> str:
        """The product's name."""
        return "looptop"

    def keys_text(self) -> str:
        """The two keys."""
        return self.say("status.quit_again")

    def parts(self) -> Iterable[Widget]:
        """The question."""
        lines = Lines(id="question")
        lines.put((line((self.say("overlay.quit"), "ink")),))
        yield lines

    def action_leave(self) -> None:
        """Leave the console."""
        remembering.leave(self.console)
