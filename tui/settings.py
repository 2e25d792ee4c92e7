"""What a console is started with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.glyphs import UNICODE, Glyphs
from tui.watching import Watch

if TYPE_CHECKING:
    from engine.ingest.watch import Change


@dataclass(frozen=True, slots=True)
class Settings:
    """Directory, clock, language, signs, theme, watching, wall.

    `lang_asked`: the language was asked for and the configuration's does not count. `wall`: the screens of
    the wall to begin with, None for no wall.
    """

    root: Path
    clock: Callable[[], datetime]
    lang: str = "en"
    lang_asked: bool = False
    glyphs: Glyphs = UNICODE
    theme: str = "dark"
    no_color: bool = False
    poll: bool = False
    config: Path | None = None
    state: Path | None = None
    wall: tuple[str, ...] | None = None
    rotate: float = 20.0
    watching: bool = True
    slow: bool = False
    """Whether the way to the terminal is known to be slow."""
    remember: Path | None = None
    """The file that keeps what the next console starts with; None for none."""


def watcher(settings: Settings, take: Callable[[Change], object], due: Callable[[], bool]) -> Watch | None:
    """The thread that watches the directory, and when databases are due; None where nothing is watched."""
    if not settings.watching:
        return None
    return Watch(settings.root, take, poll=settings.poll, config=settings.config, due=due)
