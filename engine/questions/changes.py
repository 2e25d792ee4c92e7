"""Numbers that changed after they were published: the question and what moved, when, and by which files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class ChangesQuery:
    """`looptop changes`: a metric, and since when (naive UTC; None: as far as it is kept)."""

    metric: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NumberChange:
    """One day of a metric that is another number now than when it was last published before `since`.

    `at`: when the newest value was published; `files`: the files that came, changed or went in between.
    """

    day: date
    before: float | None
    after: float | None
    at: datetime
    files: tuple[str, ...]
    how: tuple[Literal["added", "changed", "removed"], ...] = ()
    """What happened to each file."""
    cause: Literal["data", "definition", "both", "beside"] = "data"
    """`definition`: the metric means something else now; `beside`: no file changed, but a link, a decision,
    a rate or another setting did."""
    running: bool = False
    """Whether the day was not over when `before` was published."""


@dataclass(frozen=True, slots=True)
class ChangesAnswer:
    """Changed days of a metric, oldest first."""

    metric: str
    since: datetime | None
    changes: tuple[NumberChange, ...]
    definition: str = ""
    watermark: str = ""
    base_at: datetime | None = None
    """When the numbers compared with were published; None: each day with what was first published of it."""
    unit: str = "count"
