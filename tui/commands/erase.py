"""`looptop erase`: a person's identifiers and attributes go, the anonymous facts stay; with a receipt."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import asdict

from engine.questions import Receipt
from tui.commands.output import iso, table, write, write_json
from tui.commands.words import heads, word
from tui.harmless import harmless
from tui.opening import author, language, opened


def run(arguments: Namespace) -> int:
    """Erase and print the receipt; somebody at a terminal is asked first, unless `--yes` is there."""
    with opened(arguments) as session:
        console = session.workspace.console
        lang = language(arguments, console.language)
        if not arguments.yes and sys.stdin.isatty() and not _confirmed(lang):
            return 0
        receipt = session.erase(arguments.id, by=author(session, arguments.by), reason=arguments.reason or "")
    if arguments.json:
        write_json(to_json(receipt), console.timezone)
    else:
        write(to_text(receipt, console.timezone, lang))
    return 0


def _confirmed(lang: str) -> bool:
    print(word("erase_sure", lang), end=" ", file=sys.stderr, flush=True)  # noqa: T201 - the question
    return sys.stdin.readline().strip().casefold() in ("y", "yes", "是")


def to_json(receipt: Receipt) -> dict[str, object]:
    """The object of `looptop erase --json`."""
    files = [{"file": file, "lines": lines} for file, lines in receipt.files]
    return {**asdict(receipt), "files": files}


def to_text(receipt: Receipt, timezone: str, lang: str) -> str:
    """The receipt, then the lines of files that still hold the person."""
    pairs = [
        [word("receipt", lang), receipt.id],
        [word("ts", lang), iso(receipt.at, timezone) or "–"],
        [word("author", lang), receipt.by],
        [word("reason", lang), receipt.reason or "–"],
        [word("identifiers", lang), f"{len(receipt.identifiers):,}"],
        *([word("rows", lang) + f" {name}", f"{count:,}"] for name, count in receipt.rows.items()),
        [word("parts", lang), f"{receipt.parts:,}"],
    ]
    lines = [[file, ", ".join(map(str, numbers))] for file, numbers in receipt.files]
    blocks = [table(["", ""], pairs)]
    if lines:
        blocks += [harmless(word("still_there", lang)), table(heads(lang, "file", "line"), lines)]
    return "\n\n".join(blocks)
