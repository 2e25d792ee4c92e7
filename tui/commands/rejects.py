"""`looptop rejects`: lines that are in no number."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from engine.questions import Reject
from tui.commands.output import table, write, write_json
from tui.commands.words import heads, word
from tui.opening import language, opened

KEYS = ("source", "file", "line", "column", "value", "reason")


def run(arguments: Namespace) -> int:
    """Print every reject."""
    with opened(arguments) as session:
        console = session.workspace.console
        found = session.rejects(reveal=arguments.reveal)
    if arguments.json:
        write_json(to_json(found))
        return 0
    lang = language(arguments, console.language)
    rows = [
        [
            one.source,
            one.file,
            str(one.line),
            one.column or "–",
            one.value if one.value is not None else "–",
            one.reason,
        ]
        for one in found
    ]
    write(table(heads(lang, *KEYS), rows, right=(2,)) if rows else word("nothing", lang))
    return 0


def to_json(found: Sequence[Reject]) -> dict[str, object]:
    """The object of `looptop rejects --json`."""
    return {"rejects": [{key: getattr(one, key) for key in KEYS} for one in found]}
