"""The time range: presets with their days, and a line to type one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

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
from tui.views import calendar

if TYPE_CHECKING:
    from tui.app import Looptop


class TimeOverlay(Overlay[tuple[View, bool]]):
    """Choose a preset, type `10-01..10-15`, `28d`, `2026-Q3`, `last week`, or Tab and choose days.

    Out: the view, and whether the range is for this place alone (F5 in place of Enter).
    """

    BINDINGS: ClassVar = [
        Binding("down", "go(1)", show=False, priority=True),
        Binding("up", "go(-1)", show=False, priority=True),
        Binding("left", "across(-1)", show=False, priority=True),
        Binding("right", "across(1)", show=False, priority=True),
        Binding("pagedown", "month(1)", show=False, priority=True),
        Binding("pageup", "month(-1)", show=False, priority=True),
        Binding("tab", "calendar", show=False, priority=True),
        Binding("space", "mark", show=False),
        Binding("enter", "take", show=False),
        Binding("f5", "here", show=False, priority=True),
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
        word = "time_calendar_keys" if self.day else "time_keys"
        return self.say(f"overlay.{word if self.app.size.width >= 76 else 'time_keys_short'}")

    def __init__(self, view: View) -> None:
        super().__init__()
        self.chosen = view
        self.day: date | None = None
        """The day under the cursor of the calendar; None outside it."""
        self.first: date | None = None
        """The first day that was marked, until the last one is."""
        self.marked = False
        """Whether both days have been marked since the calendar was gone into."""
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
        wide = self.app.size.width >= 76
        side = self._side(today) if wide else self._month(today) if self.day else []
        rows: list[Line] = []
        if wide or not self.day:
            for at in range(max(len(ranges.PRESETS), len(side))):
                left = self._left(at, today, whole)
                right = side[at] if at < len(side) else ()
                rows.append((*left, *(line(("  ┊  ", "ink-dim")) if wide else ()), *right))
        else:
            rows = list(side)
        if bad:
            rows.append(line((self.say("overlay.time_bad", text=bad), "warn")))
        self.query_one("#presets", Lines).put(rows)

    def _left(self, at: int, today: date, whole: Range) -> Line:
        """A preset with its days, 38 cells."""
        snapshot, scene = self.console.snapshot, self.console.scene()
        if at >= len(ranges.PRESETS) or snapshot is None:
            return line((" " * 38, "ink"))
        name, view = ranges.PRESETS[at]
        days = ranges.preset_range(view, today, whole)
        shown = fmt.days(days.first, days.last) if days.first and days.last else ""
        if view.kind == "today":
            shown += " " + self.say("overlay.time_to_time", time=f"{scene.local(snapshot.as_of):%H:%M}")
        here = at == self.at and self.day is None
        sign = self.console.glyphs.cursor if here else " "
        text = pad(pad(f"{sign} {self._preset_name(name, view, days)}", 16) + shown, 38)
        return line((text, "ink selected" if here else "ink"))

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

    def _shown(self) -> Range:
        """The days that would be looked at."""
        snapshot = self.console.snapshot
        if self.first is not None and self.day is not None:
            return Range(min(self.first, self.day), max(self.first, self.day))
        if self.chosen.kind == "fixed":
            return self.chosen.range
        return snapshot.range if snapshot else Range()

    def _side(self, today: date) -> list[Line]:
        """From, to, and the month of the last day or of the cursor."""
        shown = self._shown()
        if shown.first is None or shown.last is None:
            return []
        partial = f" {self.say('overlay.time_today_partial')}" if shown.last == today else ""
        words = (self.say("overlay.time_from"), self.say("overlay.time_to"))
        room = max(cell_len(word) for word in words)
        length = fmt.age(((shown.last - shown.first).days + 1) * 86400, self.lang)
        out = []
        for word, day, after in zip(words, (shown.first, shown.last), (f" {length}", partial), strict=True):
            text = f"{pad(word, room)}  {day:%Y-%m-%d} {fmt.weekday(day, self.lang)}{after}"
            out.append(line((text, "ink-dim")))
        return [*out, *self._month(today)]

    def _month(self, today: date) -> list[Line]:
        shown = self._shown()
        return calendar.month(self.day or shown.last or today, shown, self.day, self.lang)

    def action_go(self, step: int) -> None:
        """Another preset; in the calendar a week."""
        if self.day is not None:
            self._to(self.day + timedelta(days=7 * step))
            return
        self.at = min(max(0, self.at + step), len(ranges.PRESETS) - 1)
        self.show()

    def _to(self, day: date) -> None:
        if date(1970, 1, 1) <= day <= date(9998, 12, 31):
            self.day = day
        self.show()

    def action_across(self, step: int) -> None:
        """A day; in the line a letter."""
        if self.day is not None:
            self._to(self.day + timedelta(days=step))
            return
        field = self.query_one("#range", Input)
        field.cursor_position = min(max(0, field.cursor_position + step), len(field.value))

    def action_month(self, step: int) -> None:
        """In the calendar another month."""
        if self.day is not None:
            first = self.day.replace(day=1)
            other = (first - timedelta(days=1)) if step < 0 else (first + timedelta(days=31))
            self._to(other.replace(day=min(self.day.day, 28)))

    def action_calendar(self) -> None:
        """Into the calendar or out of it."""
        shown = self._shown()
        self.day = None if self.day is not None else shown.last or date(2026, 1, 1)
        self.first, self.marked = None, False
        field = self.query_one("#range", Input)
        self.set_focus(None if self.day is not None else field)
        box = self.query_one(".box")
        box.border_subtitle = self.keys_text().replace("[", "\\[")
        self.show()

    def action_mark(self) -> None:
        """The first day, then the last one."""
        if self.first is None:
            self.first = self.day
            self.show()
        else:
            self._mark()

    def _mark(self) -> None:
        self.chosen = replace(self.chosen, kind="fixed", range=self._shown())
        self.at, self.first, self.marked = -1, None, True
        self.show()

    def action_take(self) -> None:
        """The days that are marked."""
        self._take(here=False)

    def action_here(self) -> None:
        """The range for this place alone."""
        self._take(here=True)

    def action_shift(self, step: int) -> None:
        """One length back or forward."""
        snapshot = self.console.snapshot
        if snapshot is not None:
            self.chosen = ranges.shifted(self.chosen, snapshot, step)
            self.at = -1
            self.show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Apply what is typed, else the chosen preset or days."""
        self._take(here=False)

    def _take(self, here: bool) -> None:
        found = self._found(self.query_one("#range", Input).value.strip())
        if found is not None:
            self.dismiss((found, here))

    def _found(self, text: str) -> View | None:
        """The view that is meant; None for a text that is no range."""
        snapshot = self.console.snapshot
        if self.day is not None:
            if self.first is None and not self.marked:
                self.first = self.day
            if self.first is not None:
                self._mark()
            return self.chosen
        if text in ("0", "０"):
            return ranges.now(self.chosen)
        if text and snapshot is not None:
            found = ranges.parsed(text, self.console.scene().local(snapshot.as_of).date())
            if found is None:
                self.show(bad=text)
                return None
            return ranges.applied(self.chosen, found)
        if self.at >= 0:
            preset = ranges.PRESETS[self.at][1]
            return replace(self.chosen, kind=preset.kind, days=preset.days, range=Range())
        return self.chosen


def open_time(app: Looptop) -> None:
    """The time range."""

    def chosen(found: tuple[View, bool] | None) -> None:
        if found is None or app.snapshot is None:
            return
        view, here = found
        if here:
            today = app.scene().local(app.snapshot.as_of).date()
            days = view.range if view.kind == "fixed" else ranges.preset_range(view, today, Range())
            app.stacks.change(range=days if days.first else None)
            app.draw()
        else:
            app.stacks.change(range=None)
            app.look(replace(app.view, kind=view.kind, days=view.days, range=view.range))

    if app.snapshot is not None:
        app.push_screen(TimeOverlay(app.view), chosen)
