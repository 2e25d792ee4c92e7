"""What people decide about an alert: taken, silenced, closed, a step done, a label of the review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from engine.questions import LABELS
from tui.harmless import harmless
from tui.jobs import Enter
from tui.overlays.next_key import NextKey
from tui.overlays.reason import ReasonOverlay, fault, who
from tui.views import alerts
from tui.views.moments import until
from tui.words import say

if TYPE_CHECKING:
    from engine.session import Session
    from tui.app import Looptop

WIDE = 110
"""Columns from which the second keys stand behind what they are for."""
KEYS: Mapping[str, str] = dict(zip("tnfedu", LABELS, strict=True)) | {"-": ""}
"""The second key of a label: true, no action, false, expected, data defect, duplicate; take it back."""


def episode_here(app: Looptop) -> tuple[str, str] | None:
    """(episode, title) of the alert that is looked at; None, and said so, for one that never fired."""
    scene = app.scene()
    found = alerts.find(scene, app.stacks.here.alert) if scene.snapshot else None
    episode = alerts.episode(scene, app.stacks.here.alert) if scene.snapshot else None
    if episode is None:
        app.frame.say(say("page.ack_nothing", app.lang))
        return None
    return episode, alerts.title(found, scene) if found is not None else harmless(episode)


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked before something is decided.

    `act`: what is then done with the session, for the episode, by whom, with what was typed; `wrong`: what is
    wrong with it, empty where nothing is.
    """

    action: str
    about: str
    fields: tuple[tuple[str, bool], ...]
    act: Callable[[Session, str, str, tuple[str, ...]], None]
    wrong: Callable[[tuple[str, ...]], str] | None = None


def ack(app: Looptop) -> None:
    """Take it: reminders and escalation stop."""
    fields = ((say("page.ack_note", app.lang), False),)

    def act(session: Session, name: str, by: str, typed: tuple[str, ...]) -> None:
        session.ack(name, by=by, note=typed[0])

    _ask(app, Form("ack", "page.ack_about", fields, act))


def close(app: Looptop) -> None:
    """Close it by hand: quiet until the next clear period."""
    fields = ((say("deciding.reason", app.lang), True),)

    def act(session: Session, name: str, by: str, typed: tuple[str, ...]) -> None:
        session.decide("close", name, by=by, text=typed[0])

    _ask(app, Form("close", "deciding.close_about", fields, act))


def silence(app: Looptop) -> None:
    """Tell nobody until an end, for a reason; of one that is silenced, end that."""
    found = alerts.find(app.scene(), app.stacks.here.alert)
    if found is not None and found.silenced_until is not None:
        _unsilence(app)
        return

    def end(text: str) -> str | None:
        scene = app.scene()
        now = scene.local(scene.snapshot.as_of) if scene.snapshot else None
        moment = until(text, now) if now is not None else None
        return moment.isoformat(timespec="minutes") if moment is not None else None

    def wrong(typed: tuple[str, ...]) -> str:
        if end(typed[1]) is not None:
            return ""
        return say("deciding.until_bad", app.lang, text=harmless(typed[1]))

    def act(session: Session, name: str, by: str, typed: tuple[str, ...]) -> None:
        session.decide("silence", name, by=by, text=typed[0], until=end(typed[1]))

    fields = ((say("deciding.reason", app.lang), True), (say("deciding.until", app.lang), True))
    _ask(app, Form("silence", "deciding.silence_about", fields, act, wrong))


def _unsilence(app: Looptop) -> None:
    def act(session: Session, name: str, by: str, typed: tuple[str, ...]) -> None:
        session.unsilence(name, by=by, note=typed[0])

    fields = ((say("page.ack_note", app.lang), False),)
    _ask(app, Form("unsilence", "deciding.unsilence_about", fields, act))


def undo_level(app: Looptop) -> None:
    """Do not take the new level as normal: it is judged against the old one again."""
    found = alerts.find(app.scene(), app.stacks.here.alert)
    if found is None or not found.adapted:
        app.frame.say(say("deciding.not_adapted", app.lang))
        return

    def act(session: Session, name: str, by: str, typed: tuple[str, ...]) -> None:
        session.decide("undo_adapt", name, by=by, text=typed[0])

    fields = ((say("page.ack_note", app.lang), False),)
    _ask(app, Form("undo", "deciding.undo_about", fields, act))


def missed(app: Looptop, rule: str, by: tuple[str, ...], title: str) -> None:
    """Mark a period in which a rule should have fired: it counts against its recall.

    In:  the dimensions of the rule, each of which is asked for.
    """
    who_does = who(app)
    about = (say("deciding.missed_about", app.lang, who=harmless(who_does)),)
    fields = ((say("deciding.period", app.lang), True), *((f"{name}", True) for name in by))

    def done(typed: tuple[str, ...] | None) -> None:
        if typed is not None:
            period, *members = typed
            labels = dict(zip(by, members, strict=True))
            app.feed.do(
                Enter(
                    lambda session: session.missed(rule, labels, period, by=who_does), "deciding.did_missed"
                )
            )

    heading = f"{say('deciding.missed', app.lang)} · {title}"
    app.push_screen(ReasonOverlay(heading, about, fields, fault(app)), done)


def _ask(app: Looptop, form: Form) -> None:
    """The form for the alert that is looked at."""
    found = episode_here(app)
    if found is None:
        return
    name, title = found
    by = who(app)
    about = (say(form.about, app.lang, who=harmless(by)),)
    heading = f"{say(f'deciding.{form.action}', app.lang)} · {title}"

    def done(typed: tuple[str, ...] | None) -> None:
        if typed is not None:
            word = f"deciding.did_{form.action}"
            app.feed.do(Enter(lambda session: form.act(session, name, by, typed), word))

    app.push_screen(ReasonOverlay(heading, about, form.fields, fault(app), form.wrong), done)


def tick(app: Looptop, episode: str, step: int, *, done: bool) -> None:
    """Tick a step of the SOP, or take the tick off."""
    by = who(app)
    kind: Literal["tick", "untick"] = "tick" if done else "untick"
    word = "deciding.ticked" if done else "deciding.unticked"
    app.feed.do(Enter(lambda session: session.decide(kind, episode, by=by, step=step), word))


def label(app: Looptop, found: tuple[str, str] | None, then: Callable[[], None] | None = None) -> None:
    """The second key gives the label; any other key leaves all as it was.

    In:  (episode, title); `then`: what follows once it is kept.
    """
    if found is None:
        return
    if why := fault(app):
        app.frame.say(why)
        return
    name, title = found

    def done(key: str | None) -> None:
        app.frame.hint = ""
        app.draw()
        if key is not None and key in KEYS:
            by, chosen = who(app), KEYS[key]
            app.feed.do(Enter(lambda session: session.label(name, chosen, by=by), "deciding.labelled", then))

    scene = app.scene()
    words = "  ".join(f"{key} {alerts.label_word(each, scene)}" for key, each in KEYS.items() if each)
    words += f"  - {scene.say('labelled.none')}"
    app.push_screen(NextKey(), done)
    app.frame.hint = words if app.size.width < WIDE else f"{title}:  {words}"
