"""Numbers as people and platforms write them → exact decimals with six places, never through a float."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, DecimalException

import polars as pl

DECIMAL = pl.Decimal(18, 6)
LARGEST = Decimal(10) ** 12

_SIGNS = "¥￥$€£₹₽"
_GROUPED = rf"^[-+]?(?:[{_SIGNS}]\s?)?[-+]?\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?\s?元?$"
_SIGNED = rf"^[-+]?[{_SIGNS}]\s?[-+]?\d+(?:\.\d+)?\s?元?$"
_UNITS = {"千": 3, "k": 3, "K": 3, "万": 4, "w": 4, "W": 4, "M": 6, "百万": 6, "亿": 8}
_NULLS = {"-", "--", "---", "—", "–", "/", "n/a", "na", "null", "none", "nan", "\\n", "无", "暂无", "*"}
_REFUND = r"^(.*?)\s*[(（]已(全额)?退款\s*(.*?)[)）]$"
_ISO = re.compile(r"^(?:[A-Z]{3}\s*|[A-Z]{1,2}\$\s*)|\s*[A-Z]{3}$")


def to_decimals(texts: pl.Series, mark: str = ".") -> tuple[pl.Series, pl.Series]:
    """Texts as Decimal(18, 6), and True where a text is no number; null stays null.

    In: `mark` is the decimal mark of the file, `.` or `,`.
    """
    if texts.dtype != pl.String:
        return _typed(texts)
    text = pl.col("t")
    values, left, dressed = _read(texts, text if mark == "." else _with_comma(text))
    if mark == "." and dressed:
        plain = text.str.replace_all(rf"[{_SIGNS},\s元]", "")
        sure = text.str.contains(_GROUPED) | text.str.contains(_SIGNED)
        values, left, _ = _read(texts, pl.when(sure).then(plain).otherwise(text))
    if not left.any():
        return values.alias(texts.name), left
    odd = texts.filter(left).unique()
    read = {text: parse_number(text, mark) for text in odd}
    known = {text: value for text, value in read.items() if isinstance(value, Decimal)}
    if known:
        mapped = texts.replace_strict(list(known), list(known.values()), default=None, return_dtype=DECIMAL)
        values = pl.select(pl.coalesce(values, mapped)).to_series()
    return values.alias(texts.name), values.is_null() & texts.is_not_null()


def _read(texts: pl.Series, clean: pl.Expr) -> tuple[pl.Series, pl.Series, bool]:
    """Decimals of an expression over `t`, True where one is missing, and whether any text has a sign."""
    read, text = clean.str.to_decimal(scale=6).cast(DECIMAL, strict=False), pl.col("t")
    left = read.is_null() & text.is_not_null()
    dressed = text.str.contains(rf"[{_SIGNS},元]").any()
    frame = texts.to_frame("t").select(read.alias("v"), left.alias("left"), dressed.alias("dressed"))
    return frame["v"], frame["left"], bool(len(frame) and frame["dressed"][0])


def _with_comma(text: pl.Expr) -> pl.Expr:
    """Texts whose decimal mark is a comma, as decimals with a point; null where that is not sure."""
    text = text.str.replace(rf"^([-+]?)\s*(?:R\$|[{_SIGNS}])\s*|\s*[{_SIGNS}]$", "${1}")
    clean = text.str.replace_all(r"[.'\s\u00a0\u202f]", "").str.replace(",", ".", literal=True)
    sure = text.str.contains(r"^-?(?:\d+|\d{1,3}(?:[.'\s\u00a0\u202f]\d{3})+)(?:,\d+)?$")
    return pl.when(sure).then(clean)


def _typed(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Numbers of a typed file; a double as its shortest text."""
    if values.dtype == pl.Null:
        empty = values.cast(DECIMAL)
        return empty, empty.is_null() & False
    if values.dtype.is_float():
        finite = pl.select(pl.when(values.is_finite()).then(values)).to_series()
        read = finite.cast(DECIMAL, strict=False)
        return read.alias(values.name), read.is_null() & values.is_not_null() & ~values.is_nan()
    read = values.cast(DECIMAL, strict=False)
    return read.alias(values.name), read.is_null() & values.is_not_null()


