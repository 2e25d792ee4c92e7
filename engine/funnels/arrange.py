"""Events in the order of the search: by unit, then time, then step; and the series that it runs on.

A *unit* is whom an attempt belongs to: the entity, with `hold` (or a breakdown by all events) the entity
with those values. Positions are row numbers in this order; `end` (one past the last row) means "none",
and every series has one more row there that belongs to no unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from engine.funnels.packed import fields_of, fit, pack, unpack
from engine.funnels.plan import FOREVER, Plan

if TYPE_CHECKING:
    import polars as pl

_LINEAGE = ("part", "row")


class Rows:
    """The sorted events: `frame`, and with one row more `unit`, `entity` (numbers from 1) and `ts` (µs)."""

    def __init__(self, frame: pl.DataFrame, unit: pl.Series, entity: pl.Series, required: int) -> None:
        """In: rows in order, the unit and entity of each, the bits of the required steps."""
        self.frame = frame
        self.unit = _closed(unit, 0)
        self.entity = self.unit if entity is unit else _closed(entity, 0)
        self.ts = _closed(frame["ts"], FOREVER)
        self.step = frame["mask"] & required
        """Bits of the required steps that each row meets."""
        self._meeting: dict[int, pl.Series] = {}

    @property
    def end(self) -> int:
        """The position that means "none"."""
        return self.frame.height

    @cached_property
    def first(self) -> pl.Series:
        """The position of the first row of the same unit and moment."""
        import polars as pl

        return self._borders(pl.when("new").then("at").forward_fill())

    @cached_property
    def last(self) -> pl.Series:
        """The position of the last row of the same unit and moment."""
        import polars as pl

        return self._borders(pl.when(pl.col("new").shift(-1, fill_value=True)).then("at").backward_fill())

    def meeting(self, bit: int) -> pl.Series:
        """Positions of the rows with a bit, ascending, `end` last."""
        if bit not in self._meeting:
            self._meeting[bit] = _closed(((self.frame["mask"] & (1 << bit)) != 0).arg_true(), self.end)
        return self._meeting[bit]

    def lacking(self, bits: int) -> pl.Series:
        """Positions of the rows with none of these bits, ascending, `end` last."""
        return _closed(((self.frame["mask"] & bits) == 0).arg_true(), self.end)

    def _borders(self, at: pl.Expr) -> pl.Series:
        import polars as pl

        held = pl.DataFrame({"unit": self.unit.head(self.end), "ts": self.ts.head(self.end)})
        new = (pl.col("unit") != pl.col("unit").shift()) | (pl.col("ts") != pl.col("ts").shift())
        places = pl.int_range(pl.len(), dtype=pl.UInt32)
        return _closed(held.select(new=new.fill_null(True), at=places).select(found=at).to_series(), self.end)


def arrange(frame: pl.DataFrame, plan: Plan, unit: Sequence[str]) -> Rows:
    """The rows of a question, sorted.

    In:  who, ts, mask, the columns of `unit` and any others, which stay beside their rows. Order in a
         moment: by required step, then lineage.
    """
    import polars as pl

    single = list(unit) == ["who"] and frame["who"].dtype.is_integer()
    held = frame.with_columns(_code=_code(plan))
    fields = fields_of(held, ["who", "ts", "_code"]) if single else []
    bare = set(frame.columns) == {"who", "ts", "mask"} and _whole(plan)
    if bare and fields and fit(fields):
        found = unpack(pack(held, fields).sort(), fields)
        found = found.select("who", pl.col("ts").cast(pl.Int64), mask=_mask(plan, frame["mask"].dtype))
        unit_of = _numbers(found["who"])
        return Rows(found, unit_of, unit_of, plan.required_bits)
    return _beside(held, plan, "who" if single else None, unit)


def _beside(held: pl.DataFrame, plan: Plan, name: str | None, unit: Sequence[str]) -> Rows:
    """The same where other columns stay beside their rows, or units are texts."""
    if name is None:
        name = "_unit"
        units = held.select(unit).unique().sort(unit).with_row_index(name)
        held = held.join(units, on=list(unit), how="left", nulls_equal=True)
    order = [name, "ts", "_code"]
    fields = fields_of(held, order)
    if fit(fields):
        held, order = held.with_columns(_key=pack(held, fields)), ["_key"]
    found = held.sort(*order, *(each for each in _LINEAGE if each in held.columns))
    unit_of = _numbers(found[name])
    entity = unit_of if list(unit) == ["who"] else _numbers(found["who"])
    return Rows(found.drop("_code", "_unit", "_key", strict=False), unit_of, entity, plan.required_bits)


def _code(plan: Plan) -> pl.Expr:
    """A mask in the order of a moment: bits of required steps first."""
    import polars as pl

    mask, required = pl.col("mask").cast(pl.UInt64), plan.required_bits
    width = plan.steps + len(plan.exclusions)
    rest = (1 << width) - 1 - required
    if not rest:
        return mask
    if not _whole(plan):
        return mask & required
    return (mask & required) * (1 << width) + (mask & rest)


def _whole(plan: Plan) -> bool:
    """Whether a `_code` has room for all bits of a mask."""
    return plan.required_bits.bit_length() + plan.steps + len(plan.exclusions) < 64


def _mask(plan: Plan, dtype: pl.DataType) -> pl.Expr:
    """The mask of a `_code`."""
    import polars as pl

    code, width = pl.col("_code"), plan.steps + len(plan.exclusions)
    if plan.required_bits == (1 << width) - 1:
        return code.cast(dtype)
    return ((code // (1 << width)) | (code & ((1 << width) - 1))).cast(dtype)


def _numbers(units: pl.Series) -> pl.Series:
    """Sorted units numbered from 1."""
    import polars as pl

    new = (units != units.shift()).fill_null(True)
    return new.cum_sum().cast(pl.UInt32)


def next_after(positions: pl.Series, after: pl.Series) -> pl.Series:
    """For each position: the next one out of `positions`; `end` where there is none or `after` is `end`."""
    import polars as pl

    found = positions.search_sorted(after, side="right")
    return positions.gather(found.clip(upper_bound=positions.len() - 1).cast(pl.UInt32))


def next_from(positions: pl.Series, at: pl.Series) -> pl.Series:
    """The same, and a position may be its own next."""
    import polars as pl

    return positions.gather(positions.search_sorted(at, side="left").cast(pl.UInt32))


def _closed(series: pl.Series, value: int) -> pl.Series:
    import polars as pl

    return pl.concat([series, pl.Series(series.name, [value], dtype=series.dtype)], rechunk=True)
