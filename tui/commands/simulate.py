"""`looptop simulate`: the sample shop, written live into a directory."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from engine.errors import UsageError
from tui.commands.output import write


def run(arguments: Namespace) -> int:
    """Write until the days are over, a line per change; Ctrl+C ends it."""
    from tui import simulate

    chosen = {
        key: value for key in ("speed", "days", "seed") if (value := getattr(arguments, key)) is not None
    }
    try:
        for line in simulate.run(Path(arguments.dir).expanduser(), **chosen):
            write(line)
    except (ValueError, FileExistsError) as error:
        raise UsageError(str(error)) from error
    return 0
