"""Expression → a value in plain Python: three-valued, for alert conditions and as an oracle."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from engine.errors import ExpressionError
from engine.expressions.functions import CallRule
from engine.expressions.lowering import lower_checked
from engine.expressions.model import Call, Expression
from engine.expressions.sql import FALSE_WORDS, TRUE_WORDS
from engine.expressions.typed import Node, moment, number_of
from engine.expressions.web import decoded
from engine.schema import Kind

TOLERANCE = 1e-9
"""A difference up to this, absolute and relative, is none: exactly 30 % does not exceed 30 %."""

_KINDS: tuple[tuple[type, Kind], ...] = (
    (bool, "boolean"), (str, "text"), (int, "number"), (float, "number"), (Decimal, "number"),
    (datetime, "time"), (date, "date"), (list, "list"), (tuple, "list"),
)  # fmt: skip


def evaluate(
    expression: Expression,
    names: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]] | None = None,
    *,
    tolerance: float = TOLERANCE,
    want: Kind | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> Any:
    """The value of an expression; None where it is unknown.

    In:  values by name (None: unknown); `functions` by name, called with the arguments of the `Call`
         (names as text, numbers as floats); `kinds` where the values' own types do not say enough.
    Out: a boolean, float, text, time or None. Logic is Kleene's: false and unknown is false.
    Raises: ExpressionError where a name or function is not there.
    """
    given = tuple((name, (kinds or {}).get(name) or _kind(names[name])) for name in sorted(names))
    asked = _lowered(expression, given, tuple(sorted(functions or ())), want, tolerance)
    return asked((names, functions or {}))


Asked = Callable[[Any], Any]
"""What an expression gives for one environment: whatever its names and calls are looked up in."""


@lru_cache(maxsize=2048)
def _lowered(
    expression: Expression,
    kinds: tuple[tuple[str, Kind | None], ...],
    functions: tuple[str, ...],
    want: Kind | None,
    tolerance: float,
) -> Asked:
    lookups = {name: CallRule(name, None, "") for name in functions}
    node = lower_checked(expression, dict(kinds), want, lookups)
    return compiled(
        node, lambda env, name: env[0][name], lambda env, call: env[1][call.name](*call.args), tolerance
    )


def compiled(
    node: Node,
    name: Callable[[Any, str], Any],
    call: Callable[[Any, Call], Any],
    tolerance: float = TOLERANCE,
) -> Asked:
    """A typed form as one function of its environment, for conditions that are judged many times.

    In:  how the value of a name, and of a call, is looked up in an environment.
    """
    return _Compiler(name, call, tolerance).of(node)


def _kind(value: object) -> Kind | None:
    return next((kind for kind_type, kind in _KINDS if isinstance(value, kind_type)), None)


def _clean(value: Any) -> Any:
    """Numbers as finite floats; NaN and infinity are unknown."""
    if type(value) is float:
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


class _Compiler:
    def __init__(
        self, name: Callable[[Any, str], Any], call: Callable[[Any, Call], Any], tolerance: float
    ) -> None:
        self.name, self.call, self.tolerance = name, call, tolerance

    def of(self, node: Node) -> Asked:
        op, value = node.op, node.value
        if op == "literal":
            constant = _clean(value)
            return lambda env: constant
        if op == "name":
            name, named = self.name, str(value)
            return lambda env: _clean(name(env, named))
        if op == "call" and isinstance(value, Call):
            call, asked = self.call, value
            return lambda env: _clean(call(env, asked))
        args = [self.of(part) for part in node.args]
        if op in _FIXED and all(part.op == "literal" for part in node.args):
            fixed = _operation(op, args)(None)
            return lambda env: fixed
        if op in ("and", "or"):
            return _joined(args, op == "or")
        if op == "case":
            return _case(args)
        if op in _COMPARISONS:
            return self.compare(_COMPARISONS[op], *args)
        if op == "in":
            return _joined([self.compare(_COMPARISONS["eq"], args[0], item) for item in args[1:]], True)
        if op == "nullif":
            equal = self.compare(_COMPARISONS["eq"], *args)
            return lambda env: None if equal(env) is True else args[0](env)
        return _operation(op, args)

    def compare(self, holds: Callable[[int], bool], left: Asked, right: Asked) -> Asked:
        tolerance = self.tolerance

        def compared(env: Any) -> bool | None:
            a, b = left(env), right(env)
            if a is None or b is None:
                return None
            if isinstance(a, float) and isinstance(b, float):
                near = abs(a - b) <= tolerance * max(1.0, abs(a), abs(b))
                return holds(0 if near else (a > b) - (a < b))
            a, b = _comparable(a), _comparable(b)
            return holds((a > b) - (a < b))

        return compared


def _case(args: list[Asked]) -> Asked:
    pairs, other = list(zip(args[0:-1:2], args[1:-1:2], strict=True)), args[-1]

    def chosen(env: Any) -> Any:
        return next((result for condition, result in pairs if condition(env) is True), other)(env)

    return chosen


def _operation(op: str, args: list[Asked]) -> Asked:
    if op in _LENIENT:
        lenient = _LENIENT[op]
        return lambda env: lenient([arg(env) for arg in args])
    strict = _STRICT.get(op)

    def known(env: Any) -> Any:
        values = [arg(env) for arg in args]
        if any(value is None for value in values):
            return None
        if strict is None:
            raise ExpressionError(f"{op}() cannot stand here")
        return _clean(strict(values))

    return known


def _comparable(value: Any) -> Any:
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    return datetime.combine(value, time()) if is_day else value


def _joined(args: list[Asked], decisive: bool) -> Asked:
    """Kleene's and, or: the first part that decides is the last that is asked."""

    def joined(env: Any) -> bool | None:
        found: bool | None = not decisive
        for arg in args:
            value = arg(env)
            if value == decisive:
                return decisive
            found = None if value is None else found
        return found

    return joined


