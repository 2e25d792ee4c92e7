"""`looptop ack`, `silence` and `close`: what people decide about an alert, kept in the ledger."""

from __future__ import annotations

import getpass
from argparse import Namespace
from typing import TYPE_CHECKING

from tui.commands.output import write, write_json
from tui.opening import opened

if TYPE_CHECKING:
    from engine.session import Session


def run(arguments: Namespace) -> int:
    """Write the decision down, bring the alerts up to date and say what was done."""
    from engine.alerts import alerts_json

    with opened(arguments) as session:
        console = session.workspace.console
        words = (getattr(arguments, "reason", None), arguments.note)
        session.decide(
            arguments.command,
            arguments.id,
            by=arguments.by or console.user or getpass.getuser(),
            text=": ".join(filter(None, words)),
            until=getattr(arguments, "until", None),
        )
        session.refresh()
        if arguments.json:
            shown = alerts_json(session.alerts(all=True), console.timezone)
            write_json(_only(shown, arguments.id))
        else:
            write(_sentence(session, arguments))
    return 0


def _only(shown: dict[str, object], episode: str) -> dict[str, object]:
    """The alerts of that episode alone."""
    alerts = shown["alerts"]
    assert isinstance(alerts, list)
    return {**shown, "alerts": [alert for alert in alerts if alert["id"] == episode]}


def _sentence(session: Session, arguments: Namespace) -> str:
    found = next((one for one in session.alerts(all=True).alerts if one.id == arguments.id), None)
    state = f": {found.rule} {found.state}" if found is not None else ""
    return f"{arguments.command} {arguments.id}{state}"
