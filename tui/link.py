"""The way to the terminal: a frame that would have to wait is skipped, and a slow way gets fewer of them.

Textual hands frames to a writing thread over a queue; behind a slow link that fills up, and keys would be
answered after all of it. So no frame is drawn while one still waits: what changed meanwhile is in the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual.screen import Screen, ScreenResultType

if TYPE_CHECKING:
    from tui.app import Looptop

DRAIN_SECONDS = 0.25
SLOW_TICKS = 5


class Link:
    """How fast frames go out.

    In: queued: frames that wait; slow: known to be slow; clock: monotonic seconds. `slow` becomes true when a
        frame has waited for more than a quarter of a second, and stays so.
    """

    def __init__(
        self, queued: Callable[[], int], *, slow: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.slow = slow
        self._queued, self._clock = queued, clock
        self._since: float | None = None
        self._ticks = 0

    def waits(self) -> bool:
        """Whether a frame is still on its way, so that the next one is not drawn."""
        if not self._queued():
            self._since = None
            return False
        now = self._clock()
        self._since = now if self._since is None else self._since
        self.slow = self.slow or now - self._since > DRAIN_SECONDS
        return True

    def due(self) -> bool:
        """Whether this second's tick is drawn: each, or one of five where the link is slow."""
        self._ticks += 1
        return not self.slow or self._ticks % SLOW_TICKS == 0


def queued(app: Looptop) -> int:
    """Frames that wait in the driver's queue; none without a terminal."""
    waiting = getattr(getattr(app._driver, "_writer_thread", None), "_queue", None)
    return waiting.qsize() if waiting is not None else 0


class Patient(Screen[ScreenResultType], inherit_bindings=False):
    """A screen that draws no frame while one waits; its timer asks again."""

    def _on_timer_update(self) -> None:
        if not cast("Looptop", self.app).link.waits():
            super()._on_timer_update()


class Main(Patient[None], inherit_bindings=False):
    """The screen below all overlays."""
