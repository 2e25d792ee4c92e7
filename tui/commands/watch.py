"""`looptop watch --headless`: no screen; evaluates and notifies like the console, and says what it did."""

from __future__ import annotations

import os
import signal
import sys
import time
from argparse import Namespace
from threading import Event

from engine.errors import UsageError
from engine.questions import Activity, Delivery
from tui.commands.output import write, write_json
from tui.harmless import harmless
from tui.opening import directory, message_language, opened

STAGES = ("ingest", "identity", "derive", "alerts", "total")


def run(arguments: Namespace) -> int:
    """Watch until SIGTERM or SIGINT; a line per refresh that changed or said something."""
    if not arguments.headless:
        return _screen(arguments)
    if arguments.as_of is not None:
        raise UsageError("watch follows the present; --as-of goes with the other commands")
    from engine.ingest.watch import watch

    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    root = directory(arguments.dir)
    with opened(arguments, memory=None) as session:
        say(session.activity, arguments.json)
        for fault in session.faults:
            sys.stderr.write(f"looptop: {harmless(fault)}\n")
        session.deliver(os.environ, message_language(session.workspace.console.language), bell)
        configuration = session.configuration
        said, trouble = None, ""
        for change in watch(root, configuration, stop, arguments.poll, session.due):
            waited = time.monotonic() - change.began
            activity = session.refresh("config" if change.configuration else "change")
            news = activity.files or change.configuration or activity.error != said
            said = activity.error
            before, trouble = trouble, undelivered(session.delivery()) or session.unwritten or ""
            if trouble != before and trouble:
                sys.stderr.write(f"looptop: {harmless(trouble)}\n")
            if news:
                say(activity, arguments.json, waited)
                session.settle()
    return 0


def undelivered(standing: Delivery) -> str:
    """What keeps messages from people, empty where nothing does."""
    if standing.fault:
        return f"messages wait: {standing.fault}"
    if standing.dead:
        return f"messages that could not be delivered: {standing.dead}; last answer: {standing.last_error}"
    return ""


def bell() -> bool:
    """Ring the terminal that standard error is, if it is one: `bell://` without a console."""
    if not sys.stderr.isatty():
        return False
    sys.stderr.write("\a")
    sys.stderr.flush()
    return True


def _screen(arguments: Namespace) -> int:
    """Without `--headless` it is the console."""
    from tui.commands import console
    from tui.commands.grammar import CONSOLE
    from tui.commands.parsing import parse

    defaults = parse(CONSOLE, [])
    for name, value in vars(defaults).items():
        if not hasattr(arguments, name):
            setattr(arguments, name, value)
    return console.run(arguments)


def to_json(activity: Activity, waited: float = 0.0) -> dict[str, object]:
    """The object of one refresh; `waited`: seconds between the change of the file and the refresh."""
    seconds = {name: activity.seconds.get(name, 0.0) for name in STAGES}
    return {
        "refresh": activity.refresh,
        "trigger": activity.trigger,
        "files": activity.files,
        "rows_added": activity.rows_added,
        "rows_removed": activity.rows_removed,
        "keys": {"days": activity.days, "persons": activity.persons},
        "seconds": {**seconds, "total": round(seconds["total"] + waited, 4)},
        "error": activity.error,
    }


def say(activity: Activity, as_json: bool, waited: float = 0.0) -> None:
    """One line for one refresh."""
    if as_json:
        write_json(to_json(activity, waited))
        return
    files = ", ".join(activity.files[:3]) + (
        f" and {len(activity.files) - 3} more" if len(activity.files) > 3 else ""
    )
    total = activity.seconds.get("total", 0.0) + waited
    parts = [
        f"{activity.refresh} {activity.trigger}",
        f"+{activity.rows_added:,} −{activity.rows_removed:,} rows",
        f"{activity.days:,} days, {activity.persons:,} persons",
        f"{total:.2f} s",
        *(part for part in (files, activity.error) if part),
    ]
    write(harmless("  ".join(parts)))
