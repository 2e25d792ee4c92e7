"""A few lines of text to write: completion by Tab, what was written before by PgUp and PgDn."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea


class Editor(TextArea):
    """A text area that tells of changes and leaves Tab and Esc to whoever holds it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "accept", show=False),
        Binding("escape", "leave", show=False),
        Binding("pageup", "recall(-1)", show=False),
        Binding("pagedown", "recall(1)", show=False),
        Binding("ctrl+c", "leave", show=False),
    ]

    class Edited(Message):
        """The text or the cursor is another one."""

    class Left(Message):
        """Esc."""

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__(text, id=id, compact=True, highlight_cursor_line=False)
        self.cursor_blink = False  # a blinking cursor writes to the terminal all the time
        self.offered: tuple[str, ...] = ()
        self.taken = 0
        self.earlier: tuple[str, ...] = ()
        self._at = 0
        self._draft = ""

    def on_mount(self) -> None:
        """Go on where the text ends."""
        self.move_cursor(self.document.end)

    @property
    def before(self) -> str:
        """The text before the cursor."""
        row, column = self.cursor_location
        return "\n".join(
            [*(self.document.get_line(at) for at in range(row)), self.document.get_line(row)[:column]]
        )

    def offer(self, names: tuple[str, ...], taken: int) -> None:
        """What Tab completes: the first of these takes the place of so many characters."""
        self.offered, self.taken = names, taken

    def remember(self, texts: tuple[str, ...]) -> None:
        """What PgUp goes back through, the newest last."""
        self.earlier, self._at = texts, len(texts)

    def action_accept(self) -> None:
        """The first completion; without one, on to the next panel."""
        if not self.offered:
            self.post_message(self.Left())
            return
        row, column = self.cursor_location
        self.replace(self.offered[0], (row, max(0, column - self.taken)), (row, column))

    def action_leave(self) -> None:
        """Out of the text."""
        self.post_message(self.Left())

    def action_recall(self, step: int) -> None:
        """What was written before; at the end, what was being written."""
        to = self._at + step
        if not 0 <= to <= len(self.earlier):
            return
        if self._at == len(self.earlier):
            self._draft = self.text
        self._at = to
        self.text = self._draft if to == len(self.earlier) else self.earlier[to]
        self.move_cursor(self.document.end)

    def on_text_area_changed(self) -> None:
        """Another text."""
        self.post_message(self.Edited())

    def on_text_area_selection_changed(self) -> None:
        """Another place."""
        self.post_message(self.Edited())
