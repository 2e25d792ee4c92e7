"""Metrics whose value of a day follows from that day's rows, whatever the clock says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import LooptopError
from engine.expressions import calls
from engine.metrics.plan import Measure, resolve

if TYPE_CHECKING:
    from engine.workspace.model import Workspace

_BY_DAY = frozenset({"events", "spend", "sessions", "customers", "repeat_orders"})
"""Tables whose rows of a day are all that a measure of that day reads."""


def dated(workspace: Workspace) -> tuple[str, ...]:
    """Their names, sorted. What looks back over days, ages or paces with the clock is not among them."""
    return tuple(name for name in sorted(workspace.metrics) if is_dated(workspace, name))


def is_dated(workspace: Workspace, name: str) -> bool:
    """Whether a metric is one of them."""
    try:
        node = resolve(workspace, name)
    except LooptopError:  # of a kind that has no measures: a funnel, say
        return False
    return all(
        each.metric.kind in ("simple", "ratio", "derived")
        and (each.measure is None or _of_day(each.measure))
        and (each.metric.expr is None or not calls(each.metric.expr))
        for each in node.nodes
    )


def _of_day(measure: Measure) -> bool:
    """Sums over customers grow with all that they buy later; how many came first on a day does not."""
    grows = measure.table == "customers" and measure.agg != "count"
    return measure.table in _BY_DAY and measure.flow is None and not grows
