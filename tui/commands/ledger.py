"""`looptop ack`, `silence` and `close`: what people decide about an alert, kept in the ledger."""

from __future__ import annotations

from argparse import Namespace

from engine.errors import UsageError
from tui.commands.opening import opened
from tui.commands.output import write, write_json


def run(arguments: Namespace) -> int:
    """Write the decision down and print the alert as it is now."""
    if arguments.command != "ack" and not arguments.reason:
        raise UsageError(f'{arguments.command} needs --reason "…": whoever looks later wants to know')
    if arguments.command == "silence" and arguments.until is None:
        raise UsageError("silence needs --until TIME: an alert is never quiet for good")
    with opened(arguments) as session:
        timezone = session.workspace.console.timezone
        by, note = arguments.by, arguments.note
        if arguments.command == "ack":
            alert = session.ack(arguments.id, by=by, note=note)
        elif arguments.command == "silence":
            alert = session.silence(
                arguments.id, by=by, note=note, reason=arguments.reason, until=arguments.until
            )
        else:
            alert = session.close_alert(arguments.id, by=by, note=note, reason=arguments.reason)
    if arguments.json:
        write_json(alert, timezone)
    else:
        write(f"{arguments.command}: {arguments.id}")
    return 0
