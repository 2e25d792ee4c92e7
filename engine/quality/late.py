"""Rows that arrive long after their day, told by when a file was written: nothing else is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from math import ceil
from statistics import median
from zoneinfo import ZoneInfo

from engine.ingest import FileState
from engine.quality.rhythm import delivered, written
from engine.quality.sums import Sums
from engine.questions import LateRows

LEAST_FILES = 5
LEAST_DAYS = 3
"""A row is never late sooner than after so many days."""


def late_rows(files: Sequence[FileState], sums: Sums, zone: str) -> LateRows:
    """Rows that were older, when their file was written, than twice the usual age of a file's oldest row.

    In:  the files of one source. Files that were copied long after their newest fact say nothing.
    """
    told = [
        (state, sums.of(state).days)
        for state in files
        if delivered(state) is not None and sums.of(state).days
    ]
    if len(told) < LEAST_FILES:
        return LateRows(None, 0, 0, None)
    where = ZoneInfo(zone)
    on = {state.path: written(state).replace(tzinfo=UTC).astimezone(where).date() for state, _ in told}
    ages = [(on[state.path] - min(days)).days for state, days in told]
    after = max(LEAST_DAYS, 2 * ceil(median(ages)))
    found = [
        (state.path, sum(n for day, n in days.items() if on[state.path] - day > timedelta(days=after)))
        for state, days in told
    ]
    measured = sum(sum(days.values()) for _, days in told)
    late = sum(count for _, count in found)
    return LateRows(
        after, measured, late, late / measured if measured else None,
        tuple((path, count) for path, count in found if count),
    )  # fmt: skip
