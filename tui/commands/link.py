"""`looptop link` and `unlink`: what people say of two identifiers, kept in the ledger."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from engine.errors import UnknownName
from tui.commands.output import write, write_json
from tui.opening import author, language, opened
from tui.words import say

if TYPE_CHECKING:
    from engine.publish.register import Verdict
    from engine.session import Session


def run(arguments: Namespace) -> int:
    """Write the verdict down, bring the persons up to date and say whose the two are now."""
    said: Verdict = "always" if arguments.command == "link" else "never"
    verdict: Verdict = "forget" if arguments.forget else said
    with opened(arguments) as session:
        console = session.workspace.console
        by = author(session, arguments.by)
        a, b = session.link(verdict, arguments.a, arguments.b, by=by, reason=arguments.reason or "")
        session.refresh()
        persons = [_person(session, end) for end in (arguments.a, arguments.b)]
        lang = language(arguments, console.language)
    if arguments.json:
        write_json({"verdict": verdict, "a": a, "b": b, "by": by, "persons": persons})
    else:
        whose = " · ".join(f"{end}: {person or '–'}" for end, person in zip((a, b), persons, strict=True))
        write(f"{say(f'person.done_{verdict}', lang)}  {whose}")
    return 0


def _person(session: Session, end: str) -> str | None:
    """`p_…` of the person who has an identifier, None where nobody has it yet."""
    try:
        return session.person(end).entry.person
    except UnknownName:
        return None
