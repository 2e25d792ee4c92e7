"""JSON lines and items of JSON arrays → a frame, with the JSON type of each column.

Out: scalars as their texts; lists and objects as JSON text. A column that mixes types is text.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from typing import Any

import polars as pl

from engine.ingest.delimited import BLANKS, LINE, Parsed
from engine.ingest.jsonvalue import DECODER, PLAIN, Types, json_kind, merge_kinds, text_of
from engine.ingest.rejects import Fault

_LONG = re.compile(rb"\d[\d.]{15,}")
"""Digits that a double would not keep: such lines are read one by one."""

DEEPEST = 200
"""Lists and objects in each other up to so many: no record has more, and a stack has an end."""

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}\n"))


def parse_lines(text: bytes, line: int, last: bool, lossy: bool = False) -> tuple[Parsed, Types]:
    """The records of whole lines, the first of which is number `line`.

    In: UTF-8; `lossy`: bytes that the file's encoding does not know became U+FFFD.
    """
    waiting = 0
    if last and text and not text.endswith(b"\n"):
        cut = text.rfind(b"\n") + 1
        if _load(text[cut:]) is None and text[cut:].strip():
            text, waiting = text[:cut], 1
    quick = None if lossy else _quick(text, line)
    parsed, types = quick if quick is not None else _slow(text, line)
    parsed.waiting = waiting
    return parsed, types


def _load(raw: bytes) -> dict[str, Any] | None:
    try:
        value = DECODER.decode(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and _fault_of(value, raw.decode()) is None else None


def _fault_of(value: Any, text: str) -> str | None:
    """Why a value that is JSON is no record."""
    if not isinstance(value, dict):
        return "not a JSON object"
    if "\ufffd" in text:
        return "bytes that the file's encoding does not know"
    if text.count("{") + text.count("[") > DEEPEST and _is_deep(value):
        return f"nested more than {DEEPEST} deep"
    try:
        (json.dumps(value, ensure_ascii=False) if "\\u" in text else text).encode()
    except UnicodeEncodeError:
        return "half of a character: \\u escapes that are no pair"
    return None


def _is_deep(value: Any) -> bool:
    """Whether lists and objects stand in each other more than `DEEPEST` times."""
    level = [value]
    for _ in range(DEEPEST + 1):
        inner = [one for one in level if isinstance(one, dict | list)]
        level = [item for one in inner for item in (one.values() if isinstance(one, dict) else one)]
    return any(isinstance(one, dict | list) for one in level)


def _quick(text: bytes, line: int) -> tuple[Parsed, Types] | None:
    """By Polars, where every line is a plain object; None where that cannot be told."""
    if not text.strip() or _LONG.search(text) or b"\0" in text or b"\n\n" in text or text.startswith(b"\n"):
        return None
    if _is_nested(text) or _is_half(text):
        return None
    lines = text.count(b"\n") + (not text.endswith(b"\n"))
    try:
        typed = pl.read_ndjson(io.BytesIO(text), infer_schema_length=None)
        schema = dict(typed.schema)
        if len(typed) != lines or any(_mixed(kind) for kind in schema.values()) or LINE in schema:
            return None
        frame = pl.read_ndjson(io.BytesIO(text), schema=dict.fromkeys(schema, pl.String))
    except (pl.exceptions.PolarsError, ValueError):
        return None
    if len(frame) != lines or _coerced(frame, typed):
        return None
    types = {name: kind for name, dtype in schema.items() if (kind := _kind(dtype)) is not None}
    frame = frame.with_columns(_tidy())
    frame.insert_column(0, pl.int_range(line, line + lines, dtype=pl.Int64, eager=True).alias(LINE))
    return Parsed(frame), types


def _is_nested(text: bytes) -> bool:
    """Whether a line has lists and objects in each other more than eight deep, or brackets that are no pairs:
    the time that Polars takes for such a line grows with the cube of its depth, and then its stack ends."""
    marks = text.translate(None, _NO_BRACKETS)
    for _ in range(4):
        marks = marks.replace(b"[]", b"").replace(b"{}", b"")
    return any(len(line) > 8 for line in marks.split(b"\n"))


def _is_half(text: bytes) -> bool:
    """Whether there is an escape of half a character, which Polars misreads."""
    if b"\\ud" not in text and b"\\uD" not in text:
        return False
    return len(_HALF.findall(text)) != 2 * len(_PAIR.findall(text))


def _tidy() -> pl.Expr:
    clean = pl.all().str.strip_chars(BLANKS)
    return pl.when(clean != "").then(clean)


def _coerced(frame: pl.DataFrame, typed: pl.DataFrame) -> bool:
    """Whether Polars made values null or text out of other types while it inferred one type."""
    if any(frame[name].null_count() != typed[name].null_count() for name in frame.columns):
        return True
    sizes = [frame[name].str.len_bytes().max() for name, kind in typed.schema.items() if kind.is_float()]
    if any(isinstance(size, int) and size > PLAIN for size in sizes):
        return True
    texts = [name for name, kind in typed.schema.items() if kind == pl.String]
    plain = pl.col(texts).str.contains(r"^(?:-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|[\[{].*)$")
    return bool(texts) and bool(frame.select(pl.any_horizontal(plain.any())).item())


def _mixed(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.Int128 | pl.Object)


def _kind(dtype: pl.DataType) -> str | None:
    if dtype == pl.Null:
        return None
    if dtype.is_integer():
        return "int"
    if dtype.is_float():
        return "float"
    if dtype == pl.Boolean:
        return "bool"
    if isinstance(dtype, pl.List):
        return "list"
    return "object" if isinstance(dtype, pl.Struct) else "text"


def _slow(text: bytes, line: int) -> tuple[Parsed, Types]:
    rows: list[tuple[int, dict[str, Any]]] = []
    faults: list[Fault] = []
    lines = text.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    for at, raw in enumerate(lines, line):
        if not raw.strip():
            continue
        record = _load(raw) if raw.strip(b"\0") else None
        if record is None:
            faults.append(
                Fault(at, None, None, _why(raw), raw[:800].decode("utf-8", "replace").replace("\0", "·"))
            )
        else:
            rows.append((at, record))
    frame, types = to_frame(rows)
    return Parsed(frame, faults), types


def _why(raw: bytes) -> str:
    if b"\0" in raw:
        return "zero bytes in the line"
    try:
        value = json.loads(raw)
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} at character {error.colno}"
    except (ValueError, RecursionError):
        return "not JSON"
    return _fault_of(value, raw.decode()) or "not JSON"


def parse_items(numbered: Iterable[tuple[int, Any, str]]) -> tuple[Parsed, Types]:
    """Items of an array, each with its number and its text; an item that is no object is a fault."""
    rows: list[tuple[int, dict[str, Any]]] = []
    faults: list[Fault] = []
    for at, item, text in numbered:
        if why := _fault_of(item, text):
            faults.append(Fault(at, None, None, why, text[:800]))
        else:
            rows.append((at, item))
    frame, types = to_frame(rows)
    return Parsed(frame, faults), types


def reach(parsed: Parsed, types: Types, wanted: Iterable[str]) -> None:
    """Fills columns `a.b` that a source names, where `a` is an object (or JSON text of one) that has `b`."""
    for name in wanted:
        first, *path = name.split(".")
        if first not in parsed.frame.columns or not path:
            continue
        place = "$" + "".join(f'["{step}"]' for step in path)
        found = pl.col(first).str.json_path_match(place).str.strip_chars(BLANKS)
        made = pl.when(found != "").then(found)
        own = [pl.col(name)] if name in parsed.frame.columns else []
        parsed.frame = parsed.frame.with_columns(pl.coalesce(*own, made).alias(name))
        types[name] = "text"


def in_place(names: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Columns by their first appearance, each `a.b` that a source names after its `a`."""
    placed = list(names)
    for name in wanted:
        first = name.split(".")[0]
        if name in placed and first in placed and first != name:
            placed.remove(name)
            placed.insert(placed.index(first) + 1, name)
    return placed


def to_frame(rows: Iterable[tuple[int, dict[str, Any]]]) -> tuple[pl.DataFrame, Types]:
    """Numbered objects as a frame of texts and the type of each column."""
    listed = list(rows)
    names = list(dict.fromkeys(name for _, row in listed for name in row))
    types: Types = {}
    columns: dict[str, list[Any]] = {LINE: [at for at, _ in listed]}
    for name in names:
        values = [row.get(name) for _, row in listed]
        kinds = {json_kind(value) for value in values if value is not None}
        if kinds:
            types[name] = merge_kinds(kinds)
        columns[name] = [text_of(value) for value in values]
    schema = {LINE: pl.Int64, **dict.fromkeys(names, pl.String)}
    return pl.DataFrame(columns, schema=schema), types
