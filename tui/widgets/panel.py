"""A framed widget: title, count or unit at the right, keys at the bottom right, focus shown by the frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.message import Message

from tui.draw.frame import frame
from tui.view import Line
from tui.widgets.lines import LineWidget, View


class Panel(LineWidget[View]):
    """A `LineWidget` in a frame.

    Set `title`, `right` and `keys` with `caption`; subclasses give `body(width, height)`, the lines inside
    the frame. `framed` false draws the body alone (screens under 60 columns).
    """

    DEFAULT_CSS: ClassVar[str] = """
    Panel { height: 1fr; }
    """
    PAD: ClassVar[int] = 0

    def __init__(
        self,
        view: View | None = None,
        *,
        title: str = "",
        right: str = "",
        keys: str = "",
        framed: bool = True,
        heavy: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(view, id=id, classes=classes)
        self.title, self.right, self.keys = title, right, keys
        self.framed, self.heavy = framed, heavy

    class Pressed(Message):
        """Enter or a second click on a panel that is one thing."""

        def __init__(self, panel: Panel) -> None:  # type: ignore[type-arg]
            self.panel = panel
            super().__init__()

    def caption(self, title: str | None = None, right: str | None = None, keys: str | None = None) -> None:
        """Change the words of the frame."""
        before = (self.title, self.right, self.keys)
        wanted = tuple(
            old if new is None else new for old, new in zip(before, (title, right, keys), strict=True)
        )
        if wanted != before:
            self.title, self.right, self.keys = wanted
            self.repaint()

    def body(self, width: int, height: int) -> Sequence[Line]:
        """The lines inside the frame."""
        raise NotImplementedError

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The body in its frame."""
        if not self.framed or height < 3 or width < 4:
            return self.body(width, height)
        kind = "heavy" if self.heavy else "focus" if self.has_focus else "round"
        border = "bad" if self.heavy else "border-focus" if self.has_focus else "border"
        inside = self.body(width - 2 - 2 * self.PAD, height - 2)
        return frame(
            inside,
            width,
            height,
            self.glyphs,
            title=self.title,
            right=self.right_text(),
            keys=self.keys_text(width),
            kind=kind,
            border=border,
            pad=self.PAD,
        )

    def right_text(self) -> str:
        """What stands at the right end of the title."""
        return self.right

    def keys_text(self, width: int) -> str:
        """What stands at the bottom right; left out where it does not fit."""
        return self.keys if cell_len(self.keys) + 6 <= width else ""

    @property
    def inset(self) -> tuple[int, int]:
        """The cells before the body, from the left and from the top."""
        framed = self.framed and self.size.height >= 3 and self.size.width >= 4
        return (1 + self.PAD, 1) if framed else (0, 0)
