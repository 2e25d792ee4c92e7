"""The metric layer: a definition, a range and filters in, small tables out. Pure: no state but kept results.

answer(tables, workspace, query, now)   rows of metrics by period and dimensions
to_json(answer, query)                  the JSON of `looptop metrics`
BUILTIN, dictionary(workspace)          what there is to ask for
about(tables, workspace, metric)        what a metric can be grouped by, and whose facts are in it
daily(…), totals(…)                     series and totals of several metrics at once
target_for(…)                           what a metric should be over a range
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.metrics.about import about
from engine.metrics.answer import answer
from engine.metrics.builtin import BUILTIN
from engine.metrics.cache import targets
from engine.metrics.dated import dated, is_dated
from engine.metrics.dictionary import Entry, Revision, Seen, definition_hash, dictionary
from engine.metrics.json import to_json
from engine.metrics.noise import Side, worse_beyond_noise
from engine.metrics.period import Calendar, Period, Slot, base, periods
from engine.metrics.series import Series, daily, totals
from engine.metrics.sources import sources_of
from engine.metrics.targets import target_faults
from engine.questions import Range

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace

__all__ = [
    "BUILTIN", "Calendar", "Entry", "Period", "Revision", "Seen", "Series", "Side", "Slot", "about",
    "answer", "base", "base_range", "daily", "dated", "definition_hash", "dictionary", "is_dated",
    "periods", "sources_of", "target_faults", "target_for", "to_json", "totals", "worse_beyond_noise",
]  # fmt: skip


def target_for(
    tables: Tables,
    workspace: Workspace,
    metric: str,
    days: Range,
    by: tuple[tuple[str, str | None], ...] = (),
) -> float | None:
    """The target of a metric over a range of days, for one member or for all; None: there is none."""
    found = targets(tables, workspace).target_for(metric, days, by)
    return None if found is None else float(found)


def base_range(
    workspace: Workspace, days: tuple[date, date], compare: str, now: datetime
) -> tuple[date, date, datetime | None] | None:
    """What a range of days is compared with: first day, last day, and the moment that cuts the last one.

    None for a comparison without days (none, target).
    """
    for each in ("previous", "week", "month", "year"):
        if each == compare:
            cal = Calendar.of(workspace.console)
            (period,) = periods("total", *days, now=now, cal=cal, bounds=(None, None))
            found = base(period, each, now, cal)
            return found.first, found.last, found.cut
    return None
