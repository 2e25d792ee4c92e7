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
    """Show the person's identifiers in full after a reason was given; masked again by the same key."""
    if app.stacks.here.reveal:
        _reveal(app, "")
        return
    about = (say("person.about_reveal", app.lang, who=harmless(who(app))),)
    title = say("label.person.reveal", app.lang)
    overlay = ReasonOverlay(title, about, ((say("person.reason", app.lang), True),))
    app.push_screen(overlay, lambda typed: _reveal(app, typed[0]) if typed else None)


def _reveal(app: Looptop, reason: str) -> None:
    """Another question for the same place: this alone decides what is shown."""
    app.stacks.change(reveal=reason)
    app.draw()
