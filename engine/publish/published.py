"""Published numbers: every metric by day as a version of the data had it, kept where it differs.

A version is written after a refresh that changed data, definitions or the running day: the values that are
another number than the newest version had, and the files that came, changed or went. One transaction, so a
kill leaves the whole version or none; what was not written is found with the next refresh.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine import metrics
from engine.errors import ExpressionError, UsageError
from engine.publish import changed_files, thinning

if TYPE_CHECKING:
    from engine.alerts import Ledger
    from engine.store import Store
    from engine.workspace.model import Workspace

KEPT_DAYS = 730
"""Days of which numbers are kept, where `[console] retention` does not say."""
_NEAR = 1e-12
"""Relative difference up to which two numbers are one: means and quantiles are doubles."""
_NEAR_DAYS = timedelta(days=8)
"""Days so close to each other are read as one run: a question costs more than a few days."""
_RUNS = 4
"""More runs than this are read as one."""
_TIDY_EVERY = 64
"""Of so many versions one thins out the older ones."""

Value = tuple[float | None, str]
"""A value and its definition."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the data to be published: when, and by which clock, days are cut in which zone."""

    store: Store
    workspace: Workspace
    now: datetime
    wall: datetime

    @property
    def today(self) -> date:
        """The running day of the console's clock."""
        return local_day(self.now, self.workspace.console.timezone)

    @property
    def oldest(self) -> date:
        """The first day of which numbers are kept."""
        days = max(self.workspace.console.retention_days.values(), default=KEPT_DAYS)
        return self.today - timedelta(days=days)

    def days(self, published: tuple[date, date] | None) -> list[date]:
        """Days of which numbers are kept: those with facts, those published before, those between."""
        ends = [*(self.store.days(("events", "spend")) or ()), *(published or ())]
        first = max(min(ends, default=self.oldest), self.oldest)
        last = max(ends, default=first - timedelta(days=1))
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]


