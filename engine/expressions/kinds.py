"""Reading values as the kinds that they stand beside: text as a number, a boolean or a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.expressions.typed import (
    MOMENTS,
    NUMERIC,
    Node,
    Value,
    literal,
    moment,
    number_of,
    typed_null,
)
from engine.schema import Kind

_COMMON: tuple[tuple[frozenset[Kind | None], Kind], ...] = (
    (frozenset({"text", "boolean"}), "boolean"),
    (NUMERIC | {"text", "boolean"}, "number"),
    (MOMENTS | {"text"}, "time"),
)
"""Kinds that are found together → the one that all are read as."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong; `soft` when the compilers can still give it a meaning (text + 1)."""

    message: str
    nearest: str | None = None
    soft: bool = False


class Kinds:
    """Coercions between kinds; what has no meaning is noted as a finding."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def note(self, message: str, near: str | None = None, *, soft: bool = False) -> None:
        finding = Finding(message, near, soft)
        if finding not in self.findings:
            self.findings.append(finding)

    def convert(self, kind: Kind, node: Node) -> Node:
        """`node` read as number, boolean, time or date; a literal at once, where it can be."""
        if node.op == "literal" and isinstance(node.value, str):
            found: Value = None
            if kind == "number":
                found = number_of(node.value)
            elif kind in MOMENTS:
                found = moment(node.value)
            if found is None and kind != "boolean":
                what = "a number" if kind == "number" else "a date or time (2026-11-01)"
                self.note(f"'{node.value}' is not {what}", soft=True)
                return Node("literal", (), kind, None)
            if found is not None:
                return literal(found)
        return Node(f"to_{kind}", (node,), kind)

    def numeric(self, node: Node) -> Node:
        if node.kind in NUMERIC or node.kind is None:
            return typed_null(node, "number")
        if node.kind in ("text", "boolean"):
            self.note(f"a number is needed, not {node.kind}", soft=True)
            return self.convert("number", node)
        self.note(f"a number is needed, not {node.kind}")
        return node

    def condition(self, node: Node) -> Node:
        if node.kind in ("boolean", None):
            return typed_null(node, "boolean")
        if node.kind == "text":
            self.note("a condition is needed, not text", soft=True)
            return self.convert("boolean", node)
        self.note(f"a condition is needed, not {node.kind}: compare it with something")
        return node

    def pair(self, left: Node, right: Node) -> tuple[Node, Node]:
        """Both sides of a comparison as one kind."""
        kinds = {left.kind, right.kind}
        if None in kinds or len(kinds) == 1 or kinds <= NUMERIC:
            if kinds == {"list"}:
                self.note("a list is compared with one text: =, in, contains(), is null")
            kind = left.kind or right.kind or "boolean"
            return typed_null(left, kind), typed_null(right, kind)
        if kinds == {"text", "boolean"}:
            return self._turn("boolean", left), self._turn("boolean", right)
        if kinds <= NUMERIC | {"text", "boolean"}:
            return self._turn("number", left), self._turn("number", right)
        if kinds <= MOMENTS | {"text"}:
            return self._turn("time", left), self._turn("time", right)
        self.note(f"{left.kind} cannot be compared with {right.kind}")
        return left, right

    def _turn(self, kind: Kind, node: Node) -> Node:
        same = node.kind == kind or (kind == "number" and node.kind in NUMERIC)
        return node if same else self.convert(kind, node)

    def unify(self, nodes: Iterable[Node]) -> tuple[tuple[Node, ...], Kind | None]:
        """Values of which one is taken, as one kind."""
        parts = tuple(nodes)
        kinds = {part.kind for part in parts} - {None}
        if len(kinds) <= 1:
            kind = next(iter(kinds), None)
            return tuple(typed_null(part, kind) for part in parts), kind
        if kinds <= NUMERIC:
            return parts, "number" if "number" in kinds else "money"
        for possible, wanted in _COMMON:
            if kinds <= possible:
                return tuple(p if p.kind is None else self._turn(wanted, p) for p in parts), wanted
        self.note(f"values of different kinds: {', '.join(sorted(map(str, kinds)))}")
        return parts, None
