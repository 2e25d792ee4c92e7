"""Taking an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.questions import Alert
from tui.harmless import harmless
from tui.jobs import Enter
from tui.overlays.reason import ReasonOverlay, fault, who
from tui.views import alerts
from tui.words import say

if TYPE_CHECKING:
    from tui.app import Looptop


def open_ack(app: Looptop) -> None:
    """The form for the alert under the cursor; nothing for one that never fired."""
    scene = app.scene()
    alert = alerts.find(scene, app.stacks.here.alert) if scene.snapshot else None
    if alert is None or alert.id is None:
        app.frame.say(say("page.ack_nothing", app.lang))
        return
    title = f"{scene.say('label.alert.ack')} · {alerts.title(alert, scene)}"
    about = (scene.say("page.ack_about", who=harmless(who(app))),)
    overlay = ReasonOverlay(title, about, ((scene.say("page.ack_note"), False),), fault(app))
    app.push_screen(overlay, lambda typed: _take(app, alert, who(app), typed))


def _take(app: Looptop, alert: Alert, by: str, typed: tuple[str, ...] | None) -> None:
    name = alert.id
    if typed is not None and name is not None:
        note = typed[0]
        app.feed.do(Enter(lambda session: session.ack(name, by=by, note=note), "page.acked"))
