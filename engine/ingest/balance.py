"""Total rows of a file against the sums of its rows: evidence that nothing was lost or counted twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from engine.ingest import facts
from engine.ingest.convert import Frame, typed
from engine.ingest.decisions import Decided
from engine.ingest.numbers import DECIMAL
from engine.ingest.plan import Plan
from engine.ingest.state import PartRef

Totals = tuple[tuple[int, Mapping[str, Decimal]], ...]
"""(line, canonical column → what the row says)."""

KEPT = 3
"""Total rows of a file that are compared."""
_CENT = Decimal("0.01")


def totals_of(rows: pl.DataFrame, plan: Plan, decided: Decided) -> Totals:
    """What the first total rows of a frame say; nothing for tables other than spend."""
    few = Frame(rows.head(KEPT), plan, decided)
    said = {name: typed(few, name, plan.rules[name], DECIMAL)[0] for name in _added(plan)}
    lines = few.frame.to_series(0)
    return tuple(
        (line, {name: values[at] for name, values in said.items() if values[at] is not None})
        for at, line in enumerate(lines)
    )


def _added(plan: Plan) -> list[str]:
    """Columns of spend that add up: reach counts persons and does not."""
    if plan.table != "spend":
        return []
    kinds = facts.canonical("spend")
    return [n for n, rule in plan.rules.items() if kinds.get(n) == DECIMAL and rule.names and n != "reach"]


@dataclass(slots=True)
class Balance:
    """Sums by canonical column over the rows that went in, and the total rows seen so far."""

    sums: dict[str, Decimal] = field(default_factory=dict)
    totals: list[tuple[int, dict[str, Decimal]]] = field(default_factory=list)

    def add(self, made: pl.DataFrame, said: Totals, plan: Plan) -> None:
        """Takes in the facts and the total rows of a block."""
        for name in _added(plan):
            value = made[name].sum()
            self.sums[name] = self.sums.get(name, Decimal()) + (value if isinstance(value, Decimal) else 0)
        self.totals += [(line, dict(cells)) for line, cells in said][: KEPT - len(self.totals)]

    def sentences(self, plan: Plan, parts: Iterable[PartRef]) -> list[tuple[str, str]]:
        """(topic, sentence); `parts`: all of the file."""
        count = sum(dict(part.filtered).get("total_row", 0) for part in parts)
        told = [
            ("totals", f"total row in line {line}: {self._verdict(said, plan)}") for line, said in self.totals
        ]
        more = count - len(told)
        return [*told, ("totals", f"{more} more total rows, filtered")] if more > 0 else told

    def _verdict(self, said: Mapping[str, Decimal], plan: Plan) -> str:
        names = {name: plan.rules[name].names[0] for name in said if name in plan.rules and name in self.sums}
        apart = [name for name in names if abs(said[name] - self.sums[name]) > _CENT]
        if not names:
            return "filtered"
        if not apart:
            return f"filtered, equals the sum of the rows ({', '.join(names.values())})"
        first = apart[0]
        return (
            f"filtered; {names[first]} says {_plain(said[first])}, "
            f"the rows that went in sum to {_plain(self.sums[first])}"
        )

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {"sums": _texts(self.sums), "totals": [[line, _texts(said)] for line, said in self.totals]}

    @classmethod
    def from_plain(cls, raw: Mapping[str, Any]) -> Balance:
        """What `to_plain` gave."""
        return cls(_decimals(raw["sums"]), [(line, _decimals(said)) for line, said in raw["totals"]])


def _plain(value: Decimal) -> str:
    return f"{value.normalize():,f}"


def _texts(values: Mapping[str, Decimal]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _decimals(texts: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(text) for name, text in texts.items()}
