"""How often a channel may be posted to, and how long a failed one rests."""

from __future__ import annotations

import random
import threading
from collections import deque
from dataclasses import dataclass, field

FIRST_SECONDS = 2.0
LONGEST_SECONDS = 900.0
DEAD_SECONDS = 86_400.0
"""A message that could not be delivered for so long is dead …"""
FAIR_ATTEMPTS = 8
"""… if it was tried so often: a wall clock that jumped between two processes kills nothing."""


def back_off(attempts: int, chance: random.Random) -> float:
    """Seconds until the next attempt: 2 · 2ⁿ and up to a quarter more, at most 15 minutes.

    In:  failed attempts so far, at least 1.

    >>> [int(back_off(n, random.Random(0)) // FIRST_SECONDS / 2 ** (n - 1)) for n in (1, 2, 5, 8)]
    [1, 1, 1, 1]
    >>> back_off(10_000, random.Random(0))
    900.0
    """
    wait = FIRST_SECONDS * 2.0 ** min(attempts - 1, 20)
    return float(min(wait * chance.uniform(1.0, 1.25), LONGEST_SECONDS))


@dataclass(slots=True)
class Budget:
    """At most so many posts in any window of so many seconds; may be asked from any thread.

    In: (posts, seconds) pairs, all of which hold; none: no limit. Times are monotonic.
    """

    windows: tuple[tuple[int, float], ...] = ()
    _posted: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def free(self, now: float) -> int | None:
        """How many posts may go at once; None: any number."""
        if not self.windows:
            return None
        with self._lock:
            return min(
                max(0, most - sum(at > now - seconds for at in self._posted))
                for most, seconds in self.windows
            )

    def take(self, now: float) -> None:
        """Count a post."""
        if self.windows:
            longest = max(seconds for _, seconds in self.windows)
            with self._lock:
                while self._posted and self._posted[0] <= now - longest:
                    self._posted.popleft()
                self._posted.append(now)

    def next_free(self, now: float) -> float:
        """Seconds until the next post may go."""
        waits = [0.0]
        with self._lock:
            for most, seconds in self.windows:
                recent = sorted(at for at in self._posted if at > now - seconds)
                if len(recent) >= most:
                    waits.append(recent[-most] + seconds - now)
        return max(waits)
