"""`looptop [DIR]`: the console in a terminal, the overview as text anywhere else."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from engine.errors import UnknownName
from tui.commands.grammar import SCREENS
from tui.opening import directory


def run(arguments: Namespace) -> int:
    """Open the console, or print the overview once; the exit code."""
    _settle_wall(arguments)
    directory(arguments.dir)
    if arguments.json or arguments.once or not is_terminal():
        from tui.commands import once

        return once.run(arguments)
    from tui.console import run as run_console

    return run_console(arguments)


def is_terminal() -> bool:
    """Whether there is a terminal that can be drawn on and asked."""
    return sys.stdout.isatty() and sys.stdin.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _settle_wall(arguments: Namespace) -> None:
    """`--wall DIR` names no screens: what is no list of screens is the directory.

    Raises: UnknownName for a screen that is not there.
    """
    if not arguments.wall:
        return
    strange = next((name for name in arguments.wall if name not in SCREENS), None)
    if strange is None:
        return
    if arguments.dir is not None or len(arguments.wall) > 1:
        raise UnknownName("screen", strange, SCREENS)
    arguments.dir, arguments.wall = strange, ()
