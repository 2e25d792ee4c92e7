"""`when` as the judge asks it: the expression's typed form, with evidence for rates written into it.

Logic is Kleene's, a null is unknown, comparisons are strict within a tolerance: all that is the
language's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.alerts.judging.calls import CALLED, MEASURES, Number, Readings
from engine.alerts.judging.evidence import wilson
from engine.alerts.judging.limits import allowance, gaps, is_constant, limits, walk
from engine.expressions import Call, CallRule, Expression
from engine.expressions.lowering import lower_checked
from engine.expressions.scalar import Asked, compiled
from engine.expressions.typed import Node
from engine.workspace.model import Metric

_BASED = ("change", "mean", "deviation", "anomaly")
_SPREAD = ("deviation", "anomaly")
_CALLS = (*_BASED, "target", "pace", "age", *MEASURES)
_DOWN, _UP = ("lt", "le"), ("gt", "ge")
_COMPARISONS = (*_DOWN, *_UP, "eq", "ne")


@dataclass(frozen=True, slots=True)
class Limited:
    """A comparison with a constant: what is compared, whether it breaches below, and the unit of both."""

    subject: Asked
    below: bool
    unit: str
    metric: str | None
    """The metric where it is compared as it is."""
    plain: Asked
    """What is compared, before evidence for rates."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition ready to be judged, and what it reads in order of its text."""

    asked: Asked
    asked_early: Asked
    """The same for a period that still runs: only what more facts cannot undo is known."""
    asked_elapsed: Asked
    """The same where bases run up to the same local time: a constant has no such part."""
    metrics: tuple[str, ...]
    base: Call | None
    """Its first change, mean or deviation: where `expected` comes from."""
    threshold: Asked | None
    """The constant of its first comparison."""
    limited: Limited | None
    """That comparison."""
    bases: tuple[tuple[str, str], ...]
    """(metric, base) of each change."""
    asks: tuple[tuple[str, tuple[str, ...]], ...]
    """(call, names in it) of each call about sources: `age` and `MEASURES`."""
    gaps: tuple[Asked, ...] = ()
    """By how much its comparisons hold."""
    width: float | None = None
    """How many spreads its first deviation or anomaly may be off."""
    anomaly: tuple[float | None, int] = (None, 0)
    """The constant that anomalies are first compared with, and on how many sides."""
    nominal: float | None = None
    """That of the mildest level, where the rule says how many false alerts it may cost."""

    by_anomaly: tuple[str, ...] = ()
    """Metrics whose anomalies it asks for."""

    def judge(self, readings: Readings, i: int, early: bool = False, elapsed: bool = False) -> bool | None:
        """Whether period `i` meets the condition; None: unknown."""
        asked = self.asked_early if early else self.asked_elapsed if elapsed else self.asked
        found = asked((readings, i))
        return None if found is None else bool(found)

    def expected(self, readings: Readings, i: int) -> Number:
        """What the value is judged against: the first base, else the threshold."""
        if self.base is not None:
            name, (metric, *word) = self.base.name, self.base.args
            if name == "change":
                return readings.base(str(metric), str(word[0]), i)
            if name == "mean":
                return readings.mean(str(metric), int(word[0]), i)
            if name == "anomaly":
                usual = readings.usual(str(metric), i)
                return None if usual is None else usual.expected
            return (readings.spread(str(metric), int(word[0]), i) or (None,))[0]
        return None if self.threshold is None else self.threshold((readings, i))

    def band(self, readings: Readings, i: int) -> tuple[Number, Number]:
        """Between what the first metric's value was to lie; None where there is no such side.

        A deviation or an anomaly: as many spreads around what was expected as the condition allows, on both
        sides. A change or mean: where the condition turns. A rate with evidence: its own one-sided 95 %
        bounds.
        """
        if self.base is not None and self.width is not None:
            return self._around(self.base, self.width * readings.widening(i), readings, i)
        if self.base is not None:
            return limits(self.gaps, self.metrics[0], readings, i)
        counts = readings.counts(self.metrics[0], i) if self.metrics else None
        return (None, None) if counts is None else (wilson(counts, False), wilson(counts, True))

    def _around(self, base: Call, width: float, readings: Readings, i: int) -> tuple[Number, Number]:
        metric = str(base.args[0])
        if base.name == "anomaly":
            usual, extra = readings.usual(metric, i), readings.extra(metric, i)
            if self.nominal:
                width *= (readings.allowed(metric, i) or self.nominal) / self.nominal
            return (None, None) if usual is None else (usual.bound(-width, extra), usual.bound(width, extra))
        spread = readings.spread(metric, int(base.args[1]), i)
        if spread is None:
            return None, None
        return spread[0] - width * spread[1], spread[0] + width * spread[1]


