"""The time range: presets with their days, and a line to type one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input

from engine.questions import Range, View
from tui import format as fmt
from tui import ranges
from tui.harmless import pad
from tui.lines import line
from tui.overlays.base import Lines, Overlay
from tui.view import Line


class TimeOverlay(Overlay[View]):
    """Choose a preset, or type `10-01..10-15`, `28d`, `2026-09`."""

    BINDINGS: ClassVar = [
        Binding("down", "go(1)", show=False, priority=True),
        Binding("up", "go(-1)", show=False, priority=True),
        Binding("left_square_bracket", "shift(-1)", show=False, priority=True),
        Binding("right_square_bracket", "shift(1)", show=False, priority=True),
    ]

    def title_text(self) -> str:
        """The title and the time zone."""
        snapshot = self.console.snapshot
        zone = f" · {snapshot.timezone}" if snapshot else ""
        return self.say("panel.time") + zone

    def keys_text(self) -> str:
        """The keys."""
        return self.say("overlay.time_keys")

    def __init__(self, view: View) -> None:
        super().__init__()
        self.chosen = view
        self.at = next(
            (
                at
                for at, (_, one) in enumerate(ranges.PRESETS)
                if (one.kind, one.days) == (view.kind, view.days) or (one.kind == view.kind != "days")
            ),
            -1,
        )

    def parts(self) -> Iterable[Widget]:
        """Presets at the left, the days they stand for at the right, the typed line below."""
        yield Lines(id="presets")
        yield Input(placeholder=self.say("overlay.time_typed"), id="range")

    def on_mount(self) -> None:
        """Draw it; what is typed goes to the line."""
        self.query_one("#range", Input).focus()
        self.show()

    def show(self, bad: str = "") -> None:
        """All presets, the chosen one marked, and its days."""
        snapshot = self.console.snapshot
        if snapshot is None:
            return
        scene = self.console.scene()
        today = scene.local(snapshot.as_of).date()
        whole = self._whole()
        rows: list[Line] = []
        wide = self.app.size.width >= 76
        side = self._side(today) if wide else []
        for at, (name, view) in enumerate(ranges.PRESETS):
            days = ranges.preset_range(view, today, whole)
            shown = fmt.days(days.first, days.last) if days.first and days.last else ""
            if view.kind == "today":
                shown += " " + self.say("overlay.time_to_time", time=f"{scene.local(snapshot.as_of):%H:%M}")
            left = pad(
                (self.console.glyphs.cursor if at == self.at else " ")
                + " "
                + self._preset_name(name, view, days),
                16,
            )
            text = pad(left + shown, 38)
            right = side[at] if at < len(side) else ""
            rows.append(
                line(
                    (text, "ink selected" if at == self.at else "ink"),
                    ("  ┊  " + right if wide else "", "ink-dim"),
                )
            )
        if bad:
            rows.append(line((self.say("overlay.time_bad", text=bad), "warn")))
        self.query_one("#presets", Lines).put(rows)

    def _whole(self) -> Range:
        snapshot = self.console.snapshot
        if snapshot is None:
            return Range()
        return snapshot.range if snapshot.view.kind == "all" else Range()

    def _preset_name(self, name: str, view: View, days: Range) -> str:
        if name == "all":
            length = (days.last - days.first).days + 1 if days.first and days.last else 0
            span = fmt.age(length * 86400, self.lang) if length else ""
            return self.say("overlay.time_all", span=span).rstrip(", ，")
        if view.kind == "days":
            return self.say("overlay.time_days", n=view.days)
        return self.say(f"overlay.time_{name}")

    def _side(self, today: object) -> list[str]:
        """From, to, and how long, of the range that is in force."""
        snapshot = self.console.snapshot
        shown = (
            self.chosen.range if self.chosen.kind == "fixed" else (snapshot.range if snapshot else Range())
        )
        if shown.first is None or shown.last is None:
            return []
        partial = f" {self.say('overlay.time_today_partial')}" if shown.last == today else ""
        words = (self.say("overlay.time_from"), self.say("overlay.time_to"))
        room = max(cell_len(word) for word in words)
        out = []
        for word, day, after in zip(words, (shown.first, shown.last), ("", partial), strict=True):
            out.append(f"{pad(word, room)}  {day:%Y-%m-%d} {fmt.weekday(day, self.lang)}{after}")
        return [*out, fmt.age(((shown.last - shown.first).days + 1) * 86400, self.lang)]

    def action_go(self, step: int) -> None:
        """Another preset."""
        self.at = min(max(0, self.at + step), len(ranges.PRESETS) - 1)
        self.show()

    def action_shift(self, step: int) -> None:
        """One length back or forward."""
        snapshot = self.console.snapshot
        if snapshot is not None:
            self.chosen = ranges.shifted(self.chosen, snapshot, step)
            self.at = -1
            self.show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Apply what is typed, else the chosen preset."""
        snapshot = self.console.snapshot
        text = event.value.strip()
        if text in ("0", "０"):
            self.dismiss(ranges.now(self.chosen))
        elif text and snapshot is not None:
            today = self.console.scene().local(snapshot.as_of).date()
            found = ranges.parsed(text, today)
            if found is None:
                self.show(bad=text)
            else:
                self.dismiss(ranges.applied(self.chosen, found))
        elif self.at >= 0:
            preset = ranges.PRESETS[self.at][1]
            self.dismiss(replace(self.chosen, kind=preset.kind, days=preset.days, range=Range()))
        else:
            self.dismiss(self.chosen)
