"""What keeps the console honest while it runs: hang-ups, file batches, crashes, times."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from tui.feed import Said
from tui.jobs import Refresh

if TYPE_CHECKING:
    from engine.ingest.watch import Change
    from tui.app import Looptop

WATCH_SECONDS = 1.0
HANGUP = 129


def guard(app: Looptop) -> None:
    """End when the terminal goes away: SIGHUP, or a descriptor that is no terminal any more."""
    if app.is_headless:
        return
    with suppress(ValueError, NotImplementedError, RuntimeError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: app.exit(return_code=HANGUP))
    if os.isatty(0):
        app.set_interval(WATCH_SECONDS, lambda: None if _alive() else os._exit(HANGUP))


def _alive() -> bool:
    try:
        return os.isatty(0) and os.getppid() != 0
    except OSError:
        return False


def take_batch(app: Looptop, change: Change) -> None:
    """Hand a change to the feed; called from the watching thread."""
    if change.gone or not app.root.is_dir():
        app._post(Said(word="directory_gone", dir=str(app.root)))
        return
    trigger = "config" if change.configuration else "change"
    quiet = not (change.paths or change.configuration or app.gone)
    app.feed.do(
        Refresh(trigger, tuple(sorted(change.paths)), change.began if change.paths else 0.0, quiet=quiet)
    )


def ended(threads: Sequence[threading.Thread], seconds: float) -> bool:
    """Wait for threads; false if one is still at work."""
    for thread in threads:
        if thread.ident is not None:
            thread.join(seconds)
    return not any(thread.is_alive() for thread in threads)


def elapsed(since: float) -> float:
    """Seconds since a monotonic moment."""
    return max(0.0, time.monotonic() - since)


def crashed(app: Looptop, error: BaseException) -> None:
    """Leave with one sentence and a log of lines without values."""
    if app.fallen:
        return
    app.fallen = True
    from platformdirs import user_log_path

    folder = user_log_path("looptop")
    where = folder / "crash.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        where.write_text("".join(traceback.format_exception(error)), "utf-8")
        told = f"; the details are in {where}"
    except OSError:
        told = ""
    message = f"looptop: an unexpected fault, {type(error).__name__}{told}. No data was changed."
    app.exit(return_code=1, message=message)
