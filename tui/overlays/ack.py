"""Taking an alert: a form that says what it does before anything is typed."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Input

from engine.questions import Alert
from tui.feed import Enter
from tui.harmless import harmless
from tui.lines import line
from tui.overlays.base import Lines, Overlay
from tui.views import alerts
from tui.words import say

if TYPE_CHECKING:
    from tui.app import Looptop


class AckOverlay(Overlay[str]):
    """A note, then Enter."""

    def __init__(self, title: str, who: str, fault: str) -> None:
        super().__init__()
        self.about, self.who, self.fault = title, who, fault

    def title_text(self) -> str:
        """Which alert."""
        return f"{self.say('label.alert.ack')} · {self.about}"

    def keys_text(self) -> str:
        """Enter and Esc."""
        return f"{self.say('overlay.enter_apply')}  {self.say('overlay.escape_keep')}"

    def parts(self) -> Iterable[Widget]:
        """What it does, and the line for the note; without a writable state only why not."""
        lines = Lines(id="about")
        if self.fault:
            lines.put((line((self.fault, "warn")),))
            yield lines
            return
        lines.put((line((self.say("page.ack_about", who=self.who), "ink")),))
        yield lines
        yield Input(placeholder=self.say("page.ack_note"), id="note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it."""
        self.dismiss(event.value)


def open_ack(app: Looptop) -> None:
    """The form for the alert under the cursor; nothing for one that never fired."""
    scene = app.scene()
    alert = alerts.find(scene, app.stacks.here.alert) if scene.snapshot else None
    if alert is None or alert.id is None:
        app.frame.say(say("page.ack_nothing", app.lang))
        return
    who = app.names.user or _login()
    fault = (
        next((n for n in scene.snapshot.notices if n.startswith("state_not_writable")), "")
        if scene.snapshot
        else ""
    )
    why = scene.say("message.state_not_writable", why=harmless(fault.partition(" ")[2])) if fault else ""
    overlay = AckOverlay(alerts.title(alert, scene), harmless(who), why)
    app.push_screen(overlay, lambda note: _take(app, alert, who, note))


def _take(app: Looptop, alert: Alert, who: str, note: str | None) -> None:
    name = alert.id
    if note is not None and name is not None:
        app.feed.do(Enter(lambda session: session.ack(name, by=who, note=note), "page.acked"))


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"
