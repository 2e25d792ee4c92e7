"""Members that come and go: more than three episodes in fourteen periods.

Source: reference alerts.md section 2.2.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST = 3
WINDOW = 14


def spell(firings: Sequence[tuple[int, str]], judged: int | None) -> str | None:
    """The episode with which the present spell of flapping began; None where there is none.

    In:  (period in which it fired, id) of every episode, in order; the last judged period.

    >>> spell([(0, "a"), (4, "b"), (8, "c"), (12, "d"), (13, "e")], 14)
    'd'
    >>> spell([(0, "a"), (4, "b"), (8, "c"), (12, "d")], 14)
    """
    begun: str | None = None
    for at, (position, episode) in enumerate(firings):
        if not _often(firings[:at], position - 1):
            begun = None
        if begun is None and _often(firings[: at + 1], position):
            begun = episode
    return begun if judged is not None and _often(firings, judged) else None


def _often(firings: Sequence[tuple[int, str]], at: int) -> bool:
    return sum(at - WINDOW < position <= at for position, _ in firings) > MOST
