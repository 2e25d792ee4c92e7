"""Linking and parting identifiers, and showing them in full: each says what it does and asks why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui.harmless import harmless
from tui.jobs import Enter
from tui.overlays.reason import ReasonOverlay, fault, who
from tui.views.person import Pick
from tui.words import say

if TYPE_CHECKING:
    from tui.app import Looptop

Verdict = Literal["always", "never", "forget"]


def open_link(app: Looptop, pick: Pick, wanted: Literal["always", "never"]) -> None:
    """The form for a verdict on what the cursor is on; the same verdict again takes it back.

    A link of an identifier that has nothing beside it, or that the files joined, asks for the other one.
    """
    verdict: Verdict = "forget" if pick.by_hand == wanted else wanted
    asks_other = verdict == "always" and pick.kind != "conflict"
    if not asks_other and not pick.beside:
        app.frame.say(say("person.nothing_beside", app.lang))
        return
    name, beside = harmless(pick.name), "…" if asks_other else harmless(pick.beside)
    fields = [(say("person.other", app.lang), True)] if asks_other else []
    fields.append((say("person.reason", app.lang), True))
    about = (
        say(f"person.about_{verdict}", app.lang, a=name, b=beside),
        say("person.about_ledger", app.lang, who=harmless(who(app))),
    )
    title = f"{say(f'person.title_{verdict}', app.lang)} · {name}"
    overlay = ReasonOverlay(title, about, fields, fault(app))
    app.push_screen(overlay, lambda typed: _decide(app, pick, verdict, typed))


def _decide(app: Looptop, pick: Pick, verdict: Verdict, typed: tuple[str, ...] | None) -> None:
    if typed is None:
        return
    person, by, reason = app.stacks.here.person, who(app), typed[-1]
    other = typed[0] if len(typed) > 1 else pick.beside
    app.feed.do(
        Enter(
            lambda session: session.link(verdict, pick.name, other, by=by, reason=reason, person=person),
            f"person.done_{verdict}",
        )
    )


def open_reveal(app: Looptop) -> None:
    """Show the identifiers in full once the reason stands in the log; the same key masks them again."""
    if app.stacks.here.reveal:
        _reveal(app, app.stacks.here.person, "")
        return
    about = (say("person.about_reveal", app.lang, who=harmless(who(app))),)
    title = say("label.person.reveal", app.lang)
    overlay = ReasonOverlay(title, about, ((say("person.reason", app.lang), True),), fault(app))
    app.push_screen(overlay, lambda typed: _log(app, typed[0]) if typed else None)


def _log(app: Looptop, reason: str) -> None:
    """Nothing is shown before it is logged."""
    person, by = app.stacks.here.person, who(app)
    app.feed.do(
        Enter(
            lambda session: session.reveal(reason, by=by, what=f"console person {person}"),
            "person.done_reveal",
            lambda: _reveal(app, person, reason),
        )
    )


def _reveal(app: Looptop, person: str, reason: str) -> None:
    """Another question for the same place: this alone decides what is shown."""
    if app.stacks.here.kind == "person" and app.stacks.here.person == person:
        app.stacks.change(reveal=reason)
        app.draw()
