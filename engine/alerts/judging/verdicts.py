"""One member of one rule on one version of the data: its replay, and what an alert says about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.alerts.judging.condition import Condition
from engine.alerts.judging.machine import Verdict
from engine.alerts.judging.replay import Replay, Trail, replay
from engine.alerts.judging.rules import Ready
from engine.alerts.reading.periods import Axis
from engine.alerts.reading.readings import MemberReadings
from engine.alerts.reading.series import leaves
from engine.workspace.model import Workspace

ENOUGH = 0.3
"""Share of the base period's volume that must lie before the same local time."""
TREND = 14
"""Periods that a message shows."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A member's history and its present numbers; `running` is the verdict on the period that still runs."""

    replay: Replay
    value: float | None
    expected: float | None
    limit: bool
    running: Verdict | None = None
    low: float | None = None
    high: float | None = None
    """The band that `expected` stands in, or the bounds of a rate; see `Condition.band`."""
    trend: tuple[float | None, ...] = ()
    """The first metric in the last periods up to the judged one, where something is on."""
    values: tuple[tuple[int, float | None], ...] = ()
    """Values of the complete periods of the running or last episode."""
    about: tuple[str | None, float | None] = (None, None)
    """The metric whose base `expected` is, where it is one, and its value."""


CLEAR, HELD, UNKNOWN = Verdict(-1, True), Verdict(-1, False), Verdict(None, None)
BREACHES = tuple(map(Verdict, range(3)))


def verdict(rule: Ready, readings: MemberReadings, i: int) -> Verdict:
    """The worst level that breaches; unknown where none does and one is unknown."""
    if readings.skips(i):
        return UNKNOWN
    unknown = False
    for level, condition in enumerate(rule.levels):
        truth = condition.judge(readings, i, readings.early, readings.elapsed is not None)
        if truth is True:
            return BREACHES[level]
        unknown = unknown or truth is None
    if unknown:
        return UNKNOWN
    if rule.recover is None:
        return CLEAR
    readings.evidence = False
    recovered = rule.recover.judge(readings, i, elapsed=readings.elapsed is not None)
    readings.evidence = True
    return CLEAR if recovered else HELD if recovered is False else Verdict(-1, None)


@dataclass(frozen=True, slots=True)
class Acts:
    """What people did to a member's episodes: closed them, after so many complete periods; said that their
    level is not normal, by their first periods."""

    closes: tuple[int, ...] = ()
    refusals: tuple[int, ...] = ()


@dataclass(slots=True)
class Kept:
    """What was read and said before: a verdict depends on its own period and earlier ones alone."""

    first: int | None = None
    inputs: list[list[float | None]] = field(default_factory=list)
    acts: Acts = Acts()
    running: dict[int, list[Verdict]] = field(default_factory=dict)
    trail: Trail = field(default_factory=Trail)

    def renew(
        self,
        first: int,
        inputs: list[list[float | None]],
        acts: Acts,
        running: dict[int, list[Verdict]],
    ) -> int:
        """The first period from which on something is another than before; takes over what is given."""
        same = 0
        if self.first != first:
            self.trail = Trail()
        if self.first == first and len(inputs) == len(self.inputs):
            same = min(map(_common, self.inputs, inputs), default=1 << 30)
            same = min(
                same,
                *_others(self.acts.closes, acts.closes),
                *_others(self.acts.refusals, acts.refusals),
                *(i for i in {*self.running, *running} if self.running.get(i) != running.get(i)),
            )
        self.first, self.inputs, self.acts, self.running = first, inputs, acts, running
        return same


def _others(old: Sequence[int], new: Sequence[int]) -> list[int]:
    """Positions that stand in only one of the two."""
    return [*set(old).symmetric_difference(new), 1 << 30]


def _common(old: list[float | None], new: list[float | None]) -> int:
    """Length of the common beginning of two series; beyond its end the shorter one says nothing yet."""
    if new[: len(old)] == old:
        return len(old)
    return next((i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), len(new))


