"""A file of the workspace as it grows: its records by the moment at which the platform shows them.

One description serves twice: written as of the last moment it is the sample data, written moment by
moment it is the live shop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sample_data import catalogue as cat

Verdict = Literal["accepted", "rejected", "duplicates", "filtered"]


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a file: when it is there to be read, its cells, and what reading must make of it."""

    due: int
    cells: Any
    verdict: Verdict = "accepted"


@dataclass(frozen=True, slots=True)
class File:
    """A file: where it lies, whose it is, and its bytes as a function of the records and the moment.

    `totals` is the number of total rows that `render` adds; `moments` are further times at which
    the bytes change without a new record.
    """

    path: str
    source: str
    records: tuple[Record, ...]
    render: Callable[[Sequence[Any], int], bytes]
    totals: int = 0
    moments: tuple[int, ...] = ()
    delay: int = 0
    """Seconds by which the whole file arrives late."""

    def shown(self, now: int) -> list[Record]:
        return [r for r in self.records if r.due + self.delay <= now]

    def content(self, now: int) -> bytes | None:
        """The file's bytes at a moment; None before its first record."""
        shown = self.shown(now)
        return self.render([r.cells for r in shown], now) if shown else None

    def changes(self) -> list[int]:
        """The moments at which the bytes change, in order."""
        return sorted({*(r.due + self.delay for r in self.records), *(m + self.delay for m in self.moments)})

    def counts(self, now: int) -> dict[str, int]:
        """The row equation that reading the file must come to."""
        counts = dict.fromkeys(("rows", "accepted", "rejected", "duplicates", "filtered"), 0)
        for record in self.shown(now):
            counts["rows"] += 1
            counts[record.verdict] += 1
        counts["rows"] += self.totals
        counts["filtered"] += self.totals
        return counts


def local(ts: int, pattern: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A moment in the shop's time zone."""
    return datetime.fromtimestamp(ts, cat.ZONE).strftime(pattern)


def month(ts: int) -> str:
    return local(ts, "%Y-%m")


def money(cents: int, *, separators: bool = False) -> str:
    return f"{cents / 100:,.2f}" if separators else f"{cents / 100:.2f}"


def by_key(records: Iterable[tuple[str, Record]]) -> dict[str, tuple[Record, ...]]:
    """Records by the key of their file, keys in order of first sight."""
    groups: dict[str, list[Record]] = {}
    for key, record in records:
        groups.setdefault(key, []).append(record)
    return {key: tuple(group) for key, group in groups.items()}


def text_file(
    text: Callable[[Sequence[Any]], str], head: str = "", encoding: str = "utf-8"
) -> Callable[[Sequence[Any], int], bytes]:
    """A renderer: a head, then the records' text."""
    return lambda rows, _now: (head + text(rows)).encode(encoding)