def compile_condition(
    expression: Expression,
    metrics: Mapping[str, Metric],
    limit: float | None = None,
    nominal: float | None = None,
) -> Condition:
    """The condition.

    In:  what stands in place of the constant of its first comparison; the constant that stands for the
         anomaly that the rule's false alerts allow.

    Raises: ExpressionError for a part that no condition has.
    """
    kinds = dict.fromkeys(metrics, "number")
    plain = lower_checked(expression, kinds, "boolean", {n: CallRule(n, None, "") for n in _CALLS})  # type: ignore[arg-type]
    if limit is not None:
        plain = _limited_to(plain, limit)
    parts = list(walk(plain))
    calls = [part.value for part in parts if isinstance(part.value, Call)]
    named = dict.fromkeys(_metric(part) for part in parts)
    compared = [part for part in parts if part.op in _COMPARISONS]
    base = next((call for call in calls if call.name in _BASED), None)
    at = _first_limit(plain)
    judged = plain if nominal is None else _allowing(plain, nominal)
    return Condition(
        asked=_asked(_with_evidence(judged)),
        asked_early=_asked(_early(judged, metrics)),
        asked_elapsed=_asked(_with_evidence(_elapsed(judged, metrics))),
        metrics=tuple(name for name in named if name is not None),
        base=base,
        threshold=None if at is None else _asked(at[0].args[at[1]]),
        limited=None if at is None else _limited(*at, metrics),
        bases=tuple((str(call.args[0]), str(call.args[1])) for call in calls if call.name == "change"),
        asks=tuple(
            (call.name, tuple(map(str, call.args))) for call in calls if call.name in ("age", *MEASURES)
        ),
        gaps=gaps(compared, _asked),
        width=allowance(compared, base.name, _asked)[0] if base and base.name in _SPREAD else None,
        anomaly=allowance(compared, "anomaly", _asked),
        nominal=nominal,
        by_anomaly=tuple(str(call.args[0]) for call in calls if call.name == "anomaly"),
    )


def _allowing(node: Node, nominal: float) -> Node:
    """Anomalies in units in which the one that the rule allows is `nominal`."""
    if isinstance(node.value, Call) and node.value.name == "anomaly":
        return replace(node, value=Call("allowed anomaly", (*node.value.args, nominal)))
    return replace(node, args=tuple(_allowing(part, nominal) for part in node.args))


def _metric(node: Node) -> str | None:
    if node.op == "name":
        return str(node.value)
    if isinstance(node.value, Call) and node.value.name not in ("age", *MEASURES):
        return str(node.value.args[0])
    return None


def _first_limit(node: Node) -> tuple[Node, int] | None:
    """The first comparison with a constant, and which of its sides that is."""
    compared = (part for part in walk(node) if part.op in _COMPARISONS)
    return next(((part, side) for part in compared for side in (1, 0) if is_constant(part.args[side])), None)


