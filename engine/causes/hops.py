"""The tree of a metric over a funnel: its steps, as rates of the step before, multiply to it.

Source: reference funnels_metrics.md M10, alerts.md section 5 step 4.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.causes.factors import Method, Product
from engine.causes.tree import NOTHING, Given, Tree, of_products
from engine.funnels.summary import label_of
from engine.metrics.flow import Flow
from engine.metrics.plan import Measure, Node
from engine.metrics.read import Ask, Member, read

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace


def flow_below(node: Node) -> Flow | None:
    """The funnel of a metric over persons of a funnel, from its first to its last step; None for others."""
    for measure in (node.measure, node.num.measure if node.num else None):
        if measure is not None and measure.flow is not None and measure.agg == "persons":
            return measure.flow
    return None


def hops(
    tables: Tables,
    workspace: Workspace,
    node: Node,
    *,
    flow: Flow,
    ask: Ask,
    member: Member = (),
    method: Method | None = None,
) -> tuple[Tree, Given, Given]:
    """The effects of the hops between the steps of a flow, of all entrants or of a member of `ask.by`.

    In:  slot 0 of the question is now, slot 1 what it is compared with.
    Out: the tree and the values of its factors before and now: for a rate every hop, for a number of persons
         the entrants too.
    """
    steps = [
        number
        for number, step in enumerate(flow.funnel.steps, start=1)
        if number in (flow.first, flow.last) or (flow.first < number < flow.last and not step.optional)
    ]
    measures = {number: _reached(flow, number) for number in steps}
    cells = read(tables, workspace, tuple(measures.values()), ask)
    counts = [
        [float((cells[measures[number]].get((slot, member)) or (0, 0))[0] or 0) for number in steps]
        for slot in (1, 0)
    ]
    language = workspace.console.language or "en"
    names = [f"{number} {label_of(flow.funnel, number - 1, language)}" for number in steps]
    base, now = (_rates(names, each) for each in counts)
    used = names if node.num is None else names[1:]
    if not used:
        return NOTHING, {}, {}
    product = Product(1.0, tuple((name, 1) for name in used))
    return of_products((product,), base, now, method), base, now


def _reached(flow: Flow, number: int) -> Measure:
    return Measure("events", "persons", zero=True, flow=replace(flow, last=number))


def _rates(names: list[str], counts: list[float]) -> Given:
    """The entrants, then each step as a share of the one before; None where nobody could go on."""
    found: dict[str, float | None] = {names[0]: counts[0]}
    for name, count, before in zip(names[1:], counts[1:], counts, strict=False):
        found[name] = count / before if before else None
    return found
