"""Expression → DuckDB SQL, built as a syntax tree and written by sqlglot's generator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

import sqlglot
from sqlglot import exp

from engine.errors import ExpressionError
from engine.expressions.lowering import lower_checked
from engine.expressions.model import Expression
from engine.expressions.typed import Node
from engine.schema import Kind

TRUE_WORDS = ("true", "t", "yes", "y", "1")
FALSE_WORDS = ("false", "f", "no", "n", "0")

_BINARY: dict[str, type[exp.Binary]] = {
    "eq": exp.EQ, "ne": exp.NEQ, "lt": exp.LT, "le": exp.LTE, "gt": exp.GT, "ge": exp.GTE,
    "add": exp.Add, "sub": exp.Sub, "mul": exp.Mul, "like": exp.Like,
}  # fmt: skip
_UNARY: dict[str, type[exp.Func]] = {
    "lower": exp.Lower, "upper": exp.Upper, "trim": exp.Trim, "length": exp.Length,
    "abs": exp.Abs, "floor": exp.Floor, "ceil": exp.Ceil,
}  # fmt: skip
_LARGEST = "1.7976931348623157e308"
_ATOMS = (exp.Column, exp.Literal, exp.Func, exp.Paren, exp.Null, exp.Boolean)
Builder = Callable[[Node, list[exp.Expr]], exp.Expr]


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """What a name is in a query: `sql` a reference that is already quoted (`e."value"`), and its kind."""

    sql: str
    kind: Kind


def to_sql(
    expression: Expression,
    columns: Mapping[str, SqlColumn],
    *,
    want: Kind | None = None,
    dialect: str = "duckdb",
) -> str:
    """The SQL text of an expression, safe to stand inside a larger expression.

    In:  `columns` by name; `want` "boolean" reads a text result as a condition, "number" as a number.
    Out: three-valued logic; a/b is a double, null where b is 0; sums, differences and products of
         exact numbers stay exact while they fit 38 digits; text that is no number is null as one.
    Raises: ExpressionError where a name is not in `columns` or a construct has no meaning for its kinds.
    """
    names = {name: column.kind for name, column in columns.items()}
    tree = _build(lower_checked(expression, names, want), columns)
    return _wrap(tree).sql(dialect=dialect)


@lru_cache(maxsize=4096)
def _reference(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, read="duckdb")


def _wrap(tree: exp.Expr) -> exp.Expr:
    return tree if isinstance(tree, _ATOMS) and not isinstance(tree, exp.Connector) else exp.Paren(this=tree)


def _build(node: Node, columns: Mapping[str, SqlColumn]) -> exp.Expr:
    op = node.op
    if op == "literal":
        return _literal(node)
    if op == "name":
        return _wrap(_reference(columns[str(node.value)].sql).copy())
    if op == "call":
        raise ExpressionError("a function of alert conditions cannot stand here")
    args = [_wrap(_build(part, columns)) for part in node.args]
    if op in ("and", "or"):
        return exp.and_(*args) if op == "and" else exp.or_(*args)
    if op in _BINARY:
        return _BINARY[op](this=args[0], expression=args[1])
    if op in _UNARY:
        return _UNARY[op](this=args[0])
    if op in _SPECIAL:
        return _SPECIAL[op](node, args)
    raise ExpressionError(f"{op} is not part of the language")


def _literal(node: Node) -> exp.Expr:
    value = node.value
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, Decimal):
        number = exp.Literal.number(_plain(abs(value)))
        return exp.Paren(this=exp.Neg(this=number)) if value < 0 else number
    if isinstance(value, datetime):
        return exp.cast(exp.Literal.string(value.isoformat(" ")), "TIMESTAMP")
    return exp.Literal.string(str(value))


def _plain(value: Decimal) -> str:
    return format(value, "f") if -18 <= value.adjusted() <= 18 else repr(float(value))


def _case(conditions: list[exp.Expr], results: list[exp.Expr], other: exp.Expr | None = None) -> exp.Case:
    branches = [exp.If(this=c, true=r) for c, r in zip(conditions, results, strict=True)]
    return exp.Case(ifs=branches, default=other)


def _to_number(node: Node, args: list[exp.Expr]) -> exp.Expr:
    if node.args[0].kind == "boolean":
        truth = args[0]
        return _case([truth, exp.Not(this=truth.copy())], [exp.Literal.number(1), exp.Literal.number(0)])
    cast = exp.TryCast(this=args[0], to=exp.DataType.build("DOUBLE"))
    finite = exp.LTE(this=exp.Abs(this=cast), expression=exp.Literal.number(_LARGEST))
    return _case([finite], [cast.copy()])


def _to_boolean(_: Node, args: list[exp.Expr]) -> exp.Expr:
    word = exp.Lower(this=exp.Trim(this=args[0]))
    tests: list[exp.Expr] = [
        exp.In(this=word.copy(), expressions=[exp.Literal.string(each) for each in words])
        for words in (TRUE_WORDS, FALSE_WORDS)
    ]
    return _case(tests, [exp.Boolean(this=True), exp.Boolean(this=False)])


def _to_moment(node: Node, args: list[exp.Expr]) -> exp.Expr:
    if node.args[0].kind == "text":
        return exp.TryCast(this=args[0], to=exp.DataType.build("TIMESTAMP"))
    return exp.cast(args[0], "TIMESTAMP")


def _divide(_: Node, args: list[exp.Expr]) -> exp.Expr:
    safe = exp.Nullif(this=args[1], expression=exp.Literal.number(0))
    return exp.Div(this=args[0], expression=safe)


def _contains(node: Node, args: list[exp.Expr]) -> exp.Expr:
    if node.args[0].kind == "list":
        return exp.ArrayContains(this=args[0], expression=args[1])
    return exp.Contains(this=args[0], expression=args[1])


def _concat(_: Node, args: list[exp.Expr]) -> exp.Expr:
    parts = [exp.Coalesce(this=arg, expressions=[exp.Literal.string("")]) for arg in args]
    joined: exp.Expr = parts[0]
    for part in parts[1:]:
        joined = exp.DPipe(this=joined, expression=part)
    return joined


def _date_part(node: Node, args: list[exp.Expr]) -> exp.Expr:
    part = str(node.args[0].value)
    if part != "weekday":
        return exp.Extract(this=exp.Var(this=part.upper()), expression=args[1])
    monday = exp.cast(exp.Literal.string("2024-01-01"), "DATE")
    since = exp.DateDiff(this=exp.cast(args[1], "DATE"), expression=monday, unit=exp.Var(this="DAY"))
    seven = exp.Literal.number(7)
    rest = exp.Mod(
        this=exp.Paren(this=exp.Add(this=exp.Mod(this=since, expression=seven), expression=seven)),
        expression=seven,
    )
    return exp.Add(this=exp.Paren(this=rest), expression=exp.Literal.number(1))


def _extract(_: Node, args: list[exp.Expr]) -> exp.Expr:
    found = exp.Anonymous(this="regexp_extract", expressions=[*args, exp.Literal.number(1)])
    return exp.Nullif(this=found, expression=exp.Literal.string(""))


def _decode(_: Node, args: list[exp.Expr]) -> exp.Expr:
    plain = exp.Replace(this=args[0], expression=exp.Literal.string("+"), replacement=exp.Literal.string(" "))
    read = exp.Anonymous(this="url_decode", expressions=[plain])
    return exp.Coalesce(this=exp.Anonymous(this="try", expressions=[read]), expressions=[args[0].copy()])


def _truth(value: bool) -> Builder:
    return lambda _, args: exp.Is(this=args[0], expression=exp.Boolean(this=value))


_SPECIAL: dict[str, Builder] = {
    "not": lambda _, args: exp.Not(this=args[0]),
    "neg": lambda _, args: exp.Neg(this=args[0]),
    "div": _divide,
    "is_null": lambda _, args: exp.Is(this=args[0], expression=exp.Null()),
    "is_true": _truth(True),
    "is_false": _truth(False),
    "in": lambda _, args: exp.In(this=args[0], expressions=args[1:]),
    "case": lambda _, args: _case(args[0:-1:2], args[1:-1:2], args[-1]),
    "to_number": _to_number,
    "to_double": lambda _, args: exp.cast(args[0], "DOUBLE"),
    "to_boolean": _to_boolean,
    "to_time": _to_moment,
    "date": lambda _, args: exp.cast(args[0], "DATE"),
    "contains": _contains,
    "starts_with": lambda _, args: exp.StartsWith(this=args[0], expression=args[1]),
    "ends_with": lambda _, args: exp.EndsWith(this=args[0], expression=args[1]),
    "substr": lambda _, args: exp.Substring(
        this=args[0], start=args[1], length=args[2] if len(args) > 2 else None
    ),
    "replace": lambda _, args: exp.Replace(this=args[0], expression=args[1], replacement=args[2]),
    "concat": _concat,
    "coalesce": lambda _, args: exp.Coalesce(this=args[0], expressions=args[1:]),
    "greatest": lambda _, args: exp.Greatest(this=args[0], expressions=args[1:], ignore_nulls=True),
    "least": lambda _, args: exp.Least(this=args[0], expressions=args[1:], ignore_nulls=True),
    "nullif": lambda _, args: exp.Nullif(this=args[0], expression=args[1]),
    "round": lambda _, args: exp.Round(this=args[0], decimals=args[1] if len(args) > 1 else None),
    "date_part": _date_part,
    "extract": _extract,
    "matches": lambda _, args: exp.Anonymous(this="regexp_matches", expressions=args),
    "decode": _decode,
}
