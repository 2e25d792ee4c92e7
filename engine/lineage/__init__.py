"""Where a number comes from: its definition, tables, sources, files and lines, counted at each hop.

trace(ground, query)   one value of a metric, or one step of a funnel (`funnel:NAME`)
to_json(trace)         the JSON of `looptop trace`
"""

from __future__ import annotations

from engine.errors import UnknownName, UsageError
from engine.lineage import funnel
from engine.lineage import trace as metrics
from engine.lineage.document import to_json
from engine.lineage.trace import Ground, Persons
from engine.questions import Trace, TraceQuery

__all__ = ["FUNNEL", "Ground", "Persons", "to_json", "trace"]

FUNNEL = "funnel:"
"""What stands before the name of a funnel."""


def trace(ground: Ground, query: TraceQuery) -> Trace:
    """The trace of one number.

    Raises: UnknownName with the nearest metric or funnel, UsageError, ExpressionError, StoreError.
    """
    workspace = ground.workspace
    if query.limit is not None and query.limit < 0:
        raise UsageError("--limit takes a number from 0 up")
    if query.metric.startswith(FUNNEL):
        name = query.metric.removeprefix(FUNNEL)
        if name not in workspace.funnels:
            raise UnknownName("funnel", name, workspace.funnels)
        return funnel.step(ground, name, query)
    if query.step is not None:
        raise UsageError("--step is a step of a funnel; write funnel:NAME for the metric")
    if query.metric not in workspace.metrics:
        raise UnknownName(
            "metric", query.metric, [*workspace.metrics, *(FUNNEL + one for one in workspace.funnels)]
        )
    return metrics.metric(ground, query)
