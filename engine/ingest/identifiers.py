"""Identifiers as files write them → usable, normalised `type:value`; a bad one never costs the row.

Source: reference of the product's identity rules: trim and NFKC, the type's rule, the block list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

import polars as pl

from engine.ingest.hashing import BETWEEN, subject_of
from engine.workspace.model import Identity

_PHONE_MARKS = re.compile(r"[\s\-().]")
_MAINLAND = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
_WORLD = re.compile(r"\+(?!86)[1-9]\d{6,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

TEXTS = pl.List(pl.String)


def normalise(kind: str, raw: str, identity: Identity) -> str | None:
    """The value that identifies somebody, or None where it is malformed or blocked.

    >>> normalise("phone", "+86-138-1111-2222", identity)
    '+8613811112222'
    """
    trimmed = unicodedata.normalize("NFKC", raw).strip()
    value = None if _CONTROL.search(trimmed) else _by_type(kind, trimmed)
    if not value or _blocked(kind, trimmed, identity) or _blocked(kind, value, identity):
        return None
    return value


def _by_type(kind: str, text: str) -> str | None:
    if kind == "phone":
        bare = _PHONE_MARKS.sub("", text)
        if found := _MAINLAND.fullmatch(bare):
            return f"+86{found.group(1)}"
        return bare if _WORLD.fullmatch(bare) else None
    if kind == "email":
        lower = text.lower()
        return lower if _EMAIL.fullmatch(lower) else None
    return text.lower() if kind == "device_id" else text


def _blocked(kind: str, value: str, identity: Identity) -> bool:
    folded = value.casefold()
    words = identity.blocked_any | identity.blocked_types.get(kind, frozenset())
    if value in words or any(folded == word.casefold() for word in words):
        return True
    patterns = (*identity.blocked_regex.get("any", ()), *identity.blocked_regex.get(kind, ()))
    return any(re.search(pattern, value, re.IGNORECASE) for pattern in patterns)


def normalised(kind: str, raw: pl.Series, identity: Identity) -> pl.Series:
    """`normalise` over a column of texts: by expressions for plain values, one by one for odd ones."""
    text = pl.col("raw")
    patterns = (*identity.blocked_regex.get("any", ()), *identity.blocked_regex.get(kind, ()))
    plain, quick = pl.lit(False), pl.lit(None, dtype=pl.String)
    if all(map(_understood, patterns)):
        plain = text.str.contains(_PLAIN.get(kind, r"^[\x21-\x7e]+$"))
        made = _quick(kind, text)
        quick = pl.when(plain & ~_blocked_quick(kind, text, made, patterns, identity)).then(made)
    odd = text.is_not_null() & ~plain
    frame = raw.cast(pl.String).to_frame("raw").select(text, quick.alias("quick"), odd.alias("odd"))
    if not frame["odd"].any():
        return frame["quick"].alias(raw.name)
    known = {
        value: found
        for value in frame.filter("odd")["raw"].unique()
        if (found := normalise(kind, value, identity)) is not None
    }
    slow = text.replace_strict(known, default=None, return_dtype=pl.String) if known else pl.lit(None)
    chosen = pl.when("odd").then(slow).otherwise("quick").cast(pl.String)
    return frame.select(chosen.alias(raw.name))[raw.name]


_PLAIN = {
    "phone": r"^(?:\+86|0086|86)?1[3-9][0-9]{9}$",
    "email": r"^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+\.[\x21-\x2d\x2f-\x3f\x41-\x7e]+$",
}


def _quick(kind: str, text: pl.Expr) -> pl.Expr:
    if kind == "phone":
        return pl.lit("+86") + text.str.slice(-11)
    return text.str.to_lowercase() if kind in ("email", "device_id") else text


def _blocked_quick(
    kind: str, text: pl.Expr, value: pl.Expr, patterns: Iterable[str], identity: Identity
) -> pl.Expr:
    words = {word.casefold() for word in identity.blocked_any | identity.blocked_types.get(kind, frozenset())}
    found = pl.lit(False)
    for each in (text,) if value is text else (text, value):
        found = found | each.str.to_lowercase().is_in(list(words))
        for pattern in patterns:
            found = found | each.str.contains(f"(?i){pattern}")
    return found


@cache
def _understood(pattern: str) -> bool:
    """Whether a regular expression means something to Polars; others are asked one by one."""
    try:
        pl.Series([""]).str.contains(f"(?i){pattern}")
    except pl.exceptions.PolarsError:
        return False
    return True


def raw_lists(columns: Sequence[pl.Series], name: str) -> pl.Series:
    """The values of one type in each row as a list of trimmed texts; null where there are none."""
    if len(columns) == 1 and not isinstance(columns[0].dtype, pl.List):
        value = pl.col("v").cast(pl.String).str.strip_chars()
        alone = pl.when(value != "").then(pl.concat_list(value))
        return columns[0].to_frame("v").select(alone.alias(name))[name]
    lists = []
    for column in columns:
        listed = (
            pl.col("v").cast(TEXTS)
            if isinstance(column.dtype, pl.List)
            else pl.concat_list(pl.col("v").cast(pl.String))
        )
        trimmed = pl.element().str.strip_chars()
        kept = listed.list.eval(pl.when(trimmed != "").then(trimmed)).list.drop_nulls()
        lists.append(column.to_frame("v").select(kept.fill_null(pl.lit([], dtype=TEXTS)).alias("v"))["v"])
    joined = lists[0] if len(lists) == 1 else pl.select(pl.concat_list(lists)).to_series()
    return pl.select(pl.when(joined.list.len() > 0).then(joined).alias(name)).to_series()


def observe(frame: pl.DataFrame, types: Sequence[str], identity: Identity) -> pl.DataFrame:
    """Adds `ids` and `subject` to a frame with a list column per identifier type.

    Out: `ids` usable `type:value`, by priority and within a type the smaller first, each once; `subject`
         the hash of all of them: rows with the same identifiers are the same subject.
    """
    there = [kind for kind in types if frame[kind].null_count() < len(frame)]
    if not there:
        empty = pl.lit([], dtype=TEXTS)
        return frame.with_columns(empty.alias("ids"), pl.lit(None, dtype=pl.UInt64).alias("subject"))
    longest = frame.select(pl.col(there).list.len().max()).row(0)
    if all(length is None or length == 1 for length in longest):
        values = frame.select(pl.col(there).list.get(0, null_on_oob=True))
        single = pl.DataFrame([normalised(kind, values[kind], identity) for kind in there])
        named = [pl.concat_str([pl.lit(f"{kind}:"), pl.col(kind)]) for kind in there]
        ids = pl.concat_list(named)
        if any(single[kind].null_count() for kind in there):
            ids = ids.list.drop_nulls()
        together = pl.concat_str(named, separator=BETWEEN, ignore_nulls=True)
        found = single.select(ids.alias("ids"), subject_of(together).alias("subject"))
        return frame.with_columns(found["ids"], found["subject"])
    columns = [_usable(frame[kind], kind, identity) for kind in there]
    joined = pl.select(pl.concat_list(columns)).to_series() if len(columns) > 1 else columns[0]
    with_ids = frame.with_columns(joined.alias("ids"))
    return with_ids.with_columns(subject_of(pl.col("ids").list.join(BETWEEN)).alias("subject"))


def _usable(values: pl.Series, kind: str, identity: Identity) -> pl.Series:
    """Usable `type:value` of one type in each row, sorted; an empty list where there are none."""
    long = values.to_frame("v").with_row_index("at").explode("v").drop_nulls("v")
    long = long.with_columns(normalised(kind, long["v"], identity).alias("v")).drop_nulls("v").unique()
    named = pl.concat_str([pl.lit(f"{kind}:"), pl.col("v")])
    lists = long.sort("at", "v").group_by("at", maintain_order=True).agg(named.alias(kind))
    rows = pl.DataFrame({"at": pl.int_range(len(values), dtype=pl.UInt32, eager=True)})
    joined = rows.join(
        lists.with_columns(pl.col("at").cast(pl.UInt32)), on="at", how="left", maintain_order="left"
    )
    return joined[kind].fill_null(pl.Series([[]], dtype=TEXTS)) if joined[kind].null_count() else joined[kind]
