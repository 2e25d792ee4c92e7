"""One time as a file writes it → naive UTC, or why it is none."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

Order = Literal["dmy", "mdy"]

_CLOCK = re.compile(
    r"^[T\s,:]*(?:(?P<half>上午|下午|凌晨|中午|晚上)\s*)?(?P<h>\d{1,2})[:时点](?P<m>\d{1,2})分?"
    r"(?::?(?P<s>\d{1,2})秒?(?:[.,](?P<f>\d{1,9}))?)?\s*(?P<ap>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|z|(?:UTC|GMT)(?![-+])|(?:UTC|GMT)?[-+]\d{2}:?\d{2}|[-+]\d{2})?$"
)
_SPAN = re.compile(r"^(?P<start>[\s,]*(?P<from>\d{1,2}):\d{2})\s*[-~–—]\s*(?P<to>\d{1,2}):\d{2}$")
"""An hour of a report, `08:00-08:59`: its start counts."""
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_ZONE_NAME = re.compile(r"\s*\([^()]*\)$")
"""`(China Standard Time)` after an offset."""
_YEAR_LAST = re.compile(r"^([A-Za-z]{3,9}\s+\d{1,2})\s+([\d:.]+)\s+(?:[A-Z]{3}\s+)?(\d{4})$")
"""`Oct 22 21:03:00 2026`, as C writes it."""
_WEEK = re.compile(r"^(\d{4})-?W(\d{2})-?([1-7])(?=\D|$)")
_CELL = re.compile(r"^\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d(?:\.\d+)?)?$")
"""A cell of a workbook that is a date."""
_MONTH = re.compile(r"^\d{4}([-/.年])\d{1,2}(月?)$")
_FORMS = (
    re.compile(r"^(?P<y>\d{4})(?P<sep>[-/.])(?P<mo>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?=\D|$)"),
    re.compile(r"^(?P<y>\d{4})\s*年\s*(?P<mo>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日?"),
    re.compile(r"^(?P<y>\d{4})(?P<mo>\d{2})(?P<d>\d{2})(?=\D|$|\d{6}$)"),
    re.compile(r"^(?P<mo>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"),
    re.compile(r"^(?P<a>\d{1,2})[./-](?P<b>\d{1,2})[./-](?P<y>\d{4}|\d{2})(?=\D|$)"),
    re.compile(r"^(?P<d>\d{1,2})[\s/-](?P<name>[A-Za-z]{3,9})\.?[\s,/-]+(?P<y>\d{4}|\d{2})(?=\D|$)"),
    re.compile(r"^(?P<name>[A-Za-z]{3,9})\.?\s(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})(?=\D|$)"),
    re.compile(r"^(?P<name>[A-Za-z]{3,9})\.?\s(?P<d>\d{1,2})(?=\D|$)"),
    re.compile(r"^(?P<a>\d{1,2})[./-](?P<b>\d{1,2})(?=\s|$)"),
)
_MONTHS = {name: i for i, name in enumerate(
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column of times is read: the zone of naive times, and what the source or the column decides.

    `cells`: the file has cells that are dates; they are written as ISO dates, whatever `form` says of texts.
    """

    zone: str
    order: Order = "dmy"
    form: str | None = None
    year: int | None = None
    cells: bool = False

    def formed(self, text: str) -> bool:
        """Whether the source's form reads this text."""
        return self.form is not None and not (self.cells and _CELL.match(text))


def has_year(form: str) -> bool:
    """Whether a form of a date says the year."""
    return re.search(r"%[-_]?[yYGcDxsF]", form) is not None


def parse_time(text: str, how: Reading) -> datetime | str:
    """One time as naive UTC, or in words why it is none."""
    try:
        return _parsed(text, how)
    except OverflowError:
        return f"outside of the calendar: {text}"


def _parsed(text: str, how: Reading) -> datetime | str:
    clean = unicodedata.normalize("NFKC", text).strip()
    if how.formed(clean):
        return _strptime(clean, text, how)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", clean):
        return _serial(float(clean), how)
    if re.fullmatch(r"\d{10}(?:\.\d+)?|\d{13}|\d{16}", clean):
        return _epoch(clean)
    clean = _WEEKDAY.sub("", _ZONE_NAME.sub("", clean))
    clean = _YEAR_LAST.sub(r"\1, \3 \2", clean)
    if week := _WEEK.match(clean):
        return _of_week(week, clean[week.end() :], text, how)
    for form in _FORMS:
        if found := form.match(clean):
            return _made(found, clean[found.end() :], text, how)
    if month := _MONTH.match(clean):
        return f'a month without a day: {text}; date_format = "%Y{month[1]}%m{month[2]}" takes its first day'
    return f"not a date or time: {text}"


