"""How long each stage of a refresh takes."""

from __future__ import annotations

import time


class Laps:
    """Seconds between laps, by name."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds, self._last = seconds, time.perf_counter()

    def lap(self, name: str) -> None:
        """The stage of that name ends here."""
        now = time.perf_counter()
        self._seconds[name] = now - self._last
        self._last = now
