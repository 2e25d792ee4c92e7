"""Times as files write them → naive UTC; the order of day and month is one decision per column."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import polars as pl

from engine.ingest.clock import Order, Reading, has_year, parse_time

TIME = pl.Datetime("us")

_DMY = r"^(\d{1,2})[./-](\d{1,2})(?:[./-](?:\d{4}|\d{2})(?:\D|$)|\s|$)"
_NO_YEAR = "no year"


def order_evidence(texts: pl.Series) -> tuple[int, int, int, str]:
    """Of dates like 1.08.2019 or 8/1: how many; first numbers over 12; second numbers over 12; their
    separator, or that they have no year."""
    if texts.dtype != pl.String or not (mask := texts.str.contains(_DMY)).any():
        return 0, 0, 0, ""
    found = texts.filter(mask)
    first = found.str.extract(_DMY, 1).cast(pl.Int32)
    second = found.str.extract(_DMY, 2).cast(pl.Int32)
    text = str(found[0])
    mark = re.sub(r"\d", "", text)[:1]
    if mark != "." and re.fullmatch(r"\d+[/-]\d+(?:\s.*)?", text):
        mark = _NO_YEAR
    return len(found), int((first > 12).sum()), int((second > 12).sum()), mark


def decide_order(evidence: tuple[int, int, int, str]) -> tuple[Order, str | None]:
    """The order of day and month of a column, and why; None where the question does not come up.

    Without evidence: the day first, except with slashes, which is how American exports write, and where
    there is no year: 11-01 is what is left of 2026-11-01.
    """
    count, first, second, mark = evidence
    if not count:
        return "dmy", None
    if first != second:
        order: Order = "dmy" if first > second else "mdy"
        over, which = max(first, second), "first" if first > second else "second"
        doubt = f"; {min(first, second)} say the opposite" if min(first, second) else ""
        words = "day/month/year" if order == "dmy" else "month/day/year"
        return order, f"{words}: the {which} number is over 12 in {over} of {count}{doubt}"
    order = "mdy" if mark in ("/", _NO_YEAR) else "dmy"
    words = "month/day/year" if order == "mdy" else "day/month/year"
    why = "there is no year" if mark == _NO_YEAR else f'taken from the separator "{mark}"'
    return order, f"{words}: not decided by {count} values, {why}; date_format decides it"


def to_utc(values: pl.Series, how: Reading) -> tuple[pl.Series, pl.Series]:
    """Texts, dates, datetimes or numbers as naive UTC microseconds, and True where one cannot be read."""
    if values.dtype == pl.Null:
        return values.cast(TIME), pl.repeat(False, len(values), eager=True)
    if isinstance(values.dtype, pl.Datetime):
        if values.dtype.time_zone is not None:
            return values.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(TIME), _none(values)
        return localised(values.cast(TIME), how.zone), _none(values)
    if values.dtype == pl.Date:
        return localised(values.cast(TIME), how.zone), _none(values)
    texts = values.cast(pl.String)
    if values.dtype.is_float():
        texts = texts.str.replace(r"\.0$", "")
    result = (
        pl.Series(values.name, [None], dtype=TIME).new_from_index(0, len(values))
        if len(values)
        else values.cast(TIME)
    )
    left = texts.is_not_null()
    for _ in range(6):
        if not left.any():
            break
        sample = str(texts.filter(left)[0])
        read = _bulk(texts, sample, how)
        if read is not None and read.null_count() == texts.null_count():
            return read.alias(values.name), _none(values)
        if read is None or not (gain := left & read.is_not_null()).any():
            break
        result = pl.select(pl.coalesce(result, read)).to_series()
        left = left & ~gain
    if left.any():
        odd = texts.filter(left).unique()
        known = {text: when for text in odd if isinstance(when := parse_time(text, how), datetime)}
        if known:
            mapped = texts.replace_strict(list(known), list(known.values()), default=None, return_dtype=TIME)
            result = pl.select(pl.coalesce(result, mapped)).to_series()
    return result.alias(values.name), result.is_null() & texts.is_not_null()


def _none(values: pl.Series) -> pl.Series:
    return pl.repeat(False, len(values), eager=True)


def localised(naive: pl.Series, zone: str) -> pl.Series:
    """Wall times of a zone as naive UTC: the earlier of a doubled hour; a skipped hour moves on by one."""
    if zone == "UTC":
        return naive
    return (
        naive.to_frame("t")
        .select(
            pl.coalesce(
                pl.col("t").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null"),
                (pl.col("t") + timedelta(hours=1)).dt.replace_time_zone(
                    zone, ambiguous="earliest", non_existent="null"
                ),
            )
            .dt.convert_time_zone("UTC")
            .dt.replace_time_zone(None)
            .alias(naive.name)
        )
        .to_series()
    )


def _bulk(texts: pl.Series, sample: str, how: Reading) -> pl.Series | None:
    """All texts that are written like the sample; None where that form is read one by one."""
    if how.form and how.formed(sample):
        if has_year(how.form):
            return _by_form(texts, how.form, how)
        return _by_form(f"{how.year} " + texts, f"%Y {how.form}", how) if how.year else None
    if sample.isascii() and sample.isdigit():
        return _digits(texts, len(sample), how)
    found = re.fullmatch(
        r"(\d{4})([-/.])\d{1,2}\2\d{1,2}(?:([T ])\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?)?(Z|[-+]\d\d:?\d\d)?",
        sample,
    )
    if found:
        form = f"%Y{found[2]}%m{found[2]}%d"
    else:
        found = re.fullmatch(
            r"(\d{1,2})([-/.])\d{1,2}\2\d{4}(?:([T ])\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?)?(Z|[-+]\d\d:?\d\d)?",
            sample,
        )
        if not found:
            return None
        form = "%d{0}%m{0}%Y" if how.order == "dmy" else "%m{0}%d{0}%Y"
        form = form.format(found[2])
    if found[3]:
        form += f"{found[3]}%H:%M" + (":%S" if found[4] else "") + ("%.f" if found[5] else "")
    if found[6] and found[6][0] == "-" and not found[4]:
        return None
    if found[6] and found[6] != "Z":
        return texts.str.to_datetime(form + "%z", strict=False, time_unit="us").dt.replace_time_zone(None)
    if found[6]:
        zoned = texts.str.ends_with("Z")
        read = texts.str.strip_suffix("Z").str.to_datetime(form, strict=False, time_unit="us")
        return pl.select(pl.when(zoned).then(read)).to_series()
    return _by_form(texts, form, how)


def _by_form(texts: pl.Series, form: str, how: Reading) -> pl.Series | None:
    try:
        if not re.search(r"%[HIkls]", form):
            naive = texts.str.to_date(form, strict=False).cast(TIME)
        else:
            read = texts.str.to_datetime(form, strict=False, time_unit="us")
            if isinstance(read.dtype, pl.Datetime) and read.dtype.time_zone is not None:
                return read.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            naive = read
    except pl.exceptions.PolarsError:
        return None
    return localised(naive, how.zone)


def _digits(texts: pl.Series, length: int, how: Reading) -> pl.Series | None:
    here = texts.str.len_bytes() == length
    same = pl.select(pl.when(here).then(texts)).to_series()
    if length == 8:
        return _by_form(same, "%Y%m%d", how)
    if length == 14:
        return _by_form(same, "%Y%m%d%H%M%S", how)
    scale = {10: 1_000_000, 13: 1_000, 16: 1}.get(length)
    if scale is None:
        return None
    return (same.cast(pl.Int64, strict=False) * scale).cast(TIME)
