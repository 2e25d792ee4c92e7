"""`looptop ack`, `close`, `unadapt` and more: what people decide about an alert, kept in the ledger."""

from __future__ import annotations

import getpass
from argparse import Namespace
from typing import TYPE_CHECKING

from tui.commands.output import write, write_json
from tui.harmless import harmless
from tui.opening import language, opened

if TYPE_CHECKING:
    from engine.session import Session


_DEEDS = {"unadapt": "undo_adapt"}
"""Commands that are not called as what they do."""


def run(arguments: Namespace) -> int:
    """Write the decision down, bring the alerts up to date and say what was done."""
    with opened(arguments) as session:
        session.decide(
            _DEEDS.get(arguments.command, arguments.command),
            arguments.id,
            by=author(session, arguments),
            text=words(arguments),
            until=getattr(arguments, "until", None),
        )
        say_alert(session, arguments)
    return 0


def author(session: Session, arguments: Namespace) -> str:
    """Who does it: `--by`, the user of the console, the login name."""
    return arguments.by or session.workspace.console.user or getpass.getuser()


def words(arguments: Namespace) -> str:
    """The reason and the note as one."""
    return ": ".join(filter(None, (getattr(arguments, "reason", None), arguments.note)))


def say_alert(session: Session, arguments: Namespace) -> None:
    """Bring the alerts up to date and print how the one stands."""
    from engine.alerts import alerts_json

    session.refresh()
    console = session.workspace.console
    if arguments.json:
        shown = alerts_json(session.alerts(all=True), console.timezone, language(arguments, console.language))
        write_json(_only(shown, arguments.id))
    else:
        write(harmless(_sentence(session, arguments)))


def _only(shown: dict[str, object], episode: str) -> dict[str, object]:
    """The alerts of that episode alone."""
    alerts = shown["alerts"]
    assert isinstance(alerts, list)
    return {**shown, "alerts": [alert for alert in alerts if alert["id"] == episode]}


def _sentence(session: Session, arguments: Namespace) -> str:
    found = next((one for one in session.alerts(all=True).alerts if one.id == arguments.id), None)
    state = f": {found.rule} {found.state}" if found is not None else ""
    return f"{arguments.command} {arguments.id}{state}"
