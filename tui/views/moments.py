"""Ends of silences as people type them."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

_LENGTH = re.compile(r"(\d{1,4})\s*(min|m|h|d|w|分钟|小时|天|周)")
_SECONDS = {
    "min": 60,
    "m": 60,
    "分钟": 60,
    "h": 3600,
    "小时": 3600,
    "d": 86400,
    "天": 86400,
    "w": 604800,
    "周": 604800,
}
_DAY = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


def until(text: str, now: datetime) -> datetime | None:
    """The moment that is meant, in local time; None for one that is not understood or is over.

    `2h`, `3d`, `90m` from now; `18:00` of today, else of tomorrow; `10-30` to the end of that day;
    `10-30 09:00`; with the year or without.
    """
    typed = text.strip().lower().replace("：", ":")
    if found := _LENGTH.fullmatch(typed):
        return now + timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    try:
        if found := _CLOCK.fullmatch(typed):
            at = datetime.combine(now.date(), time(int(found[1]), int(found[2])))
            return at if at > now else at + timedelta(days=1)
        if found := _DAY.fullmatch(typed):
            return _of_day(found, now)
    except ValueError:
        return None
    return None


def _of_day(found: re.Match[str], now: datetime) -> datetime | None:
    year = int(found[1]) if found[1] else now.year
    day = datetime(year, int(found[2]), int(found[3]))
    if not found[1] and day.date() < now.date():
        day = day.replace(year=year + 1)
    clock = timedelta(hours=int(found[4]), minutes=int(found[5])) if found[4] else timedelta(days=1)
    if found[4] and (int(found[4]) > 23 or int(found[5]) > 59):
        return None
    moment = day + clock
    return moment if moment > now else None
