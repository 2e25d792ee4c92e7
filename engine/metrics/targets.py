"""Targets: what a metric should be in a period, for all or one member; from configuration and files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from engine.errors import Fault, nearest
from engine.metrics.additivity import amount
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
    """A target over days: its grain, its first and last day, its value.

    `hour`: the start of a target of an hour, in naive UTC.
    """

    grain: Grain
    first: date
    last: date
    value: Decimal
    hour: datetime | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """A target that stands in a line of a file."""

    target: Target
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets by metric and members, as spans of days."""

    spans: Mapping[tuple[str, frozenset[tuple[str, str]]], tuple[Span, ...]]
    sums: frozenset[str]
    """Metrics with a target of which a part of a period has its part: see `additivity.amount`."""

    @staticmethod
    def load(tables: Tables, workspace: Workspace) -> Targets:
        """All targets of the configuration and of the files.

        Of several of one period and member a file's wins over the configuration's, then the last one by file
        and line.
        """
        cal = Calendar.of(workspace.console)
        listed = [target for metric in workspace.metrics.values() for target in metric.targets]
        listed += [each.target for each in from_files(tables)]
        grouped: dict[tuple[str, frozenset[tuple[str, str]]], dict[object, Span]] = {}
        for target in listed:
            found = cal.read(target.period)
            if found is not None:
                key = (target.metric, frozenset(target.by.items()))
                hour = _hour(target.period, cal) if found[0] == "hour" else None
                grouped.setdefault(key, {})[found, hour] = Span(*found, target.value, hour)
        spans = {key: _weeks(tuple(each.values()), cal) for key, each in grouped.items()}
        known = {metric for metric, _ in spans} & workspace.metrics.keys()
        return Targets(spans, frozenset(name for name in known if amount(workspace, name)))

    def has(self, metric: str) -> bool:
        """Whether a metric has any target."""
        return any(name == metric for name, _ in self.spans)

    def aims(self, metric: str, by: tuple[tuple[str, str | None], ...]) -> bool:
        """Whether a metric has any target for a member."""
        return bool(self._spans(metric, by))

    def of(self, metric: str, period: Period, by: tuple[tuple[str, str | None], ...]) -> Decimal | None:
        """The target of a row: that of exactly its period and members; of grain total, of its range."""
        if period.grain == "total":
            return self.target_for(metric, Range(period.first, period.last), by)
        first, end = period.bucket
        wanted = (period.grain, first, end, period.hour)
        spans = self._spans(metric, by)
        return next((s.value for s in spans if (s.grain, s.first, s.last + _DAY, s.hour) == wanted), None)

    def target_for(
        self, metric: str, days: Range, by: tuple[tuple[str, str | None], ...] = ()
    ) -> Decimal | None:
        """The target of a range of days: the finest target of each day, by its share of its period.

        Sums add up day by day; rates are the mean over the days. None where a day has no target.
        """
        whole_days = [span for span in self._spans(metric, by) if span.hour is None]
        spans = sorted(whole_days, key=lambda span: _FINEST.index(span.grain))
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
        return self.spans.get((metric, named), ())


def _weeks(spans: tuple[Span, ...], cal: Calendar) -> tuple[Span, ...]:
    """Dates that are all first days of weeks name weeks; a single one may be that of a day as well."""
    days = [span for span in spans if span.grain == "day"]
    if any(cal.bucket("week", span.first)[0] != span.first for span in days):
        return spans
    weeks = tuple(Span("week", span.first, span.first + 6 * _DAY, span.value) for span in days)
    return (*(span for span in spans if span.grain != "day" or len(days) == 1), *weeks)


def _hour(period: str, cal: Calendar) -> datetime:
    """The start of an hour in naive UTC; without an offset it is one of the workspace's zone."""
    moment = datetime.fromisoformat(period)
    return cal.utc(moment) if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def from_files(tables: Tables) -> list[Filed]:
    """The targets of the files, by file and line."""
    relation = tables.relation("targets", ["period", "metric", "value"])
    columns = tuple((f"t.{quote(name)}", name) for name in ("period", "metric", "value", "by", "line"))
    source = f"{relation} AS t JOIN parts AS p ON p.part = t.part"
    found = tables.rows(Select(source, (*columns, ("p.file", "file")), order=("file", "line")).sql())
    return [
        Filed(Target(str(metric), str(period), value, _by(by)), str(file), int(str(line)))
        for period, metric, value, by, line, file in found
        if isinstance(value, Decimal) and period is not None and metric is not None
    ]


def target_faults(tables: Tables, workspace: Workspace) -> tuple[Fault, ...]:
    """What is wrong with targets of files; nothing else is touched by it.

    Out: metrics and dimensions that there are not, once a file, and targets that another one replaces; at
         most twenty.
    """
    listed = from_files(tables)
    if not listed:
        return ()
    known = {name for table in ("events", "spend", "profiles") for name in tables.columns(table)}
    return tuple(islice(_faults(listed, workspace, known), 20))


def _faults(listed: list[Filed], workspace: Workspace, dimensions: Collection[str]) -> Iterator[Fault]:
    cal, held, told = Calendar.of(workspace.console), dict[object, Filed](), set[object]()
    for each in listed:
        target = each.target
        named = [
            ("metric", target.metric, workspace.metrics),
            *(("by", name, dimensions) for name in target.by),
        ]
        for what, name, known in named:
            if name not in known and (what, name, each.file) not in told:
                told.add((what, name, each.file))
                kind = "metric" if what == "metric" else "dimension"
                words = f'no {kind} "{name}": such targets count nowhere'
                yield Fault(each.file, each.line, what, words, nearest(name, known))
        key = (target.metric, frozenset(target.by.items()), cal.read(target.period), target.period[10:])
        before, held[key] = held.get(key), each
        if before is not None and before.target.value != target.value:
            words = f"{target.metric} of {target.period} has another value in {before.file}:{before.line}"
            yield Fault(each.file, each.line, "value", f"{words}; this one holds")


def _by(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(name): str(member) for name, member in value.items() if member not in (None, "")}
