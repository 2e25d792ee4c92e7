"""What alert rules ask about sources: age, newest fact, and how good the files are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from engine.alerts import AlertFacts
from engine.ingest import FileState
from engine.quality import Sums, calendar, empty_share_of, files_of, late_rows, newest_drift
from engine.questions import Status
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.store import Store
    from engine.workspace.model import Workspace


def alert_facts(
    store: Store, workspace: Workspace, status: Status, states: Mapping[str, FileState], sums: Sums
) -> AlertFacts:
    """Facts about the sources of one published version, and the days of the calendar.

    In:  the status of the version; its files by path, and their sums.
    Raises: ConfigurationError for a calendar file that cannot be read.
    """
    newest = {source.name: source.last_ts for source in status.sources}
    arrivals = _Arrivals(store)
    measures = _Measures(status, states, sums, store.settings.timezone)
    days = calendar(workspace).days
    return AlertFacts(age=arrivals.age, measure=measures.of, newest=newest.get, calendar=days)


@dataclass(frozen=True, slots=True)
class _Measures:
    """What calls about sources say; profiles are read only when a rule asks for what they tell."""

    status: Status
    states: Mapping[str, FileState]
    sums: Sums
    zone: str

    def of(self, name: str, words: tuple[str, ...]) -> float | None:
        """The value of a call now; None where there is nothing that it could be of."""
        if name == "unreadable":
            return float(sum(source.unreadable for source in self.status.sources))
        if name == "violations":
            return self._violations(words[0])
        source = next((one for one in self.status.sources if one.name == words[0]), None)
        if source is None:
            return None
        files = files_of(self.states, source.name)
        match name:
            case "rejected_share":
                return source.rejected / source.rows if source.rows else None
            case "duplicate_share":
                return source.duplicates / source.rows if source.rows else None
            case "disputed":
                return float(source.disputed)
            case "overdue":
                return source.freshness.overdue if source.freshness else None
            case "late_share":
                return late_rows(files, self.sums, self.zone).share
            case "drift":
                return float(newest_drift(files, self.sums))
        return empty_share_of([self.sums.of(state) for state in files], words[1])

    def _violations(self, name: str) -> float | None:
        """Of a rule, else of all rules of a source."""
        found = {rule: count for source in self.status.sources for rule, count in source.violations.items()}
        if name in found:
            return float(found[name])
        source = next((one for one in self.status.sources if one.name == name), None)
        return None if source is None else float(sum(source.violations.values()))


class _Arrivals:
    """Moments of the newest fact of each local hour and source, read when a rule first asks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._moments: Mapping[str, list[datetime]] | None = None

    def age(self, source: str, at: datetime) -> float | None:
        """Hours between `at` and the newest fact of the source at or before it; None where there is none."""
        if self._moments is None:
            self._moments = self._read()
        moments = self._moments.get(source, [])
        position = bisect_right(moments, at)
        return (at - moments[position - 1]).total_seconds() / 3600 if position else None

    def _read(self) -> dict[str, list[datetime]]:
        found: dict[str, list[datetime]] = {}
        for table in ("events", "spend"):
            newest = (("source", "source"), ("max(ts)", "ts"))
            select = Select(table, newest, group=("source", "date_trunc('hour', lts)"), order=("ts",))
            for source, ts in self._store.rows(select.sql()):
                if isinstance(ts, datetime):
                    found.setdefault(str(source), []).append(ts)
        return found
