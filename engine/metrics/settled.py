"""Which periods may still change: those newer than what the sources have delivered, or that they restate.

Source: reference formulas M11. A source has delivered the day of its newest fact; a table as much as the
source of it that went furthest; `late` of a source takes its own days back. A funnel's period is settled
when the window of its last entrant has closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.metrics.period import DAY, HOUR, Calendar, Period
from engine.metrics.plan import Node
from engine.metrics.sources import base_table, sources_below

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace


@dataclass(frozen=True, slots=True)
class Settled:
    """The moment (naive UTC) from which on a metric may change; None: nothing is known of its sources."""

    until: datetime | None
    day: date | None
    """The local day of that moment."""
    today: date

    def provisional(self, period: Period) -> bool:
        """Whether a period reaches past that moment; days that have not begun say nothing."""
        if self.until is None or self.day is None:
            return False
        if period.hour is not None:
            return period.hour + HOUR > self.until
        return min(period.last, self.today) >= self.day


def settled(
    workspace: Workspace, node: Node, newest: Mapping[str, datetime], now: datetime, cal: Calendar
) -> Settled:
    """What is settled of a metric, by the sources that can be in it; `newest`: their newest facts."""
    until = min([*_delivered(workspace, node, newest, cal), *_closed(node, now, cal)], default=None)
    return Settled(until, None if until is None else cal.local(until).date(), cal.local(now).date())


def newest_facts(tables: Tables, workspace: Workspace) -> dict[str, datetime]:
    """The newest fact of each source that has any, naive UTC."""
    found = {source.name: tables.newest(source.name) for source in workspace.sources}
    return {name: moment for name, moment in found.items() if moment is not None}


def _delivered(
    workspace: Workspace, node: Node, facts: Mapping[str, datetime], cal: Calendar
) -> Iterator[datetime]:
    names = sources_below(workspace, node)
    furthest: dict[str, datetime] = {}
    for source in workspace.sources:
        newest = facts.get(source.name) if source.name in names else None
        if newest is None:
            continue
        end = cal.start(cal.local(newest).date() + DAY)
        furthest[source.table] = max(furthest.get(source.table, end), end)
        if source.late_us is not None:
            yield end - timedelta(microseconds=source.late_us)
    read = {base_table(measure) for measure in node.measures}
    yield from (end for table, end in furthest.items() if table in read)


def _closed(node: Node, now: datetime, cal: Calendar) -> Iterator[datetime]:
    for measure in node.measures:
        if measure.flow is None or measure.flow.first == measure.flow.last:
            continue
        funnel = measure.flow.funnel
        if funnel.natural_window is not None:
            day = cal.local(now).date()
            same_day = funnel.natural_window == "same_day"
            yield cal.start(day if same_day else cal.bucket("week", day)[0])
        elif funnel.window_us is not None:
            yield now - timedelta(microseconds=funnel.window_us)
