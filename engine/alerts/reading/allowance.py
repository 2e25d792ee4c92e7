"""How far an anomaly may go where a rule says how many false alerts a week it may cost.

The |z| follows from what was there before: how many members there were, and how wide their scores lay. It is
set anew every 28 periods, so that it stands while periods come, and is the same live and in a back-test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.alerts.judging.rules import Ready
from engine.alerts.reading.anomalies import is_proportion, phases_of
from engine.alerts.reading.readings import BLOCK, MemberReadings

if TYPE_CHECKING:
    from engine.anomaly import Floats

_STEP = 0.05
"""Thresholds are multiples of it: a late fact in another member's past moves them rarely."""
Allowed = Mapping[str, tuple[float, ...]]
"""Metric → |z| that a period may reach, by block of periods."""


def allowed(rule: Ready, members: Sequence[MemberReadings]) -> Allowed:
    """The thresholds of a rule's anomalies; none where it names no number of false alerts.

    In:  what the rule reads of each of its members.
    """
    if rule.rule.false_alerts is None or rule.sides == 0 or not members:
        return {}
    return {metric: _thresholds(rule, metric, members) for metric in rule.by_anomaly}


def _thresholds(rule: Ready, metric: str, members: Sequence[MemberReadings]) -> tuple[float, ...]:
    from engine.anomaly import threshold_for

    found = scores(rule, metric, members)
    begins = [each.seen_from() for each in members]
    out: list[float] = []
    for first in range(0, len(members[0].axis.labels), BLOCK):
        there = sum(1 for begin in begins if begin is not None and begin <= first)
        past = found[:first] if first else None
        limit = threshold_for(rule.rule.false_alerts or 0.0, there, rule.rule.grain, past, rule.sides)
        out.append(round(limit / _STEP) * _STEP)
    return tuple(out)


def scores(rule: Ready, metric: str, members: Sequence[MemberReadings]) -> Floats:
    """[complete periods, members] z with nothing left out but days of the calendar; NaN: unknown."""
    import numpy as np

    from engine.anomaly import judge, scale_of

    first = members[0]
    count, reach = first.axis.complete, first.reach
    marked = np.array([reach.special(i) is not None for i in range(count)], dtype=np.bool_)
    if rule.rule.grain == "hour":
        lines = [each.history(metric) for each in members]
        found = np.array([[line.score(i, {}) for line in lines] for i in range(count)], dtype=np.float64)
    else:
        definition = first.workspace.metrics[metric]
        proportion = is_proportion(first.workspace, definition)
        value, den = _columns([each.series(metric) for each in members], count)
        found = judge(
            value,
            phases_of(reach, count),
            scale_of(definition.kind, definition.unit, proportion),
            den=den if proportion else None,
            left_out=np.broadcast_to(marked[:, None], value.shape),
            cycles=rule.rule.min_history,
        ).score
    found[marked] = np.nan
    return found


def _columns(
    series: Sequence[tuple[list[float | None], list[tuple[float, float] | None] | None]], count: int
) -> tuple[Floats, Floats]:
    """[periods, members] values and ones, or numerators and denominators."""
    import numpy as np

    def column(pick: int) -> Floats:
        rows = [
            [None if each is None else each[pick] for each in counts[:count]]
            if counts is not None
            else values[:count]
            for values, counts in series
        ]
        return np.array(rows, dtype=np.float64).T

    return column(0), column(1)
