"""The second key of two: no box, the footer says which keys there are."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.screen import ModalScreen

from tui.link import Patient


class NextKey(Patient[str], ModalScreen[str], inherit_bindings=False):
    """Comes back with the next key, None for Esc and Ctrl+C."""

    DEFAULT_CSS: ClassVar[str] = """
    NextKey { background: transparent; }
    """

    def on_key(self, event: events.Key) -> None:
        """That one."""
        event.stop()
        gone = event.key in ("escape", "ctrl+c", "backspace")
        self.dismiss(None if gone else event.character or event.key)

    def on_click(self) -> None:
        """A click leaves all as it was."""
        self.dismiss(None)
