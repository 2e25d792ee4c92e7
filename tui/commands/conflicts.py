"""`looptop conflicts`: identifiers that were kept apart, and why."""

from __future__ import annotations

from argparse import Namespace

from tui.commands.output import table, write, write_json
from tui.commands.words import heads, word
from tui.opening import language, opened

KEYS = ("a", "b", "reason")


def run(arguments: Namespace) -> int:
    """Print every conflict."""
    with opened(arguments) as session:
        console = session.workspace.console
        found: tuple[object, ...] = session.conflicts(reveal=arguments.reveal)
    if arguments.json:
        write_json({"conflicts": [{key: getattr(one, key) for key in KEYS} for one in found]})
        return 0
    lang = language(arguments, console.language)
    rows = [[str(getattr(one, key)) for key in KEYS] for one in found]
    write(table(heads(lang, *KEYS), rows) if rows else word("nothing", lang))
    return 0
