"""The schema of a part's facts: which columns are always there, and in what type."""

from __future__ import annotations

import polars as pl

from engine.ingest.identifiers import TEXTS
from engine.ingest.numbers import DECIMAL
from engine.ingest.times import TIME
from engine.schema import KIND_OF_EVENT, Kind, Table

_MONEY = ("value", "quantity", "impressions", "reach", "clicks", "cost", "conversions", "conversion_value")
_COLUMNS: dict[Table, tuple[str, ...]] = {
    "events": (
        "event_id", "event", "kind", "value", "quantity", "currency", "order_id", "channel", "campaign",
        "creative", "product", "region", "device", "page", "text", "stage", "score", "valid",
    ),
    "spend": (
        "channel", "campaign", "creative", "region", "ad_group", "keyword", "account", "device",
        "impressions", "reach", "clicks", "cost", "conversions", "conversion_value", "currency",
        "granularity",
    ),
    "profiles": ("name", "gender", "birth", "region", "city", "signup_ts", "tier", "tags"),
    "targets": ("period", "metric", "value"),
    "lookup": ("key", "valid_from", "valid_to"),
}  # fmt: skip
UNDATED: frozenset[Table] = frozenset({"targets", "lookup"})
"""Tables whose rows are no facts of a day; all their other columns are texts."""
_TYPES: dict[str, pl.DataType] = {
    **dict.fromkeys(_MONEY, DECIMAL), "score": pl.Float64(), "valid": pl.Boolean(), "birth": pl.Date(),
    "valid_from": pl.Date(), "valid_to": pl.Date(), "signup_ts": TIME, "tags": TEXTS,
}  # fmt: skip
PROP_TYPES: dict[Kind, pl.DataType] = {
    "text": pl.String(), "count": pl.Int64(), "number": pl.Float64(), "boolean": pl.Boolean(), "time": TIME,
}  # fmt: skip
SPEND_KEY = ("ts", "channel", "campaign", "creative", "region", "ad_group", "keyword", "account", "device")
"""What makes two rows of spend the same fact exported twice."""


def nulls(count: int, dtype: pl.DataType) -> pl.Series:
    """A column of nothing."""
    return pl.Series([None], dtype=dtype).new_from_index(0, count) if count else pl.Series([], dtype=dtype)


def canonical(table: Table) -> dict[str, pl.DataType]:
    """Canonical columns that a mapping can fill, with their types; ts is apart."""
    return {name: _TYPES.get(name, pl.String()) for name in _COLUMNS[table] if name != "kind"}


def schema(
    table: Table, identifiers: tuple[str, ...], props: dict[str, pl.DataType]
) -> dict[str, pl.DataType]:
    """Columns of a part, in order."""
    columns: dict[str, pl.DataType] = {"row": pl.UInt32(), "line": pl.Int64()}
    if table not in UNDATED:
        columns |= {"ts": TIME, "day": pl.Date()}
    if table in ("events", "profiles"):
        columns |= {"subject": pl.UInt64(), "ids": TEXTS}
    columns |= {name: _TYPES.get(name, pl.String()) for name in _COLUMNS[table]}
    if table in ("events", "profiles"):
        columns |= dict.fromkeys(identifiers, TEXTS)
    columns |= {"record": pl.UInt64()}
    return columns | {f"p.{name}": dtype for name, dtype in props.items()}


def kind_of(event: pl.Expr) -> pl.Expr:
    """The kind that follows from an event; one that is not canonical is behaviour."""
    return event.replace_strict(KIND_OF_EVENT, default="behaviour", return_dtype=pl.String)


def prop_kind(dtype: pl.DataType) -> Kind:
    """The kind of a prop column of a part."""
    if dtype.is_integer():
        return "count"
    if dtype.is_float():
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    return "time" if isinstance(dtype, pl.Datetime) else "text"
