"""What has to be said in the status line as long as it is so."""

from __future__ import annotations

from engine.questions import Delivery
from tui.harmless import harmless
from tui.views.scene import Scene


def standing(scene: Scene) -> tuple[str, str]:
    """The weightiest thing that is wrong with the state, the evaluation or the messages, and its tone."""
    snapshot = scene.snapshot
    if snapshot is None:
        return "", "ink"
    for text in snapshot.notices:
        name, _, rest = text.partition(" ")
        if name == "state_not_writable":
            why = harmless(rest) or scene.say("message.state_read_only")
            return scene.say("message.state_not_writable", why=why), "warn"
        if name != "directory_gone":
            return harmless(text), "warn"
    if snapshot.alerts.fault:
        return scene.say("message.not_recorded", why=harmless(snapshot.alerts.fault)), "bad"
    return delivery(snapshot.delivery, scene) if snapshot.delivery is not None else ("", "ink")


def delivery(found: Delivery, scene: Scene) -> tuple[str, str]:
    """Messages that did not arrive: dead ones red, those that are tried again yellow."""
    say = scene.say
    why = harmless(found.last_error or "–")
    if found.fault:
        return say("message.not_sent", why=harmless(found.fault)), "bad"
    if found.dead:
        return say("message.dead", n=found.dead, why=why), "bad"
    if found.queued and found.last_error:
        time = f"{scene.local(found.next_try):%H:%M}" if found.next_try is not None else "–"
        return say("message.tried_again", n=found.queued, why=why, time=time), "warn"
    return "", "ink"
