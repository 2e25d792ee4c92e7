"""Counters that say whether rows of a table on given days could have changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date


class Versions:
    """One counter for all changes; each table remembers the last one of each day and of the whole."""

    def __init__(self) -> None:
        self._count = 0
        self._whole: dict[str, int] = {}
        self._any: dict[str, int] = {}
        self._days: dict[str, dict[date, int]] = {}

    def bump(self, table: str, days: Iterable[date] | None) -> None:
        """Rows of `table` changed on these days (None: on any day)."""
        self._count += 1
        self._any[table] = self._count
        if days is None:
            self._whole[table] = self._count
            self._days[table] = {}
            return
        known = self._days.setdefault(table, {})
        for day in days:
            known[day] = self._count

    @property
    def count(self) -> int:
        """How many changes there have been: a mark for `moved`."""
        return self._count

    def moved(self, count: int) -> frozenset[date] | None:
        """Days on which rows of any table changed after that many changes; None: on any day."""
        if any(last > count for last in self._whole.values()):
            return None
        return frozenset(day for days in self._days.values() for day, last in days.items() if last > count)

    def of(self, tables: Collection[str], first: date | None, last: date | None) -> str:
        """Equal text while no row of the tables between two days (inclusive; None: open) changed."""
        return ",".join(f"{table}:{self._last(table, first, last)}" for table in sorted(tables))

    def _last(self, table: str, first: date | None, last: date | None) -> int:
        if first is None and last is None:
            return self._any.get(table, 0)
        inside = (
            count
            for day, count in self._days.get(table, {}).items()
            if (first is None or day >= first) and (last is None or day <= last)
        )
        return max(self._whole.get(table, 0), max(inside, default=0))
