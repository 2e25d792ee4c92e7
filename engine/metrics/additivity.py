"""Which metrics add up, and over what: said by the definition, or by what is aggregated.

Source: reference formulas M2. Nothing here adds: totals, parents and the rest beyond a top are counted anew
from rows; only what this calls additive may be put together from parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from engine.expressions.typed import Node as Term
from engine.metrics.evaluate import lowered
from engine.metrics.plan import Node, resolve

if TYPE_CHECKING:
    from engine.workspace.model import Workspace

Additivity = Literal["additive", "semi", "non"]
"""`semi`: over members of dimensions, not over time."""
_DISTINCT = ("repeat_orders", "churn")
"""Tables whose counts are persons of a period."""


def of_node(node: Node) -> Additivity:
    """Whether a metric's values add up."""
    metric, measure = node.metric, node.measure
    if metric.kind == "simple" and metric.additive is not None:
        return metric.additive
    if measure is not None:
        adds = measure.flow is None and measure.agg in ("sum", "count") and measure.table not in _DISTINCT
        return "additive" if adds else "non"
    if node.base is not None:
        return "non" if of_node(node.base) == "non" else "semi"
    if node.parts and metric.expr is not None:
        return _weakest(_parts(lowered(metric.expr), dict(node.parts)))
    return "non"


def amount(workspace: Workspace, name: str) -> bool:
    """Whether a part of a period has its part of a target: sums and counts, of persons too, and their sums
    and differences; nothing that is divided, and no balance."""
    return _amount(resolve(workspace, name))


def _amount(node: Node) -> bool:
    if node.measure is not None:
        counts = node.metric.kind == "simple" and node.metric.unit in ("count", "money")
        return counts and node.measure.agg in ("sum", "count", "count_distinct")
    parts = _linear(lowered(node.metric.expr), dict(node.parts)) if node.metric.expr is not None else None
    return bool(parts) and all(_amount(each) for each in parts or ())


def _parts(term: Term, named: dict[str, Node]) -> list[Additivity]:
    found = _linear(term, named)
    return ["non"] if not found else [of_node(each) for each in found]


def _linear(term: Term, named: dict[str, Node]) -> list[Node] | None:
    """The metrics of sums, differences and multiples; None for anything else."""
    if term.op == "name":
        return [named[str(term.value)]]
    if term.op in ("neg", "to_double", "to_number"):
        return _linear(term.args[0], named)
    if term.op in ("add", "sub"):
        sides = [_linear(part, named) for part in term.args]
        return None if None in sides else [node for side in sides for node in side or ()]
    if term.op in ("mul", "div"):
        left, right = term.args
        if _constant(right):
            return _linear(left, named)
        return _linear(right, named) if term.op == "mul" and _constant(left) else None
    return None


def _constant(term: Term) -> bool:
    return term.op == "literal" or (term.op in ("neg", "to_double", "to_number") and _constant(term.args[0]))


def _weakest(found: list[Additivity]) -> Additivity:
    return "non" if "non" in found else "semi" if "semi" in found else "additive"