def judge(
    rule: Ready,
    readings: MemberReadings,
    first: int,
    acts: Acts,
    *,
    recorded: Mapping[int, Sequence[Verdict]],
    now: MemberReadings | None,
    kept: Kept,
) -> Judged:
    """Replay a member from period `first`.

    In:  `recorded`: verdicts given while a period still ran; `now`: readings of the running period,
         if it is judged; `kept` is renewed.
    """
    axis = readings.axis

    def step(i: int, incident: Mapping[int, bool]) -> Verdict:
        readings.incident = incident
        return verdict(rule, readings, i)

    running = {i: list(each) for i, each in recorded.items() if i >= first}
    fresh = None if now is None else _running(rule, now, running)
    if fresh is not None:
        running.setdefault(len(axis.labels) - 1, []).append(fresh)
    since = kept.renew(first, readings.inputs(rule.metrics, rule.asks), acts, running)
    found = replay(
        rule.settings,
        step,
        first,
        axis.complete,
        acts.closes,
        running=running,
        refusals=acts.refusals,
        trail=kept.trail,
        since=since,
    )
    readings.incident = found.incident
    return _numbers(
        rule, readings if found.judged is None or found.judged < axis.complete else now, found, fresh
    )


def _running(rule: Ready, now: MemberReadings, running: Mapping[int, Sequence[Verdict]]) -> Verdict | None:
    """The verdict on the running period, None where it says nothing new."""
    position = len(now.axis.labels) - 1
    found, before = verdict(rule, now, position), running.get(position, ())
    if found.level is None or (before and before[-1] == found) or (not before and found.level < 0):
        return None
    return found


def _numbers(rule: Ready, readings: MemberReadings | None, found: Replay, fresh: Verdict | None) -> Judged:
    level = found.standing.level
    condition: Condition = rule.levels[-1 if level is None else level]
    if readings is None or found.judged is None:
        return Judged(found, None, None, False, fresh)
    value = readings.value(condition.metrics[0], found.judged) if condition.metrics else None
    if not condition.metrics and condition.asks:
        value = readings.asked(*condition.asks[0], found.judged)
    expected = condition.expected(readings, found.judged)
    low, high = condition.band(readings, found.judged)
    trend, values = _trend(readings, condition, found), _episode_values(readings, condition, found)
    about = _about(readings, condition, found.judged)
    return Judged(found, value, expected, condition.base is None, fresh, low, high, trend, values, about)


def _about(readings: MemberReadings, condition: Condition, i: int) -> tuple[str | None, float | None]:
    if condition.base is None:
        return None, None
    metric = str(condition.base.args[0])
    return metric, readings.value(metric, i)


def _episode_values(
    readings: MemberReadings, condition: Condition, found: Replay
) -> tuple[tuple[int, float | None], ...]:
    if not condition.metrics:
        return ()
    name, complete = condition.metrics[0], readings.axis.complete
    return tuple((i, readings.value(name, i)) for i in found.episode if i < complete)


def _trend(readings: MemberReadings, condition: Condition, found: Replay) -> tuple[float | None, ...]:
    if found.judged is None or found.standing.state == "ok" or not condition.metrics:
        return ()
    periods = range(max(0, found.judged + 1 - TREND), found.judged + 1)
    return tuple(readings.value(condition.metrics[0], i) for i in periods)


def volume(workspace: Workspace, name: str) -> str:
    """The metric whose volume says how much of a period has passed: itself, or what a rate divides by."""
    metric = workspace.metrics[name]
    if metric.kind == "ratio" and metric.den:
        return volume(workspace, metric.den)
    if metric.kind == "cumulative" and metric.base:
        return volume(workspace, metric.base)
    below = leaves(workspace, name)
    return below[-1].name if metric.kind == "derived" and below else name


def elapsed_bases(
    workspace: Workspace,
    axis: Axis,
    bases: Sequence[tuple[str, str]],
    readings: MemberReadings,
    previous: Mapping[tuple[str, str], float | None],
) -> dict[tuple[str, str], float | None]:
    """Bases up to the same local time, unknown until 30 % of the base period's volume lies before it."""
    out: dict[tuple[str, str], float | None] = {}
    for metric, base in bases:
        measure = volume(workspace, metric)
        there = axis.base(len(axis.labels) - 1, base)
        whole = None if there is None else readings.value(measure, there)
        part = previous.get((measure, base))
        enough = part is not None and whole is not None and whole > 0 and part >= ENOUGH * whole
        out[metric, base] = previous.get((metric, base)) if enough else None
    return out
