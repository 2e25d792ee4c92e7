"""What a file decides about its columns from all their values, as sums that a grown file carries on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

import polars as pl

from engine.ingest.clock import Order
from engine.ingest.delimited import LINE
from engine.ingest.facts import UNDATED
from engine.ingest.jsonvalue import Types, merge_kinds
from engine.ingest.marks import Dress, decide_marks, dress_of, mark_sentences
from engine.ingest.plan import Plan
from engine.ingest.times import decide_order, order_evidence
from engine.schema import Kind

Flags = tuple[bool, bool, bool, bool]
"""A column of texts: has a value; all whole numbers; all plain decimals; all true or false."""

_CLOCK = r"(?:[ T]|^)(?:0?[1-9]|1\d|2[0-3])[:时点]|:(?:[0-5][1-9]|[1-5]0)"
_DECIMAL = r"^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$"


@dataclass(slots=True)
class Evidence:
    """Sums over the records seen so far, by file column; `typed`: its numbers are not written by people."""

    flags: dict[str, Flags] = field(default_factory=dict)
    orders: dict[str, tuple[int, int, int, str]] = field(default_factory=dict)
    types: Types = field(default_factory=dict)
    clock: bool = False
    numbers: dict[str, Dress] = field(default_factory=dict)
    nulls: dict[str, dict[str, int]] = field(default_factory=dict)
    """How often a word for nothing stands in a column."""
    samples: dict[str, str] = field(default_factory=dict)
    """The first value of each column of times."""
    said: str | None = None
    """The decimal mark that the source says."""
    form: str | None = None
    """The form of dates that the source says."""
    typed: bool = False

    def add(self, frame: pl.DataFrame, plan: Plan, types: Types | None) -> None:
        """Takes in the records of a block."""
        times = plan.time_columns()
        for name in times:
            if name in frame.columns and (seen := order_evidence(frame[name]))[0]:
                old = self.orders.get(name, (0, 0, 0, ""))
                self.orders[name] = (old[0] + seen[0], old[1] + seen[1], old[2] + seen[2], old[3] or seen[3])
        self._dressed(frame, plan, types or {})
        if plan.table == "spend" and not self.clock:
            self.clock = any(_has_clock(frame[name]) for name in times if name in frame.columns)
        if types is not None:
            for name, kind in types.items():
                self.types[name] = merge_kinds({kind, self.types.get(name, kind)})
            return
        for name in plan.props:
            if name in frame.columns and name != LINE:
                self.flags[name] = _both(self.flags.get(name), _flags(frame[name]))

    def _dressed(self, frame: pl.DataFrame, plan: Plan, types: Types) -> None:
        """How numbers are written, which words mean nothing, what the first time looks like."""
        self.said, self.form = plan.source.decimal, plan.source.date_format
        for name in plan.number_columns():
            if name in frame.columns and types.get(name) not in ("int", "float"):
                self.numbers[name] = self.numbers.get(name, Dress()) + dress_of(frame[name])
        for name in plan.time_columns():
            if name in frame.columns and name not in self.samples:
                begin = frame[name].drop_nulls().head(20).cast(pl.String, strict=False)
                first = begin.filter(begin.str.contains(r"\d"))
                self.samples |= {name: str(first[0])[:40]} if len(first) else {}
        if not plan.null_values:
            return
        used = {name for _, rule in plan.all_rules() for name in rule.reads()}
        texts = [name for name in frame.columns if name in used and frame.schema[name] == pl.String]
        for word in plan.null_values:
            found = frame.select((pl.col(texts) == word).sum()).row(0, named=True) if texts else {}
            counts = self.nulls.setdefault(word, {})
            counts |= {name: counts.get(name, 0) + count for name, count in found.items() if count}

    def decide(self, plan: Plan) -> Decided:
        """What follows from the evidence."""
        orders = {name: decide_order(seen)[0] for name, seen in self.orders.items()}
        if self.types:
            props = {name: _JSON_KINDS[self.types.get(name, "text")] for name in plan.props}
        else:
            props = {name: _kind(self.flags.get(name)) for name in plan.props}
        if plan.table in UNDATED:
            props = dict.fromkeys(props, "text")
        empty = {n for n in plan.props if n.startswith("column_") and not self.flags.get(n, (True,))[0]}
        marks = decide_marks(self.numbers, self.said, follow=not self.typed)
        kinds = {n: k for n, k in props.items() if n not in empty}
        return Decided(orders, kinds, self.clock, dict(self.types), marks, self.said or ".", self.typed)

    def sentences(self) -> list[tuple[str, str]]:
        """(topic, sentence) for people."""
        told = []
        for name, sample in self.samples.items():
            order = decide_order(self.orders[name])[1] if name in self.orders else None
            said = f"read as {self.form} (said by the source)" if self.form else order
            told.append(("dates", f"{name}: like {sample}, {said or 'order not in doubt'}"))
        told += mark_sentences(self.numbers, self.said, follow=not self.typed)
        for word, counts in self.nulls.items():
            if counts:
                where = ", ".join(f"{name} {count}" for name, count in counts.items())
                told.append(("nulls", f'"{word}" is nothing: {where}'))
        return told

    def to_plain(self) -> dict[str, object]:
        """The evidence as JSON values."""
        return {
            "flags": self.flags, "orders": self.orders, "types": self.types, "clock": self.clock,
            "numbers": {name: astuple(dress) for name, dress in self.numbers.items()},
            "nulls": self.nulls, "samples": self.samples, "said": self.said,
            "form": self.form,
        }  # fmt: skip

    @classmethod
    def from_plain(cls, raw: Mapping[str, object]) -> Evidence:
        """The evidence that `to_plain` gave."""
        flags, orders, numbers = _table(raw["flags"]), _table(raw["orders"]), _table(raw["numbers"])
        nulls = {word: dict(counts) for word, counts in _table(raw["nulls"]).items()}
        said, form = raw["said"], raw["form"]
        assert said is None or isinstance(said, str)
        assert form is None or isinstance(form, str)
        return cls(
            {n: tuple(v) for n, v in flags.items()}, {n: tuple(v) for n, v in orders.items()},
            _table(raw["types"]), bool(raw["clock"]), {n: Dress(*v) for n, v in numbers.items()},
            nulls, _table(raw["samples"]), said, form,
        )  # fmt: skip


def _table(raw: object) -> dict[str, Any]:
    assert isinstance(raw, dict)
    return dict(raw)


@dataclass(frozen=True, slots=True)
class Decided:
    """Order of day and month by column, kind of each prop, whether a spend file has hours, decimal marks."""

    orders: Mapping[str, Order]
    props: Mapping[str, Kind]
    clock: bool
    types: Types
    """JSON type of each column; empty for other formats."""
    marks: Mapping[str, str] = field(default_factory=dict)
    mark: str = "."
    """Of a column that leaves nothing to decide."""
    cells: bool = False
    """Whether a date may be a cell of its own type."""

    def mark_of(self, names: Iterable[str]) -> str:
        """The decimal mark of the first of these columns that has one; numbers of JSON have a point."""
        numbers = any(self.types.get(name) in ("int", "float") for name in names)
        return "." if numbers else next((self.marks[n] for n in names if n in self.marks), self.mark)

    def agrees(self, later: Decided) -> bool:
        """Whether parts made with these decisions are right under later ones: only columns were added."""
        return (
            all(later.props.get(name) == kind for name, kind in self.props.items())
            and self.clock == later.clock
            and all(later.types.get(name) == kind for name, kind in self.types.items())
            and all(later.orders.get(name) == order for name, order in self.orders.items())
            and all(later.marks.get(name) == mark for name, mark in self.marks.items())
        )


_JSON_KINDS: dict[str, Kind] = {
    "text": "text", "int": "count", "float": "number", "bool": "boolean", "list": "text", "object": "text",
    "time": "time", "zoned": "time",
}  # fmt: skip


def _has_clock(values: pl.Series) -> bool:
    if values.dtype == pl.String:
        return bool(values.str.contains(_CLOCK).any())
    if isinstance(values.dtype, pl.Datetime):
        return bool((values.dt.truncate("1d") != values).any())
    return False


def _flags(values: pl.Series) -> Flags:
    """Flags of a column; a typed one has none."""
    if values.dtype != pl.String:
        return True, False, False, False
    filled = values.drop_nulls() if values.null_count() else values
    if filled.is_empty():
        return False, True, True, True
    first = str(filled[0])
    whole = _whole(filled) if first.lstrip("-").isdigit() else False
    decimal = whole or (first[-1:].isdigit() and bool(filled.str.contains(_DECIMAL).all()))
    logical = first.lower() in ("true", "false") and bool(
        filled.str.to_lowercase().is_in(["true", "false"]).all()
    )
    return True, whole, decimal, logical


def _whole(filled: pl.Series) -> bool:
    numbers = filled.cast(pl.Int64, strict=False)
    return not numbers.null_count() and bool((numbers.cast(pl.String) == filled).all())


def _both(old: Flags | None, new: Flags) -> Flags:
    if old is None:
        return new
    return old[0] or new[0], old[1] and new[1], old[2] and new[2], old[3] and new[3]


def _kind(flags: Flags | None) -> Kind:
    if flags is None or not flags[0]:
        return "text"
    if flags[1]:
        return "count"
    if flags[2]:
        return "number"
    return "boolean" if flags[3] else "text"
