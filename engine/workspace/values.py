"""Small texts of looptop.toml that are values: durations, periods, zones, currencies, hours, globs."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import PurePosixPath

_UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
_UNITS |= {"d": 24 * _UNITS["h"], "w": 7 * 24 * _UNITS["h"]}
_DURATION = re.compile(r"([0-9]{1,12})(ms|s|m|h|d|w)")
_LONGEST = 1000 * 366 * _UNITS["d"]
_YEAR = r"(\d{4})"
_PERIODS = (
    re.compile(rf"{_YEAR}-(\d\d)-(\d\d)T(\d\d):00(?::00)?(Z|[+-]\d\d:\d\d)?"),
    re.compile(rf"{_YEAR}[-/.年](\d\d?)[-/.月](\d\d?)日?(?:[ T]00:00(?::00(?:\.0+)?)?)?"),
    re.compile(rf"{_YEAR}(\d\d)(\d\d)"),
    re.compile(rf"{_YEAR}[-/.年](\d\d?)月?"),
    re.compile(rf"{_YEAR}(0[1-9]|1[0-2])"),
    re.compile(rf"{_YEAR}[-/. 年]?(?:[Qq]|第)([1-4一二三四])(?:季度?)?"),
    re.compile(rf"{_YEAR}年?"),
)
"""Hour, day, day, month, month, quarter and year, as people write them."""
_QUARTER = 5


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
    """Whether a text is a period's name: 2026-11-01T13:00+08:00, 2026-11-01, 2026-11, 2026-Q4 or 2026."""
    return period_name(text) == text


def period_name(text: str) -> str | None:
    """The name of the period that a text means; None where it means none.

    >>> [period_name(text) for text in ("2026年11月", "2026/11/1", "2026Q4", "2026-02-30")]
    ['2026-11', '2026-11-01', '2026-Q4', None]
    """
    written = text.strip()
    found = next(
        ((at, match) for at, form in enumerate(_PERIODS) if (match := form.fullmatch(written))), None
    )
    if found is None:
        return None
    at, match = found
    parts = match.groups()
    if at == _QUARTER:
        return f"{parts[0]}-Q{'一二三四'.find(parts[1]) + 1 or parts[1]}"
    try:
        day = date(*(int(part) for part in (*parts[:3], "1", "1")[:3]))
        clock = time(int(parts[3])) if at == 0 else None
    except ValueError:
        return None
    if clock is not None:
        return f"{day}T{clock:%H:%M}{'+00:00' if parts[4] == 'Z' else parts[4] or ''}"
    return day.isoformat()[: (4, 7, 10)[len(parts) - 1]]


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
