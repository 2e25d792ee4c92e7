"""A metric as sums that add up over any rows: one sum, or one sum over another; or why it is neither.

Source: reference funnels_metrics.md M1, M2: only what is additive is split among members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.expressions.lowering import lower_checked
from engine.expressions.typed import Node as Term
from engine.metrics.evaluate import FUNCTIONS
from engine.metrics.plan import Measure, Node

_ADDED = ("sum", "count")
_OVER_PERSONS = ("repeat_orders", "churn")
"""Tables of measures in which one person may stand with several members."""
_TRANSPARENT = ("to_double", "to_number")


@dataclass(frozen=True, slots=True)
class Sum:
    """Σ coefficient · measure; `counts`: all of it counts things."""

    parts: Mapping[Measure, float]
    counts: bool = True

    def times(self, factor: float) -> Sum:
        """The same, scaled; a scaled count is none."""
        scaled = {measure: each * factor for measure, each in self.parts.items()}
        return Sum(scaled, self.counts and factor in (1.0, -1.0))

    def plus(self, other: Sum) -> Sum:
        """Both together."""
        found = dict(self.parts)
        for measure, each in other.parts.items():
            found[measure] = found.get(measure, 0.0) + each
        return Sum(found, self.counts and other.counts)


@dataclass(frozen=True, slots=True)
class Form:
    """num, or num / den; a rate is known up to a constant: its change is that of the metric."""

    num: Sum
    den: Sum | None = None

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All that has to be read."""
        return tuple(dict.fromkeys((*self.num.parts, *(self.den.parts if self.den else ()))))


@dataclass(frozen=True, slots=True)
class Whole:
    """Why a metric does not split among members: `metric` is the part of it that does not.

    `why`: `distinct` (one person may be with several members), `order` (medians, minima, …), `shape` (its
    formula is not a sum or a sum over a sum), `days` (it is read on several days of the period).
    """

    metric: str
    why: str


def form_of(node: Node) -> Form | Whole:
    """The additive form of a resolved metric."""
    if node.measure is not None:
        return _measured(node, node.measure)
    if node.num is not None and node.den is not None:
        return _over(form_of(node.num), form_of(node.den), node.metric.name)
    if node.metric.kind == "derived" and node.metric.expr is not None:
        names = node.metric.expr.columns
        term = lower_checked(node.metric.expr, dict.fromkeys(names, "number"), "number", FUNCTIONS, True)
        found = _Terms(node).of(term)
        return Whole(node.metric.name, "shape") if isinstance(found, float) else found
    return Whole(node.metric.name, "shape")


def _measured(node: Node, measure: Measure) -> Form | Whole:
    name = node.metric.name
    if measure.flow is not None:
        # The groups of a breakdown part the entrants: nobody is in two of them.
        return Form(Sum({measure: 1.0})) if measure.agg == "persons" else Whole(name, "order")
    if measure.table in _OVER_PERSONS or measure.agg == "count_distinct":
        return Whole(name, "distinct")
    if measure.agg in _ADDED:
        return Form(Sum({measure: 1.0}, node.metric.unit == "count"))
    if measure.agg == "avg":
        return Form(
            Sum({replace(measure, agg="sum"): 1.0}, counts=False), Sum({replace(measure, agg="count"): 1.0})
        )
    return Whole(name, "order")


def _over(num: Form | Whole, den: Form | Whole, name: str) -> Form | Whole:
    if isinstance(num, Whole) or isinstance(den, Whole):
        return num if isinstance(num, Whole) else den
    if num.den is not None or den.den is not None:
        return Whole(name, "shape")
    return Form(_apart(num.num, den.num), den.num)


def _apart(num: Sum, den: Sum) -> Sum:
    """The numerator without multiples of the denominator: they add a constant to the rate and change nothing.

    (revenue − cost) / cost moves as revenue / cost does, and revenue is never below 0.
    """
    factors = {num.parts.get(measure, 0.0) / each for measure, each in den.parts.items() if each}
    if len(factors) != 1 or factors == {0.0} or len(num.parts) == len(den.parts):
        return num
    rest = num.plus(den.times(-next(iter(factors))))
    return replace(rest, parts={measure: each for measure, each in rest.parts.items() if each})


class _Terms:
    """The expression of a derived metric, put together from the forms of its operands."""

    def __init__(self, node: Node) -> None:
        self.name = node.metric.name
        self.parts = dict(node.parts)
        self.shapeless = Whole(self.name, "shape")

    def of(self, term: Term) -> Form | Whole | float:
        """A number for a constant."""
        if term.op == "literal":
            return float(term.value) if isinstance(term.value, Decimal) else self.shapeless
        if term.op == "name":
            return form_of(self.parts[str(term.value)])
        if term.op in _TRANSPARENT or (term.op in ("nullif", "coalesce") and term.args[1].op == "literal"):
            return self.of(term.args[0])
        args = [self.of(part) for part in term.args]
        for each in args:
            if isinstance(each, Whole):
                return each
        known = [each for each in args if not isinstance(each, Whole)]
        if term.op == "neg":
            return self._times(known[0], -1.0)
        if term.op in ("add", "sub"):
            return self._plus(known[0], known[1] if term.op == "add" else self._times(known[1], -1.0))
        if term.op in ("mul", "div"):
            return self._product(known[0], known[1], term.op)
        return self.shapeless

    def _times(self, one: Form | Whole | float, factor: float) -> Form | Whole | float:
        if isinstance(one, Whole):
            return one
        if isinstance(one, float):
            return one * factor
        return replace(one, num=one.num.times(factor))

    def _plus(self, one: Form | float, other: Form | Whole | float) -> Form | Whole | float:
        if isinstance(other, Whole):
            return other
        if isinstance(one, float) and isinstance(other, float):
            return one + other
        if isinstance(one, float):
            return self._plus(other, one)
        if isinstance(other, float):
            shift = one.den.times(other) if one.den else None
            return replace(one, num=one.num.plus(shift)) if shift else self.shapeless
        return replace(one, num=one.num.plus(other.num)) if one.den == other.den else self.shapeless

    def _product(self, one: Form | float, other: Form | float, op: str) -> Form | Whole | float:
        if op == "mul":
            if isinstance(other, float):
                return self._times(one, other)
            return self._times(other, one) if isinstance(one, float) else self.shapeless
        if isinstance(other, float):
            return self._times(one, 1 / other) if other else self.shapeless
        return self.shapeless if isinstance(one, float) else _over(one, other, self.name)
