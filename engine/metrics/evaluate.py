"""Measures' values → metrics' values: exact decimals up to the last division; null where nothing divides.

Source: reference formulas M1 (a ratio is Σnum / Σden) and M3 (division by 0 or null is null).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from functools import lru_cache

from engine.expressions import Call, CallRule, Expression, evaluate
from engine.expressions.lowering import lower_checked
from engine.expressions.typed import Node as Term
from engine.metrics.frames import Frame, picked
from engine.metrics.plan import Measure, Node
from engine.metrics.read import Cells, Member

FUNCTIONS: Mapping[str, CallRule] = {
    "total": CallRule("total", None, "the metric over all members of the dimensions"),
    "pace": CallRule("pace", None, "share of the target used ÷ share of the period elapsed"),
}
"""Functions that the expression of a derived metric may call with a metric's name."""

_DIGITS = 60


@dataclass(frozen=True, slots=True)
class Result:
    """A metric's value; `num` and `den` where it is a division."""

    value: Decimal | None
    num: Decimal | None = None
    den: Decimal | None = None


Read = Callable[[int, Member], Result]
"""A metric's value in a slot for a member."""


Pace = Callable[[str, "Read", int, Member], Decimal | None]
"""Share of a metric's target that is used ÷ share that is due, read in a slot for a member."""


@dataclass(frozen=True, slots=True)
class Framed:
    """What a frame has read: the slots of its days, and by slot of the question the numbers of its days.

    `facts`: the days on which a measure has facts at all, for frames that ask for it.
    """

    board: Board
    points: tuple[tuple[int, ...], ...]
    facts: Mapping[Measure, Cells]


@dataclass(frozen=True, slots=True)
class Board:
    """What has been read: values by measure, the same without dimensions, days of frames, and how pace is
    found."""

    cells: Mapping[Measure, Cells]
    totals: Mapping[Measure, Cells]
    pace: Pace
    framed: Mapping[Frame, Framed] = field(default_factory=dict)

    def reader(self, node: Node) -> Read:
        """How a metric is read; call it inside `precise`."""
        return self._reader(node, whole=False)

    def members(self, node: Node) -> frozenset[Member]:
        """Members with facts in any slot, in any measure below a metric."""
        if node.measure is not None:
            return frozenset(member for _, member in self.cells.get(node.measure, {}))
        if node.frame is not None and node.base is not None:
            return self.framed[node.frame].board.members(node.base)
        return frozenset[Member]().union(*(self.members(child) for child in node.children))

    def _reader(self, node: Node, whole: bool) -> Read:
        if node.measure is not None:
            cells = self.totals if whole else self.cells
            return _stored(cells.get(node.measure, {}), Decimal(0) if node.measure.zero else None)
        if node.num is not None and node.den is not None:
            return _ratio(self._reader(node.num, whole), self._reader(node.den, whole))
        if node.base is not None and node.frame is not None:
            return _framed(self.framed[node.frame], node.base, node.frame, whole)
        return self._derived(node, whole)

    def _derived(self, node: Node, whole: bool) -> Read:
        parts = {name: self._reader(part, whole) for name, part in node.parts}
        all_members = {name: self._reader(part, True) for name, part in node.parts}
        expression, pace = node.metric.expr, self.pace
        assert expression is not None

        def read(slot: int, member: Member) -> Result:
            def call(function: str, part: str) -> Decimal | None:
                if function == "total":
                    return all_members[part](slot, ()).value
                return pace(part, parts[part], slot, member)

            return _expression(expression, lambda part: parts[part](slot, member).value, call)

        return read


def _framed(framed: Framed, base: Node, frame: Frame, whole: bool) -> Read:
    """A metric over the days of a frame; a single day keeps what it divides."""
    below = framed.board._reader(base, whole)

    def has(point: int) -> bool:
        found = (framed.facts.get(measure, {}).get((point, ())) for measure in base.measures)
        return any(each is not None and each[0] is not None for each in found)

    none = Decimal(0) if frame.by_facts and base.measure is not None and base.measure.zero else None

    def read(slot: int, member: Member) -> Result:
        points = framed.points[slot]
        if len(points) == 1 and not frame.by_facts:
            return below(points[0], member)
        value = picked(frame, points, lambda point: below(point, member).value, has)
        return Result(none if value is None else value)

    return read