def _limited_to(node: Node, limit: float) -> Node:
    """The condition with another constant in its first comparison."""
    found = _first_limit(node)
    if found is None:
        return node
    part, side = found
    new = Node("literal", (), "number", Decimal(repr(limit)))
    return _swapped(node, part, replace(part, args=(part.args[0], new) if side else (new, part.args[1])))


def _swapped(node: Node, old: Node, new: Node) -> Node:
    """The first `old` in order of the text replaced."""
    if node is old:
        return new
    return replace(node, args=tuple(_swapped(part, old, new) for part in node.args)) if node.args else node


def _limited(part: Node, side: int, metrics: Mapping[str, Metric]) -> Limited:
    subject = _with_evidence(part).args[1 - side]
    below = (part.op in _DOWN) == (side == 1)
    plain = part.args[1 - side]
    bare = _bare(plain)
    name = str(bare.value) if bare.op == "name" else None
    return Limited(_asked(subject), below, _unit(bare, metrics), name, _asked(plain))


def _unit(node: Node, metrics: Mapping[str, Metric]) -> str:
    """The unit of what is compared: of the metric, or what its call or arithmetic makes of it."""
    call = node.value if isinstance(node.value, Call) else None
    if call is None or call.name in ("mean", "target"):
        metric = metrics.get(str(_metric(node) or ""))
        return metric.unit if metric else "ratio"
    return "percent" if call.name == "change" or call.name.endswith("_share") else "ratio"


def _bare(node: Node) -> Node:
    while node.op == "to_double":
        node = node.args[0]
    return node


def _with_evidence(node: Node) -> Node:
    """Rates compared with a limit become their bounds; changes become changes that are significant."""
    args = tuple(_with_evidence(part) for part in node.args)
    if node.op in _DOWN + _UP:
        below = node.op in _DOWN
        args = (
            _bound(args[0], "upper" if below else "lower"),
            _bound(args[1], "lower" if below else "upper"),
        )
    return replace(node, args=args)


def _bound(node: Node, side: str) -> Node:
    subject = _bare(node)
    if subject.op == "name":
        return replace(subject, op="call", value=Call(f"{side} bound", (str(subject.value),)))
    if isinstance(subject.value, Call) and subject.value.name == "change":
        return replace(subject, value=Call("evident change", subject.value.args))
    return node


def _early(node: Node, metrics: Mapping[str, Metric]) -> Node:
    """Comparisons that hold for a part of a period and will hold for the whole; the rest is unknown."""
    if node.op in ("and", "or"):
        return replace(node, args=tuple(_early(part, metrics) for part in node.args))
    unknown = Node("literal", (), "boolean", None)
    if node.op not in _UP + _DOWN:
        return unknown
    high, low = node.args if node.op in _UP else reversed(node.args)
    known = _rises(high, metrics) and is_constant(low)
    return Node("or", (node, unknown), "boolean") if known else unknown


def _rises(node: Node, metrics: Mapping[str, Metric]) -> bool:
    """Whether it is a metric that more facts of its period can only make larger."""
    subject = _bare(node)
    metric = metrics.get(str(subject.value)) if subject.op == "name" else None
    if metric is None or metric.kind != "simple":
        return False
    return metric.agg in ("sum", "count", "count_distinct", "max")


def _elapsed(node: Node, metrics: Mapping[str, Metric]) -> Node:
    """A part of a period against a constant for the whole: known only where more facts cannot undo it."""
    if node.op not in _COMPARISONS:
        return replace(node, args=tuple(_elapsed(part, metrics) for part in node.args))
    grows = any(
        _rises(node.args[side], metrics) and is_constant(node.args[1 - side])
        for side in range(len(node.args))
    )
    return _early(node, metrics) if grows else node


def _asked(node: Node) -> Asked:
    """A typed form as a function of (readings, period)."""
    return compiled(
        node,
        name=lambda env, name: env[0].value(name, env[1]),
        call=lambda env, call: CALLED[call.name](*env, *call.args),
    )
