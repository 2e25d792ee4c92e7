"""Numbers that changed after they were published: the question and what moved, when, and by which files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


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


@dataclass(frozen=True, slots=True)
class ChangesAnswer:
    """Changed days of a metric, oldest first."""

    metric: str
    since: datetime | None
    changes: tuple[NumberChange, ...]
    definition: str = ""
    watermark: str = ""
