"""File columns without a canonical name, in the kinds that were decided for them."""

from __future__ import annotations

import polars as pl

from engine.ingest import facts
from engine.ingest.convert import Frame, as_text
from engine.ingest.times import TIME


def props(rows: Frame) -> list[pl.Series]:
    """The props of a frame, each under the file's own name."""
    made = []
    for name in rows.plan.props:
        kind = rows.decided.props.get(name)
        if kind is None or name not in rows.frame.columns:
            continue
        column = rows.frame[name]
        if column.dtype == pl.String:
            made.append(_prop(column, facts.PROP_TYPES[kind]))
        elif isinstance(column.dtype, pl.Datetime):
            made.append(_plain_time(column))
        elif column.dtype.is_integer() and rows.plan.table not in facts.UNDATED:
            made.append(column.cast(pl.Int64, strict=False))
        elif (column.dtype.is_float() or column.dtype.is_decimal()) and rows.plan.table not in facts.UNDATED:
            made.append(column.cast(pl.Float64))
        else:
            made.append(column if column.dtype == pl.Boolean else as_text(column).alias(name))
    return made


def _prop(column: pl.Series, dtype: pl.DataType) -> pl.Series:
    if dtype == pl.Boolean:
        return (column.str.to_lowercase() == "true").alias(column.name)
    return column.cast(dtype, strict=False)


def _plain_time(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return column.cast(TIME)
