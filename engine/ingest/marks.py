"""Which character is the decimal mark of a column, and how its numbers are dressed: sums over all its values.

`1.234,56` can only be read with a comma, `1,204.5` only with a point; `100.000` and `1,234` can be read with
either. A column is read in one way, never a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

_LOCAL = r"R\$|€|₺|zł|kr\b|Kč"
"""Currencies of places that write 1.234,56: with one of them a group of exactly three digits is thousands."""
_RUN = r"(\d[\d.,]*\d|\d)"
_POINT = (
    r"^(?:\d{1,3}(?:,\d{2,3})+\.\d+|\d{1,3}(?:,\d{3}){2,}|\d+\.(?:\d{1,2}|\d{4,})|0+\.\d+|\d{4,}\.\d{3}"
    r"|\d{1,3}(?:,\d{2})+,\d{3})$"
)
_COMMA = r"^(?:\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}|\d+,(?:\d{1,2}|\d{4,})|0+,\d+|\d{4,},\d{3})$"
_OPEN = r"^[1-9]\d{0,2}\.\d{3}$"


@dataclass(frozen=True, slots=True)
class Dress:
    """Counts over a column of numbers: values; those that only a point, only a comma can read; those like
    100.000; those of them with a currency that groups by points; with a comma between thousands; with %;
    the first currency sign."""

    values: int = 0
    point: int = 0
    comma: int = 0
    open: int = 0
    local: int = 0
    grouped: int = 0
    percent: int = 0
    sign: str = ""

    def __add__(self, other: Dress) -> Dress:
        sums = {n: getattr(self, n) + getattr(other, n) for n in _COUNTS}
        return Dress(**sums, sign=self.sign or other.sign)


_COUNTS = ("values", "point", "comma", "open", "local", "grouped", "percent")


def dress_of(texts: pl.Series) -> Dress:
    """How the texts of a column of numbers are written."""
    if texts.dtype != pl.String:
        return Dress()
    filled = texts.drop_nulls()
    marked = filled.filter(filled.str.contains(r"[.,%¥￥$€£₹₽]|zł|kr|₺|Kč"))
    if marked.is_empty():
        return Dress(len(filled))
    text = pl.col("t")
    run = text.str.replace_all(r"[\s'’\u00a0\u202f]", "").str.extract(_RUN, 1)
    local = text.str.contains(_LOCAL)
    sums = marked.to_frame("t").select(
        run.str.contains(_POINT).sum().alias("point"),
        run.str.contains(_COMMA).sum().alias("comma"),
        run.str.contains(_OPEN).sum().alias("open"),
        (run.str.contains(_OPEN) & local).sum().alias("local"),
        run.str.contains(r"^\d{1,3}(?:,\d{3})+(?:\.\d+)?$").sum().alias("grouped"),
        text.str.contains("%", literal=True).sum().alias("percent"),
        text.str.extract(r"(R\$|[¥￥$€£₹₽₺]|zł|Kč)").drop_nulls().first().alias("sign"),
    )
    found = sums.row(0, named=True)
    return Dress(len(filled), **{**found, "sign": found["sign"] or ""})


def decide_marks(seen: Mapping[str, Dress], said: str | None, *, follow: bool = True) -> dict[str, str]:
    """The decimal mark of each column that has one to decide.

    In: `said`: what the source says; it holds for all. With `follow` a column whose values leave it open is
    read as the others of the file where those all have commas.
    """
    own = {name: said or _own(dress) for name, dress in seen.items()}
    sure = {mark for mark in own.values() if mark}
    rest = "," if follow and sure == {","} else "."
    marked = (
        name for name, dress in seen.items() if dress.point or dress.comma or dress.open or dress.grouped
    )
    return {name: own[name] or rest for name in marked}


def _own(dress: Dress) -> str:
    """The mark that a column's own values say; empty where they leave it open."""
    if dress.point or dress.comma:
        return "," if dress.comma and not dress.point else "."
    return "," if dress.local and dress.local == dress.open else ""


def mark_sentences(
    seen: Mapping[str, Dress], said: str | None, *, follow: bool = True
) -> list[tuple[str, str]]:
    """(topic, sentence) for the columns whose numbers are dressed or in doubt."""
    marks = decide_marks(seen, said, follow=follow)
    told = ((name, _sentence(dress, marks.get(name), said)) for name, dress in seen.items())
    return [("numbers", f"{name}: {words}") for name, words in told if words]


def _sentence(dress: Dress, mark: str | None, said: str | None) -> str:
    words = []
    if said and mark == said == ",":
        words.append('decimal mark "," (said by the source)')
    elif mark and not said:
        words += _why(dress, mark)
    if dress.grouped and mark == ".":
        words.append(f'"," between thousands in {dress.grouped}')
    if dress.percent:
        words.append(f"{dress.percent} of {dress.values} are percent")
    if dress.sign:
        words.append(f"written with {dress.sign}")
    return "; ".join(words)


def _why(dress: Dress, mark: str) -> list[str]:
    own = _own(dress)
    if dress.point and dress.comma:
        return [
            f'decimal mark ".": {dress.point} values need it, {dress.comma} need a comma and are rejected; '
            'decimal = "," reads those'
        ]
    if mark == "," and own:
        count = dress.comma or dress.local
        what = "can be read in no other way" if dress.comma else f"are {dress.sign} in groups of three digits"
        return [f'decimal mark ",": {count} of {dress.values} values {what}; decimal = "." says otherwise']
    if mark == "," and not own:
        return ['decimal mark "," as in the other columns; decimal says otherwise']
    if dress.open and not dress.point:
        return [
            f'decimal mark ".": not decided by {dress.open} values like 100.000, which are read as 100; '
            'decimal = "," reads 100000'
        ]
    return []
