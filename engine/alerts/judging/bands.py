"""The trend of a rule's metric as the rule sees it: what was expected, and what each period was taken for."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.alerts.judging.limits import limits
from engine.alerts.judging.machine import Step, Verdict
from engine.alerts.judging.members import (
    acts_on,
    judged_member,
    measures,
    readings_of,
    refused_levels,
    running_readings,
    running_verdicts,
)
from engine.alerts.judging.replay import replay
from engine.alerts.judging.rules import Ready, chosen, ready
from engine.alerts.judging.verdicts import Acts, verdict
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.records import Labels, member_key
from engine.alerts.memo import Memo
from engine.alerts.reading.feeds import Ask, Series, all_series, elapsed
from engine.alerts.reading.readings import MemberReadings
from engine.alerts.reading.series import Loaded
from engine.alerts.telling.sentences import sentence, story
from engine.errors import UnknownName
from engine.questions import BandAnswer, BandPoint, BandQuery


def band(
    ask: Ask, ledger: Ledger, query: BandQuery, feeds: MutableMapping[tuple[object, ...], Loaded]
) -> BandAnswer:
    """The newest periods of one member of a rule, each judged as it was when it was the newest.

    In:  what is kept of the series, renewed. A condition that is tried stands alone: nobody has closed
         anything of its.
    Raises: UnknownName for a rule or member; UsageError for a condition that cannot be.
    """
    rule = ready(ask.workspace, chosen(ask.workspace, query.rule, query.when))
    name = next(iter(rule.levels[-1].metrics), None)
    metric = ask.workspace.metrics.get(name or "")
    series = dict(all_series(ask, [rule], feeds)).get(query.rule)
    points: tuple[BandPoint, ...] = ()
    said: Mapping[str, str] = {}
    bounds: Mapping[str, float] = {}
    if series is not None:
        look = _Look(ask, ledger, rule, series, _labels(rule, series, query), not query.when)
        points, said = look.points(query.periods), look.sentence()
        bounds = look.limits()
    unit = metric.unit if metric else "count"
    return BandAnswer(query.rule, name, unit, rule.rule.grain, points, bounds, said)


def _labels(rule: Ready, series: Series, query: BandQuery) -> Labels:
    """The member's labels in the order of the rule's dimensions."""
    given = dict(query.labels)
    labels = tuple((name, given.get(name)) for name in rule.rule.by)
    if rule.rule.by and (set(given) != set(rule.rule.by) or labels not in series.loaded.members):
        known = [" · ".join(str(value) for _, value in each) for each in series.loaded.members]
        raise UnknownName("member", " · ".join(str(value) for value in given.values()), known)
    return labels


@dataclass(slots=True)
class _Seen:
    """A period as it was judged: on what, and to what end."""

    value: float | None
    expected: float | None
    band: tuple[float | None, float | None]
    verdict: Verdict
    skipped: bool


@dataclass(slots=True)
class _Look:
    """One member, looked at period by period; `real`: with what people did, and as it was while it ran."""

    ask: Ask
    ledger: Ledger
    rule: Ready
    series: Series
    labels: Labels
    real: bool
    seen: dict[int, _Seen] = field(default_factory=dict)

    def points(self, periods: int) -> tuple[BandPoint, ...]:
        """The newest periods, the running one as well where the rule judges it."""
        axis, member = self.series.axis, member_key(self.labels)
        readings = self._readings()
        first = 0 if not self.rule.rule.by else readings.seen_from()
        if first is None:
            return ()
        begin = max(first, axis.complete - periods)

        def judge(i: int, incident: Mapping[int, bool]) -> Verdict:
            readings.incident = incident
            found = verdict(self.rule, readings, i)
            if i >= begin:
                self.seen[i] = self._look(readings, i, found)
            return found

        name, acts = self.rule.rule.name, Acts()
        if self.real:
            mine = [act for act in self.ledger.acts() if act.rule == name]
            acts = acts_on(mine, refused_levels(self.ledger, name), member, axis)
        running = running_verdicts(self.ledger, name, axis) if self.real else {}
        found = replay(
            self.rule.settings, judge, first, axis.complete, acts.closes,
            running=running.get(member), refusals=acts.refusals,
        )  # fmt: skip
        self._run(readings, found.incident)
        fires = _fires(found.steps, len(axis.labels))
        return tuple(
            BandPoint(
                period=axis.labels[i],
                value=each.value,
                expected=each.expected,
                low=each.band[0],
                high=each.band[1],
                verdict=_word(each),
                firing=fires[i],
                adapted=found.incident.get(i) is False,
                partial=i >= axis.complete,
            )
            for i, each in sorted(self.seen.items())
        )

    def _readings(self) -> MemberReadings:
        said = measures(self.rule, self.ledger)
        return readings_of(self.ask, self.rule, self.series, self.labels, said)

    def _run(self, readings: MemberReadings, incident: Mapping[int, bool]) -> None:
        """The running period, where the rule judges it."""
        previous = elapsed(self.ask, self.rule, self.series).get(self.labels)
        now = running_readings(self.rule, readings, previous)
        if now is not None:
            now.incident, i = incident, len(self.series.axis.labels) - 1
            self.seen[i] = self._look(now, i, verdict(self.rule, now, i))

    def _look(self, readings: MemberReadings, i: int, found: Verdict) -> _Seen:
        condition = self.rule.levels[-1]
        value = readings.value(condition.metrics[0], i) if condition.metrics else None
        if not condition.metrics and condition.asks:
            value = readings.asked(*condition.asks[0], i)
        expected = condition.expected(readings, i) if condition.base else None
        return _Seen(value, expected, condition.band(readings, i), found, readings.skips(i))

    def limits(self) -> dict[str, float]:
        """Thresholds of levels that compare the metric with a constant."""
        readings, newest = self._readings(), self.series.axis.complete - 1
        out: dict[str, float] = {}
        for level, (severity, _) in zip(self.rule.levels, self.rule.rule.levels, strict=True):
            if level.base is None and level.metrics and newest >= 0:
                low, high = limits(level.gaps, level.metrics[0], readings, newest)
                found = low if low is not None else high
                out |= {} if found is None else {severity: found}
        return out

    def sentence(self) -> Mapping[str, str]:
        """How the member stands after its newest judged period."""
        judged = judged_member(
            self.ask, Memo(), self.rule, self.series, self.labels,
            running={}, measures=measures(self.rule, self.ledger), live=False,
        )  # fmt: skip
        if judged is None or judged.replay.judged is None:
            return {}
        axis, member = self.series.axis, member_key(self.labels)
        return sentence(story(self.ask.workspace, self.rule, axis, member, judged))


def _word(seen: _Seen) -> Literal["breach", "clear", "unknown", "skipped"]:
    if seen.skipped:
        return "skipped"
    level = seen.verdict.level
    return "unknown" if level is None else "clear" if level < 0 else "breach"


def _fires(steps: Sequence[Step], count: int) -> list[bool]:
    """Whether an episode ran after each period."""
    out, on, at = [], False, 0
    for i in range(count):
        while at < len(steps) and steps[at].position <= i:
            event = steps[at].event
            on = event in ("firing", "reopened") or (on and event != "resolved")
            at += 1
        out.append(on)
    return out
