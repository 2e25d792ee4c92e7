"""How long the tests search: half of what the slow laws name, unless `LOOPTOP_EFFORT=1` asks for all."""

from __future__ import annotations

import os

EFFORT = float(os.environ.get("LOOPTOP_EFFORT", "0.5"))


def effort(count: int) -> int:
    """A number of examples, at least one.

    >>> effort(4) >= 1
    True
    """
    return max(1, round(count * EFFORT))
