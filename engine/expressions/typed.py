"""The typed form of an expression: nodes with kinds, in which every coercion is written out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from engine.expressions.model import Call
from engine.schema import Kind

NUMERIC: frozenset[Kind | None] = frozenset({"number", "money", "count"})
MOMENTS: frozenset[Kind | None] = frozenset({"time", "date"})
Value = str | Decimal | bool | datetime | date | Call | None

_COLUMN_DIGITS = (18, 6)


@dataclass(frozen=True, slots=True)
class Node:
    """A typed node. `op` literal, name and call carry a `value`; `kind` None: not known (null)."""

    op: str
    args: tuple[Node, ...] = ()
    kind: Kind | None = None
    value: Value = None


def moment(text: str) -> datetime | None:
    """A naive UTC time from ISO text, or None."""
    try:
        value = datetime.fromisoformat(text.strip())
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    except (ValueError, OverflowError):
        return None


def number_of(text: str) -> Decimal | None:
    """A finite number from text, or None."""
    try:
        value = Decimal(text.strip())
    except ArithmeticError:
        return None
    return value if value.is_finite() and "_" not in text else None


def is_whole(node: Node) -> bool:
    """Whether a node is a whole number from 0 to 9999 that stands in the text."""
    value = node.value
    return isinstance(value, Decimal) and value == int(value) and 0 <= value <= 9999


def digits(node: Node) -> tuple[int, int]:
    """(all digits, digits after the point) that an exact number may need."""
    if node.op == "literal" and isinstance(node.value, Decimal):
        scale = max(0, -int(node.value.as_tuple().exponent))
        whole = max(1, node.value.adjusted() + 1)
        return whole + scale, scale
    parts = [digits(part) for part in node.args if part.kind in NUMERIC]
    if not parts:
        return _COLUMN_DIGITS
    if node.op == "mul":
        return sum(width for width, _ in parts), sum(scale for _, scale in parts)
    scale = max(scale for _, scale in parts)
    whole = max(width - after for width, after in parts)
    return whole + scale + (node.op in ("add", "sub")), scale


def literal(value: Value) -> Node:
    """A literal with the kind of its value."""
    kind: Kind | None = None
    if isinstance(value, bool):
        kind = "boolean"
    elif isinstance(value, Decimal):
        kind = "money"
    elif isinstance(value, str):
        kind = "text"
    elif isinstance(value, datetime):
        kind = "time"
    return Node("literal", (), kind, value)


def double(node: Node) -> Node:
    """The node as a double."""
    return Node("to_double", (node,), "number")


def typed_null(node: Node, kind: Kind | None) -> Node:
    """A null literal as null of a kind; anything else unchanged."""
    bare = node.op == "literal" and node.value is None and node.kind is None
    return Node("literal", (), kind, None) if bare else node
