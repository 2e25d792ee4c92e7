"""`looptop outbox`: messages to people: sent, waiting, failed, dead; and sending one again."""

from __future__ import annotations

from argparse import Namespace

from tui.commands.output import iso, table, write, write_json
from tui.commands.words import heads, word
from tui.opening import language, opened

KEYS = (
    "created",
    *("kind", "rule", "severity", "state", "channel"),
    *("recipients", "sent", "next_try", "reply", "key"),
)


def run(arguments: Namespace) -> int:
    """Print every message; with `--retry` queue one again first: `watch` or the console sends it."""
    with opened(arguments) as session:
        console = session.workspace.console
        if arguments.retry:
            session.send_again(arguments.retry)
        messages = session.outbox()
    if arguments.json:
        from engine.alerts import outbox_json

        write_json(outbox_json(messages, console.timezone))
        return 0
    lang = language(arguments, console.language)
    rows = [
        [
            iso(one.created_at, console.timezone) or "–",
            *(one.kind, one.rule, one.severity or "–", one.state, one.channel or "–"),
            ", ".join(one.recipients),
            iso(one.sent_at, console.timezone) or "–",
            iso(one.next_try, console.timezone) or "–",
            *(one.reply or "–", one.key),
        ]
        for one in messages
    ]
    write(table(heads(lang, *KEYS), rows) if rows else word("nothing", lang))
    return 0
