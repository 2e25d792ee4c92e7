"""The functions of the expression language: one table for the checker, the compilers and the README."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from engine.schema import Kind

Argument = Literal["text", "number", "boolean", "time", "any", "literal text", "whole number"]
"""What an argument must be; `literal …` and `whole number` must be written out, not computed."""

DATE_PARTS: tuple[str, ...] = (
    "year", "quarter", "month", "week", "day", "weekday", "hour", "minute", "second",
)  # fmt: skip
"""Parts that `date_part` knows; week is the ISO week, weekday 1 Monday … 7 Sunday."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function over values.

    `arguments` are the kinds in order; with `more` the last one repeats; `required` of them must be given.
    `result` None: the common kind of the arguments that say "any" (or number, for numbers).
    """

    name: str
    arguments: tuple[Argument, ...]
    required: int
    result: Kind | None
    signature: str
    meaning: str
    more: bool = False

    def accepts(self, count: int) -> bool:
        """Whether a call may have that many arguments."""
        return count >= self.required and (self.more or count <= len(self.arguments))


@dataclass(frozen=True, slots=True)
class Word:
    """An argument that is a name out of a list: `what` it is, and the names that are valid (None: any)."""

    what: str
    known: Collection[str] | None


@dataclass(frozen=True, slots=True)
class Count:
    """An argument that is a whole number of at least `minimum`."""

    what: str
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class CallRule:
    """A function that looks something up by name (`change(visits, week)`); its result is a number."""

    name: str
    arguments: tuple[Word | Count, ...] | None
    """None: anything, it was checked before."""
    meaning: str
    optional: int = 0
    """How many of the last arguments may be left out."""

    @property
    def signature(self) -> str:
        """How it is written: `change(metric, period)`, `pace(metric[, n])`."""
        names = [argument.what for argument in self.arguments or ()]
        must = len(names) - self.optional
        return f"{self.name}({', '.join(names[:must])}{''.join(f'[, {name}]' for name in names[must:])})"

    def accepts(self, count: int) -> bool:
        """Whether a call may have that many arguments."""
        most = len(self.arguments or ())
        return most - self.optional <= count <= most


_TABLE = (
    Function("lower", ("text",), 1, "text", "lower(x)", "x in lower case"),
    Function("upper", ("text",), 1, "text", "upper(x)", "x in upper case"),
    Function("trim", ("text",), 1, "text", "trim(x)", "x without blanks at its ends"),
    Function("length", ("text",), 1, "count", "length(x)", "number of characters"),
    Function("contains", ("any", "text"), 2, "boolean", "contains(x, s)",
             "whether s stands in the text x as it is, or is an element of the list x"),
    Function("starts_with", ("text", "text"), 2, "boolean", "starts_with(x, s)", "whether x begins with s"),
    Function("ends_with", ("text", "text"), 2, "boolean", "ends_with(x, s)", "whether x ends with s"),
    Function("substr", ("text", "whole number", "whole number"), 2, "text", "substr(x, from[, n])",
             "n characters of x (all, without n) from the one numbered `from`, counted from 1"),
    Function("replace", ("text", "literal text", "literal text"), 3, "text", "replace(x, 'a', 'b')",
             "x with every a made b"),
    Function("concat", ("text",), 1, "text", "concat(x, …)", "the texts joined; null counts as ''", True),
    Function("coalesce", ("any",), 1, None, "coalesce(x, …)", "the first that is not null", True),
    Function("nullif", ("any", "any"), 2, None, "nullif(x, y)", "null where x = y, else x"),
    Function("if", ("boolean", "any", "any"), 2, None, "if(condition, x[, y])",
             "x where the condition is true, else y (null, without y)"),
    Function("abs", ("number",), 1, None, "abs(x)", "the absolute value"),
    Function("round", ("number", "whole number"), 1, None, "round(x[, digits])",
             "x rounded, halves away from zero"),
    Function("floor", ("number",), 1, None, "floor(x)", "the whole number at or below x"),
    Function("ceil", ("number",), 1, None, "ceil(x)", "the whole number at or above x"),
    Function("greatest", ("any",), 1, None, "greatest(x, …)", "the largest that is not null", True),
    Function("least", ("any",), 1, None, "least(x, …)", "the smallest that is not null", True),
    Function("number", ("any",), 1, "number", "number(x)", "a text read as a number; null where it is none"),
    Function("date", ("time",), 1, "date", "date(t)", "the day of a time"),
    Function("host", ("text",), 1, "text", "host(url)", "the host of an address, lower case, without www."),
    Function("site", ("text",), 1, "text", "site(url)",
             "the part of its host that somebody owns: shop.example.co.uk → example.co.uk"),
    Function("url_param", ("text", "literal text"), 2, "text", "url_param(url, 'name')",
             "a parameter of an address, decoded; null where it has none"),
    Function("referrer_medium", ("text",), 1, "text", "referrer_medium(url)",
             "what kind of site an address, host or utm_source is: search, social, video, shopping, "
             "email, ai, else referral; null where it is none"),
    Function("date_part", ("literal text", "time"), 2, "count", "date_part('part', t)",
             f"a part of a time: {', '.join(DATE_PARTS)} (week: ISO; weekday: 1 Monday … 7 Sunday)"),
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {function.name: function for function in _TABLE}
"""Functions over values by name."""