def _number(value: Any) -> float | None:
    found = number_of(value) if isinstance(value, str) else value
    return None if found is None else float(found)


def _boolean(value: Any) -> bool | None:
    if not isinstance(value, str):
        return bool(value)
    word = value.strip(" ").lower()
    return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None


def _like(args: list[Any]) -> bool:
    special = {"%": ".*", "_": "."}
    pattern = "".join(special.get(c) or re.escape(c) for c in args[1])
    return re.fullmatch(pattern, args[0], re.DOTALL) is not None


def _found(text: str, pattern: str) -> re.Match[str] | None:
    """As in RE2 and Rust, the end is the end and not the place before a last newline."""
    return re.search(re.sub(r"(?<!\\)\$", r"\\Z", pattern), text)


def _extract(args: list[Any]) -> str | None:
    found = _found(args[0], args[1])
    return found[1] or None if found else None


def _round(args: list[Any]) -> float:
    places = int(args[1]) if len(args) > 1 else 0
    try:
        return float(Decimal(repr(args[0])).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
    except InvalidOperation:
        return float(args[0])


def _substr(args: list[Any]) -> str:
    start, text = int(args[1]), str(args[0])
    end = start + int(args[2]) if len(args) > 2 else len(text) + 1
    return text[max(0, start - 1) : max(0, end - 1)]


def _date_part(args: list[Any]) -> float:
    part, when = args[0], _comparable(args[1])
    week, weekday = when.isocalendar().week, when.isoweekday()
    special = {"quarter": (when.month + 2) // 3, "week": week, "weekday": weekday}
    return float(special[part] if part in special else getattr(when, part))


def _present(args: list[Any]) -> list[Any]:
    return [arg for arg in args if arg is not None]


_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "eq": lambda order: order == 0,
    "ne": lambda order: order != 0,
    "lt": lambda order: order < 0,
    "le": lambda order: order <= 0,
    "gt": lambda order: order > 0,
    "ge": lambda order: order >= 0,
}
_FIXED = frozenset(("neg", "add", "sub", "mul", "div", "to_double"))
"""Operations of constants that are a constant."""
_LENIENT: dict[str, Callable[[list[Any]], Any]] = {
    "is_null": lambda a: a[0] is None,
    "is_true": lambda a: a[0] is True,
    "is_false": lambda a: a[0] is False,
    "coalesce": lambda a: next(iter(_present(a)), None),
    "greatest": lambda a: max(_present(a), default=None),
    "least": lambda a: min(_present(a), default=None),
    "concat": lambda a: "".join(_present(a)),
}
_STRICT: dict[str, Callable[[list[Any]], Any]] = {
    "not": lambda a: not a[0],
    "add": lambda a: a[0] + a[1],
    "sub": lambda a: a[0] - a[1],
    "mul": lambda a: a[0] * a[1],
    "div": lambda a: a[0] / a[1] if a[1] else None,
    "neg": lambda a: -a[0],
    "like": _like,
    "to_number": lambda a: _number(a[0]),
    "to_double": lambda a: float(a[0]),
    "to_boolean": lambda a: _boolean(a[0]),
    "to_time": lambda a: moment(a[0]) if isinstance(a[0], str) else _comparable(a[0]),
    "lower": lambda a: a[0].lower(),
    "upper": lambda a: a[0].upper(),
    "trim": lambda a: a[0].strip(" "),
    "length": lambda a: float(len(a[0])),
    "contains": lambda a: a[1] in a[0],
    "starts_with": lambda a: a[0].startswith(a[1]),
    "ends_with": lambda a: a[0].endswith(a[1]),
    "substr": _substr,
    "replace": lambda a: a[0].replace(a[1], a[2]) if a[1] else a[0],
    "abs": lambda a: abs(a[0]),
    "round": _round,
    "floor": lambda a: float(math.floor(a[0])),
    "ceil": lambda a: float(math.ceil(a[0])),
    "date": lambda a: _comparable(a[0]).date(),
    "date_part": _date_part,
    "extract": _extract,
    "matches": lambda a: _found(a[0], a[1]) is not None,
    "decode": lambda a: decoded(a[0]),
}
