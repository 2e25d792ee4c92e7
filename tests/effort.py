"""How long the tests search: `LOOPTOP_EFFORT=5` has the slow laws try five times as many examples."""

from __future__ import annotations

import os

EFFORT = float(os.environ.get("LOOPTOP_EFFORT", "1"))


def effort(count: int) -> int:
    """A number of examples, at least one.

    >>> effort(4) >= 1
    True
    """
    return max(1, round(count * EFFORT))
