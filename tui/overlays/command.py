"""The command line: screens by name, metrics, funnels, sources, a moment, and what keys do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input

from tui import commanding
from tui.harmless import pad
from tui.lines import line
from tui.overlays.base import Lines, Overlay

SHOWN = 8


class CommandOverlay(Overlay[commanding.Command]):
    """Type; Tab completes, arrows choose, Enter runs."""

    BINDINGS: ClassVar = [
        Binding("tab", "complete", show=False, priority=True),
        Binding("down", "go(1)", show=False, priority=True),
        Binding("up", "go(-1)", show=False, priority=True),
    ]

    def __init__(self, commands: tuple[commanding.Command, ...], start: str = "") -> None:
        super().__init__()
        self.begin = start
        self.commands = commands
        self.found: tuple[commanding.Command, ...] = commands
        self.at = 0

    def title_text(self) -> str:
        """The title."""
        return f"{self.say('panel.command')} · {self.say('overlay.command_full')}"

    def keys_text(self) -> str:
        """The keys."""
        return self.say("overlay.command_keys")

    def parts(self) -> Iterable[Widget]:
        """The typed line, then what it may become."""
        yield Input(self.begin, placeholder=":", id="command")
        yield Lines(id="found")

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one("#command", Input).focus()
        self.show()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self.found, self.at = commanding.matching(self.commands, event.value), 0
        self.show()

    def show(self, fault: str = "") -> None:
        """The best matches, the chosen one marked."""
        top = max(0, self.at - SHOWN + 1)
        lines = []
        for at, command in enumerate(self.found[top : top + SHOWN], top):
            sign = self.console.glyphs.cursor if at == self.at else " "
            tokens = "ink selected" if at == self.at else "ink"
            lines.append(line((f"{sign} {pad(command.text, 32)} ", tokens), (command.about, "ink-dim")))
        if fault:
            lines.append(line((fault, "warn")))
        self.query_one("#found", Lines).put(lines or [()])

    def action_go(self, step: int) -> None:
        """Another match."""
        self.at = min(max(0, self.at + step), max(0, len(self.found) - 1))
        self.show()

    def action_complete(self) -> None:
        """The chosen match into the line."""
        if self.found:
            field = self.query_one("#command", Input)
            field.value = self.found[self.at].text
            field.cursor_position = len(field.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Run what is typed, else the chosen match."""
        chosen = commanding.meant(self.commands, self.found, self.at, event.value)
        if chosen is None:
            close = commanding.nearest(self.commands, event.value)
            self.show(self.say("overlay.command_unknown", text=event.value, nearest=close))
        else:
            self.dismiss(chosen)
