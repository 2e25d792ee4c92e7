"""Targets: what a metric should be in a period, for all or one member; from configuration and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.metrics.period import Calendar, Period
from engine.questions import Grain, Range
from engine.store.duck import quote
from engine.store.select import Select
from engine.workspace.model import Target, Workspace

if TYPE_CHECKING:
    from engine.store.tables import Tables

_DAY = timedelta(days=1)
_FINEST: tuple[Grain, ...] = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class Span:
    """A target over days: its grain, its first and last day, its value."""

    grain: Grain
    first: date
    last: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets by metric and members, as spans of days."""

    spans: Mapping[tuple[str, frozenset[tuple[str, str]]], tuple[Span, ...]]
    sums: frozenset[str]
    """Metrics of which a part of a period has its part: counts and money that are no rates."""

    @staticmethod
    def load(tables: Tables, workspace: Workspace) -> Targets:
        """All targets of the configuration and of the files; a file's target wins over an equal one."""
        cal = Calendar.of(workspace.console)
        listed = [target for metric in workspace.metrics.values() for target in metric.targets]
        listed += _from_files(tables)
        grouped: dict[tuple[str, frozenset[tuple[str, str]]], dict[str, Span]] = {}
        for target in listed:
            found = cal.read(target.period)
            if found is not None:
                key = (target.metric, frozenset(target.by.items()))
                grouped.setdefault(key, {})[target.period] = Span(*found, target.value)
        spans = {key: _weeks(tuple(each.values()), cal) for key, each in grouped.items()}
        return Targets(spans, _sums(workspace))

    def has(self, metric: str) -> bool:
        """Whether a metric has any target."""
        return any(name == metric for name, _ in self.spans)

    def of(self, metric: str, period: Period, by: tuple[tuple[str, str | None], ...]) -> Decimal | None:
        """The target of a row: that of exactly its period and members; of grain total, of its range."""
        if period.grain == "total":
            return self.target_for(metric, Range(period.first, period.last), by)
        first, end = period.bucket
        grain = period.grain
        for span in self._spans(metric, by):
            if (span.grain, span.first, span.last + _DAY) == (grain, first, end) and grain != "hour":
                return span.value
        return None

    def target_for(
        self, metric: str, days: Range, by: tuple[tuple[str, str | None], ...] = ()
    ) -> Decimal | None:
        """The target of a range of days: the finest target of each day, by its share of its period.

        Sums add up day by day; rates are the mean over the days. None where a day has no target.
        """
        spans = sorted(self._spans(metric, by), key=lambda span: _FINEST.index(span.grain))
        if days.first is None or days.last is None or not spans or days.first > days.last:
            return None
        total, count, day = Decimal(0), 0, days.first
        whole: dict[Span, int] = {}
        while day <= days.last:
            span = next((each for each in spans if each.first <= day <= each.last), None)
            if span is None:
                return None
            whole[span] = whole.get(span, 0) + 1
            count, day = count + 1, day + _DAY
        for span, held in whole.items():
            length = (span.last - span.first).days + 1 if metric in self.sums else count
            total += span.value if held == length else span.value * held / length
        return total

    def _spans(self, metric: str, by: tuple[tuple[str, str | None], ...]) -> tuple[Span, ...]:
        if any(member is None for _, member in by):
            return ()
        named = frozenset((name, member) for name, member in by if member is not None)
        return tuple(span for span in self.spans.get((metric, named), ()) if span.grain in _FINEST)


def _sums(workspace: Workspace) -> frozenset[str]:
    """Metrics of which a part of the period has its part: counts and money that no division makes."""
    return frozenset(
        name
        for name, metric in workspace.metrics.items()
        if metric.unit in ("count", "money")
        and (
            (metric.kind == "simple" and metric.agg in ("sum", "count", "count_distinct"))
            or (
                metric.kind == "derived"
                and metric.expr is not None
                and not set("*/(") & set(metric.expr.text)
            )
        )
    )


def _weeks(spans: tuple[Span, ...], cal: Calendar) -> tuple[Span, ...]:
    """Dates that are all first days of weeks, several of them, name weeks."""
    days = [span for span in spans if span.grain == "day"]
    if len(days) < 2 or any(cal.bucket("week", span.first)[0] != span.first for span in days):
        return spans
    return tuple(
        Span("week", span.first, span.first + 6 * _DAY, span.value) if span.grain == "day" else span
        for span in spans
    )


def _from_files(tables: Tables) -> list[Target]:
    relation = tables.relation("targets", ["period", "metric", "value"])
    columns = tuple((f"t.{quote(name)}", name) for name in ("period", "metric", "value", "by"))
    found = tables.rows(Select(f"{relation} AS t", columns).sql())
    return [
        Target(str(metric), str(period), value, _by(by))
        for period, metric, value, by in found
        if isinstance(value, Decimal) and period is not None and metric is not None
    ]


def _by(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(name): str(member) for name, member in value.items() if member not in (None, "")}
