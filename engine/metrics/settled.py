"""Which periods may still change: those newer than what the sources have delivered, or that they restate.

Source: reference formulas M11. A source has delivered the day of its newest fact; a table as much as the
source of it that went furthest; `late` of a source takes its own days back. A funnel's period is settled
when the window of its last entrant has closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    now: datetime
    cal: Calendar

    def provisional(self, period: Period) -> bool:
        """Whether a period reaches past that moment; days that have not begun say nothing."""
        if self.until is None:
            return False
        if period.hour is not None:
            return period.hour + HOUR > self.until
        tomorrow = self.cal.start(self.cal.local(self.now).date() + DAY)
        return min(self.cal.start(period.last + DAY), tomorrow) > self.until


def settled(tables: Tables, workspace: Workspace, node: Node, now: datetime, cal: Calendar) -> Settled:
    """What is settled of a metric, by the sources that can be in it."""
    found = [*_delivered(tables, workspace, node, cal), *_closed(node, now, cal)]
    return Settled(min(found, default=None), now, cal)


def _delivered(tables: Tables, workspace: Workspace, node: Node, cal: Calendar) -> Iterator[datetime]:
    names = sources_below(workspace, node)
    furthest: dict[str, datetime] = {}
    for source in workspace.sources:
        newest = tables.newest(source.name) if source.name in names else None
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
