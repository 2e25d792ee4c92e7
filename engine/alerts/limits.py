"""Where a condition turns: the value beyond which one of its comparisons holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.alerts.calls import Number, Readings
from engine.expressions.scalar import Asked
from engine.expressions.typed import Node

_STRAIGHT = 1e-6
"""How far three points may lie off a straight line, as a share of their size."""


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
    start = readings.value(metric, i) or 1.0
    step = max(abs(start), 1e-9)
    a, b, c = (gap((_Supposed(readings, metric, i, start + n * step), i)) for n in range(3))
    if a is None or b is None or c is None:
        return None
    slope = (b - a) / step
    if slope == 0 or abs(c - 2 * b + a) > _STRAIGHT * max(abs(a), abs(b), abs(c)):
        return None
    return start - a / slope, slope > 0


class _Supposed:
    """Readings in which the judged value is another one."""

    def __init__(self, readings: Readings, metric: str, i: int, value: float) -> None:
        self._readings, self._at, self._value = readings, (metric, i), value

    def value(self, metric: str, i: int) -> Number:
        return self._value if (metric, i) == self._at else self._readings.value(metric, i)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._readings, name)
