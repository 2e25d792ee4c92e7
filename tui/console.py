"""From a command line to a running console: signs, theme, language, the threads, the exit code."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from tui.glyphs import Glyphs, ambiguous_width, glyphs_for
from tui.opening import directory, wall_clock
from tui.remembered import NAME, read
from tui.theme import theme_for
from tui.words import language_for

if TYPE_CHECKING:
    from tui.app import Looptop

WAIT_SECONDS = 5.0
LEGACY_COLOURS = 16
RICH_TERMINALS = ("kitty", "wezterm", "alacritty", "ghostty", "foot")


def run(arguments: Namespace) -> int:
    """Open the console on a directory; its exit code.

    In: the arguments of `looptop [DIR]`.
    """
    glyphs = _glyphs(arguments)
    lang = language_for(asked=arguments.lang or "", environment=_environment_language())
    no_color = bool(os.environ.get("NO_COLOR"))
    root = directory(arguments.dir)
    colours, slow = _colours(), arguments.link == "slow"
    remember = _remember(arguments, root)
    asked = read(remember).theme if colours > LEGACY_COLOURS and not slow else ""
    theme = theme_for(colours=colours, no_color=no_color, slow_link=slow, asked=asked)
    if arguments.link == "slow":
        os.environ.setdefault("TEXTUAL_FPS", "4")
    from tui.app import Looptop
    from tui.opening import session_opener
    from tui.settings import Settings

    settings = Settings(
        root=root,
        clock=wall_clock,
        lang=lang,
        lang_asked=bool(arguments.lang),
        glyphs=glyphs,
        theme=theme,
        no_color=no_color,
        poll=bool(arguments.poll),
        config=Path(arguments.config).expanduser() if arguments.config else None,
        state=Path(arguments.state).expanduser() if arguments.state else None,
        wall=tuple(arguments.wall) if arguments.wall is not None else None,
        rotate=float(arguments.rotate or 20),
        remember=remember,
        slow=slow,
    )
    app = Looptop(session_opener(arguments), settings)
    app.run(mouse=not arguments.no_mouse)
    return _ended(app)


def _remember(arguments: Namespace, root: Path) -> Path | None:
    """The file of what is remembered; a replay keeps nothing."""
    from engine.state import default_state

    if arguments.as_of is not None:
        return None
    return (Path(arguments.state).expanduser() if arguments.state else default_state(root)) / NAME


def _ended(app: Looptop) -> int:
    """The exit code, when the threads are gone; one that is deep in work does not hold the person up."""
    code = app.return_code or 0
    if not app.wait(WAIT_SECONDS):
        sys.stdout.flush()
        os._exit(code)
    return code


def _glyphs(arguments: Namespace) -> Glyphs:
    """The signs this terminal can show; it is asked once, before it is in use."""
    if arguments.ascii:
        return glyphs_for(ascii_only=True)
    encoding = getattr(sys.__stderr__, "encoding", None) or "utf-8"
    try:
        width = ambiguous_width(sys.stdin.fileno(), sys.stdout.fileno())
    except OSError:
        width = None
    return glyphs_for(encoding=encoding, ambiguous=width)


def _colours() -> int:
    """How many colours the terminal says it has."""
    term, depth = os.environ.get("TERM", ""), os.environ.get("COLORTERM", "")
    if depth in ("truecolor", "24bit") or any(name in term for name in RICH_TERMINALS):
        return 1 << 24
    return 256 if "256color" in term else 16


def _environment_language() -> str:
    found = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, found), "")
