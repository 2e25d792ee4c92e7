"""What changed in the header from one file of a source to the next."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from engine.ingest import FileState
from engine.ingest.profile import ColumnSum
from engine.quality.rhythm import newest_of
from engine.quality.sums import Sums
from engine.questions import Drift

ALIKE = 0.6
"""Names at least so similar are one column with a new name (ratio of difflib)."""
CHANCE = 0.001
"""A key that records need not have is missed where it would be absent by chance no more often."""


def drift(files: Sequence[FileState], sums: Sums) -> tuple[Drift, ...]:
    """Columns added, gone, renamed and of another kind between files that follow each other.

    In:  the files of one source, in any order: they follow each other by newest fact, then name.
    """
    return tuple(one for before, after in pairwise(_in_order(files)) for one in _between(before, after, sums))


def newest_drift(files: Sequence[FileState], sums: Sums) -> int:
    """How many changes the newest file has against the one before it."""
    last = _in_order(files)[-2:]
    return len(list(_between(last[0], last[1], sums))) if len(last) == 2 else 0


def _in_order(files: Sequence[FileState]) -> list[FileState]:
    return sorted(
        (state for state in files if header(state)),
        key=lambda state: (str(newest_of(state) or ""), state.path),
    )


def header(state: FileState) -> list[str]:
    """The columns of a file in order; none where it could not be read."""
    names = json.loads(state.decisions).get("names", [])
    return [str(name) for name in names]


def _missed(name: str, there: FileState, here: FileState, sums: Sums) -> bool:
    """Whether a column of one file is missed in another: always where a header names it. Records of JSON
    name the keys that they have, so a rare key may be absent by chance: (1 - its share) ^ rows."""
    form = json.loads(there.decisions).get("read_as", [None, [None]])[1][0]
    if form not in ("array", "lines"):
        return True
    column, rows = sums.of(there).columns.get(name), sums.of(here).rows
    return column is not None and bool((column.empty / max(column.rows, 1)) ** rows < CHANCE)


def kind(column: ColumnSum | None) -> str:
    """What all values of a column are; text where they differ, empty where there is none."""
    kinds = [name for name, count in column.kinds.items() if count] if column is not None else []
    return "empty" if not kinds else kinds[0] if len(kinds) == 1 else "text"


def _between(before: FileState, after: FileState, sums: Sums) -> Iterator[Drift]:
    old, new = header(before), header(after)
    gone = [name for name in old if name not in new and _missed(name, before, after, sums)]
    added = [name for name in new if name not in old and _missed(name, after, before, sums)]
    for was, now in _renamed(old, new, gone, added).items():
        gone.remove(was)
        added.remove(now)
        yield Drift(after.source, after.path, before.path, "renamed", now, was, now)
    for name in gone:
        yield Drift(after.source, after.path, before.path, "gone", name)
    for name in added:
        yield Drift(after.source, after.path, before.path, "added", name)
    columns: tuple[Mapping[str, ColumnSum], ...] = (sums.of(before).columns, sums.of(after).columns)
    for name in new:
        was, now = (kind(mine.get(name)) for mine in columns)
        if name in old and was != now and "empty" not in (was, now):
            yield Drift(after.source, after.path, before.path, "type", name, was, now)


def _renamed(old: list[str], new: list[str], gone: list[str], added: list[str]) -> dict[str, str]:
    """Former name → name: the most similar pairs first, or the same place in headers of one length."""
    ranked = sorted(
        (
            (-difflib.SequenceMatcher(None, was.casefold(), now.casefold()).ratio(), was, now)
            for was in gone
            for now in added
        ),
    )
    found: dict[str, str] = {}
    for score, was, now in ranked:
        same_place = len(old) == len(new) and old.index(was) == new.index(now)
        if was not in found and now not in found.values() and (-score >= ALIKE or same_place):
            found[was] = now
    return found
