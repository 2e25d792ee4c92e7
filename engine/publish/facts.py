"""What alert rules ask about sources: age, newest fact, share of rejected rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from engine.alerts import AlertFacts
from engine.questions import Status
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.store import Store


def alert_facts(store: Store, status: Status) -> AlertFacts:
    """Facts about the sources of one published version."""
    newest = {source.name: source.last_ts for source in status.sources}
    rejected = {
        source.name: source.rejected / source.rows if source.rows else None for source in status.sources
    }
    arrivals = _Arrivals(store)
    return AlertFacts(
        age=arrivals.age,
        rejected_share=rejected.get,
        newest=newest.get,
    )


class _Arrivals:
    """Moments of the newest fact of each day and source, read when a rule first asks."""

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
            select = Select(table, newest, group=("source", "day"), order=("ts",))
            for source, ts in self._store.rows(select.sql()):
                if isinstance(ts, datetime):
                    found.setdefault(str(source), []).append(ts)
        return found
