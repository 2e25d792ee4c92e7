"""The base of all hot widgets: a view in, lines out, and only what differs is painted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.glyphs import UNICODE, Glyphs
from tui.lines import pad_line, text_of, width_of
from tui.theme import palette_of, style_of
from tui.view import Line

View = TypeVar("View")


class LineWidget(Widget, Generic[View]):
    """Draws a view as lines.

    Subclasses give `draw(width, height)`. `update(view)` compares first: an equal view paints nothing, a
    different one paints the cells from the first to the last difference of each line.
    """

    DEFAULT_CSS: ClassVar[str] = """
    LineWidget { height: auto; width: 1fr; }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(
        self, view: View | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.view: View | None = view
        self._lines: tuple[Line, ...] | None = None
        self._drawn_for: tuple[Any, ...] = ()

    @property
    def glyphs(self) -> Glyphs:
        """The set of signs the console has chosen."""
        return getattr(self.app, "glyphs", UNICODE)

    @property
    def lang(self) -> str:
        """The language of the few words a widget says itself."""
        return str(getattr(self.app, "lang", "en"))

    def update(self, view: View) -> bool:
        """Take a new view; true if something is painted for it."""
        if view == self.view and self._lines is not None:
            return False
        self.view = view
        return self.repaint()

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The lines of the current view at that size."""
        raise NotImplementedError

    def repaint(self) -> bool:
        """Draw again and paint what differs; true if something does."""
        before = self._lines
        if not self.is_attached or before is None:
            self._lines = None
            self.refresh()
            return True
        after = self._draw_now()
        if len(before) != len(after):
            self.refresh()
            return True
        width = self.size.width
        regions = [
            Region(start, y, end - start, 1)
            for y, (old, new) in enumerate(zip(before, after, strict=True))
            if old != new
            for start, end in [_difference(old, new, width)]
        ]
        if regions:
            self.refresh(*regions)
        return bool(regions)

    def _draw_now(self) -> tuple[Line, ...]:
        width, height = self.size
        drawn = [] if width <= 0 or height <= 0 else list(self.draw(width, height))[:height]
        self._lines = tuple(pad_line(each, width) for each in drawn)
        self._drawn_for = self._circumstances()
        return self._lines

    def _circumstances(self) -> tuple[Any, ...]:
        return (self.size, self.has_focus, self.glyphs.name, self.lang)

    def render_line(self, y: int) -> Strip:
        """One line as a strip of few segments."""
        lines = self._lines
        if lines is None or self._drawn_for != self._circumstances():
            lines = self._draw_now()
        base = self.visual_style.rich_style
        width = self.size.width
        if y >= len(lines):
            return Strip.blank(width, base)
        return self._strip(lines[y], base)

    def _strip(self, each: Line, base: Style) -> Strip:
        theme, plain = palette_of(self.app.theme), bool(self.app.no_color)
        glyphs = self.glyphs
        segments = [
            Segment(
                text.translate(glyphs.plain_cells) if glyphs.plain_cells else text,
                base + style_of(tokens, theme, plain),
            )
            for text, tokens in each
        ]
        return Strip(segments, width_of(each))

    def on_focus(self) -> None:
        """The frame shows the focus."""
        self.repaint()

    def on_blur(self) -> None:
        """The frame loses it."""
        self.repaint()

    def plain_text(self) -> str:
        """What the widget shows, for copies and tests."""
        return "\n".join(text_of(each) for each in (self._lines or self._draw_now()))


def _difference(old: Line, new: Line, width: int) -> tuple[int, int]:
    """The cells from the first to the last difference of two lines."""
    start = _common(old, new) + width_of(_alike(old, new))
    end = width - _common(old[::-1], new[::-1])
    return (start, end) if start < end else (0, width)


def _common(old: Line, new: Line) -> int:
    """Cells of the runs that both begin with."""
    same = 0
    for left, right in zip(old, new, strict=False):
        if left != right:
            break
        same += width_of((left,))
    return same


def _alike(old: Line, new: Line) -> Line:
    """The beginning that the first differing runs share; one sign less, since a mark may stand upon it."""
    pair = next(((left, right) for left, right in zip(old, new, strict=False) if left != right), None)
    if pair is None or pair[0][1] != pair[1][1]:
        return ()
    (left, tokens), (right, _) = pair
    same = 0
    while same < min(len(left), len(right)) and left[same] == right[same]:
        same += 1
    return ((left[: max(0, same - 1)], tokens),)
