"""Expression → Polars expression, with the meaning of `to_sql`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING

from engine.errors import ExpressionError
from engine.expressions.lowering import lower_checked
from engine.expressions.model import Expression
from engine.expressions.sql import FALSE_WORDS, TRUE_WORDS
from engine.expressions.typed import NUMERIC, Node
from engine.expressions.web import decoded
from engine.schema import Kind

if TYPE_CHECKING:
    import polars as pl

    NumberParser = Callable[[pl.Expr], pl.Expr]

_TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PolarsColumn:
    """What a name is in a frame: an expression and the kind of its values (raw file columns: text)."""

    expr: pl.Expr
    kind: Kind


def to_polars(
    expression: Expression,
    columns: Mapping[str, PolarsColumn],
    *,
    want: Kind | None = None,
    number: NumberParser | None = None,
) -> pl.Expr:
    """The Polars expression of an expression.

    In:  `columns` by name; `number` reads text as a number (null where it is none), by default a cast.
    Out: numbers are Float64 unless `number` gives something else.
    Raises: ExpressionError where a name is not in `columns` or a construct has no meaning for its kinds.
    """
    names = {name: column.kind for name, column in columns.items()}
    node = lower_checked(expression, names, want)
    return _Frames(columns, number or _number).build(node)


def _number(text: pl.Expr) -> pl.Expr:
    import polars as pl

    value = text.str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def _pattern(like: str) -> str:
    """A `like` pattern as a regular expression."""
    special = {"%": ".*", "_": "."}
    parts = [special.get(c) or (f"\\{c}" if c in r".+*?()|[]{}^$#&-~" + "\\" else c) for c in like]
    return f"(?s)^{''.join(parts)}$"


class _Frames:
    def __init__(self, columns: Mapping[str, PolarsColumn], number: NumberParser) -> None:
        self.columns, self.number = columns, number

    def build(self, node: Node) -> pl.Expr:
        import polars as pl

        if node.op == "literal":
            return self.literal(node)
        if node.op == "name":
            column = self.columns[str(node.value)]
            return column.expr.cast(pl.Float64, strict=False) if column.kind in NUMERIC else column.expr
        if node.op == "in":
            return self.member(node)
        if node.op == "like":
            return self.build(node.args[0]).str.contains(_pattern(str(node.args[1].value)))
        if node.op in ("substr", "replace", "round", "date_part", "extract", "matches"):
            return self.with_literals(node)
        args = [self.build(part) for part in node.args]
        if node.op in _OPERATORS:
            return _OPERATORS[node.op](args)
        return self.special(node, args)

    def literal(self, node: Node) -> pl.Expr:
        import polars as pl

        value = node.value
        if value is None:
            return pl.lit(None, dtype=_DTYPES[node.kind]() if node.kind in _DTYPES else None)
        if isinstance(value, Decimal):
            return pl.lit(float(value), dtype=pl.Float64)
        if isinstance(value, datetime):
            return pl.lit(value, dtype=pl.Datetime("us"))
        return pl.lit(value)

    def member(self, node: Node) -> pl.Expr:
        import polars as pl

        value, items = self.build(node.args[0]), node.args[1:]
        plain = [item for item in items if item.op == "literal" and item.value is not None]
        tests = [value == self.build(item) for item in items if item not in plain and item.op != "literal"]
        if plain:
            found = [float(item.value) if isinstance(item.value, Decimal) else item.value for item in plain]
            tests.append(value.is_in(found))
        if any(item.op == "literal" and item.value is None for item in items):
            tests.append(pl.lit(None, dtype=pl.Boolean))
        return reduce(lambda a, b: a | b, tests)

    def with_literals(self, node: Node) -> pl.Expr:
        """Functions of which some arguments are written out."""
        import polars as pl

        values = [part.value for part in node.args]
        whole = [int(value) if isinstance(value, Decimal) else 0 for value in values]
        if node.op == "date_part":
            return _part(str(values[0]), self.build(node.args[1]))
        text = self.build(node.args[0])
        if node.op == "round":
            return text.round(whole[1] if len(whole) > 1 else 0, mode="half_away_from_zero")
        if node.op == "matches":
            return text.str.contains(str(values[1]))
        if node.op == "extract":
            found = text.str.extract(str(values[1]), 1)
            return pl.when(found != "").then(found)
        if node.op == "replace":
            old, new = str(values[1]), str(values[2])
            return text.str.replace_all(old, new, literal=True) if old else text
        length = whole[2] if len(whole) > 2 else None
        if whole[1] == 0 and length is not None:
            length = max(0, length - 1)
        return text.str.slice(max(0, whole[1] - 1), length)

    def special(self, node: Node, args: list[pl.Expr]) -> pl.Expr:
        import polars as pl

        first = node.args[0].kind if node.args else None
        if node.op == "case":
            chosen = args[-1]
            for condition, result in reversed(list(zip(args[0:-1:2], args[1:-1:2], strict=True))):
                chosen = pl.when(condition).then(result).otherwise(chosen)
            return chosen
        if node.op == "to_number":
            return args[0].cast(pl.Float64, strict=False) if first == "boolean" else self.number(args[0])
        if node.op == "to_time":
            return _time(args[0]) if first == "text" else args[0].cast(pl.Datetime("us"))
        if node.op == "contains":
            return (
                args[0].list.contains(args[1])
                if first == "list"
                else args[0].str.contains(args[1], literal=True)
            )
        raise ExpressionError(f"{node.op}() cannot stand here")


def _time(text: pl.Expr) -> pl.Expr:
    import polars as pl

    clean = text.str.strip_chars()
    tries = [clean.str.to_datetime(each, time_unit="us", strict=False) for each in _TIME_FORMATS]
    return pl.coalesce(tries)


def _boolean(text: pl.Expr) -> pl.Expr:
    import polars as pl

    word = text.str.strip_chars(" ").str.to_lowercase()
    return pl.when(word.is_in(TRUE_WORDS)).then(True).when(word.is_in(FALSE_WORDS)).then(False)


def _divide(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    import polars as pl

    return pl.when(b != 0).then(a / b)


def _nullif(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    import polars as pl

    return pl.when((a == b).fill_null(False)).then(None).otherwise(a)


def _part(part: str, when: pl.Expr) -> pl.Expr:
    import polars as pl

    value: pl.Expr = getattr(when.cast(pl.Datetime("us")).dt, part)()
    return value.cast(pl.Float64)


def _concat(args: list[pl.Expr]) -> pl.Expr:
    import polars as pl

    return pl.concat_str(args, ignore_nulls=True)


def _function(name: str) -> Callable[[list[pl.Expr]], pl.Expr]:
    def apply(args: list[pl.Expr]) -> pl.Expr:
        import polars as pl

        result: pl.Expr = getattr(pl, name)(*args)
        return result

    return apply


def _dtype(name: str) -> Callable[[], pl.DataType]:
    def make() -> pl.DataType:
        import polars as pl

        result: pl.DataType = getattr(pl, name)()
        return result

    return make


def _decode(value: pl.Expr) -> pl.Expr:
    import polars as pl

    return value.map_batches(_decoded, return_dtype=pl.String)


def _decoded(values: pl.Series) -> pl.Series:
    """Each different value once: most are plain."""
    import polars as pl

    coded = values.filter(values.str.contains("[%+]").fill_null(False)).unique()
    known = {text: decoded(text) for text in coded}
    return values.replace(list(known), list(known.values())) if known else values.cast(pl.String)


def _float(value: pl.Expr) -> pl.Expr:
    import polars as pl

    return value.cast(pl.Float64, strict=False)


_DTYPES: dict[Kind | None, Callable[[], pl.DataType]] = {
    "number": _dtype("Float64"), "money": _dtype("Float64"), "count": _dtype("Float64"),
    "boolean": _dtype("Boolean"), "text": _dtype("String"), "time": _dtype("Datetime"),
    "date": _dtype("Date"),
}  # fmt: skip
_OPERATORS: dict[str, Callable[[list[pl.Expr]], pl.Expr]] = {
    "and": lambda a: reduce(lambda x, y: x & y, a),
    "or": lambda a: reduce(lambda x, y: x | y, a),
    "not": lambda a: a[0].not_(),
    "eq": lambda a: a[0] == a[1],
    "ne": lambda a: a[0] != a[1],
    "lt": lambda a: a[0] < a[1],
    "le": lambda a: a[0] <= a[1],
    "gt": lambda a: a[0] > a[1],
    "ge": lambda a: a[0] >= a[1],
    "add": lambda a: a[0] + a[1],
    "sub": lambda a: a[0] - a[1],
    "mul": lambda a: a[0] * a[1],
    "div": lambda a: _divide(a[0], a[1]),
    "neg": lambda a: -a[0],
    "is_null": lambda a: a[0].is_null(),
    "is_true": lambda a: a[0].fill_null(False),
    "is_false": lambda a: a[0].not_().fill_null(False),
    "to_double": lambda a: _float(a[0]),
    "to_boolean": lambda a: _boolean(a[0]),
    "lower": lambda a: a[0].str.to_lowercase(),
    "upper": lambda a: a[0].str.to_uppercase(),
    "trim": lambda a: a[0].str.strip_chars(" "),
    "length": lambda a: _float(a[0].str.len_chars()),
    "starts_with": lambda a: a[0].str.starts_with(a[1]),
    "ends_with": lambda a: a[0].str.ends_with(a[1]),
    "concat": _concat,
    "coalesce": _function("coalesce"),
    "greatest": _function("max_horizontal"),
    "least": _function("min_horizontal"),
    "nullif": lambda a: _nullif(a[0], a[1]),
    "abs": lambda a: a[0].abs(),
    "floor": lambda a: a[0].floor(),
    "ceil": lambda a: a[0].ceil(),
    "date": lambda a: a[0].dt.date(),
    "decode": lambda a: _decode(a[0]),
}