class Published:
    """What of one directory was published last. It belongs to the thread that refreshes."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._last: Version | None = None
        self._count = 0
        """Changes of the last version's store that are published."""
        self._definitions: Mapping[str, str] = {}

    def publish(self, store: Store, workspace: Workspace, now: datetime, wall: datetime) -> bool:
        """Write down a version where there is another one; whether one was written.

        In:  the console's clock and the wall clock in naive UTC. Raises: StoreError.
        """
        version, last = Version(store, workspace, now, wall), self._last
        fresh = last is None or last.store is not store or last.workspace is not workspace
        count = store.versions.count
        if not fresh and count == self._count and last is not None and last.today == version.today:
            return False
        if last is None or last.workspace is not workspace:
            names = metrics.dated(workspace)
            self._definitions = {name: metrics.definition_hash(workspace, name) for name in names}
        moved = None if fresh else store.versions.moved(self._count)
        written = self._write(version, moved)
        self._last, self._count = version, count
        return written

    def _write(self, version: Version, moved: Collection[date] | None) -> bool:
        """In: the days whose rows changed; None: any of them may have."""
        newest = self._ledger.rows("SELECT as_of, watermark FROM published_versions ORDER BY n DESC LIMIT 1")
        same_data = bool(newest) and newest[0][1] == version.store.watermark()
        kept = self._ledger.rows("SELECT metric, definition FROM published_definitions")
        known = {str(metric): str(definition) for metric, definition in kept}
        renamed = [name for name, text in self._definitions.items() if known.get(name) != text]
        zone = version.workspace.console.timezone
        same_day = bool(newest) and local_day(moment_of(newest[0][0]), zone) == version.today
        if same_data and same_day and not renamed:
            return False
        days = () if same_data and not renamed else None if renamed else moved
        found = list(self._values(version, days))
        with self._ledger.transaction():
            self._ledger.rows(
                "INSERT INTO published_versions (at, as_of, watermark) VALUES (?, ?, ?)",
                (text_of(version.wall), text_of(version.now), version.store.watermark()),
            )
            n = int(str(self._ledger.rows("SELECT max(n) FROM published_versions")[0][0]))
            self._keep(n, version, found)
            changed_files.keep(self._ledger, n, version.store, version.workspace, first=not newest)
            if n % _TIDY_EVERY == 0:
                thinning.thin(self._ledger, version.wall, zone, version.oldest)
        return True

    def _keep(self, n: int, version: Version, found: Sequence[tuple[str, date, float | None]]) -> None:
        """The values that are another number, or of another definition, than the newest version has."""
        days = [day for _, day, _ in found]
        held = self._held(min(days), max(days)) if days else {}
        rows = [
            (metric, day.isoformat(), n, value, self._definitions[metric])
            for metric, day, value in found
            if not _same(held.get((metric, day.isoformat())), (value, self._definitions[metric]))
        ]
        self._ledger.many("INSERT INTO published_values VALUES (?, ?, ?, ?, ?)", rows)
        sql = "INSERT OR REPLACE INTO published_definitions VALUES (?, ?)"
        self._ledger.many(sql, self._definitions.items())

    def _held(self, first: date, last: date) -> dict[tuple[str, str], Value]:
        """The newest value of each metric and day; SQLite takes the other columns from the row of max()."""
        rows = self._ledger.rows(
            "SELECT metric, day, value, definition, max(version) FROM published_values"
            " WHERE day BETWEEN ? AND ? GROUP BY metric, day",
            (first.isoformat(), last.isoformat()),
        )
        return {(str(m), str(day)): (number_of(value), str(text)) for m, day, value, text, _ in rows}

    def _values(
        self, version: Version, moved: Collection[date] | None
    ) -> Iterator[tuple[str, date, float | None]]:
        """(metric, day, value) of the days that moved and of those that no version has yet."""
        for first, last in _runs(self._wanted(version, moved)):
            series = _daily(version, tuple(self._definitions), (first, last))
            for name in series.values:
                yield from zip((name,) * len(series.days), series.days, series.of(name), strict=True)

    def _wanted(self, version: Version, moved: Collection[date] | None) -> list[date]:
        low, high = self._ledger.rows("SELECT min(day), max(day) FROM published_values")[0]
        known = (date.fromisoformat(str(low)), date.fromisoformat(str(high))) if low else None
        days = version.days(known)
        if moved is None:
            return days
        return [day for day in days if day in moved or known is None or not known[0] <= day <= known[1]]


def _daily(version: Version, names: Sequence[str], days: tuple[date, date]) -> metrics.Series:
    """Values by day; a metric that cannot be computed here (a column that no file has) is left out."""
    try:
        return metrics.daily(version.store, version.workspace, names, days, version.now)
    except (UsageError, ExpressionError):
        if len(names) == 1:
            return metrics.Series((), {})
    half = len(names) // 2
    one, other = (_daily(version, part, days) for part in (names[:half], names[half:]))
    return metrics.Series(one.days or other.days, {**one.values, **other.values})


def _runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """Sorted days as first and last day of each run without a wide hole."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] <= _NEAR_DAYS:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return [(runs[0][0], runs[-1][1])] if len(runs) > _RUNS else runs


def _same(held: Value | None, found: Value) -> bool:
    if held is None or held[1] != found[1]:
        return False
    return equal(held[0], found[0])


def equal(one: float | None, other: float | None) -> bool:
    """Whether two published values are one number."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _NEAR * max(abs(one), abs(other))


def local_day(moment: datetime, timezone: str) -> date:
    """The day of a naive UTC moment in a time zone."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()


def text_of(moment: datetime) -> str:
    """A moment as the ledger has it: texts sort as moments do."""
    return moment.isoformat(timespec="microseconds")


def moment_of(text: object) -> datetime:
    """The moment that the ledger has as text."""
    return datetime.fromisoformat(str(text))


def number_of(value: object) -> float | None:
    """A number that the ledger has, or null."""
    return None if value is None else float(str(value))
