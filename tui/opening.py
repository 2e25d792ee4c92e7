"""From arguments to a session: the directory, its state, the moment, the language."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from engine.errors import StoreError, UsageError

if TYPE_CHECKING:
    from engine.session import Session

ONCE = "800MB"
"""What the tables of a single command may take before they spill; console and `watch` take what is there."""

Open = Callable[[str | None], "Session"]
"""Opens a session, as of a moment or live."""
SAMPLE = "@sample"
"""How the bundled sample data is called where a directory is expected."""


def directory(name: str | None) -> Path:
    """The data directory that is meant; None and `@sample` are the bundled sample data.

    Raises: UsageError where there is no such directory.
    """
    if name is None or name == SAMPLE:
        import sample_data

        return Path(sample_data.__file__).parent
    path = Path(name).expanduser()
    if not path.exists():
        raise UsageError(
            f"no directory {name}; nothing was read. Give a directory of data files, or {SAMPLE}"
        )
    if not path.is_dir():
        raise UsageError(f"{name} is a file; give the directory that holds it")
    return path


def wall_clock() -> datetime:
    """Now, in naive UTC: the engine is told the time, it never reads it."""
    return datetime.now(UTC).replace(tzinfo=None)


def session_opener(arguments: Namespace) -> Open:
    """Opens sessions on the directory of a command line; the engine is imported when one is opened."""

    def open_session(as_of: str | None) -> Session:
        root = directory(arguments.dir)
        from engine.session import Session

        return Session.open(
            root,
            state=Path(arguments.state).expanduser() if arguments.state else None,
            config=Path(arguments.config).expanduser() if arguments.config else None,
            as_of=as_of or arguments.as_of,
            clock=wall_clock,
            key=os.environ.get("LOOPTOP_KEY"),
            memory=os.environ.get("LOOPTOP_MEMORY"),
        )

    return open_session


@contextmanager
def opened(arguments: Namespace, memory: str | None = ONCE, dry: bool = False) -> Iterator[Session]:
    """A session on the directory, brought up to date and evaluated; `--reveal` is logged.

    In:  what its tables may take, unless the environment's LOOPTOP_MEMORY says so; `dry`: a dry run of
         retention, which leaves the state alone and reads everything once more aside.
    Raises: UsageError, ConfigurationError.
    """
    root = directory(arguments.dir)
    from engine.session import Session

    aside = TemporaryDirectory(prefix="looptop-") if dry else None
    session = Session.open(
        root,
        state=Path(aside.name) if aside else Path(arguments.state).expanduser() if arguments.state else None,
        config=Path(arguments.config).expanduser() if arguments.config else None,
        as_of=arguments.as_of,
        clock=wall_clock,
        key=os.environ.get("LOOPTOP_KEY"),
        memory=os.environ.get("LOOPTOP_MEMORY", memory),
        retain=not dry,
    )
    try:
        session.refresh()
        if session.unwritten:
            print(f"looptop: {session.unwritten}", file=sys.stderr)  # noqa: T201 - beside the answer
        if arguments.reveal:
            _log_reveal(session, arguments)
        yield session
        session.settle()
    finally:
        session.close()
        if aside:
            aside.cleanup()


def author(session: Session, given: str | None = None) -> str:
    """Who does it: `--by`, else the [console] user, else the login name."""
    return given or session.workspace.console.user or getpass.getuser()


def _log_reveal(session: Session, arguments: Namespace) -> None:
    """Note who sees what in full. Where that cannot be noted, standard error says so and the answer follows:
    whoever can run the command can read the files."""
    words = {
        key: value
        for key, value in vars(arguments).items()
        if value and key not in ("command", "dir", "state", "config", "json", "csv", "reveal", "reason", "by")
    }
    asked = " ".join([arguments.command, *(f"{key}={value}" for key, value in words.items())])
    by = author(session, getattr(arguments, "by", None))
    try:
        session.reveal(arguments.reason or "", by=by, what=asked)
    except (UsageError, StoreError) as error:
        print(f"looptop: --reveal was not logged: {error}", file=sys.stderr)  # noqa: T201 - beside the answer


def language(arguments: Namespace, configured: str | None = None) -> str:
    """`--lang`, else that of the workspace, else that of the environment."""
    return str(arguments.lang or message_language(configured))


def message_language(configured: str | None) -> str:
    """The language of messages to people: that of the workspace, else of the environment."""
    if configured:
        return configured
    set_in = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, set_in), "").startswith("zh") else "en"
