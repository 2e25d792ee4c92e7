"""A frame on its way to facts → what it says of its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from engine.ingest.convert import Frame
from engine.ingest.delimited import LINE
from engine.ingest.finish import local_day
from engine.ingest.personal import personal_columns
from engine.ingest.profile import CAP, FIRST, ColumnSum, Profile, ValueSum
from engine.ingest.rejects import CUT

_NUMBER = r"[-+(]?[¥￥$€£]?[0-9][0-9,]*(\.[0-9]+)?([eE][-+]?[0-9]+)?%?\)?|[-+]?\.[0-9]+"
_LOGICAL = ("true", "false", "True", "False", "TRUE", "FALSE")
_PROBE = 4_096


def profile(rows: Frame, base: pl.DataFrame, many: list[pl.DataFrame], good: pl.Series) -> Profile:
    """The profile of a frame on its way to facts.

    In:  file columns; canonical columns by row; the facts of each moment, with ts; rows that go in.
    """
    plan, frame = rows.plan, rows.frame
    moments = [each["ts"].alias(str(i)) for i, each in enumerate(many) if "ts" in each.columns]
    days = pl.Series("day", [None] * len(frame), dtype=pl.Date)
    if moments:
        first = pl.coalesce(pl.all())
        days = pl.DataFrame(moments).select(local_day(first, plan.local_zone))["day"]
    personal = personal_columns(plan)
    columns = {
        name: _column(frame[name], frame[LINE], days, name in personal)
        for name in frame.columns
        if name != LINE
    }
    mapped = [base[name].filter(good) for name in sorted(plan.rules) if name in base.columns]
    by_day = days.filter(good).drop_nulls().value_counts().iter_rows()
    return Profile(
        len(frame),
        int(good.sum()),
        tuple(frame[LINE].head(FIRST)),
        columns,
        {column.name: _filled(column) for column in mapped},
        dict(by_day),
    )


def _filled(column: pl.Series) -> int:
    if isinstance(column.dtype, pl.List):
        return int((column.list.len() > 0).sum())
    return len(column) - column.null_count()


def _column(column: pl.Series, lines: pl.Series, days: pl.Series, personal: bool) -> ColumnSum:
    gone = column.is_null()
    if isinstance(column.dtype, pl.List):
        gone = gone | (column.list.len() == 0).fill_null(True)
    empty = int(gone.sum())
    at = tuple(lines.filter(gone).head(FIRST)) if empty else ()
    values = None
    if column.dtype == pl.String:
        values = _values(column, lines, days)
        kinds = _kinds(column.drop_nulls() if empty else column, values)
    else:
        kinds = {_kind(column.dtype): len(column) - empty} if len(column) > empty else {}
    return ColumnSum(len(column), empty, at, kinds, 0, None if personal else values)


def _values(column: pl.Series, lines: pl.Series, days: pl.Series) -> dict[str, ValueSum] | None:
    if len(column) > _PROBE and column.head(_PROBE).n_unique() > CAP + 1:
        return None
    frame = pl.DataFrame([column.alias("v"), lines.alias("l"), days.alias("d")]).drop_nulls("v")
    first, last = pl.col("d").min().alias("f"), pl.col("d").max().alias("t")
    grouped = frame.group_by("v").agg(pl.len().alias("n"), first, last, pl.col("l").min())
    if len(grouped) > CAP or any(len(value) > CUT for value in grouped["v"]):
        return None
    return {value: ValueSum(n, start, end, line) for value, n, start, end, line in grouped.iter_rows()}


def _kinds(filled: pl.Series, values: Mapping[str, ValueSum] | None) -> dict[str, int]:
    """Filled cells by kind: of few values each is looked at once."""
    if values is None:
        number = int(filled.str.contains(f"^(?:{_NUMBER})$").sum())
        logical = int(filled.is_in(_LOGICAL).sum())
    else:
        number = sum(one.rows for text, one in values.items() if re.fullmatch(_NUMBER, text))
        logical = sum(one.rows for text, one in values.items() if text in _LOGICAL)
    found = {"number": number, "boolean": logical, "text": len(filled) - number - logical}
    return {kind: count for kind, count in found.items() if count}


def _kind(dtype: pl.DataType) -> str:
    if dtype.is_numeric():
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    return "time" if dtype.is_temporal() else "text"
