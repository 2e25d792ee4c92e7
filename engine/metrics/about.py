"""What a metric can be grouped by, whose facts are in it, what it does at its edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.metrics.plan import dimensions, resolve
from engine.metrics.sources import sources_below
from engine.questions import MetricAbout

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace


def about(tables: Tables, workspace: Workspace, metric: str) -> MetricAbout:
    """Dimensions that every table below a metric has, and its sources, each by name.

    Raises: UnknownName.
    """
    node = resolve(workspace, metric)
    known = [
        set(dimensions(tables, table, workspace.identity.priority))
        for table in sorted({measure.table for measure in node.measures})
    ]
    common: set[str] = set.intersection(*known) if known else set()
    found = node.metric
    return MetricAbout(
        metric,
        tuple(sorted(common)),
        tuple(sorted(sources_below(workspace, node))),
        found.gap,
        found.min_den,
    )
