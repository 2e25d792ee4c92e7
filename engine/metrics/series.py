"""Daily series of several metrics at once, for tiles, tables and charts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.metrics.answer import answer
from engine.metrics.read import Member
from engine.questions import Grain, MetricQuery, MetricRow, Range

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace


@dataclass(frozen=True, slots=True)
class Series:
    """Values of metrics by day: `values[metric][member]` has one value a day of `days`; None is a gap."""

    days: tuple[date, ...]
    values: dict[str, dict[Member, tuple[float | None, ...]]]

    def of(self, metric: str, member: Member = ()) -> tuple[float | None, ...]:
        """One metric's days; gaps where the member has no facts."""
        return self.values.get(metric, {}).get(member, (None,) * len(self.days))


def daily(
    tables: Tables,
    workspace: Workspace,
    metrics: Collection[str],
    days: tuple[date, date],
    now: datetime,
    *,
    where: str | None = None,
    by: tuple[str, ...] = (),
) -> Series:
    """Several metrics by day from a first to a last day, members of one question read together.

    Raises: as `answer`.
    """
    first, last = days
    query = MetricQuery(tuple(metrics), by, "day", Range(first, last), where)
    values: dict[str, dict[Member, list[float | None]]] = {name: {} for name in metrics}
    for row in answer(tables, workspace, query, now).rows:
        values[row.metric].setdefault(member_of(row), []).append(row.value)
    listed = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    return Series(
        listed,
        {name: {member: tuple(found) for member, found in each.items()} for name, each in values.items()},
    )


def totals(
    tables: Tables,
    workspace: Workspace,
    metrics: Collection[str],
    days: Range,
    now: datetime,
    *,
    where: str | None = None,
    by: tuple[str, ...] = (),
    compare: tuple[str, ...] = (),
    grain: Grain = "total",
) -> dict[str, dict[Member, MetricRow]]:
    """The rows of grain total, by metric and member.

    Raises: as `answer`.
    """
    asked = tuple(each for each in ("previous", "week", "month", "year") if each in compare)
    found: dict[str, dict[Member, MetricRow]] = {name: {} for name in metrics}
    for row in answer(
        tables, workspace, MetricQuery(tuple(metrics), by, grain, days, where, asked), now
    ).rows:
        found[row.metric][member_of(row)] = row
    return found


def member_of(row: MetricRow) -> Member:
    """The members of a row, in the order of the dimensions."""
    return tuple(value for _, value in row.by)
