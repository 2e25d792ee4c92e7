"""Values of drivers → columns of texts with their kinds, the same form that JSON takes.

Numbers keep every digit, times their zone; a kind is that of all values of a column, mixed ones are text.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from engine.ingest.databases.connection import Row
from engine.ingest.delimited import BLANKS, LINE
from engine.ingest.jsonvalue import Types, merge_kinds

Texts = tuple[str | None, ...]
"""A row as texts, in the order of its columns."""

_TIMES = ("time", "zoned")


def texts_of(rows: Sequence[Row], kinds: list[set[str]]) -> list[Texts]:
    """Rows as texts; the kinds of their values are added to `kinds`, by column."""
    columns = [_column(column, kinds[at]) for at, column in enumerate(zip(*rows, strict=True))]
    return list(zip(*columns, strict=True)) if columns else []


def _column(values: Sequence[Any], kinds: set[str]) -> list[str | None]:
    out: list[str | None] = []
    for value in values:
        kind, text = _ONE.get(type(value), _other)(value)
        if text is not None:
            kinds.add(kind)
        out.append(text)
    return out


def _text(value: str) -> tuple[str, str | None]:
    return "text", value.strip(BLANKS) or None


def _double(value: float) -> tuple[str, str | None]:
    return "float", None if math.isnan(value) else repr(value).removesuffix(".0")


def _exact(value: Decimal) -> tuple[str, str | None]:
    if not value.is_finite():
        return "float", None if value.is_nan() else str(value)
    return "float", format(value, "f")


def _moment(value: datetime) -> tuple[str, str | None]:
    if value.tzinfo is None:
        return "time", value.isoformat(" ")
    return "zoned", value.astimezone(UTC).isoformat(" ")


def _bytes(value: bytes | bytearray | memoryview) -> tuple[str, str | None]:
    raw = bytes(value)
    try:
        return _text(raw.decode())
    except UnicodeDecodeError:
        return "text", rf"\x{raw.hex()}"


def _other(value: Any) -> tuple[str, str | None]:
    if isinstance(value, dict):
        return "object", json.dumps(value, ensure_ascii=False, default=_plain)
    if isinstance(value, list | tuple | set):
        return "list", json.dumps(list(value), ensure_ascii=False, default=_plain)
    return _text(str(value))


def _plain(value: Any) -> object:
    """An element of an array as JSON: numbers stay as they are written, all else is text."""
    return _ONE.get(type(value), _other)(value)[1]


_ONE: Mapping[type, Callable[[Any], tuple[str, str | None]]] = {
    type(None): lambda value: ("text", None),
    bool: lambda value: ("bool", "true" if value else "false"),
    int: lambda value: ("int", str(value)),
    float: _double,
    str: _text,
    Decimal: _exact,
    datetime: _moment,
    date: lambda value: ("text", value.isoformat()),
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _bytes,
}


def types_of(names: Sequence[str], kinds: Sequence[set[str]], declared: Mapping[str, str]) -> Types:
    """One kind per column: that of its values, else the one that the database declares."""
    found: Types = {}
    for name, seen in zip(names, kinds, strict=True):
        told = {"date": "text"}.get(declared.get(name, ""), declared.get(name))
        if seen:
            found[name] = merge_kinds(seen)
        elif told:
            found[name] = told
    return found


def frame_of(rows: Sequence[Texts], names: Sequence[str], line: int) -> pl.DataFrame:
    """Rows as a frame of texts with LINE, the first of them numbered `line`."""
    columns: list[Sequence[object]] = [range(line, line + len(rows)), *zip(*rows, strict=True)]
    schema = {LINE: pl.Int64, **dict.fromkeys(names, pl.String)}
    if not rows:
        return pl.DataFrame(schema=schema)
    return pl.DataFrame(dict(zip(schema, columns, strict=True)), schema=schema)


def with_times(frame: pl.DataFrame, types: Mapping[str, str]) -> pl.DataFrame:
    """The frame with the columns of times as such, as a typed file has them."""
    made = []
    for name, kind in types.items():
        if kind in _TIMES and name in frame.columns:
            wall = pl.col(name).str.head(26).str.replace(r"\+00:00$", "")
            time = wall.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
            made.append(time.dt.replace_time_zone("UTC") if kind == "zoned" else time)
    return frame.with_columns(made)


def digest(row: Texts) -> str:
    """A hash of one row."""
    return hashlib.blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