def split_refunds(texts: pl.Series) -> tuple[pl.Series, pl.Series] | None:
    """`131.77(已退款89.84)` → amounts and refunds as texts; None where no value has one."""
    if texts.dtype != pl.String or not texts.str.contains(_REFUND).any():
        return None
    has = texts.str.contains(_REFUND)
    amount, whole = texts.str.extract(_REFUND, 1), texts.str.extract(_REFUND, 2)
    part = texts.str.extract(_REFUND, 3)
    refund = pl.when(whole.is_not_null() & (part == "")).then(amount).otherwise(part)
    return (
        pl.select(pl.when(has).then(amount).otherwise(texts)).to_series().alias(texts.name),
        pl.select(pl.when(has).then(refund)).to_series(),
    )


def parse_number(text: str, mark: str = ".") -> Decimal | str:
    """One number, or in words why it is none.

    >>> parse_number("¥3.2万"), parse_number("(1,204.50)"), parse_number("12.5%")
    (Decimal('32000.0'), Decimal('-1204.50'), Decimal('0.125'))
    """
    clean = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    if clean.casefold() in _NULLS:
        return f'not a number; add "{text}" to null_values'
    body, negative = clean, False
    if body.startswith("(") and body.endswith(")"):
        body, negative = body[1:-1], True
    body = _bare(body)
    if body.endswith("-"):
        body, negative = body[:-1], not negative
    shift = 0
    if body.endswith(("%", "‰")):
        body, shift = body[:-1].rstrip(), -2 if body.endswith("%") else -3
    for unit in sorted(_UNITS, key=len, reverse=True):
        if body.endswith(unit):
            body, shift = body[: -len(unit)].rstrip(), shift + _UNITS[unit]
            break
    plain = _ungrouped(_bare(body), mark)
    try:
        value = (
            Decimal(plain) if re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?", plain) else None
        )
    except DecimalException:
        value = None
    if value is None:
        return _why(text, body, mark)
    # By its exponent first: arithmetic rounds, and overflows where there are millions of digits.
    if value.adjusted() + shift > 15 or abs(value := value.scaleb(shift)) >= LARGEST:
        return f"too large a number: {text}"
    return -value if negative else value


def _bare(body: str) -> str:
    """Without currency signs and codes; a sign before them stays."""
    body = re.sub(r"^([-+]?)\s*(?:R\$|[¥$€£₹₽])\s*", r"\1", body.strip())
    return _ISO.sub("", body.removesuffix("元")).strip().strip("¥$€£₹₽").strip()


def _ungrouped(body: str, mark: str) -> str:
    """Without separators of groups of three, or of two as in India (1,23,456); decimal mark `.`."""
    groups = r"[,'’ \u00a0\u202f]" if mark == "." else r"[.'’ \u00a0\u202f]"
    point = re.escape(mark)
    thousands = rf"[-+]?\d{{1,3}}(?:{groups}\d{{3}})+(?:{point}\d+)?"
    lakhs = r"[-+]?\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?"
    if re.fullmatch(thousands, body) or (mark == "." and re.fullmatch(lakhs, body)):
        body = re.sub(groups, "", body)
    elif mark == "," and "." in body:
        return ""
    return body.replace(",", ".") if mark == "," else body


def _why(text: str, body: str, mark: str) -> str:
    letter = re.search(r"(?<=[\d,.])[OoIl](?=[\d,.])|(?<=[\d,.])[OoIl]$|^[OoIl](?=\d)", body)
    if letter and not re.search(r"[A-Za-z]", body.replace(letter.group(), "")):
        return f"not a number: letter {letter.group()} in {text}"
    if mark == "." and re.fullmatch(r"-?[\d.\s\u00a0\u202f]*\d,\d+", body):
        return f'not a number: {text}; if its comma is the decimal mark, say decimal = "," in the source'
    return f"not a number: {text}"
