"""`looptop silence` and `unsilence`: what is kept quiet, from when until when, by whom and why."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.questions import Silence
from tui.commands import ledger
from tui.commands.output import iso, table, write, write_json
from tui.commands.words import heads, word
from tui.opening import language, opened

if TYPE_CHECKING:
    from engine.session import Session

KEYS = ("id", "rule", "labels", "from", "until", "author", "reason")


def run(arguments: Namespace) -> int:
    """Silence an episode or all members that match; list what is quiet; end a silence."""
    with opened(arguments) as session:
        if arguments.command == "unsilence":
            who, note = ledger.author(session, arguments), ledger.words(arguments)
            session.unsilence(arguments.id, by=who, note=note)
            session.refresh()
        elif not arguments.list and arguments.id is not None:
            _episode(session, arguments)
            return 0
        elif not arguments.list:
            session.silence(
                arguments.rule,
                arguments.match or {},
                by=ledger.author(session, arguments),
                reason=ledger.words(arguments),
                until=arguments.until,
                begins=getattr(arguments, "from"),
            )
            session.refresh()
        _listed(session, arguments)
    return 0


def _episode(session: Session, arguments: Namespace) -> None:
    if arguments.rule or arguments.match or getattr(arguments, "from"):
        raise UsageError("an episode is silenced at once and alone: leave out --rule, --match and --from")
    session.decide(
        "silence",
        arguments.id,
        by=ledger.author(session, arguments),
        text=ledger.words(arguments),
        until=arguments.until,
    )
    ledger.say_alert(session, arguments)


def _listed(session: Session, arguments: Namespace) -> None:
    console = session.workspace.console
    found, lang = session.silences(), language(arguments, console.language)
    if arguments.json:
        write_json({"silences": [_json(each, console.timezone) for each in found]}, console.timezone)
    else:
        write(_text(found, console.timezone, lang) if found else word("nothing", lang))


def _json(each: Silence, timezone: str) -> dict[str, object]:
    return {
        "id": each.id,
        "rule": each.rule,
        "labels": dict(each.labels),
        "episode": each.episode,
        "from": iso(each.begins, timezone),
        "until": iso(each.until, timezone),
        "by": each.by,
        "reason": each.reason,
    }


def _text(found: Iterable[Silence], timezone: str, lang: str) -> str:
    rows = [
        [
            *(each.id, each.rule or "–"),
            ", ".join(f"{name}={value}" for name, value in each.labels.items()) or each.episode or "–",
            *(iso(each.begins, timezone) or "–", iso(each.until, timezone) or "–", each.by, each.reason),
        ]
        for each in found
    ]
    return table(heads(lang, *KEYS), rows)
