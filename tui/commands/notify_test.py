"""`looptop notify-test`: a test message to each [notify.X], and what the receiver answered."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import asdict

from engine.errors import UsageError
from tui.commands.output import table, write, write_json
from tui.commands.watch import bell
from tui.commands.words import heads, word
from tui.opening import language, message_language, opened

KEYS = ("notify", "url_env", "state", "reply", "seconds")


def run(arguments: Namespace) -> int:
    """Send and print; 1 where one was not taken. Nothing is queued and nothing tried twice.

    Raises: UsageError where looptop.toml names no channel; UnknownName.
    """
    with opened(arguments) as session:
        console = session.workspace.console
        if not session.workspace.notify:
            raise UsageError(
                'no [notify.X] in looptop.toml; add one, such as [notify.ops] url_env = "LOOPTOP_NOTIFY_OPS"'
            )
        tried = session.try_channels(arguments.name, os.environ, message_language(console.language), bell)
    if arguments.json:
        write_json({"tests": [asdict(one) for one in tried]})
    else:
        lang = language(arguments, console.language)
        rows = [
            [
                one.name,
                one.url_env,
                word("taken" if one.ok else "not_taken", lang),
                one.reply,
                f"{one.seconds:.1f}",
            ]
            for one in tried
        ]
        write(table(heads(lang, *KEYS), rows, (4,)))
    return 0 if all(one.ok for one in tried) else 1
