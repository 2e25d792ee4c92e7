"""`looptop ack`, `silence` and `close`: what people decide about an alert, kept in the ledger."""

from __future__ import annotations

import getpass
from argparse import Namespace
from typing import TYPE_CHECKING

from engine.errors import UsageError
from tui.commands.opening import opened, wall_clock
from tui.commands.output import write, write_json

if TYPE_CHECKING:
    from engine.session import Session


def run(arguments: Namespace) -> int:
    """Write the decision down, bring the alerts up to date and say what was done."""
    from engine.alerts import alerts_json
    from engine.publish.moment import read_moment

    with opened(arguments) as session:
        console = session.workspace.console
        if not session.state.writable:
            raise UsageError(f"the state cannot be written ({session.state.fault}); nothing was kept")
        if session.moment.replay:
            raise UsageError("--as-of looks back: nothing is written there; leave it out")
        until = getattr(arguments, "until", None)
        words = (getattr(arguments, "reason", None), arguments.note)
        session.ledger.act(
            arguments.command,
            arguments.id,
            arguments.by or console.user or getpass.getuser(),
            session.moment.as_of if console.clock == "data" else wall_clock(),
            text=": ".join(filter(None, words)),
            until=None if until is None else read_moment(until, console.timezone),
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
