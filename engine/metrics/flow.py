"""Metrics over funnels: which funnel, between which two steps, and how its entrants are counted.

A conversion metric is a funnel of two steps that nobody has to name.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from engine.errors import UnknownName, UsageError
from engine.workspace.model import Funnel, Metric, Step

if TYPE_CHECKING:
    from engine.workspace.model import Workspace


@dataclass(frozen=True, slots=True)
class Flow:
    """Two steps of a funnel (from 1); equal where the definitions are, whatever they are called.

    `per`: persons, by their representative attempt; or events: every base event counts, and a conversion
    belongs to the latest base event before it.
    """

    key: str
    first: int
    last: int
    per: Literal["persons", "events"]
    funnel: Funnel = field(compare=False, repr=False)


def flow_of(workspace: Workspace, metric: Metric) -> Flow:
    """The funnel behind a metric of kind funnel or conversion.

    Raises: UnknownName for a funnel that is not there; UsageError for steps that it does not have.
    """
    if metric.kind == "conversion":
        funnel = _pair(workspace, metric)
        return Flow(_key(funnel), 1, 2, metric.per, funnel)
    name = metric.funnel or ""
    if name not in workspace.funnels:
        raise UnknownName("funnel", name, workspace.funnels)
    funnel = workspace.funnels[name]
    required = [number for number, step in enumerate(funnel.steps, start=1) if not step.optional]
    if not required:
        raise UsageError(f'funnel "{funnel.name}" has no steps')
    first, last = metric.from_step or 1, metric.to_step or required[-1]
    if not 1 <= first <= last <= len(funnel.steps):
        raise UsageError(
            f'metric "{metric.name}": steps {first} to {last} are not in order among the '
            f'{len(funnel.steps)} of funnel "{funnel.name}"'
        )
    return Flow(_key(funnel), first, last, "persons", funnel)


def _pair(workspace: Workspace, metric: Metric) -> Funnel:
    if metric.sides is None:
        raise UsageError(f'conversion metric "{metric.name}" needs base and conversion')
    steps = tuple(_step(workspace, metric, side) for side in metric.sides)
    return Funnel(metric.name, steps, metric.window_us, hold=metric.hold, breakdown="step:1")


def _step(workspace: Workspace, metric: Metric, side: Step | str) -> Step:
    if isinstance(side, Step):
        return side
    meant = workspace.metrics.get(side)
    if meant is None:
        raise UnknownName("metric", side, workspace.metrics)
    if meant.kind != "simple" or meant.table not in ("events", None):
        raise UsageError(
            f'metric "{metric.name}": "{side}" is no simple metric over events, so it names no events'
        )
    return Step((), meant.where)


def _key(funnel: Funnel) -> str:
    """What decides who reaches a step; labels, targets and templates do not."""
    steps = tuple(replace(step, label=None, target=None, benchmark=None) for step in funnel.steps)
    return repr(replace(funnel, name="", steps=steps, label={}, template=None))
