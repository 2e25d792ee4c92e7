"""Expression → its typed form: the one place that knows what operators do with kinds.

Text beside a number is tried as a number, text beside a boolean as a boolean, text beside a time as
a time. Everything wrong is collected on the way: this is the checker too.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlglot import exp

from engine.errors import ExpressionError, nearest
from engine.expressions.functions import DATE_PARTS, FUNCTIONS, Argument, CallRule, Count, Function
from engine.expressions.kinds import Finding, Kinds
from engine.expressions.model import Expression
from engine.expressions.parsing import call_of
from engine.expressions.typed import (
    MOMENTS,
    NUMERIC,
    Node,
    digits,
    double,
    is_whole,
    literal,
    typed_null,
)
from engine.expressions.web import ADDRESS
from engine.schema import Kind

_COMPARE: dict[type[exp.Expr], str] = {
    exp.EQ: "eq", exp.NEQ: "ne", exp.LT: "lt", exp.LTE: "le", exp.GT: "gt", exp.GTE: "ge",
}  # fmt: skip
_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "add", exp.Sub: "sub", exp.Mul: "mul", exp.Div: "div"}
_WIDEST = 38
"""Digits of the widest decimal: a product that needs more is a double."""


def lower(
    expression: Expression,
    names: Mapping[str, Kind | None],
    *,
    want: Kind | None = None,
    functions: Mapping[str, CallRule] | None = None,
    open_names: bool = False,
) -> tuple[Node, list[Finding]]:
    """The typed form and everything wrong with it.

    In: kinds by name (None: not known); `open_names`: names that are not there are of unknown kind.
    """
    work = _Lowering(names, functions, open_names)
    root = work.node(expression.tree)
    if want == "boolean":
        root = work.condition(root)
    elif want in NUMERIC:
        root = work.numeric(root)
    elif want is not None and root.kind not in (None, want):
        work.note(f"must be {want}, not {root.kind}", soft=True)
    return root, work.findings


def lower_checked(
    expression: Expression,
    names: Mapping[str, Kind | None],
    want: Kind | None,
    functions: Mapping[str, CallRule] | None = None,
    open_names: bool = False,
) -> Node:
    """The typed form. Raises: ExpressionError at the first thing that has no meaning."""
    node, findings = lower(expression, names, want=want, functions=functions, open_names=open_names)
    for finding in findings:
        if not finding.soft:
            raise ExpressionError(finding.message, nearest=finding.nearest)
    return node


class _Lowering(Kinds):
    def __init__(
        self, names: Mapping[str, Kind | None], functions: Mapping[str, CallRule] | None, open_names: bool
    ) -> None:
        super().__init__()
        self.names, self.functions, self.open = names, functions, open_names

    def node(self, tree: exp.Expr) -> Node:  # noqa: C901, PLR0912 - one branch per construct
        if isinstance(tree, exp.Paren):
            return self.node(tree.this)
        if isinstance(tree, exp.Column):
            return self.name(tree.name)
        if isinstance(tree, exp.Literal):
            return literal(tree.name if tree.is_string else Decimal(tree.name))
        if isinstance(tree, exp.Boolean):
            return literal(bool(tree.this))
        if isinstance(tree, exp.Null):
            return literal(None)
        if isinstance(tree, (exp.And, exp.Or)):
            parts = tuple(self.condition(self.node(part)) for part in tree.flatten())
            return Node("and" if isinstance(tree, exp.And) else "or", parts, "boolean")
        if isinstance(tree, exp.Not):
            return Node("not", (self.condition(self.node(tree.this)),), "boolean")
        if type(tree) in _COMPARE:
            return self.compare(_COMPARE[type(tree)], self.node(tree.this), self.node(tree.expression))
        if type(tree) in _ARITHMETIC:
            return self.arithmetic(_ARITHMETIC[type(tree)], self.node(tree.this), self.node(tree.expression))
        if isinstance(tree, exp.Neg):
            inner = self.numeric(self.node(tree.this))
            if isinstance(inner.value, Decimal):
                return literal(-inner.value)
            return Node("neg", (inner,), inner.kind)
        if isinstance(tree, exp.Is):
            return self.test(self.node(tree.this), tree.expression)
        if isinstance(tree, exp.Between):
            value = self.node(tree.this)
            low = self.compare("ge", value, self.node(tree.args["low"]))
            return Node("and", (low, self.compare("le", value, self.node(tree.args["high"]))), "boolean")
        if isinstance(tree, exp.In):
            return self.member(self.node(tree.this), [self.node(item) for item in tree.expressions])
        if isinstance(tree, exp.Like):
            found = self.like(self.node(tree.this), self.node(tree.expression))
            return Node("not", (found,), "boolean") if tree.args.get("negate") else found
        if isinstance(tree, exp.Case):
            return self.case(tree)
        if isinstance(tree, exp.Anonymous):
            return self.call(tree)
        raise ExpressionError(f"{type(tree).__name__.lower()} is not part of the language")

    def name(self, name: str) -> Node:
        if name not in self.names and not self.open:
            self.note(f'unknown name "{name}"', nearest(name, self.names))
        return Node("name", (), self.names.get(name), name)

    def compare(self, op: str, left: Node, right: Node) -> Node:
        if (left.kind, right.kind) == ("list", "text") and op in ("eq", "ne"):
            held = Node("contains", (left, right), "boolean")
            return held if op == "eq" else Node("not", (held,), "boolean")
        return Node(op, self.pair(left, right), "boolean")

    def arithmetic(self, op: str, left: Node, right: Node) -> Node:
        left, right = self.numeric(left), self.numeric(right)
        if op == "div":
            return Node(op, (double(left), double(right)), "number")
        if left.kind == "number" or right.kind == "number" or None in (left.kind, right.kind):
            return Node(op, (left, right), "number")
        kind: Kind = "count" if left.kind == right.kind == "count" else "money"
        exact = Node(op, (left, right), kind)
        if digits(exact)[0] <= _WIDEST:
            return exact
        return Node(op, (double(left), double(right)), "number")

    def test(self, node: Node, against: exp.Expr) -> Node:
        if isinstance(against, exp.Null):
            return Node("is_null", (node,), "boolean")
        truth = self.condition(node)
        return Node("is_true" if against.this else "is_false", (truth,), "boolean")

    def member(self, value: Node, items: list[Node]) -> Node:
        """`in`: one test per way in which the value must be read."""
        if value.kind == "list":
            return Node("or", tuple(self.compare("eq", value, item) for item in items), "boolean")
        groups: dict[Node, list[Node]] = {}
        for item in items:
            left, right = self.pair(value, item)
            groups.setdefault(left, []).append(right)
        tests = tuple(Node("in", (left, *rest), "boolean") for left, rest in groups.items())
        return tests[0] if len(tests) == 1 else Node("or", tests, "boolean")

    def like(self, value: Node, pattern: Node) -> Node:
        if not isinstance(pattern.value, str) or pattern.op != "literal":
            self.note("like needs a pattern in '…'")
        if value.kind not in ("text", None):
            self.note(f"like needs text, not {value.kind}")
        return Node("like", (value, pattern), "boolean")

    def case(self, tree: exp.Case) -> Node:
        subject = self.node(tree.this) if tree.this is not None else None
        conditions, results = [], []
        for branch in tree.args["ifs"]:
            test = self.node(branch.this)
            conditions.append(self.compare("eq", subject, test) if subject else self.condition(test))
            results.append(self.node(branch.args["true"]))
        other = tree.args.get("default")
        results.append(self.node(other) if other is not None else literal(None))
        return self.choose(conditions, results)

    def choose(self, conditions: list[Node], results: list[Node]) -> Node:
        same, kind = self.unify(results)
        pairs = zip(conditions, same, strict=False)
        return Node("case", (*(part for each in pairs for part in each), same[-1]), kind)

    def call(self, tree: exp.Anonymous) -> Node:
        name = tree.this.lower()
        if self.functions is not None and name in self.functions:
            return self.lookup(tree, self.functions[name])
        known = FUNCTIONS.get(name)
        if known is None:
            every = [*FUNCTIONS, *(self.functions or ())]
            self.note(f"unknown function {name}()", nearest(name, every))
            return Node("literal")
        count = len(tree.expressions)
        if not known.accepts(count):
            self.note(f"{known.signature} does not take {count} argument{'s' * (count != 1)}")
            return Node("literal", (), known.result)
        return self.function(known, [self.node(argument) for argument in tree.expressions])

    def lookup(self, tree: exp.Anonymous, rule: CallRule) -> Node:
        """A call whose arguments are names, words or numbers; checked against the rule."""
        try:
            call = call_of(tree)
        except ExpressionError as error:
            self.note(error.message)
            return Node("literal", (), "number")
        if rule.arguments is None:
            return Node("call", (), "number", call)
        if not rule.accepts(len(call.args)):
            least, most = len(rule.arguments) - rule.optional, len(rule.arguments)
            takes = f"{least} or {most}" if rule.optional else f"{most}"
            self.note(f"{rule.signature} takes {takes}, not {len(call.args)} arguments")
            return Node("call", (), "number", call)
        for given, wanted in zip(call.args, rule.arguments, strict=False):
            if isinstance(wanted, Count):
                if not isinstance(given, float) or given < wanted.minimum or not given.is_integer():
                    message = f"{rule.signature}: {wanted.what} is a whole number from {wanted.minimum}"
                    self.note(message)
            elif wanted.known is not None and str(given) not in wanted.known:
                self.note(
                    f'{rule.signature}: unknown {wanted.what} "{given}"', nearest(str(given), wanted.known)
                )
        return Node("call", (), "number", call)

    def function(self, function: Function, given: list[Node]) -> Node:
        wanted = [*function.arguments, *[function.arguments[-1]] * len(given)]
        args = [self.argument(function, kind, node) for kind, node in zip(wanted, given, strict=False)]
        if function.name == "if":
            return self.choose([args[0]], [args[1], args[2] if len(args) > 2 else literal(None)])
        if function.name == "nullif":
            left, right = self.pair(args[0], args[1])
            return Node("nullif", (left, right), left.kind)
        if function.name in ("coalesce", "greatest", "least"):
            same, kind = self.unify(args)
            if kind == "list" or (kind == "boolean" and function.name != "coalesce"):
                self.note(f"{function.signature} cannot take {kind}")
            return Node(function.name, same, kind)
        if function.name == "number":
            return args[0] if args[0].kind in NUMERIC else self.convert("number", args[0])
        if function.name == "contains" and args[0].kind not in ("text", "list", None):
            self.note(f"contains() needs text or a list, not {args[0].kind}")
        if function.name == "date_part" and str(args[0].value) not in DATE_PARTS:
            self.note(f"date_part: unknown part '{args[0].value}'", nearest(str(args[0].value), DATE_PARTS))
        if function.name in ADDRESS:
            return ADDRESS[function.name](args)
        kind = function.result if function.result is not None else args[0].kind
        return Node(function.name, tuple(args), kind)

    def argument(self, function: Function, wanted: Argument, node: Node) -> Node:
        if wanted == "number":
            return self.numeric(node)
        if wanted == "boolean":
            return self.condition(node)
        if wanted == "time" and node.kind not in (*MOMENTS, None):
            if node.kind == "text":
                return self.convert("time", node)
            self.note(f"{function.signature} needs a time, not {node.kind}")
        if wanted in ("text", "time"):
            node = typed_null(node, wanted)
        if wanted == "text" and node.kind not in ("text", None):
            self.note(f"{function.signature} needs text, not {node.kind}")
        if wanted == "literal text" and not (node.op == "literal" and isinstance(node.value, str)):
            self.note(f"{function.signature} needs a string in '…' there")
        if wanted == "whole number" and not is_whole(node):
            self.note(f"{function.signature} needs a whole number from 0 to 9999 there")
        return node