def precise() -> AbstractContextManager[Context]:
    """Arithmetic with enough digits that only the last division rounds."""
    return localcontext(Context(prec=_DIGITS))


def _stored(cells: Cells, gap: Decimal | None) -> Read:
    missing = Result(gap)

    def read(slot: int, member: Member) -> Result:
        found = cells.get((slot, member))
        return missing if found is None or found[0] is None else Result(found[0])

    return read


def _ratio(num: Read, den: Read) -> Read:
    def read(slot: int, member: Member) -> Result:
        over, under = num(slot, member).value, den(slot, member).value
        return Result(_divide(over, under), over, under)

    return read


@lru_cache(maxsize=512)
def lowered(expression: Expression) -> Term:
    """The typed form of a derived metric's expression, its names as numbers."""
    return lower_checked(expression, dict.fromkeys(expression.columns, "number"), "number", FUNCTIONS, True)


def called(node: Node, function: str) -> bool:
    """Whether a derived metric, or one below it, calls a function."""
    expression = node.metric.expr if node.metric.kind == "derived" else None
    if expression is not None and any(name == function for name, _ in expression.calls):
        return True
    return any(called(child, function) for child in node.children)


Name = Callable[[str], Decimal | None]
Lookup = Callable[[str, str], Decimal | None]


def _expression(expression: Expression, name: Name, call: Lookup) -> Result:
    root = lowered(expression)
    if not _is_exact(root):
        return Result(_loosely(expression, name, call))
    if root.op != "div":
        return Result(_term(root, name, call))
    num, den = _term(root.args[0], name, call), _term(root.args[1], name, call)
    return Result(_divide(num, den), num, den)


@lru_cache(maxsize=512)
def _is_exact(term: Term) -> bool:
    """Whether a term is made of what decimals can do: no conditions and none of the rarer functions."""
    if term.op in ("literal", "name") or (term.op == "call" and isinstance(term.value, Call)):
        return True
    return (term.op in _EXACT or term.op in _LENIENT) and all(map(_is_exact, term.args))


def _loosely(expression: Expression, name: Name, call: Lookup) -> Decimal | None:
    """Conditions and the rarer functions, in doubles."""
    functions = {each: (lambda part, each=each: call(each, str(part))) for each in FUNCTIONS}
    value = evaluate(expression, {each: name(each) for each in expression.columns}, functions, want="number")
    if value is None or isinstance(value, str):
        return None
    return Decimal(str(float(value)))


def _divide(num: Decimal | None, den: Decimal | None) -> Decimal | None:
    return None if num is None or not den else num / den


def _term(term: Term, name: Name, call: Lookup) -> Decimal | None:
    if term.op == "literal":
        return term.value if isinstance(term.value, Decimal) else None
    if term.op == "name":
        return name(str(term.value))
    if term.op == "call" and isinstance(term.value, Call):
        return call(term.value.name, str(term.value.args[0]))
    args = [_term(part, name, call) for part in term.args]
    if term.op in _LENIENT:
        return _LENIENT[term.op](args)
    given = [arg for arg in args if arg is not None]
    return _EXACT[term.op](given) if len(given) == len(args) else None


_EXACT: Mapping[str, Callable[[list[Decimal]], Decimal | None]] = {
    "neg": lambda a: -a[0],
    "add": lambda a: a[0] + a[1],
    "sub": lambda a: a[0] - a[1],
    "mul": lambda a: a[0] * a[1],
    "div": lambda a: _divide(a[0], a[1]),
    "abs": lambda a: abs(a[0]),
    "to_double": lambda a: a[0],
    "to_number": lambda a: a[0],
}
_LENIENT: Mapping[str, Callable[[list[Decimal | None]], Decimal | None]] = {
    "coalesce": lambda a: next((each for each in a if each is not None), None),
    "nullif": lambda a: None if a[0] == a[1] else a[0],
    "greatest": lambda a: max((each for each in a if each is not None), default=None),
    "least": lambda a: min((each for each in a if each is not None), default=None),
}


def change(value: Decimal | None, base: Decimal | None) -> Decimal | None:
    """Relative change; None without a base or where it is 0. A base below 0 keeps the direction."""
    if value is None or not base:
        return None
    return (value - base) / abs(base)
