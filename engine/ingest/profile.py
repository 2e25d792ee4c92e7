"""What a part says of its columns, as sums: those of two parts of a file add to those of both.

A row is profiled when it is accepted or rejected. Kept beside the part, read when somebody asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

from engine.ingest.rejects import Fault
from engine.ingest.state import PartRef, profile_path
from engine.ingest.write import write_aside

CAP = 64
"""A column with more distinct values has none in its profile."""
FIRST = 10
"""So many lines with an empty cell are kept."""


@dataclass(frozen=True, slots=True)
class ValueSum:
    """Rows with a value, first and last day, first line."""

    rows: int
    first: date | None
    last: date | None
    line: int


@dataclass(frozen=True, slots=True)
class ColumnSum:
    """One file column: rows, empty ones and where, filled ones by kind, rejects that name it, values.

    `values` None: more than `CAP`, too long, personal, or not texts.
    """

    rows: int = 0
    empty: int = 0
    empty_at: tuple[int, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)
    rejected: int = 0
    values: Mapping[str, ValueSum] | None = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """Sums of a part. `first`: its first lines; `canonical`: accepted rows in which a mapped canonical column
    is filled; `days`: accepted rows by local day; `broken`: (rows checked, rows that
    break it) by key of a quality rule."""

    rows: int = 0
    accepted: int = 0
    first: tuple[int, ...] = ()
    columns: Mapping[str, ColumnSum] = field(default_factory=dict)
    canonical: Mapping[str, int] = field(default_factory=dict)
    days: Mapping[date, int] = field(default_factory=dict)
    broken: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def with_faults(profile: Profile, faults: Iterable[Fault]) -> Profile:
    """The profile with the rejects counted on the columns that they name."""
    columns = dict(profile.columns)
    for fault in faults:
        if fault.column is not None:
            mine = columns.get(fault.column) or _absent(profile)
            columns[fault.column] = replace(mine, rejected=mine.rejected + 1)
    return replace(profile, columns=columns)


def merged(profiles: Iterable[Profile]) -> Profile:
    """The sums of several parts, in the order of their lines."""
    return reduce(_both, profiles, Profile())


def _both(one: Profile, other: Profile) -> Profile:
    names = dict.fromkeys([*one.columns, *other.columns])
    broken = dict(one.broken)
    for key, (checked, count) in other.broken.items():
        before = broken.get(key, (0, 0))
        broken[key] = (before[0] + checked, before[1] + count)
    return Profile(
        one.rows + other.rows,
        one.accepted + other.accepted,
        tuple(sorted((*one.first, *other.first)))[:FIRST],
        {
            name: _added(one.columns.get(name) or _absent(one), other.columns.get(name) or _absent(other))
            for name in names
        },
        summed(one.canonical, other.canonical),
        summed(one.days, other.days),
        broken,
    )


def _absent(profile: Profile) -> ColumnSum:
    """A column that none of a part's rows has: it is empty in each."""
    return ColumnSum(profile.rows, profile.rows, profile.first)


def summed(one: Mapping[Any, int], other: Mapping[Any, int]) -> dict[Any, int]:
    """Two counts added, key by key."""
    return {key: one.get(key, 0) + other.get(key, 0) for key in [*one, *(k for k in other if k not in one)]}


def _added(one: ColumnSum, other: ColumnSum) -> ColumnSum:
    values = None
    if one.values is not None and other.values is not None:
        names = dict.fromkeys([*one.values, *other.values])
        if len(names) <= CAP:
            values = {name: _value(one.values.get(name), other.values.get(name)) for name in names}
    return ColumnSum(
        one.rows + other.rows,
        one.empty + other.empty,
        tuple(sorted((*one.empty_at, *other.empty_at)))[:FIRST],
        summed(one.kinds, other.kinds),
        one.rejected + other.rejected,
        values,
    )


def _value(one: ValueSum | None, other: ValueSum | None) -> ValueSum:
    if one is None or other is None:
        found = one or other
        assert found is not None
        return found
    firsts = [day for day in (one.first, other.first) if day is not None]
    lasts = [day for day in (one.last, other.last) if day is not None]
    return ValueSum(
        one.rows + other.rows,
        min(firsts, default=None),
        max(lasts, default=None),
        min(one.line, other.line),
    )


# --- beside the part -------------------------------------------------------------------------------


def write_profile(cache: Path, part: str, profile: Profile) -> None:
    """Writes the profile of a part."""
    columns = {name: _plain(column) for name, column in profile.columns.items()}
    plain = {
        "rows": profile.rows, "accepted": profile.accepted, "first": profile.first, "columns": columns,
        "canonical": dict(profile.canonical),
        "days": {day.isoformat(): count for day, count in sorted(profile.days.items())},
        "broken": {key: list(counts) for key, counts in profile.broken.items()},
    }  # fmt: skip
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    write_aside(profile_path(cache, part), text.encode("utf-8", "surrogatepass"))


def _plain(column: ColumnSum) -> list[Any]:
    values = None
    if column.values is not None:
        values = {
            value: [
                one.rows, one.first and one.first.isoformat(), one.last and one.last.isoformat(), one.line
            ]
            for value, one in sorted(column.values.items())
        }  # fmt: skip
    return [column.rows, column.empty, list(column.empty_at), dict(column.kinds), column.rejected, values]


def read_profile(cache: Path, part: PartRef) -> Profile:
    """The profile of a part. Raises: OSError where it is not there."""
    raw = json.loads(profile_path(cache, part.id).read_bytes().decode("utf-8", "surrogatepass"))
    return Profile(
        raw["rows"], raw["accepted"], tuple(raw["first"]),
        {name: _column_of(column) for name, column in raw["columns"].items()},
        raw["canonical"], {date.fromisoformat(day): count for day, count in raw["days"].items()},
        {key: (checked, count) for key, (checked, count) in raw["broken"].items()},
    )  # fmt: skip


def _column_of(raw: list[Any]) -> ColumnSum:
    rows, empty, empty_at, kinds, rejected, values = raw
    found = None
    if values is not None:
        found = {
            value: ValueSum(n, _day(first), _day(last), line)
            for value, (n, first, last, line) in values.items()
        }
    return ColumnSum(rows, empty, tuple(empty_at), kinds, rejected, found)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
