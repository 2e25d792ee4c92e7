"""`when` → a function of (member, period): Kleene logic, strict comparisons, evidence for rates.

A null is *unknown*. Comparisons are strict within 1e-9: exactly 30 % does not exceed 30 %.
Source: reference alerts.md 2.2, 2.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlglot import exp

from engine.errors import ExpressionError
from engine.expressions import Expression

Number = float | None
Truth = bool | None
Z95 = 1.6448536269514722
"""One-sided 95 % quantile of the normal distribution."""


class Readings(Protocol):
    """What a condition may read of one member; `i` is the index of the judged period."""

    def value(self, metric: str, i: int) -> Number: ...

    def counts(self, metric: str, i: int) -> tuple[float, float] | None:
        """Numerator and denominator of a proportion, None for anything else or with evidence `point`."""

    def base(self, metric: str, base: str, i: int) -> Number: ...

    def base_counts(self, metric: str, base: str, i: int) -> tuple[float, float] | None: ...

    def mean(self, metric: str, count: int, i: int) -> Number: ...

    def spread(self, metric: str, weeks: int, i: int) -> tuple[float, float] | None:
        """Median and robust deviation of the same weekdays before."""

    def target(self, metric: str, i: int) -> Number: ...

    def age(self, source: str, i: int) -> Number: ...

    def rejected(self, source: str, i: int) -> Number: ...

    def rising(self, metric: str) -> bool:
        """Whether more facts can only raise the metric (for a period that still runs)."""

    @property
    def running(self) -> bool:
        """True while a bound is judged early: only what can no longer change is known."""


Formula = Callable[[Readings, int], Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition and what it reads, in order of the text."""

    judge: Callable[[Readings, int], Truth]
    metrics: tuple[str, ...]
    first: str | None
    """Its first metric: the `value` of an alert."""
    expected: Callable[[Readings, int], Number]
    bases: tuple[tuple[str, str], ...]
    """(metric, base) of each `change`."""
    sources: tuple[str, ...]


def compile_condition(expression: Expression) -> Condition:
    """Raises: ExpressionError for a part that no condition has."""
    calls = [node for node in _walk(expression.tree) if isinstance(node, exp.Anonymous)]
    metrics: dict[str, None] = {}
    for node in _walk(expression.tree):
        if isinstance(node, exp.Column):
            metrics.setdefault(node.name)
        elif isinstance(node, exp.Anonymous) and _name(node) in ("change", "mean", "deviation", "target"):
            metrics.setdefault(str(_argument(node, 0)))
    bases = tuple((str(_argument(c, 0)), str(_argument(c, 1))) for c in calls if _name(c) == "change")
    sources = tuple(str(_argument(c, 0)) for c in calls if _name(c) in ("age", "rejected_share"))
    return Condition(
        judge=_compile(expression.tree), metrics=tuple(metrics), first=next(iter(metrics), None),
        expected=_expected(expression.tree), bases=bases, sources=sources,
    )  # fmt: skip


def wilson(num: float, den: float, upper: bool) -> float:
    """One-sided 95 % Wilson bound of a proportion.

    Source: Wilson (1927); reference alerts.md 2.5.

    >>> round(wilson(0, 132, True), 4)
    0.0201
    """
    share, square = num / den, Z95 * Z95
    centre = share + square / (2 * den)
    half = Z95 * math.sqrt(share * (1 - share) / den + square / (4 * den * den))
    return (centre + half if upper else centre - half) / (1 + square / den)


def differs(now: tuple[float, float], then: tuple[float, float]) -> bool:
    """Whether two proportions differ at one-sided 95 %: pooled two-proportion z."""
    total = now[1] + then[1]
    pooled = (now[0] + then[0]) / total
    error = math.sqrt(max(0.0, pooled * (1 - pooled) * (1 / now[1] + 1 / then[1])))
    return error > 0 and abs(now[0] / now[1] - then[0] / then[1]) / error > Z95


