"""The hashes that parts hold: one place for their seed, so that two parts agree on who is who."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

SEED = 0x6C6F6F70
BETWEEN = "\x1f"
"""Stands between the identifiers of a subject; no identifier holds it."""


@cache
def dialect() -> str:
    """Hashes are those of this library: another version has the parts built again."""
    return f"polars {version('polars')}"


def subject_of(identifiers: pl.Expr) -> pl.Expr:
    """UInt64 of `type:value` texts joined by BETWEEN; null where there is none.

    The subject of a single identifier is the number of that identifier.
    """
    import polars as pl

    return pl.when(identifiers != "").then(identifiers.hash(SEED))


def record_of(values: Sequence[pl.Expr]) -> pl.Expr:
    """UInt64 of several values as texts; two rows with the same values, nulls included, have the same.

    Each value is told from its neighbours by its length: ("ab", "c") is not ("a", "bc").
    """
    import polars as pl

    pieces: list[pl.Expr] = []
    for value in values:
        text = value.cast(pl.String)
        sized = pl.concat_str([text.str.len_bytes().cast(pl.String), pl.lit(":"), text])
        pieces.append(sized.fill_null("-"))
    return pl.concat_str(pieces).hash(SEED)
