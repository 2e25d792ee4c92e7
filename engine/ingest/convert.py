"""File columns → typed canonical columns, and which rows cannot be read and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

import polars as pl

from engine.expressions import Expression, PolarsColumn, to_polars
from engine.ingest import facts
from engine.ingest.clock import Order, Reading, parse_time
from engine.ingest.decisions import Decided
from engine.ingest.identifiers import TEXTS, raw_lists
from engine.ingest.numbers import DECIMAL, parse_number, to_decimals
from engine.ingest.plan import Plan
from engine.ingest.rule import Rule
from engine.ingest.times import TIME, to_utc
from engine.schema import Kind

_TRUE = ("true", "t", "yes", "y", "1", "是", "有效", "√", "✓", "on")
_FALSE = ("false", "f", "no", "n", "0", "否", "无效", "×", "off")
_SCALES = {"micros": Decimal(1_000_000), "cents": Decimal(100), "percent": Decimal(100)}


@dataclass(frozen=True, slots=True)
class Bad:
    """Rows of a column that cannot be read: where, the values as texts, and the words for one of them."""

    column: str | None
    mask: pl.Series
    values: pl.Series
    why: Callable[[str], str]


@dataclass(slots=True)
class Frame:
    """A frame of file columns on its way: `frame` has LINE."""

    frame: pl.DataFrame
    plan: Plan
    decided: Decided
    delimiter: str | None = None

    def column(self, rule: Rule) -> pl.Series:
        """What a rule gives, not yet typed: one column as it is, several texts joined with a blank."""
        if rule.expr is not None:
            return self.evaluate(rule.expr)
        there = [name for name in rule.names if name in self.frame.columns]
        if not there:
            return facts.nulls(len(self.frame), pl.String())
        if len(there) == 1:
            return self.frame[there[0]]
        texts = [pl.col(name).cast(pl.String) for name in there]
        joined = pl.concat_str(texts, separator=" ", ignore_nulls=True)
        return self.frame.select(pl.when(joined != "").then(joined).alias("v"))["v"]

    def evaluate(self, expr: Expression, want: Kind | None = None) -> pl.Series:
        """An expression over the file's own columns; a column that the file does not have is null."""
        columns = {name: self.named(name) for name in expr.columns}
        made = to_polars(expr, columns, want=want, number=self.number)
        frame = self.frame.select(pl.first().alias("\x00"), made.alias("v"))
        return frame["v"]

    def named(self, name: str) -> PolarsColumn:
        if name not in self.frame.columns:
            return PolarsColumn(pl.repeat(None, pl.len(), dtype=pl.String), "text")
        dtype, kind = self.frame.schema[name], self.decided.types.get(name)
        if dtype == pl.String and kind in ("int", "float"):
            return PolarsColumn(pl.col(name).cast(pl.Float64, strict=False), "number")
        if dtype == pl.String and kind == "bool":
            return PolarsColumn(pl.col(name) == "true", "boolean")
        if dtype.is_numeric():
            return PolarsColumn(pl.col(name), "number")
        if dtype == pl.Boolean:
            return PolarsColumn(pl.col(name), "boolean")
        if isinstance(dtype, pl.Datetime):
            return PolarsColumn(pl.col(name), "time")
        if dtype == pl.Date:
            return PolarsColumn(pl.col(name), "date")
        return PolarsColumn(pl.col(name) if dtype == pl.String else pl.col(name).cast(pl.String), "text")

    def number(self, text: pl.Expr) -> pl.Expr:
        """A text column as numbers, where an expression asks for them; null where it is none."""

        def read(values: pl.Series) -> pl.Series:
            return to_decimals(values, self.decided.mark_of([values.name]))[0].cast(pl.Float64)

        return text.map_batches(read, return_dtype=pl.Float64)


def typed(rows: Frame, target: str, rule: Rule, dtype: pl.DataType) -> tuple[pl.Series, Bad | None]:
    """A canonical column in its type, and the rows that cannot be read.

    A blank cell is null and never bad; a text is never bad.
    """
    raw = rows.column(rule)
    if dtype in (TIME, pl.Date()):
        return _time(rows, rule, raw, dtype)
    if dtype in (DECIMAL, pl.Float64()):
        return _amount(rows, target, rule, raw, dtype)
    if dtype == pl.Boolean:
        return _logical(rule, raw)
    if dtype == TEXTS:
        if target in rows.plan.identifiers:
            return raw_lists(_sources(rows, rule, raw), target), None
        return _tags(_sources(rows, rule, raw)[0]), None
    return as_text(raw), None


def as_text(raw: pl.Series) -> pl.Series:
    """Texts of a column of any type; whole doubles without `.0`."""
    if raw.dtype.is_float():
        return raw.cast(pl.String).str.replace(r"\.0$", "")
    if isinstance(raw.dtype, pl.List):
        return raw.to_frame("v").select(pl.col("v").cast(TEXTS).list.join(","))["v"]
    return raw.cast(pl.String)


def _bad(rule: Rule, mask: pl.Series, raw: pl.Series, why: Callable[[str], str]) -> Bad | None:
    column = next(iter(rule.reads()), None)
    return Bad(column, mask, as_text(raw), why) if mask.any() else None


