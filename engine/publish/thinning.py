"""Older versions of published numbers, thinned out: one an hour after an hour, one a day after two weeks.

What a version that goes had changed is counted to the next one that stays, so the newest numbers and the
sum of all changes are as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.publish.changed_files import joined, read, written

if TYPE_CHECKING:
    from engine.alerts import Ledger

_ALL, _HOURLY = timedelta(hours=1), timedelta(days=14)


def thin(ledger: Ledger, wall: datetime, timezone: str, oldest: date) -> None:
    """Merge versions that need no longer be told apart, and forget days before `oldest`; in a transaction."""
    rows = ledger.rows("SELECT n, at FROM published_versions ORDER BY n")
    versions = [(int(str(n)), datetime.fromisoformat(str(at))) for n, at in rows]
    stay = kept(versions, wall, timezone)
    for n, _ in versions:
        if n not in stay:
            _merge(ledger, n, min(other for other in stay if other > n))
    ledger.rows("DELETE FROM published_values WHERE day < ?", (oldest.isoformat(),))
    ledger.rows("DELETE FROM published_files WHERE version <= (SELECT min(n) FROM published_versions)")


def kept(versions: Sequence[tuple[int, datetime]], wall: datetime, timezone: str) -> set[int]:
    """The versions that stay: the first, and the newest of each slot of time.

    In:  (number, moment in naive UTC), the oldest first.
    """
    newest: dict[object, int] = {}
    for n, at in versions:
        age = wall - at
        local = at.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone))
        slot: object = n if age < _ALL else (local.date(), local.hour) if age < _HOURLY else local.date()
        newest[slot] = n
    return {*newest.values(), *(n for n, _ in versions[:1])}


def _merge(ledger: Ledger, n: int, into: int) -> None:
    ledger.rows("UPDATE OR IGNORE published_values SET version = ? WHERE version = ?", (into, n))
    ledger.rows("DELETE FROM published_values WHERE version = ?", (n,))
    sql = "SELECT file, change, days FROM published_files WHERE version = ?"
    later = {str(file): (str(change), days) for file, change, days in ledger.rows(sql, (into,))}
    for file, change, days in ledger.rows(sql, (n,)):
        how, other = later.get(str(file), (str(change), days))
        both = written(joined((read(days), read(other))))
        ledger.rows(
            "INSERT OR REPLACE INTO published_files VALUES (?, ?, ?, ?)",
            (into, file, _then(str(change), how), both),
        )
    ledger.rows("DELETE FROM published_files WHERE version = ?", (n,))
    ledger.rows("DELETE FROM published_versions WHERE n = ?", (n,))


def _then(first: str, second: str) -> str:
    """One change after another as one."""
    if second == "removed":
        return "removed"
    return "added" if first == "added" else "changed"
