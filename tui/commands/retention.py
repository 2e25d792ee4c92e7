"""`looptop retention`: which facts are too old to be kept, by table."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from tui.commands.output import number, table, write, write_json
from tui.commands.words import heads, word
from tui.opening import language, opened

KEYS = ("table", "days", "kept_from", "rows", "files", "persons")


def run(arguments: Namespace) -> int:
    """Print what is left out now, or with `--dry-run` what would be."""
    with opened(arguments, dry=arguments.dry_run) as session:
        console = session.workspace.console
        found = session.retention()
    if arguments.json:
        write_json({"dry_run": arguments.dry_run, "tables": [asdict(one) for one in found]}, console.timezone)
        return 0
    lang = language(arguments, console.language)
    rows = [
        [
            *(one.table, f"{one.days:,}", one.kept_from.isoformat()),
            *(number(count) for count in (one.rows, one.files, one.persons)),
        ]
        for one in found
    ]
    write(table(heads(lang, *KEYS), rows, right=(1, 3, 4, 5)) if rows else word("nothing", lang))
    return 0
