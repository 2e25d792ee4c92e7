"""`looptop audit`: who saw or erased personal data, when and why."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from tui.commands.output import iso, table, write, write_json
from tui.commands.words import heads, word
from tui.opening import language, opened


def run(arguments: Namespace) -> int:
    """Print every entry of the log."""
    with opened(arguments) as session:
        console = session.workspace.console
        found = session.audit()
    if arguments.json:
        write_json({"audit": [asdict(one) for one in found]}, console.timezone)
        return 0
    lang = language(arguments, console.language)
    rows = [
        [iso(one.at, console.timezone) or "–", one.by, word(one.kind, lang), one.asked, one.reason or "–"]
        for one in found
    ]
    write(
        table(heads(lang, "ts", "author", "what", "asked", "reason"), rows) if rows else word("nothing", lang)
    )
    return 0
