"""Where a condition turns: the value beyond which one of its comparisons holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.alerts.judging.calls import Number, Readings
from engine.expressions import Call
from engine.expressions.scalar import Asked
from engine.expressions.typed import Node

_STRAIGHT = 1e-6
"""How far the sides may be apart where a straight line says that they are equal, as a share of their size."""


def gaps(compared: Sequence[Node], asked: Callable[[Node], Asked]) -> tuple[Asked, ...]:
    """By how much comparisons with a direction hold: the larger side less the smaller; |x| > c is two."""
    return tuple(
        asked(Node("sub", (large, small), "number"))
        for part in compared
        if part.op in ("lt", "le", "gt", "ge")
        for large, small in _sides(part)
    )


def _sides(part: Node) -> Iterator[tuple[Node, Node]]:
    large, small = part.args if part.op in ("gt", "ge") else reversed(part.args)
    inner = large
    while inner.op == "to_double":
        inner = inner.args[0]
    if inner.op == "abs":
        yield inner.args[0], small
        yield Node("neg", inner.args, "number"), small
    else:
        yield large, small


def limits(found: Sequence[Asked], metric: str, readings: Readings, i: int) -> tuple[Number, Number]:
    """The nearest values below and above which a comparison holds, all else as it is.

    Only where the value stands in it as it is: a change and a quotient by a mean do, a logarithm does not.
    """
    lows: list[float] = []
    highs: list[float] = []
    for gap in found:
        point = _root(gap, metric, readings, i)
        if point is not None:
            (highs if point[1] else lows).append(point[0])
    return max(lows, default=None), min(highs, default=None)


def _root(gap: Asked, metric: str, readings: Readings, i: int) -> tuple[float, bool] | None:
    """(value at which the sides are equal, whether the comparison holds above it)."""
    at_none, at_one = (gap((_Supposed(readings, metric, i, value), i)) for value in (0.0, 1.0))
    if at_none is None or at_one is None or at_one == at_none:
        return None
    root = -at_none / (at_one - at_none)
    rest = gap((_Supposed(readings, metric, i, root), i))
    straight = rest is not None and abs(rest) <= _STRAIGHT * max(1.0, abs(at_none))
    return (root, at_one > at_none) if straight else None


class _Supposed:
    """Readings in which the judged value is another one."""

    def __init__(self, readings: Readings, metric: str, i: int, value: float) -> None:
        self._readings, self._at, self._value = readings, (metric, i), value

    def value(self, metric: str, i: int) -> Number:
        return self._value if (metric, i) == self._at else self._readings.value(metric, i)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._readings, name)


def allowance(
    compared: Sequence[Node], name: str, asked: Callable[[Node], Asked]
) -> tuple[float | None, int]:
    """The constant that calls of a name are first compared with, and on how many sides they are: 0, 1, 2."""
    constant: float | None = None
    ways: set[bool] = set()
    for part in compared:
        for large, small in _sides(part) if part.op in ("lt", "le", "gt", "ge") else ():
            for side, other, above in ((large, small, True), (small, large, False)):
                if is_constant(other) and (calls := [each for each in walk(side) if _calls(each, name)]):
                    found = asked(other)(None)
                    constant = abs(float(found)) if constant is None and found is not None else constant
                    ways.add(above != _negated(side, calls[0]))
    return constant, len(ways)


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in order of the text."""
    yield node
    for part in node.args:
        yield from walk(part)


def is_constant(node: Node) -> bool:
    """Whether nothing is looked up in it."""
    return all(part.op not in ("name", "call") for part in walk(node))


def _calls(node: Node, name: str) -> bool:
    return isinstance(node.value, Call) and node.value.name == name


def _negated(side: Node, call: Node) -> bool:
    return any(part.op == "neg" and call in list(walk(part)) for part in walk(side))