def _walk(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Nodes in order of the text; the arguments of calls that look up by name are not values."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        if not (isinstance(node, exp.Anonymous) and _name(node) not in _VALUES):
            stack.extend(reversed(list(node.iter_expressions())))


def _name(node: exp.Anonymous) -> str:
    return str(node.this).lower()


def _argument(node: exp.Anonymous, position: int) -> str | float:
    argument = node.expressions[position]
    if isinstance(argument, exp.Literal) and not argument.is_string:
        return float(argument.name)
    return str(argument.name)


def _compile(node: exp.Expr) -> Formula:
    rule = _RULES.get(type(node))
    if rule is None:
        raise ExpressionError(f"{type(node).__name__.lower()} cannot stand in a condition")
    return rule(node)


# --- logic -----------------------------------------------------------------------------------------


def _and(node: exp.Expr) -> Formula:
    left, right = _compile(node.this), _compile(node.expression)

    def both(r: Readings, i: int) -> Truth:
        a, b = left(r, i), right(r, i)
        if a is False or b is False:
            return False
        return None if a is None or b is None else True

    return both


def _or(node: exp.Expr) -> Formula:
    left, right = _compile(node.this), _compile(node.expression)

    def either(r: Readings, i: int) -> Truth:
        a, b = left(r, i), right(r, i)
        if a is True or b is True:
            return True
        return None if a is None or b is None else False

    return either


def _not(node: exp.Expr) -> Formula:
    inner = _compile(node.this)

    def negated(r: Readings, i: int) -> Truth:
        found = None if r.running else inner(r, i)
        return None if found is None else not found

    return negated


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


_COMPARE: dict[type, Callable[[float, float], bool]] = {
    exp.GT: lambda a, b: a > b and not _close(a, b),
    exp.LT: lambda a, b: a < b and not _close(a, b),
    exp.GTE: lambda a, b: a > b or _close(a, b),
    exp.LTE: lambda a, b: a < b or _close(a, b),
    exp.EQ: _close,
    exp.NEQ: lambda a, b: not _close(a, b),
}
_DOWN, _UP = (exp.LT, exp.LTE), (exp.GT, exp.GTE)


def _comparison(node: exp.Expr) -> Formula:
    left, right, test = _compile(node.this), _compile(node.expression), _COMPARE[type(node)]
    lower, higher = _bare(node.this), _bare(node.expression)
    evidence = _evidence(node)

    def compare(r: Readings, i: int) -> Truth:
        a, b = left(r, i), right(r, i)
        if a is None or b is None:
            return None
        holds = test(a, b)
        if r.running:
            surely = (isinstance(node, _UP) and isinstance(lower, exp.Column) and r.rising(lower.name)
                      and isinstance(higher, exp.Literal))  # fmt: skip
            return True if holds and surely else None
        return holds and evidence(r, i, b)

    return compare


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _evidence(node: exp.Expr) -> Callable[[Readings, int, float], bool]:
    """Whether a comparison that holds for the point estimate of a rate also holds for its bound."""
    subject = _bare(node.this)
    if isinstance(subject, exp.Column) and isinstance(node, (*_DOWN, *_UP)):
        name, upper, test = subject.name, isinstance(node, _DOWN), _COMPARE[type(node)]

        def bound(r: Readings, i: int, limit: float) -> bool:
            counts = r.counts(name, i)
            return counts is None or test(wilson(*counts, upper=upper), limit)

        return bound
    if isinstance(subject, exp.Anonymous) and _name(subject) == "change":
        metric, base = str(_argument(subject, 0)), str(_argument(subject, 1))

        def differing(r: Readings, i: int, _: float) -> bool:
            now, then = r.counts(metric, i), r.base_counts(metric, base, i)
            return now is None or then is None or differs(now, then)

        return differing
    return lambda _r, _i, _limit: True


def _between(node: exp.Expr) -> Formula:
    low = exp.GTE(this=node.this, expression=node.args["low"])
    high = exp.LTE(this=node.this, expression=node.args["high"])
    return _and(exp.And(this=low, expression=high))


def _in(node: exp.Expr) -> Formula:
    subject, choices = _compile(node.this), [_compile(choice) for choice in node.expressions]

    def among(r: Readings, i: int) -> Truth:
        value, found = subject(r, i), [choice(r, i) for choice in choices]
        if value is None or r.running:
            return None
        return any(each is not None and _close(value, each) for each in found)

    return among


def _is(node: exp.Expr) -> Formula:
    subject, what = _compile(node.this), node.expression

    def test(r: Readings, i: int) -> Truth:
        value = subject(r, i)
        return value is None if isinstance(what, exp.Null) else value is what.this

    return test


def _case(node: exp.Expr) -> Formula:
    pairs = [(_compile(branch.this), _compile(branch.args["true"])) for branch in node.args["ifs"]]
    default = node.args.get("default")
    other: Formula = _compile(default) if default is not None else lambda _r, _i: None

    def choose(r: Readings, i: int) -> Any:
        for condition, result in pairs:
            if condition(r, i) is True:
                return result(r, i)
        return other(r, i)

    return choose


# --- numbers ---------------------------------------------------------------------------------------


def _divide(a: float, b: float) -> Number:
    return None if b == 0 else a / b


_ARITHMETIC: dict[type, Callable[[float, float], Number]] = {
    exp.Add: lambda a, b: a + b, exp.Sub: lambda a, b: a - b,
    exp.Mul: lambda a, b: a * b, exp.Div: _divide,
}  # fmt: skip


def _arithmetic(node: exp.Expr) -> Formula:
    left, right, operate = _compile(node.this), _compile(node.expression), _ARITHMETIC[type(node)]

    def result(r: Readings, i: int) -> Number:
        a, b = left(r, i), right(r, i)
        return None if a is None or b is None else operate(a, b)

    return result


def _negative(node: exp.Expr) -> Formula:
    inner = _compile(node.this)

    def result(r: Readings, i: int) -> Number:
        found = inner(r, i)
        return None if found is None else -found

    return result


def _literal(node: exp.Expr) -> Formula:
    if node.is_string:
        raise ExpressionError("a text cannot stand in a condition over metrics")
    number = float(node.name)
    return lambda _r, _i: number


def _change(node: exp.Anonymous) -> Formula:
    metric, base = str(_argument(node, 0)), str(_argument(node, 1))

    def change(r: Readings, i: int) -> Number:
        now, then = r.value(metric, i), r.base(metric, base, i)
        return None if now is None or then is None or then == 0 else (now - then) / abs(then)

    return change


def _deviation(node: exp.Anonymous) -> Formula:
    metric, weeks = str(_argument(node, 0)), int(_argument(node, 1))

    def deviation(r: Readings, i: int) -> Number:
        now, usual = r.value(metric, i), r.spread(metric, weeks, i)
        return None if now is None or usual is None or usual[1] == 0 else (now - usual[0]) / usual[1]

    return deviation


def _lookup(node: exp.Anonymous) -> Formula:
    name, word = _name(node), str(_argument(node, 0))
    if name == "mean":
        count = int(_argument(node, 1))
        return lambda r, i: r.mean(word, count, i)
    if name == "target":
        return lambda r, i: r.target(word, i)
    if name == "age":
        return lambda r, i: r.age(word, i)
    return lambda r, i: r.rejected(word, i)


def _coalesce(found: Sequence[Number]) -> Number:
    return next((each for each in found if each is not None), None)


def _round(x: float, digits: float = 0) -> float:
    scale: float = 10 ** int(digits)
    return math.copysign(math.floor(abs(x) * scale + 0.5) / scale, x)


_VALUES: dict[str, Callable[[Sequence[Any]], Any]] = {
    "abs": lambda v: None if v[0] is None else abs(v[0]),
    "round": lambda v: None if None in v else _round(*v),
    "floor": lambda v: None if v[0] is None else float(math.floor(v[0])),
    "ceil": lambda v: None if v[0] is None else float(math.ceil(v[0])),
    "coalesce": _coalesce,
    "greatest": lambda v: max((each for each in v if each is not None), default=None),
    "least": lambda v: min((each for each in v if each is not None), default=None),
    "nullif": lambda v: None if v[0] is None or (v[1] is not None and _close(v[0], v[1])) else v[0],
    "if": lambda v: v[1] if v[0] is True else (v[2] if len(v) > 2 else None),
}
"""Functions over values; the rest of the language's functions are about texts and times."""


def _call(node: exp.Expr) -> Formula:
    assert isinstance(node, exp.Anonymous)
    name = _name(node)
    if name in _VALUES:
        function, parts = _VALUES[name], [_compile(part) for part in node.expressions]
        return lambda r, i: function([part(r, i) for part in parts])
    if name == "change":
        return _change(node)
    if name == "deviation":
        return _deviation(node)
    if name in ("mean", "target", "age", "rejected_share"):
        return _lookup(node)
    raise ExpressionError(f"{name}() cannot be judged in a rule yet")


def _column(node: exp.Expr) -> Formula:
    name = node.name
    return lambda r, i: r.value(name, i)


_RULES: dict[type, Callable[[exp.Expr], Formula]] = {
    exp.And: _and, exp.Or: _or, exp.Not: _not, exp.Paren: lambda node: _compile(node.this),
    **dict.fromkeys(_COMPARE, _comparison), **dict.fromkeys(_ARITHMETIC, _arithmetic),
    exp.Between: _between, exp.In: _in, exp.Is: _is, exp.Case: _case, exp.Neg: _negative,
    exp.Literal: _literal, exp.Column: _column, exp.Anonymous: _call,
    exp.Null: lambda _: lambda _r, _i: None, exp.Boolean: lambda node: lambda _r, _i: bool(node.this),
}  # fmt: skip


def _expected(tree: exp.Expr) -> Callable[[Readings, int], Number]:
    """Base of the first change, mean or deviation; else the constant of the first comparison."""
    for node in _walk(tree):
        if isinstance(node, exp.Anonymous) and _name(node) == "change":
            metric, base = str(_argument(node, 0)), str(_argument(node, 1))
            return lambda r, i: r.base(metric, base, i)
        if isinstance(node, exp.Anonymous) and _name(node) == "mean":
            return _lookup(node)
        if isinstance(node, exp.Anonymous) and _name(node) == "deviation":
            name, weeks = str(_argument(node, 0)), int(_argument(node, 1))
            return lambda r, i: (r.spread(name, weeks, i) or (None,))[0]
    for node in _walk(tree):
        if type(node) in _COMPARE:
            for side in (node.expression, node.this):
                if not any(isinstance(each, (exp.Column, exp.Anonymous)) for each in _walk(side)):
                    constant = _compile(side)
                    return lambda r, i: constant(r, i)
    return lambda _r, _i: None
