"""Rule unit tests: series in, transitions, states and messages out, compared with what a team expects.

Each case is judged as a console would: period by period, each at its end, by a ledger in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from engine.alerts import AlertFacts, Ledger, Memo, evaluate
from engine.alerts.reading.periods import Axis, axis
from engine.errors import ConfigurationError, Fault, StoreError
from engine.metrics import BUILTIN
from engine.questions import MetricAnswer, MetricQuery, MetricRow
from engine.schema import Kind, Table
from engine.workspace import default_workspace, load
from engine.workspace.model import CalendarDay, Workspace

if TYPE_CHECKING:
    import polars as pl

    from engine.workspace.rule_cases import Case, CaseForm, DayForm, Line, MessageForm, Point, TransitionForm

Labels = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How a case went; `missing`: expected and not there, `unexpected`: there and not expected."""

    file: str
    line: int
    name: str
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not (self.missing or self.unexpected)


def run_cases(files: Sequence[Path], config: Path | None = None) -> tuple[CaseResult, ...]:
    """Run the cases of files in order.

    In:  the looptop.toml whose rules and metrics they name; None: the one beside each file, if there is one.
    Raises: ConfigurationError with every fault of all files.
    """
    from engine.workspace.rule_cases import rule_cases

    cases: list[Case] = []
    faults: list[Fault] = []
    for file in files:
        try:
            cases += rule_cases(file, _workspace(file, config))
        except ConfigurationError as error:
            faults += error.faults
    if faults:
        raise ConfigurationError(dict.fromkeys(faults))
    return tuple(map(run_case, cases))


def _workspace(file: Path, config: Path | None) -> Workspace:
    if config is None and not (file.parent / "looptop.toml").exists():
        return default_workspace(file.parent, builtin=BUILTIN)
    return load(file.parent, config, builtin=BUILTIN)


def run_case(case: Case) -> CaseResult:
    """Judge a case period by period and compare."""
    form, facts = case.form, _Given(case)
    ledger, memo = Ledger(None), Memo()
    alerts: Mapping[Labels, str] = {}
    for position in range(facts.length):
        facts.upto, now = position, facts.axis.ends[position]
        answer = evaluate(
            facts, case.workspace, ledger, now,
            detected_at=now, facts=facts.facts(), answer=facts.answer, memo=memo,
        )  # fmt: skip
        alerts = {tuple(each.labels.items()): each.state for each in answer.alerts}
    found = [
        (facts.axis.index[each.period], each.event, each.severity, each.reason, dict(each.labels))
        for each in ledger.history()
    ]
    texts = _Texts(facts.axis, many=len(facts.members) > 1)
    missing, left = _compared(form.expect, found, lambda want, have: _same(facts, want, have))
    lost = [texts.expected(facts.position(each.period), each) for each in missing]
    more = [texts.found(each) for each in left]
    if form.messages is not None:
        told = [
            (facts.axis.complete_at(each.created_at) - 1, each.kind, each.recipients[0], each.new, each.total)
            for each in ledger.outbox()
        ]
        silent, loud = _compared(form.messages, told, lambda want, have: _told(facts, want, have))
        lost += [texts.message(facts.position(each.period), each.kind, each.to) for each in silent]
        more += [texts.message(position, kind, to) for position, kind, to, _, _ in loud]
    for labels, state in _states(form):
        have = alerts.get(labels, "ok")
        if have != state:
            lost.append(texts.state(labels, state))
            more.append(texts.state(labels, have))
    return CaseResult(case.file, case.line, form.name, tuple(lost), tuple(more))


class _Given:
    """The series of a case in place of a store; `upto`: the newest period that is there."""

    def __init__(self, case: Case) -> None:
        form, rule, console = case.form, case.rule, case.workspace.console
        self.members: dict[Labels, Mapping[str, Line]] = {
            tuple((name, member.labels.get(name)) for name in rule.by): member.series
            for member in form.member
        } or {(): form.series}
        self.length = max(len(line) for each in self.members.values() for line in each.values())
        start = form.start if isinstance(form.start, date) else datetime.fromisoformat(form.start)
        self.start = start.date() if isinstance(start, datetime) else start
        days = self.length * {"hour": 1, "day": 1, "week": 7, "month": 31}[rule.grain] + 31
        now = datetime.combine(self.start + timedelta(days=days), time())
        if rule.grain == "hour":
            now = datetime.combine(self.start, time()) + timedelta(hours=self.length + 24)
        self.axis: Axis = axis(rule.grain, self.start, now, console.timezone, console.week_start)
        self.sources, self.upto = form.sources, 0
        self.calendar = tuple(_day(each) for each in form.calendar)

    def position(self, period: object) -> int:
        """The number of a period that is written as a number or by its name; -1 where there is none."""
        if isinstance(period, int):
            return period
        return self.axis.index.get(period.isoformat() if isinstance(period, date) else str(period), -1)

    def facts(self) -> AlertFacts:
        """What the case says about sources."""
        return AlertFacts(age=self._age, measure=self._measure, calendar=self.calendar)

    def _age(self, source: str, at: datetime) -> float | None:
        return self._said(f"age({source})", self.axis.ends.index(at))

    def _measure(self, name: str, words: tuple[str, ...]) -> float | None:
        return self._said(f"{name}({', '.join(words)})", self.upto)

    def _said(self, call: str, position: int) -> float | None:
        line = self.sources.get(call, [])
        return float(line[position]) if position < len(line) else None

    def answer(self, tables: object, workspace: Workspace, query: MetricQuery, now: datetime) -> MetricAnswer:
        """Every point that is there is a row."""
        rows = [
            _row(name, self.axis.labels[position], labels, point)
            for labels, series in self.members.items()
            for name, line in series.items()
            if name in query.metrics
            for position, point in enumerate(line[: self.upto + 1])
            if not isinstance(point, str)
        ]
        return MetricAnswer(now, workspace.console.timezone, tuple(rows))

    # --- Tables --------------------------------------------------------------------------------------

    def days(self, tables: Collection[str]) -> tuple[date, date] | None:
        """From the first period on, whether it has facts or not."""
        return self.start, self.axis.starts[self.upto].date()

    def version(self, tables: Collection[str], first: date | None = None, last: date | None = None) -> str:
        """Another one with each period."""
        return str(self.upto)

    def newest(self, source: str | None = None, table: Table | None = None) -> datetime | None:
        """Sources deliver as long as nothing else is said."""
        return None

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """There are no tables."""
        raise StoreError("a case of a rule has no tables")

    def frame(self, sql: str, params: Sequence[object] = ()) -> pl.DataFrame:
        """There are no tables."""
        raise StoreError("a case of a rule has no tables")

    def relation(self, table: str, columns: Collection[str]) -> str:
        """There are no tables."""
        raise StoreError("a case of a rule has no tables")

    def columns(self, table: str) -> Mapping[str, Kind]:
        """There are no tables."""
        return {}


