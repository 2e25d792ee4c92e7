"""The expression language of looptop.toml: one parser, one checker, three compilers with one meaning.

    parse(text) → Expression → check    what is wrong, with nearest names
                             → to_sql   DuckDB text          (stored tables)
                             → to_polars                     (files, while they are read)
                             → evaluate                      (alert conditions)

`where`, `expr` and `when` are this language; no other text reaches an engine.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions.frames import PolarsColumn, to_polars
from engine.expressions.functions import DATE_PARTS, FUNCTIONS, CallRule, Count, Function, Word
from engine.expressions.lowering import lower
from engine.expressions.model import Call, Expression
from engine.expressions.parsing import calls, parse
from engine.expressions.scalar import TOLERANCE, evaluate
from engine.expressions.sql import SqlColumn, to_sql
from engine.schema import Kind

__all__ = [
    "DATE_PARTS", "FUNCTIONS", "TOLERANCE", "Call", "CallRule", "Count", "Expression", "Function",
    "PolarsColumn", "SqlColumn", "Word", "calls", "check", "evaluate", "parse", "to_polars", "to_sql",
]  # fmt: skip


def check(
    expression: Expression,
    names: Mapping[str, Kind | None],
    *,
    want: Kind | None = None,
    functions: Mapping[str, CallRule] | None = None,
    open_names: bool = False,
) -> list[tuple[str, str | None]]:
    """Everything wrong with an expression: (message, nearest valid name or None); empty when it is fine.

    In:  kinds by name (None: a name whose kind is not known, which is never wrong by kind); `want`
         "boolean" for conditions, "number" for values; `functions` that look names up (alert conditions);
         `open_names`: names that are not in `names` are not faults (their file has not been read yet).
    """
    _, findings = lower(expression, names, want=want, functions=functions, open_names=open_names)
    return [(finding.message, finding.nearest) for finding in findings]
