"""Identifiers as files write them → usable, normalised `type:value`; a bad one never costs the row.

Source: reference of the product's identity rules: trim and NFKC, the type's rule, the block list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import polars as pl

from engine.ingest.hashing import subject_of
from engine.workspace.model import Identity

_PHONE_MARKS = re.compile(r"[\s\-().]")
_MAINLAND = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
_WORLD = re.compile(r"\+(?!86)[1-9]\d{6,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

TEXTS = pl.List(pl.String)


def normalise(kind: str, raw: str, identity: Identity) -> str | None:
    """The value that identifies somebody, or None where it is malformed or blocked.

    >>> normalise("phone", "+86-138-1111-2222", identity)
    '+8613811112222'
    """
    trimmed = unicodedata.normalize("NFKC", raw).strip()
    value = _by_type(kind, trimmed)
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
    texts = raw.cast(pl.String)
    plain = texts.str.contains(_PLAIN.get(kind, r"^[\x21-\x7e]+$")).fill_null(False)
    quick = _quick(kind, texts)
    blocked = _blocked_quick(kind, texts, quick, identity)
    frame = pl.DataFrame({"raw": texts, "quick": quick, "plain": plain, "blocked": blocked})
    odd = frame.filter(~pl.col("plain") & pl.col("raw").is_not_null())["raw"].unique()
    known = {text: value for text in odd if (value := normalise(kind, text, identity)) is not None}
    slow = (
        pl.col("raw").replace_strict(known, default=None, return_dtype=pl.String) if known else pl.lit(None)
    )
    chosen = pl.when(pl.col("plain")).then(pl.when(~pl.col("blocked")).then(pl.col("quick"))).otherwise(slow)
    return frame.select(chosen.cast(pl.String).alias(raw.name))[raw.name]


_PLAIN = {
    "phone": r"^(?:\+86|0086|86)?1[3-9][0-9]{9}$",
    "email": r"^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+\.[\x21-\x2d\x2f-\x3f\x41-\x7e]+$",
}


def _quick(kind: str, texts: pl.Series) -> pl.Series:
    if kind == "phone":
        return "+86" + texts.str.slice(-11)
    return texts.str.to_lowercase() if kind in ("email", "device_id") else texts


def _blocked_quick(kind: str, texts: pl.Series, values: pl.Series, identity: Identity) -> pl.Series:
    words = {word.casefold() for word in identity.blocked_any | identity.blocked_types.get(kind, frozenset())}
    found = texts.str.to_lowercase().is_in(list(words)) | values.str.to_lowercase().is_in(list(words))
    for pattern in (*identity.blocked_regex.get("any", ()), *identity.blocked_regex.get(kind, ())):
        for series in (texts, values):
            found = found | _matches(series, pattern)
    return found.fill_null(False)


def _matches(series: pl.Series, pattern: str) -> pl.Series:
    try:
        return series.str.contains(f"(?i){pattern}")
    except pl.exceptions.PolarsError:
        compiled = re.compile(pattern, re.IGNORECASE)
        hits = [text for text in series.drop_nulls().unique() if compiled.search(text)]
        return series.is_in(hits)


def raw_lists(columns: Sequence[pl.Series], name: str) -> pl.Series:
    """The values of one type in each row as a list of trimmed texts; null where there are none."""
    if len(columns) == 1 and not isinstance(columns[0].dtype, pl.List):
        value = pl.col("v").cast(pl.String).str.strip_chars()
        frame = columns[0].to_frame("v").select(pl.when(value != "").then(value).alias("v"))
        return frame.select(pl.when(pl.col("v").is_not_null()).then(pl.concat_list("v")).alias(name))[name]
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

    Out: `ids` usable `type:value`, by priority and within a type the smaller first, each once.
    """
    there = [kind for kind in types if frame[kind].null_count() < len(frame)]
    if not there:
        empty = pl.lit([], dtype=TEXTS)
        return frame.with_columns(empty.alias("ids"), pl.lit(None, dtype=pl.UInt64).alias("subject"))
    if all(_is_single(frame[kind]) for kind in there):
        named = pl.DataFrame([_named(frame[kind], kind, identity) for kind in there])
        strongest, ids = pl.coalesce(there), pl.concat_list(there)
        if any(named[kind].null_count() for kind in there):
            ids = ids.list.drop_nulls()
        found = named.select(ids.alias("ids"), subject_of(strongest).alias("subject"))
        return frame.with_columns(found["ids"], found["subject"])
    columns = [_usable(frame[kind], kind, identity) for kind in there]
    joined = pl.select(pl.concat_list(columns)).to_series() if len(columns) > 1 else columns[0]
    with_ids = frame.with_columns(joined.alias("ids"))
    return with_ids.with_columns(subject_of(pl.col("ids").list.get(0, null_on_oob=True)).alias("subject"))


def _is_single(values: pl.Series) -> bool:
    longest = values.list.len().max()
    return longest is None or longest == 1


def _named(values: pl.Series, kind: str, identity: Identity) -> pl.Series:
    """The usable `type:value` of one type in each row that has at most one value; else null."""
    texts = normalised(kind, values.list.get(0, null_on_oob=True), identity)
    return texts.to_frame("v").select(pl.concat_str([pl.lit(f"{kind}:"), pl.col("v")]).alias(kind))[kind]


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