def _of_week(found: re.Match[str], rest: str, text: str, how: Reading) -> datetime | str:
    try:
        day = date.fromisocalendar(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return f"no such week: {text}"
    return _with_clock(day, rest, text, how)


def _strptime(clean: str, text: str, how: Reading) -> datetime | str:
    form = how.form or ""
    if not has_year(form):
        if how.year is None:
            return f"no year in {text}; set year in the source"
        clean, form = f"{how.year} {clean}", f"%Y {form}"
    try:
        when = datetime.strptime(clean, form)
    except ValueError:
        return f"not a time in the form {how.form}: {text}"
    return _utc(when, how.zone) if when.tzinfo is None else _plain(when)


def _serial(days: float, how: Reading) -> datetime:
    """Days since 1899-12-30, as Excel counts, in wall time; seconds are whole."""
    seconds = round(days * 86_400)
    return _utc(datetime(1899, 12, 30) + timedelta(seconds=seconds), how.zone)


def _epoch(clean: str) -> datetime:
    whole, _, fraction = clean.partition(".")
    micros = int(whole) * {10: 1_000_000, 13: 1_000, 16: 1}[len(whole)] + int((fraction + "000000")[:6])
    return datetime(1970, 1, 1) + timedelta(microseconds=micros)


def _made(found: re.Match[str], rest: str, text: str, how: Reading) -> datetime | str:
    parts = found.groupdict()
    year = int(parts["y"]) if parts.get("y") else how.year
    if year is None:
        return f"no year in {text}; set year in the source"
    if year < 100:
        year += 2000 if year < 70 else 1900
    if parts.get("name"):
        month, day = _MONTHS.get(parts["name"][:3].lower(), 0), int(parts["d"])
        if not month:
            return f"not a date or time: {text}"
    elif parts.get("a"):
        pair = int(parts["a"]), int(parts["b"])
        day, month = pair if how.order == "dmy" else pair[::-1]
    else:
        month, day = int(parts["mo"]), int(parts["d"])
    if not 1 <= month <= 12:
        return f"no such month: {month}"
    try:
        base = date(year, month, day)
    except ValueError:
        return f"no such day: {year:04}-{month:02}-{day:02}"
    return _with_clock(base, re.sub(r"^[\s,]*(?:星期|周)[一二三四五六日天]\s*", "", rest), text, how)


def _with_clock(base: date, rest: str, text: str, how: Reading) -> datetime | str:
    midnight = datetime(base.year, base.month, base.day)
    if not rest.strip():
        return _utc(midnight, how.zone)
    if hours := re.match(r"^[\s,]+(\d{1,2})(?:[时点]|:00)?\s*(?:[-~–—]\s*\d{1,2}.*)?$", rest):
        rest = f" {hours[1]}:00"
    elif (span := _SPAN.match(rest)) and int(span["to"]) - int(span["from"]) in (0, 1):
        rest = span["start"]
    elif compact := re.fullmatch(r"[T\s]?(\d\d)(\d\d)(\d\d)(Z|\s*[-+]\d\d:?\d\d)?", rest):
        rest = f" {compact[1]}:{compact[2]}:{compact[3]}{compact[4] or ''}"
    clock = _CLOCK.match(rest)
    if clock is None:
        return f"not a time of day: {rest.strip()} in {text}"
    hour, minute, second = int(clock["h"]), int(clock["m"]), int(clock["s"] or 0)
    half = (clock["ap"] or "").lower()[:1]
    if (half == "p" or clock["half"] in ("下午", "晚上")) and hour < 12:
        hour += 12
    if (half == "a" or clock["half"] in ("上午", "凌晨")) and hour == 12:
        hour = 0
    if (hour, minute, second) == (24, 0, 0):
        midnight, hour = midnight + timedelta(days=1), 0
    if hour > 23 or minute > 59 or second > 59:
        return f"no such time of day: {rest.strip()}"
    micros = int(((clock["f"] or "") + "000000")[:6])
    when = midnight.replace(hour=hour, minute=minute, second=second, microsecond=micros)
    zone = clock["zone"]
    if not zone:
        return _utc(when, how.zone)
    if zone in ("Z", "z", "UTC", "GMT"):
        return when
    zone = zone.removeprefix("UTC").removeprefix("GMT")
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return when - offset if zone[0] == "+" else when + offset


def _utc(naive: datetime, zone: str) -> datetime:
    """Wall time of a zone as naive UTC; a skipped hour moves on by one, as in `localised`."""
    where: tzinfo = ZoneInfo(zone)
    aware = naive.replace(tzinfo=where)
    back = aware.astimezone(UTC).astimezone(where).replace(tzinfo=None)
    return _plain(aware if back == naive else (naive + timedelta(hours=1)).replace(tzinfo=where))


def _plain(aware: datetime) -> datetime:
    return aware.astimezone(UTC).replace(tzinfo=None)
