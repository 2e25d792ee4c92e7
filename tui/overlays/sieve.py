"""Which alerts the feed shows: state, severity, owner, rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.widget import Widget

from tui.harmless import cut, pad
from tui.lines import line
from tui.overlays.base import Lines, Overlay
from tui.place import Sieve
from tui.view import Line, Run

if TYPE_CHECKING:
    from tui.app import Looptop

Choices = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Field, and its values with their words."""
LABEL = 12
WIDEST = 24


class SieveOverlay(Overlay[Sieve]):
    """`j k` the line, `h l` or Space its value; Enter applies."""

    BINDINGS: ClassVar = [
        Binding("j,down", "go(1)", show=False),
        Binding("k,up", "go(-1)", show=False),
        Binding("l,right,space", "turn(1)", show=False),
        Binding("h,left", "turn(-1)", show=False),
        Binding("r", "reset", show=False),
        Binding("enter", "take", show=False),
        Binding("q,backspace", "close", show=False),
    ]
    WIDTH = 78

    def __init__(self, choices: Choices, sieve: Sieve) -> None:
        super().__init__()
        self.choices, self.sieve = choices, sieve
        self.at = 0

    def title_text(self) -> str:
        """The title."""
        return self.say("sieve.title")

    def keys_text(self) -> str:
        """The keys."""
        return self.say("sieve.keys")

    def parts(self) -> Iterable[Widget]:
        """The lines."""
        yield Lines(id="sieve")

    def on_mount(self) -> None:
        """Draw them."""
        self.show()

    def on_resize(self) -> None:
        """Draw them for another size."""
        self.show()

    def show(self) -> None:
        """A line a field: its values, the chosen one marked."""
        room = min(self.WIDTH, max(20, self.app.size.width)) - 6 - LABEL
        self.query_one("#sieve", Lines).put([self._line(at, room) for at in range(len(self.choices))])

    def _line(self, at: int, room: int) -> Line:
        name, values = self.choices[at]
        here, now = at == self.at, getattr(self.sieve, name)
        sign = self.console.glyphs.cursor if here else " "
        runs: list[Run] = [
            (f"{sign} {pad(self.say(f'sieve.{name}'), LABEL)}", "ink-strong" if here else "ink")
        ]
        place = next((n for n, (value, _) in enumerate(values) if value == now), 0)
        first, used = place, 0
        while first > 0 and used < room // 2:
            first -= 1
            used += min(WIDEST, len(values[first][1])) + 3
        for value, words in values[first:]:
            chosen = value == now
            tone = "ink-strong selected" if chosen and here else "ink-strong" if chosen else "ink-dim"
            runs.append((f" {'●' if chosen else '○'} {cut(words, WIDEST)}", tone))
        return line(*runs)

    def action_go(self, step: int) -> None:
        """Another line."""
        self.at = (self.at + step) % len(self.choices)
        self.show()

    def action_turn(self, step: int) -> None:
        """Another value."""
        name, values = self.choices[self.at]
        now = [value for value, _ in values].index(getattr(self.sieve, name))
        changed: Any = {name: values[(now + step) % len(values)][0]}
        self.sieve = replace(self.sieve, **changed)
        self.show()

    def action_reset(self) -> None:
        """All that are open."""
        self.sieve = Sieve()
        self.show()

    def action_take(self) -> None:
        """Apply."""
        self.dismiss(self.sieve)


def open_sieve(app: Looptop) -> None:
    """The sieve of the feed that is looked at."""
    from tui.views.sieve import choices

    def chosen(found: Sieve | None) -> None:
        if found is not None:
            app.stacks.change(sieve=found, alert="")
            app.draw()

    now = app.stacks.here.sieve
    app.push_screen(SieveOverlay(choices(app.scene(), now), now), chosen)