def _row(metric: str, period: str, labels: Labels, point: Point) -> MetricRow:
    if isinstance(point, int | float):
        return MetricRow(metric, period, labels, float(point))
    assert not isinstance(point, str)
    num, den, value = (None if x is None else float(x) for x in (point.num, point.den, point.value))
    if value is None and num is not None and den:
        value = num / den
    target, pace = (None if x is None else float(x) for x in (point.target, point.pace))
    return MetricRow(metric, period, labels, value, num, den, target=target, pace=pace)


def _day(form: DayForm) -> CalendarDay:
    day = form.date if isinstance(form.date, date) else datetime.fromisoformat(form.date).date()
    factor = None if form.factor is None else float(form.factor)
    return CalendarDay(day, form.name, form.kind, form.effect, factor)


def _states(form: CaseForm) -> Iterator[tuple[Labels, str]]:
    if form.state is not None:
        members = [tuple(member.labels.items()) for member in form.member] or [()]
        yield from ((labels, form.state) for labels in members)
    yield from ((tuple(m.labels.items()), m.state) for m in form.member if m.state is not None)


Found = tuple[int, str, str | None, str | None, dict[str, str | None]]
Sent = tuple[int, str, str, int, int]
Want = TypeVar("Want")
Have = TypeVar("Have")


def _compared(
    wanted: Iterable[Want], found: Sequence[Have], same: Callable[[Want, Have], bool]
) -> tuple[list[Want], list[Have]]:
    """What is wanted and not there, and what is there and not wanted."""
    left, missing = list(found), []
    for want in wanted:
        at = next((number for number, have in enumerate(left) if same(want, have)), None)
        if at is None:
            missing.append(want)
        else:
            left.pop(at)
    return missing, left


def _same(facts: _Given, want: TransitionForm, have: Found) -> bool:
    position, event, severity, reason, labels = have
    return (
        (facts.position(want.period), want.event) == (position, event)
        and want.severity in (None, severity)
        and want.reason in (None, reason)
        and want.labels in (None, labels)
    )


def _told(facts: _Given, want: MessageForm, have: Sent) -> bool:
    position, kind, to, new, total = have
    return (
        (facts.position(want.period), want.kind) == (position, kind)
        and want.to in (None, to)
        and want.new in (None, new)
        and want.total in (None, total)
    )


@dataclass(frozen=True, slots=True)
class _Texts:
    """Lines that say what was wanted or found."""

    axis: Axis
    many: bool

    def _period(self, position: int) -> str:
        inside = 0 <= position < len(self.axis.labels)
        return f"{self.axis.labels[position]} (period {position})" if inside else f"period {position}"

    def _line(self, position: int, *words: str | None, labels: Mapping[str, str | None] | None) -> str:
        where = " ".join(f"{name}={value}" for name, value in (labels or {}).items())
        return " ".join(filter(None, (self._period(position), *words, where if self.many else "")))

    def expected(self, position: int, want: TransitionForm) -> str:
        """A transition that is wanted."""
        return self._line(position, want.event, want.severity, want.reason, labels=want.labels)

    def found(self, have: Found) -> str:
        """A transition that was found."""
        position, event, severity, reason, labels = have
        return self._line(position, event, severity, reason, labels=labels)

    def message(self, position: int, kind: str, to: str | None) -> str:
        """A message."""
        return self._line(position, f"message {kind}", f"to {to}" if to else None, labels=None)

    def state(self, labels: Labels, state: str) -> str:
        """A state after the last period."""
        where = " ".join(f"{name}={value}" for name, value in labels)
        return " ".join(filter(None, ("in the end", state, where)))
