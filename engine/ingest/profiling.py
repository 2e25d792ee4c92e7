"""A frame on its way to facts → what it says of its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set

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
    columns = _columns(frame, days.alias("day"), personal)
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


def _columns(frame: pl.DataFrame, days: pl.Series, personal: Set[str]) -> dict[str, ColumnSum]:
    """All columns by a few queries over the whole frame: what is empty, then the values of texts that have
    few, and the kinds of the others. Columns go by number: any text can be the name of one."""
    names = [name for name in frame.columns if name != LINE]
    if not names:
        return {}
    plain = pl.DataFrame([*(frame[name].alias(str(at)) for at, name in enumerate(names)), frame[LINE], days])
    texts = [str(at) for at, name in enumerate(names) if frame.schema[name] == pl.String]
    empty, where, distinct = _empty(plain, len(names), texts)
    few = [at for at in texts if distinct[at] <= CAP]
    listed = pl.collect_all([_grouped(plain.lazy(), at) for at in few])
    values = {at: _values(found) for at, found in zip(few, listed, strict=True)}
    counted = _counted(plain, [at for at in texts if values.get(at) is None])
    found = {}
    for number, name in enumerate(names):
        at, filled = str(number), len(frame) - empty[number]
        mine = values.get(at)
        if at not in distinct:
            kinds = {_kind(frame.schema[name]): filled} if filled else {}
        else:
            kinds = _kinds(filled, *(counted[at] if mine is None else _looked_at(mine)))
        held = None if name in personal or at not in distinct else mine
        found[name] = ColumnSum(len(frame), empty[number], where[number], kinds, 0, held)
    return found


def _empty(
    plain: pl.DataFrame, count: int, texts: Sequence[str]
) -> tuple[list[int], list[tuple[int, ...]], dict[str, int]]:
    """Of each column: empty cells and the first lines with one; of texts: values among the first rows."""
    gone = [_gone(str(at), plain.schema[str(at)]) for at in range(count)]
    row = plain.select(
        pl.concat_list(each.sum() for each in gone).alias("empty"),
        *(pl.col(LINE).filter(each).head(FIRST).implode().alias(str(at)) for at, each in enumerate(gone)),
        *(pl.col(at).head(_PROBE).drop_nulls().n_unique().alias(f"{at}v") for at in texts),
    ).row(0, named=True)
    where = [tuple(row[str(at)]) for at in range(count)]
    return list(row["empty"]), where, {at: int(row[f"{at}v"]) for at in texts}


def _gone(at: str, dtype: pl.DataType) -> pl.Expr:
    gone = pl.col(at).is_null()
    if isinstance(dtype, pl.List):
        gone = gone | (pl.col(at).list.len() == 0).fill_null(True)
    return gone


def _grouped(plain: pl.LazyFrame, at: str) -> pl.LazyFrame:
    """Each value with its rows, first and last day and first line; one too many where there are too many."""
    first, last = pl.col("day").min().alias("first"), pl.col("day").max().alias("last")
    filled = plain.select(pl.col(at).alias("value"), "day", LINE).drop_nulls("value").group_by("value")
    return filled.agg(pl.len(), first, last, pl.col(LINE).min()).head(CAP + 1)


def _values(grouped: pl.DataFrame) -> dict[str, ValueSum] | None:
    if len(grouped) > CAP or any(len(value) > CUT for value in grouped["value"]):
        return None
    return {value: ValueSum(*sums) for value, *sums in grouped.iter_rows()}


def _counted(plain: pl.DataFrame, texts: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Numbers and truth values among the cells of each column."""
    pattern = f"^(?:{_NUMBER})$"
    sums = plain.select(
        *(pl.col(at).str.contains(pattern).sum() for at in texts),
        *(pl.col(at).is_in(_LOGICAL).sum().alias(f"{at}l") for at in texts),
    )
    return {at: (int(sums[at][0]), int(sums[f"{at}l"][0])) for at in texts}


def _looked_at(values: Mapping[str, ValueSum]) -> tuple[int, int]:
    """Numbers and truth values, where there are few: each is looked at once."""
    number = sum(one.rows for text, one in values.items() if re.fullmatch(_NUMBER, text))
    return number, sum(one.rows for text, one in values.items() if text in _LOGICAL)


def _kinds(filled: int, number: int, logical: int) -> dict[str, int]:
    found = {"number": number, "boolean": logical, "text": filled - number - logical}
    return {kind: count for kind, count in found.items() if count}


def _kind(dtype: pl.DataType) -> str:
    if dtype.is_numeric():
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    return "time" if dtype.is_temporal() else "text"
