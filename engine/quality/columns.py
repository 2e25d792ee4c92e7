"""Every column of a source over all its files: empty, rejected, and values that are new or gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from engine.ingest import FileState
from engine.ingest.profile import CAP, FIRST, ColumnSum, Profile, ValueSum
from engine.quality.drift import kind
from engine.questions import ColumnQuality, SeenValue

LEAST_DAYS = 7
"""New and vanished values need so many days with facts before."""
OFTEN = 5
"""A value that vanished was there in at least so many rows."""
PATIENCE = 3
"""One of every day has vanished when it is silent for more than so many usual intervals, and two days."""
DOUBT = 0.05
"""A rarer one comes at random: of all values of a column, one is told by chance no more often than this."""

Told = Sequence[tuple[FileState, Profile]]


def columns(told: Told) -> tuple[ColumnQuality, ...]:
    """File columns in the order in which they first stand, then canonical ones by name.

    In:  the files of one source with their sums, by path.
    """
    names = dict.fromkeys(name for _, profile in told for name in profile.columns)
    days = sorted({day for _, profile in told for day in profile.days})
    targets = {name: target for state, _ in told for name, target in state.columns}
    seen = [_file_column(name, targets.get(name), told, days) for name in names]
    return (*seen, *_canonical(told))


def empty_share(columns: Iterable[ColumnQuality]) -> float | None:
    """Empty cells of file columns ÷ their cells."""
    listed = [column for column in columns if column.role == "file"]
    cells = sum(column.rows for column in listed)
    return sum(column.empty for column in listed) / cells if cells else None


def empty_share_of(profiles: Sequence[Profile], name: str) -> float | None:
    """Empty cells ÷ rows of a file column, else of the canonical column of that name."""
    mine = [profile.columns[name] for profile in profiles if name in profile.columns]
    rows, empty = sum(one.rows for one in mine), sum(one.empty for one in mine)
    if not mine:
        mapped = [profile for profile in profiles if name in profile.canonical]
        rows = sum(profile.accepted for profile in mapped)
        empty = rows - sum(profile.canonical[name] for profile in mapped)
    return empty / rows if rows else None


def _file_column(name: str, target: str | None, told: Told, days: Sequence[date]) -> ColumnQuality:
    mine = [(state.path, profile.columns[name]) for state, profile in told if name in profile.columns]
    rows, empty = sum(one.rows for _, one in mine), sum(one.empty for _, one in mine)
    rejected = sum(one.rejected for _, one in mine)
    kinds: dict[str, int] = {}
    for _, one in mine:
        for each, count in one.kinds.items():
            kinds[each] = kinds.get(each, 0) + count
    values = _values(mine)
    column = ColumnQuality(
        column=name,
        role="file",
        target=target,
        kind=kind(ColumnSum(kinds=kinds)),
        files=len(mine),
        rows=rows,
        empty=empty,
        empty_share=empty / rows if rows else None,
        rejected=rejected,
        rejected_share=rejected / rows if rows else None,
        empty_at=tuple((path, line) for path, one in mine for line in one.empty_at)[:FIRST],
    )
    if values is None:
        return column
    column = replace(column, distinct=len(values), values=values)
    if column.kind != "text" or len(days) <= LEAST_DAYS:
        return column
    return replace(
        column,
        new=tuple(value for value in values if value.first == days[-1]),
        vanished=tuple(value for value in values if _vanished(value, days[-1], DOUBT / len(values))),
    )


def _values(mine: Sequence[tuple[str, ColumnSum]]) -> tuple[SeenValue, ...] | None:
    """Values over all files, the most frequent first; None where there are too many or they are personal."""
    found: dict[str, list[tuple[str, ValueSum]]] = {}
    for path, one in mine:
        if one.values is None:
            return None
        for value, seen in one.values.items():
            found.setdefault(value, []).append((path, seen))
        if len(found) > CAP:
            return None
    return tuple(sorted((_seen(*each) for each in found.items()), key=lambda one: (-one.rows, one.value)))


def _seen(value: str, places: Sequence[tuple[str, ValueSum]]) -> SeenValue:
    firsts = [one.first for _, one in places if one.first is not None]
    lasts = [one.last for _, one in places if one.last is not None]
    path, first = min(places, key=lambda place: (place[1].first or date.max, place[0]))
    return SeenValue(
        value,
        sum(one.rows for _, one in places),
        min(firsts, default=None),
        max(lasts, default=None),
        path,
        first.line,
    )


def _vanished(value: SeenValue, newest: date, doubt: float) -> bool:
    """Whether a value stays away too long. Rows that come at random between the first and today all lie in
    the days up to the last one with probability (days lived ÷ all days) ^ (rows - 1)."""
    if value.first is None or value.last is None or value.rows < OFTEN:
        return False
    lived, silent = (value.last - value.first).days + 1, (newest - value.last).days
    if lived < LEAST_DAYS:
        return False
    if value.rows >= lived:
        return silent > max(PATIENCE * lived / value.rows, 2)
    return bool((lived / (lived + silent)) ** (value.rows - 1) < doubt)


def _canonical(told: Told) -> Iterator[ColumnQuality]:
    names = sorted({name for _, profile in told for name in profile.canonical})
    for name in names:
        mine = [profile for _, profile in told if name in profile.canonical]
        rows = sum(profile.accepted for profile in mine)
        empty = rows - sum(profile.canonical[name] for profile in mine)
        yield ColumnQuality(
            column=name,
            role="canonical",
            target=None,
            kind="",
            files=len(mine),
            rows=rows,
            empty=empty,
            empty_share=empty / rows if rows else None,
            rejected=0,
            rejected_share=0.0 if rows else None,
        )
