"""Text → `Expression`: a scan of the characters, sqlglot's parser, then a list of what is allowed.

Everything that is not on the list is refused, so that no other text can reach an engine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import ClassVar

from sqlglot import Dialect, exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.parser import Parser as SqlParser
from sqlglot.tokens import Tokenizer as SqlTokenizer

from engine.errors import ExpressionError
from engine.expressions.functions import FUNCTIONS
from engine.expressions.model import Call, Expression

MAX_LENGTH = 20_000
MAX_NESTING = 24
MAX_DEPTH = 60

_ALLOWED = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.In, exp.Like, exp.Between, exp.Is, exp.Null,
    exp.Case, exp.If, exp.Literal, exp.Boolean, exp.Column, exp.Identifier, exp.Anonymous,
)  # fmt: skip
_CHAINS = (exp.And, exp.Or)
_PIECES = re.compile(
    r"""(?P<string>'(?:[^']|'')*')
      | (?P<name>"(?:[^"]|"")*")
      | (?P<open>\() | (?P<close>\))
      | (?P<bad>--|/\*|->|=>|<<|>>|<=>|\*\*|//)
      | (?P<percent>(?<![\w.])(?:\d+\.?\d*|\.\d+)\s*%)
      | (?P<blank>\s+)
      | (?P<word>\w+)
      | (?P<rest>.)""",
    re.VERBOSE | re.DOTALL,
)
_SINGLE = frozenset(",.+-*/=<>!")


class _Language(Dialect):
    """sqlglot's standard SQL without any built-in function: every call stays a plain call."""

    class Tokenizer(SqlTokenizer):
        IDENTIFIERS: ClassVar = ['"']

    class Parser(SqlParser):
        FUNCTIONS: ClassVar = {}
        FUNCTION_PARSERS: ClassVar = {}
        NO_PAREN_FUNCTIONS: ClassVar = {}
        NO_PAREN_FUNCTION_PARSERS: ClassVar = {
            "CASE": SqlParser.NO_PAREN_FUNCTION_PARSERS["CASE"],
        }


def parse(text: str) -> Expression:
    """An expression of the language from its text.

    Raises: ExpressionError, with the 0-based position in the text.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression is longer than {MAX_LENGTH} characters", MAX_LENGTH)
    return _parse(text)


@lru_cache(maxsize=1024)
def _parse(text: str) -> Expression:
    clean, shifts = _scan(text)
    if not clean.strip():
        raise ExpressionError("the expression is empty")
    try:
        tree = _Language().parse(clean)
    except ParseError as error:
        position = _place(clean, shifts, error)
        raise ExpressionError(f"cannot be read {_near(text, position)}", position) from None
    except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        raise ExpressionError("cannot be read") from None
    if len(tree) != 1 or tree[0] is None:
        raise ExpressionError("must be one expression")
    _allow(tree[0], text, shifts)
    return Expression(text, tree[0])


def _near(text: str, position: int) -> str:
    rest = text[position : position + 20].strip()
    return f'near "{rest}"' if rest else "to its end: something is missing"


def _scan(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text as sqlglot shall see it, and where it got longer: (position in it, by how much)."""
    out: list[str] = []
    shifts: list[tuple[int, int]] = []
    nesting = length = 0
    for match in _PIECES.finditer(text):
        piece, kind, at = match.group(), match.lastgroup, match.start()
        nesting += (kind == "open") - (kind == "close")
        if nesting > MAX_NESTING:
            raise ExpressionError(f"parentheses are nested more than {MAX_NESTING} deep", at)
        if kind == "percent":
            new = format(Decimal(piece.rstrip("%").strip()) / 100, "f")
            shifts.append((length + len(new), len(new) - len(piece)))
        else:
            new = _clean(piece, kind or "rest", at)
        out.append(new)
        length += len(new)
    return "".join(out), shifts


def _clean(piece: str, kind: str, at: int) -> str:
    if kind in ("string", "name"):
        if "\0" in piece:
            raise ExpressionError("a NUL character is not allowed", at)
        return piece
    if kind == "blank":
        return " " * len(piece)
    if kind == "bad" or (kind == "rest" and piece not in _SINGLE and not _is_mark(piece)):
        hints = {"'": "this string is not closed", '"': "this name is not closed"}
        hints["%"] = "% follows a number (30%); there is no modulo"
        raise ExpressionError(hints.get(piece, f"{piece!r} is not part of the language"), at)
    return piece


def _is_mark(character: str) -> bool:
    """Whether a character belongs to words of some script though it is no letter."""
    return ord(character) > 127 and unicodedata.category(character)[0] in "LMN"


def _original(position: int, shifts: list[tuple[int, int]]) -> int:
    return max(0, position - sum(by for at, by in shifts if at <= position))


def _place(clean: str, shifts: list[tuple[int, int]], error: ParseError) -> int:
    """Position in the original text: sqlglot's column is the end of the token, 1-based."""
    first = error.errors[0] if error.errors else {}
    column = first.get("col") or len(clean)
    word = str(first.get("highlight") or "")
    return _original(max(0, int(column) - max(1, len(word))), shifts)


def _allow(tree: exp.Expr, text: str, shifts: list[tuple[int, int]]) -> None:
    """Raises ExpressionError at the first node that is not on the list or too deep."""
    stack: list[tuple[exp.Expr, int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        problem = _problem(node)
        if depth > MAX_DEPTH:
            problem = "is nested too deeply"
        if problem:
            position = _original(_start(node), shifts)
            raise ExpressionError(f"{problem} {_near(text, position)}" if position else problem, position)
        for child in node.iter_expressions():
            same = isinstance(node, _CHAINS) and type(child) is type(node)
            stack.append((child, depth if same else depth + 1))


def _problem(node: exp.Expr) -> str | None:
    if type(node) not in _ALLOWED:
        return f"{type(node).__name__.lower()} is not part of the language"
    extra = {key for key, value in node.args.items() if value not in (None, False, [])}
    if isinstance(node, exp.Column) and extra - {"this"}:
        return 'a dotted name is not part of the language: put names with a dot in "…"'
    if isinstance(node, exp.Column) and not isinstance(node.this, exp.Identifier):
        return "this name is not part of the language"
    if isinstance(node, exp.In) and extra - {"this", "expressions"}:
        return "in needs a list of values"
    if isinstance(node, exp.In) and not node.expressions:
        return "in needs at least one value"
    if isinstance(node, exp.Between) and extra - {"this", "low", "high"}:
        return "between takes two bounds"
    if isinstance(node, exp.Is) and not isinstance(node.expression, (exp.Null, exp.Boolean)):
        return "is takes null, true or false"
    if isinstance(node, exp.Literal) and not node.is_string and not _finite(node.name):
        return "this is not a number"
    if isinstance(node, exp.Anonymous) and not isinstance(node.this, str):
        return "a quoted name cannot be called"
    return None


def _finite(text: str) -> bool:
    try:
        return abs(float(text)) < 1e300 and Decimal(text).is_finite()
    except (ValueError, ArithmeticError):
        return False


def _start(node: exp.Expr) -> int:
    starts = [each.meta["start"] for each in node.walk() if "start" in each.meta]
    return min(starts, default=0)


def _nodes(tree: exp.Expr) -> Iterator[exp.Expr]:
    """All nodes in order of the text, without the bare words inside calls that look up names."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, exp.Anonymous) and node.this.lower() not in FUNCTIONS:
            continue
        stack.extend(reversed(list(node.iter_expressions())))


def value_names(expression: Expression) -> frozenset[str]:
    """Names that stand for values; those inside calls of functions other than FUNCTIONS do not count."""
    return frozenset(node.name for node in _nodes(expression.tree) if isinstance(node, exp.Column))


def renamed(expression: Expression, names: Mapping[str, str]) -> Expression:
    """The expression with the columns in `names` called as they say there."""
    tree = expression.tree.copy()
    for node in tree.find_all(exp.Column):
        if node.name in names:
            node.set("this", exp.to_identifier(names[node.name], quoted=True))
    return Expression(expression.text, tree)


def call_trees(expression: Expression) -> tuple[tuple[str, tuple[exp.Expr, ...]], ...]:
    """(lower-case name, argument trees) of every call, outermost first."""
    found = expression.tree.find_all(exp.Anonymous, bfs=False)
    return tuple((node.this.lower(), tuple(node.expressions)) for node in found)


def calls(expression: Expression) -> tuple[Call, ...]:
    """Calls of functions other than FUNCTIONS, in order of the text.

    Raises: ExpressionError where an argument is neither a name nor a literal.
    """
    return tuple(
        call_of(node)
        for node in _nodes(expression.tree)
        if isinstance(node, exp.Anonymous) and node.this.lower() not in FUNCTIONS
    )


def call_of(node: exp.Anonymous) -> Call:
    """The call with its arguments as text and numbers."""
    return Call(node.this.lower(), tuple(_word(argument, node.this) for argument in node.expressions))


def _word(node: exp.Expr, function: str) -> str | float:
    if isinstance(node, exp.Paren):
        return _word(node.this, function)
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return -float(node.this.name)
    if isinstance(node, exp.Column) or (isinstance(node, exp.Literal) and node.is_string):
        return node.name
    if isinstance(node, exp.Literal):
        return float(node.name)
    raise ExpressionError(f"{function}() takes names and numbers, not an expression", _start(node))
