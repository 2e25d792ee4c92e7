"""The commands about messages to people, for the table of commands."""

from __future__ import annotations

from tui.commands.arguments import DIR
from tui.commands.forms import Command, Option, Word

MESSAGES = (
    Command(
        "outbox",
        "Messages to people: sent, waiting, failed, dead",
        (DIR,),
        (Option("--retry", "send a dead or failed one again", "KEY"),),
        "outbox",
    ),
    Command(
        "notify-test",
        "Send a test message to each [notify.X] and say what was answered",
        (DIR, Word("NAME", "a [notify.X]; default all of them", "*")),
        module="notify_test",
    ),
)
