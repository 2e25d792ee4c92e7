"""Keys of the focused panel, then all keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.widget import Widget

from tui.harmless import pad
from tui.keys import help_sections
from tui.lines import line
from tui.overlays.base import Lines, Overlay
from tui.view import Line


class HelpOverlay(Overlay[None]):
    """Pages of sections; `?` or Esc closes."""

    BINDINGS: ClassVar = [
        Binding("question_mark,fullwidth_question_mark,q,backspace", "close", show=False),
        Binding("j,down,pagedown,space,l,right,tab", "turn(1)", show=False),
        Binding("k,up,pageup,h,left,shift+tab", "turn(-1)", show=False),
    ]

    def __init__(
        self, name: str, scope: str, widget: str, available: Collection[str], keys: Mapping[str, str]
    ) -> None:
        super().__init__()
        self.about, self.scope, self.widget = name, scope, widget
        self.available, self.keys = available, keys
        self.at = 0
        self.count = 1

    def title_text(self) -> str:
        """What the help is for."""
        return f"{self.say('panel.help')} · {self.about}"

    def keys_text(self) -> str:
        """How to close it."""
        return self.say("overlay.close")

    def parts(self) -> Iterable[Widget]:
        """One page of lines."""
        yield Lines(id="keys")

    def on_mount(self) -> None:
        """Draw it."""
        self.show()

    def on_resize(self) -> None:
        """Draw it for another size."""
        self.show()

    def show(self) -> None:
        """The page that is open."""
        room = max(4, int(self.app.size.height * 0.9) - 4)
        lines = self._lines()
        self.count = max(1, -(-len(lines) // room))
        self.at = min(self.at, self.count - 1)
        shown = lines[self.at * room : (self.at + 1) * room]
        more = line((self.say("overlay.more") + f"   {self.at + 1}/{self.count}", "ink-dim"))
        self.query_one("#keys", Lines).put([*shown, more])

    def _lines(self) -> list[Line]:
        sections = help_sections(self.scope, self.widget, self.lang, self.keys, self.available)
        width = max((cell_len(key) for _, rows in sections for key, _ in rows), default=4)
        out: list[Line] = []
        for title, rows in sections:
            out += [line((title, "ink-strong"))]
            out += [line(("  " + pad(key, width) + "  ", "key"), (text, "ink")) for key, text in rows]
            out.append(())
        return out

    def action_turn(self, step: int) -> None:
        """Another page."""
        self.at = min(max(0, self.at + step), self.count - 1)
        self.show()
