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
    if judged is None or not _often(firings, len(firings), judged):
        return None
    at = len(firings) - 1
    while _often(firings, at, firings[at][0] - 1):
        at -= 1
    return firings[at][1]


def _often(firings: Sequence[tuple[int, str]], count: int, at: int) -> bool:
    """Whether of the first `count` more than the most lie in the window that ends at a period."""
    return count > MOST and firings[count - MOST - 1][0] > at - WINDOW
