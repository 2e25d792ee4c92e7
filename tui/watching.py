"""The thread that hears of changes in a directory and hands them on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.ingest.watch import Change

CONFIGURATION = "looptop.toml"


class Watch(threading.Thread):
    """Hands each change to `take`; the first one comes right after watching has begun, and names nothing."""

    def __init__(
        self,
        root: Path,
        take: Callable[[Change], object],
        *,
        poll: bool = False,
        config: Path | None = None,
        due: Callable[[], bool] = bool,
    ) -> None:
        super().__init__(name="looptop-watch", daemon=True)
        self._root, self._take, self._poll, self._due = root, take, poll, due
        self._config = config or root / CONFIGURATION
        self._stop_event = threading.Event()

    def run(self) -> None:
        """Watch until told to stop; nothing of the engine is imported before the thread runs."""
        from engine.ingest.watch import watch

        for change in watch(self._root, self._config, self._stop_event, self._poll, self._due):
            self._take(change)

    def stop(self) -> None:
        """End within a second."""
        self._stop_event.set()
