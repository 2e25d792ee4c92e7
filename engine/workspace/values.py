"""Small texts of looptop.toml that are values: durations, periods, zones, currencies, hours, globs."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import PurePosixPath

_UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
_UNITS |= {"d": 24 * _UNITS["h"], "w": 7 * 24 * _UNITS["h"]}
_DURATION = re.compile(r"([0-9]{1,12})(ms|s|m|h|d|w)")
_LONGEST = 1000 * 366 * _UNITS["d"]
_PERIOD = re.compile(r"\d{4}(-(Q[1-4]|(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?))?")
_DAY = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CLOCK = r"([01]\d|2[0-4]):[0-5]\d"
_HOURS = re.compile(rf"{_DAY}(-{_DAY})?(,{_DAY}(-{_DAY})?)* {_CLOCK}-{_CLOCK}")


def duration(text: str) -> int | None:
    """Microseconds of `<n>(ms|s|m|h|d|w)`; None where it is no duration.

    >>> duration("36h")
    129600000000
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    value = int(match[1]) * _UNITS[match[2]]
    return value if value <= _LONGEST else None


def is_period(text: str) -> bool:
    """Whether a text is a period: 2026-11-01, 2026-11, 2026-Q4 or 2026."""
    return _PERIOD.fullmatch(text) is not None


def is_hours(text: str) -> bool:
    """Whether a text says when somebody works: `Mon-Fri 09:00-19:00`."""
    return _HOURS.fullmatch(text) is not None


def is_timezone(name: str) -> bool:
    """Whether the IANA database has a zone of that name."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def timezones() -> set[str]:
    """All zone names, for the nearest one."""
    from zoneinfo import available_timezones

    return available_timezones()


def currencies() -> set[str]:
    """All ISO currency codes."""
    from babel.numbers import list_currencies

    return set(list_currencies())


def glob_problem(glob: str) -> str | None:
    """What is wrong with a glob or path relative to the workspace; None where nothing is."""
    if not glob.strip() or "\0" in glob:
        return "a glob or path is needed here"
    if "\\" in glob:
        return "use / between folders, also on Windows"
    path = PurePosixPath(glob)
    if path.is_absolute() or re.match(r"[A-Za-z]:", glob):
        return "must be relative to the workspace, not absolute"
    if ".." in path.parts:
        return "must stay inside the workspace: .. is not allowed"
    return None


def text_of(value: object) -> str:
    """A constant of looptop.toml as the text that a file would have."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date | time) else str(value)
