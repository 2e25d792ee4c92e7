"""A member's metric against its own past: what `anomaly(m)` reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.alerts.reading.reach import Reach
from engine.alerts.reading.series import Number
from engine.workspace.model import Metric, Workspace

if TYPE_CHECKING:
    from engine.anomaly import Line, Past, Usual

Counts = tuple[float, float]


def is_proportion(workspace: Workspace, metric: Metric) -> bool:
    """Whether the values are shares of things that were counted, so that chance alone moves them."""
    if metric.unit != "percent":
        return False
    if metric.kind == "ratio":
        sides = [workspace.metrics.get(name or "") for name in (metric.num, metric.den)]
        return all(side is not None and side.unit == "count" for side in sides)
    return metric.kind in ("conversion", "funnel")


@dataclass(slots=True)
class History:
    """One metric of one member on its scale, and what each of its periods should be."""

    past: Past
    line: Line
    reach: Reach

    def usual(self, i: int, incident: Mapping[int, bool]) -> Usual | None:
        """What period `i` should be, firing periods left out; None: not enough is known.

        A day compared by name lies as far from its usual as the last of that name did.
        """
        found = self.line.at(i, incident)
        special = self.reach.special(i)
        if found is None or special is None or special.effect != "same_name":
            return found
        like = self.reach.base("previous", i)
        then = None if like is None else self.line.at(like, incident)
        x = None if like is None else self.past.x[like]
        return None if then is None or x is None else found.moved(x - then.centre)

    def score(self, i: int, incident: Mapping[int, bool]) -> Number:
        """Signed z of period `i`."""
        if not self.past.calendar or i not in self.past.calendar:
            return self.line.score(i, incident)
        usual, x = self.usual(i, incident), self.past.x[i]
        return None if usual is None or x is None else usual.score(x, self.past.extra[i])


def history(
    metric: Metric,
    reach: Reach,
    values: list[Number],
    counts: list[Counts | None] | None,
    cycles: int,
) -> History:
    """A series made ready.

    In:  values that may be judged, by period; with `counts` (of a proportion) those count instead;
         cycles that the rule wants to have seen.
    """
    import numpy as np

    from engine.anomaly import HourLine, Past, SmoothLine, forward, odds, scale_of

    axis = reach.axis
    phases = phases_of(reach, len(values))
    scale = scale_of(metric.kind, metric.unit, counts is not None)
    extra = [0.0] * len(values)
    if counts is None:
        plain = np.array([np.nan if value is None else value for value in values])
        x, size = forward(scale, plain), np.abs(plain)
    else:
        num = np.array([np.nan if each is None else each[0] for each in counts])
        den = np.array([np.nan if each is None else each[1] for each in counts])
        x, variance = odds(num, den)
        extra, size = variance.tolist(), num
    past = Past(
        scale,
        phases,
        [None if math.isnan(each) else each for each in x.tolist()],
        extra,
        size.tolist(),
        frozenset(i for i in range(len(values)) if reach.special(i) is not None)
        if reach.calendar
        else frozenset(),
    )
    line: Line = (
        HourLine(past, [reach.weekday(i) for i in range(len(values))], days=(7 * min(cycles, 4), 28))
        if axis.grain == "hour"
        else SmoothLine(past, 7 if axis.grain == "day" else 1, cycles)
    )
    return History(past, line, reach)


def phases_of(reach: Reach, count: int) -> list[int]:
    """Place of each period in its cycle: hour of the day, weekday; weeks and months have none."""
    if reach.axis.grain == "hour":
        return [start.hour for start in reach.axis.starts[:count]]
    if reach.axis.grain != "day":
        return [0] * count
    if not reach.calendar:
        return [start.weekday() for start in reach.axis.starts[:count]]
    return [reach.weekday(i) for i in range(count)]
