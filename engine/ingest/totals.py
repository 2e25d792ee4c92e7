"""Rows of an export that are not records: totals and repeated headers."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

CHINESE = ("合计", "总计", "累计", "小计", "汇总", "总和", "共计")
_WORDS = re.compile(
    r"^(?:合计|总计|累计|小计|汇总|总和|共计|全部合计|总合计|(?:grand |sub[- ]?)?totals?|sum)"
    r"\s*(?:[:：]|[(（].*[)）]|\d.*|-.*)?$",
    re.IGNORECASE,
)


def is_total(cells: Iterable[str | None]) -> bool:
    """Whether a record's first cell with something in it is a word for a total."""
    first = next((cell.strip() for cell in cells if cell and cell.strip()), "")
    return _WORDS.match(first) is not None


def total_rows(
    frame: pl.DataFrame, times: tuple[str, ...], dims: tuple[str, ...], numbers: tuple[str, ...]
) -> pl.Series:
    """True where a row is a total.

    In: texts; the columns that give the time, the dimensions and the numbers.
    A total says so in its first cell, or a Chinese word for it is a whole cell of a time or dimension;
    or it has numbers but neither time nor dimension (Google Analytics).
    """
    texts = [name for name in frame.columns[1:] if frame.schema[name] == pl.String]
    if not texts or frame.is_empty():
        return pl.repeat(False, len(frame), eager=True)
    pattern = f"(?i){_WORDS.pattern}"
    watched = [name for name in dict.fromkeys((*times, *dims)) if name in texts]
    said = pl.col(watched).is_in(list(CHINESE)) if watched else None
    checks = [_first_filled(frame).str.contains(pattern)]
    if said is not None:
        checks += [pl.any_horizontal(said)]
    if dims and numbers and (keys := [name for name in (*times, *dims) if name in frame.columns]):
        counted = [name for name in numbers if name in frame.columns]
        if counted:
            empty = pl.all_horizontal(pl.col(list(dict.fromkeys(keys))).is_null())
            checks.append(empty & pl.any_horizontal(pl.col(list(dict.fromkeys(counted))).is_not_null()))
    return frame.select(pl.any_horizontal([check.fill_null(False) for check in checks]).alias("t"))["t"]


def _first_filled(frame: pl.DataFrame) -> pl.Expr:
    """The first cell with something in it, of the first columns that are texts."""
    names = [name for name in frame.columns[1:] if frame.schema[name] == pl.String][:8]
    return pl.coalesce(names) if frame[names[0]].null_count() else pl.col(names[0])


def repeated_headers(frame: pl.DataFrame) -> pl.Series:
    """True where a row's cells are the names of their columns."""
    names = [name for name in frame.columns[1:] if frame.schema[name] == pl.String][:4]
    if len(names) < 2:
        return pl.repeat(False, len(frame), eager=True)
    same = pl.all_horizontal([pl.col(name).is_in([name, re.sub(r"_\d+$", "", name)]) for name in names])
    return frame.select(same.fill_null(False).alias("r"))["r"]
