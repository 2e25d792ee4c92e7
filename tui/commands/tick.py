"""`looptop tick`: steps of an alert's SOP that are done, or are not after all."""

from __future__ import annotations

from argparse import Namespace

from engine.errors import UsageError
from tui.commands.ledger import author, say_alert, words
from tui.opening import opened


def run(arguments: Namespace) -> int:
    """Tick or untick a step and say how the alert stands."""
    if not arguments.step.isdecimal() or int(arguments.step) < 1:
        raise UsageError(f'"{arguments.step}" is no step; write its number, from 1')
    with opened(arguments) as session:
        session.decide(
            "untick" if arguments.undo else "tick",
            arguments.id,
            by=author(session, arguments),
            text=words(arguments),
            step=int(arguments.step) - 1,
        )
        say_alert(session, arguments)
    return 0
