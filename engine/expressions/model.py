"""The parsed form of an expression and of the calls in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose arguments are names or literals, not values: `change(visits, week)`.

    A bare name is given as its text, a number as a float, a string as its text.
    """

    name: str
    args: tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of the language: two are equal when their texts are."""

    text: str
    tree: exp.Expr = field(compare=False, repr=False)

    @property
    def columns(self) -> frozenset[str]:
        """Names that stand for values; bare words inside calls such as `mean(m, 7)` are not among them."""
        from engine.expressions.parsing import value_names

        return value_names(self)

    @property
    def calls(self) -> tuple[tuple[str, tuple[exp.Expr, ...]], ...]:
        """Every call, outermost first: its lower-case name and the trees of its arguments."""
        from engine.expressions.parsing import call_trees

        return call_trees(self)

    def renamed(self, names: Mapping[str, str]) -> Expression:
        """The same expression over columns of other names."""
        from engine.expressions.parsing import renamed

        return renamed(self, names)

    def __str__(self) -> str:
        return self.text
