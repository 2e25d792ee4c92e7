"""The metric tree: a metric's change split exactly into what its children did.

Source: SPEC section 6 (`why`), reference alerts.md section 5 step 4, funnels_metrics.md M10.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.causes.factors import Method, Product, Values, shares
from engine.expressions.lowering import lower_checked
from engine.expressions.typed import Node as Term
from engine.metrics.dictionary import children
from engine.metrics.evaluate import FUNCTIONS
from engine.workspace.model import Metric

SAME = 1e-9
"""Relative difference up to which a product of children is their parent."""

Given = Mapping[str, float | None]
"""Values by child; None where there is none."""
Polynomial = dict[tuple[tuple[str, int], ...], float]
"""Coefficient by powers."""


@dataclass(frozen=True, slots=True)
class Tree:
    """`effects` by child, {} where the children do not make the metric up; `method` None then."""

    method: str | None
    effects: Mapping[str, float]

    @property
    def largest(self) -> str | None:
        """The child with the largest effect either way."""
        if not any(self.effects.values()):
            return None
        return min(self.effects, key=lambda name: (-abs(self.effects[name]), name))


NOTHING = Tree(None, {})


def tree(
    metrics: Mapping[str, Metric], name: str, base: Given, now: Given, method: Method | None = None
) -> Tree:
    """A metric's change as the effects of its children.

    In:  values of the metric and of its children in both periods. A child without a value in one period (a
         rate of nothing) has not changed: it has that of the other.
    Out: by LMDI where the metric is the product of its children, or by its formula a product and quotient of
         them (Shapley where a factor is not above 0, or as `method` says); as a sum of such terms where it is
         one.
    """
    names = children(metrics[name])
    known = _known(names, base, now)
    if known is None or not names:
        return NOTHING
    before, after = known
    products = _made_of(metrics, name, names, ((base.get(name), before), (now.get(name), after)))
    return of_products(products, base, now, method)


def of_products(products: tuple[Product, ...], base: Given, now: Given, method: Method | None) -> Tree:
    """The effects of the factors of a sum of products; nothing where a factor has no value at all."""
    names = tuple(dict.fromkeys(name for product in products for name, _ in product.powers))
    known = _known(names, base, now)
    found = shares(products, *known, method) if products and known is not None else None
    return NOTHING if found is None else Tree(*found)


def _known(names: tuple[str, ...], base: Given, now: Given) -> tuple[Values, Values] | None:
    """Values of all names in both periods; None where one has none."""
    pairs = {each: _both(base.get(each), now.get(each)) for each in names}
    found = {each: pair for each, pair in pairs.items() if pair is not None}
    if len(found) < len(names):
        return None
    before, after = ({each: pair[at] for each, pair in found.items()} for at in (0, 1))
    return before, after


def _both(base: float | None, now: float | None) -> tuple[float, float] | None:
    if base is None and now is None:
        return None
    return (now if base is None else base, base if now is None else now)  # type: ignore[return-value]


def _made_of(
    metrics: Mapping[str, Metric],
    name: str,
    names: tuple[str, ...],
    seen: tuple[tuple[float | None, Values], ...],
) -> tuple[Product, ...]:
    """How the children make their parent: as the values show, else as its formula says; () for not at all."""
    product = Product(1.0, tuple((each, 1) for each in names))
    terms = tuple(Product(1.0, ((each, 1),)) for each in names)
    for candidate in ((product,), terms):
        if all(_is(value, candidate, values) for value, values in seen):
            return candidate
    polynomial = _formula(metrics, name, frozenset(names))
    if polynomial is None:
        return ()
    return tuple(Product(factor, powers) for powers, factor in sorted(polynomial.items()))


def _is(value: float | None, products: tuple[Product, ...], values: Values) -> bool:
    found = [product.of(values) or 0.0 for product in products]
    total = math.fsum(found)
    return abs((value or 0.0) - total) <= SAME * max(abs(total), *(abs(each) for each in found))


def _formula(metrics: Mapping[str, Metric], name: str, names: frozenset[str]) -> Polynomial | None:
    """A metric as a sum of products of `names`; None where it is not made of them alone, or not so."""
    metric = metrics[name]
    if metric.kind == "ratio" and metric.num and metric.den:
        num, den = (_operand(metrics, part, names) for part in (metric.num, metric.den))
        return _quotient(num, den)
    if metric.kind == "derived" and metric.expr is not None:
        columns = metric.expr.columns
        term = lower_checked(metric.expr, dict.fromkeys(columns, "number"), "number", FUNCTIONS, True)
        return _term(metrics, term, names)
    return None


def _operand(metrics: Mapping[str, Metric], name: str, names: frozenset[str]) -> Polynomial | None:
    return {((name, 1),): 1.0} if name in names else _formula(metrics, name, names)


def _term(metrics: Mapping[str, Metric], term: Term, names: frozenset[str]) -> Polynomial | None:
    if term.op == "literal":
        return {(): float(term.value)} if isinstance(term.value, Decimal) else None
    if term.op == "name":
        return _operand(metrics, str(term.value), names) if str(term.value) in metrics else None
    if term.op in ("to_double", "to_number") or (
        term.op in ("nullif", "coalesce") and term.args[1].op == "literal"
    ):
        return _term(metrics, term.args[0], names)
    args = [_term(metrics, part, names) for part in term.args]
    if any(each is None for each in args) or term.op not in ("neg", "add", "sub", "mul", "div"):
        return None
    one, *rest = (each for each in args if each is not None)
    if term.op == "neg":
        return _scaled(one, -1.0)
    if term.op in ("add", "sub"):
        return _added(one, rest[0] if term.op == "add" else _scaled(rest[0], -1.0))
    return _multiplied(one, rest[0]) if term.op == "mul" else _quotient(one, rest[0])


def _scaled(one: Polynomial, factor: float) -> Polynomial:
    return {powers: each * factor for powers, each in one.items()}


def _added(one: Polynomial, other: Polynomial) -> Polynomial:
    found = dict(one)
    for powers, each in other.items():
        found[powers] = found.get(powers, 0.0) + each
    return found


def _multiplied(one: Polynomial, other: Polynomial) -> Polynomial:
    found: Polynomial = {}
    for powers, each in one.items():
        for more, factor in other.items():
            joined = dict(powers)
            for name, power in more:
                joined[name] = joined.get(name, 0) + power
            key = tuple(sorted((name, power) for name, power in joined.items() if power))
            found[key] = found.get(key, 0.0) + each * factor
    return found


def _quotient(one: Polynomial | None, other: Polynomial | None) -> Polynomial | None:
    """A product over a product; a sum over anything but a number is neither a product nor a sum."""
    if one is None or other is None or len(other) != 1:
        return None
    ((powers, factor),) = other.items()
    if not factor or (powers and len(one) != 1):
        return None
    return _multiplied(one, {tuple((name, -power) for name, power in powers): 1 / factor})
