"""`looptop changes`: days of a metric that are another number than when they were published, and why."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from engine.questions import ChangesAnswer, ChangesQuery, NumberChange
from tui.commands.output import iso, number, write, write_json
from tui.format import MINUS
from tui.harmless import harmless
from tui.opening import language, opened
from tui.words import say

MOST_FILES = 12
"""Files of a day that are named in text; JSON names all."""


def run(arguments: Namespace) -> int:
    """Print what changed."""
    from engine.publish.moment import read_moment

    with opened(arguments) as session:
        console = session.workspace.console
        since = read_moment(arguments.since, console.timezone) if arguments.since else None
        answer = session.changes(ChangesQuery(arguments.metric, since))
    if arguments.json:
        from engine.publish.changes import to_json

        write_json(to_json(answer), console.timezone)
        return 0
    lang = language(arguments, console.language)
    write("\n".join(harmless(line) for line in to_text(answer, console.timezone, lang)))
    return 0


def to_text(answer: ChangesAnswer, timezone: str, lang: str) -> Iterator[str]:
    """A sentence, then a line for each day and one for its files."""
    at = answer.since or answer.base_at
    since = say("changes.since_at", lang, at=iso(at, timezone)) if at else say("changes.since_first", lang)
    n = len(answer.changes)
    if not n:
        yield say("changes.none", lang, metric=answer.metric, since=since)
        return
    yield say("changes.head", lang, n=n, metric=answer.metric, since=since)
    for one in answer.changes:
        running = f" ({say('changes.running', lang)})" if one.running else ""
        yield _line(one, answer.unit, lang) + running
        if one.files:
            named = [*one.files[:MOST_FILES], *(["…"] if len(one.files) > MOST_FILES else [])]
            yield say("changes.files", lang, files=", ".join(named))


def _line(one: NumberChange, unit: str, lang: str) -> str:
    return say(
        "changes.line",
        lang,
        day=one.day,
        before=number(one.before, unit),
        after=number(one.after, unit),
        change=_signed(one, unit),
        why=because(one, lang),
    )


def _signed(one: NumberChange, unit: str) -> str:
    if one.before is None or one.after is None:
        return "–"
    moved = one.after - one.before
    return ("+" if moved >= 0 else MINUS) + number(abs(moved), unit)


def because(one: NumberChange, lang: str) -> str:
    """Why a number changed: `3 late files`."""
    went = one.how.count("removed")
    late = len(one.how) - went
    causes = [say(f"changes.{key}", lang, n=n) for key, n in (("late", late), ("removed", went)) if n]
    if one.cause in ("definition", "both"):
        causes.append(say("changes.definition", lang))
    elif one.cause == "beside":
        causes.append(say("changes.beside", lang))
    return say("changes.and", lang).join(causes)