def reading(rows: Frame, rule: Rule) -> Reading:
    """How a rule's times are read: what the source says, and the column's own order of day and month."""
    source = rows.plan.source
    orders = [rows.decided.orders[name] for name in rule.names if name in rows.decided.orders]
    order: Order = orders[0] if orders else "dmy"
    return Reading(rows.plan.zone, order, source.date_format, source.year, rows.decided.cells)


def _time(rows: Frame, rule: Rule, raw: pl.Series, dtype: pl.DataType) -> tuple[pl.Series, Bad | None]:
    how = reading(rows, rule)
    if dtype == pl.Date:
        how = replace(how, zone="UTC")
        # A year of birth alone is common, and is its first day.
        raw = as_text(raw).str.replace(r"^((?:18|19|20)\d\d)(?:年|\.0)?$", "${1}-01-01")
    values, mask = to_utc(raw, how)
    return values.cast(dtype), _bad(rule, mask, raw, lambda text: str(parse_time(text, how)))


def _amount(
    rows: Frame, target: str, rule: Rule, raw: pl.Series, dtype: pl.DataType
) -> tuple[pl.Series, Bad | None]:
    mark = rows.decided.mark_of(rule.reads())
    values, mask = to_decimals(raw.round(6) if raw.dtype.is_float() else raw, mark)
    if rule.expr is not None:
        return _computed(rows, rule, values, dtype)
    if scale := rows.plan.scale.get(target):
        signed = as_text(raw).str.ends_with("%").fill_null(False)
        part = (values.cast(pl.Decimal(38, 12)) / _SCALES[scale]).cast(DECIMAL)
        values = pl.select(pl.when(signed).then(values).otherwise(part)).to_series()
    return values.cast(dtype), _bad(rule, mask, raw, partial(_no_number, mark))


def _computed(rows: Frame, rule: Rule, values: pl.Series, dtype: pl.DataType) -> tuple[pl.Series, Bad | None]:
    """An expression is bad where it gives nothing though all that it reads is there."""
    names = [name for name in rule.reads() if name in rows.frame.columns]
    if not names:
        return values.cast(dtype), None
    full = rows.frame.select(pl.all_horizontal(pl.col(names).is_not_null()).alias("f"))["f"]
    mask = values.is_null() & full
    if not mask.any():
        return values.cast(dtype), None
    for name in names:
        mark = rows.decided.mark_of([name])
        unread = to_decimals(rows.frame[name], mark)[1] & mask
        if unread.any():
            texts = as_text(rows.frame[name])
            return values.cast(dtype), Bad(name, unread, texts, partial(_no_number, mark))
    return values.cast(dtype), None


def _no_number(mark: str, text: str) -> str:
    return str(parse_number(text, mark))


def _logical(rule: Rule, raw: pl.Series) -> tuple[pl.Series, Bad | None]:
    if raw.dtype == pl.Boolean:
        return raw, None
    words = as_text(raw).str.to_lowercase()
    values = pl.select(
        pl.when(words.is_in(_TRUE)).then(True).when(words.is_in(_FALSE)).then(False)
    ).to_series()
    mask = values.is_null() & words.is_not_null()
    return values, _bad(rule, mask, raw, lambda text: f"neither true nor false: {text}")


def _sources(rows: Frame, rule: Rule, raw: pl.Series) -> list[pl.Series]:
    """The columns of a list: each by itself; JSON arrays opened."""
    names = [name for name in rule.names if name in rows.frame.columns]
    columns = [rows.frame[name] for name in names] or [raw]
    return [_opened(as_is) for as_is in columns]


def _opened(column: pl.Series) -> pl.Series:
    """JSON arrays in a text column as lists; a column without them as it is."""
    if column.dtype != pl.String:
        return column if isinstance(column.dtype, pl.List) else as_text(column)
    array = pl.col("v").str.starts_with("[") & pl.col("v").str.ends_with("]")
    frame = column.to_frame("v").select("v", array.fill_null(False).alias("a"))
    if not frame["a"].any():
        return column
    listed = pl.when(pl.col("a")).then(pl.col("v"))
    scalar = pl.when(~pl.col("a")).then(pl.concat_list("v"))
    opened = frame.select(pl.coalesce(listed.map_batches(_decode, return_dtype=TEXTS), scalar).alias("v"))
    return opened["v"]


def _decode(texts: pl.Series) -> pl.Series:
    import json

    def one(text: str) -> list[str] | None:
        try:
            return [
                str(item)
                for item in json.loads(text)
                if item is not None and not isinstance(item, dict | list)
            ]
        except ValueError:
            return [text]

    known = {text: one(text) for text in texts.drop_nulls().unique()}
    return pl.Series(texts.name, [None if text is None else known[text] for text in texts], dtype=TEXTS)


def _tags(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.List):
        return column.cast(TEXTS)
    pieces = pl.col("v").str.replace_all(r"[;|,，；、]", ",").str.split(",")
    trimmed = pl.element().str.strip_chars()
    kept = pieces.list.eval(trimmed.filter(trimmed != ""))
    return column.to_frame("v").select(pl.when(pl.col("v").is_not_null()).then(kept).alias("v"))["v"]
