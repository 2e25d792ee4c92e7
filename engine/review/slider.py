"""Thresholds worth trying: around the present one, where a rule would fire another number of times."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping

from engine.alerts.judging.members import readings_of
from engine.alerts.judging.trial import Trial
from engine.alerts.kept.records import labels_of
from engine.alerts.reading.allowance import scores
from engine.alerts.reading.feeds import Ask

_MULTIPLES = tuple(step / 10 for step in range(1, 31))
"""Of the present threshold."""
_AROUND = tuple(step / 2 for step in range(-6, 7))
"""Where it is 0: standard deviations of what is compared."""
_DIGITS = 6


def steps(ask: Ask, trial: Trial, measures: Mapping[tuple[str, str], float]) -> tuple[float, ...]:
    """Thresholds for a slider, ascending, the present one among them; empty where there is none.

    Counted are runs of periods beyond the threshold, by what is compared with it alone, so that a step is a
    step of the slider and no promise of episodes.
    """
    now, limited = trial.rule.limit, trial.rule.levels[-1].limited
    if now is None or limited is None or trial.series is None:
        return ()
    lines = []
    for member in trial.timelines:
        labels = tuple(labels_of(member).items())
        readings = readings_of(ask, trial.rule, trial.series, labels, measures)
        lines.append([limited.subject((readings, i)) for i in range(trial.series.axis.complete)])
    crossings = _Crossings(lines, limited.below)
    found, before = [], None
    for each in sorted({now, *_candidates(now, lines)}):
        runs = crossings.at(each)
        if each == now or runs != before:
            found.append(each)
        before = runs
    return tuple(found)


def false_alerts(ask: Ask, trial: Trial, measures: Mapping[tuple[str, str], float]) -> float | None:
    """Expected false alerts a week over all series, where the rule asks for an anomaly; None: it does not.

    From how wide the scores of the members' history lie.
    """
    rule, series = trial.rule, trial.series
    width, sides = rule.levels[-1].anomaly
    if rule.rule.false_alerts is not None:
        return rule.rule.false_alerts
    if series is None or width is None or not sides or not trial.timelines:
        return None
    from engine.anomaly import false_per_week

    members = [
        readings_of(ask, rule, series, tuple(labels_of(member).items()), measures)
        for member in trial.timelines
    ]
    found = scores(rule, rule.by_anomaly[0], members)
    return false_per_week(width, len(members), rule.rule.grain, found, sides)


def _candidates(now: float, lines: Iterable[Iterable[float | None]]) -> list[float]:
    if now:
        return [_short(now * each) for each in _MULTIPLES]
    values = [value for line in lines for value in line if value is not None]
    if not values:
        return []
    middle = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((each - middle) ** 2 for each in values) / len(values))
    return [_short(spread * each) for each in _AROUND]


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


class _Crossings:
    """At how many places series go beyond a threshold: each is an interval of thresholds, [from, to)."""

    def __init__(self, lines: Iterable[Iterable[float | None]], below: bool) -> None:
        begins, ends = [], []
        for line in lines:
            before = -math.inf
            for value in line:
                if value is None:
                    continue
                here = -value if below else value
                if here > before:
                    begins.append(before)
                    ends.append(here)
                before = here
        self._begins, self._ends, self._sign = sorted(begins), sorted(ends), -1 if below else 1

    def at(self, threshold: float) -> int:
        """Runs of values beyond the threshold."""
        limit = self._sign * threshold
        return bisect_left(self._begins, math.nextafter(limit, math.inf)) - bisect_left(
            self._ends, math.nextafter(limit, math.inf)
        )
