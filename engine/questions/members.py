"""Members gone into, as a condition of the expression language."""

from __future__ import annotations

from collections.abc import Iterable

TIMES = {"weekday": "date_part('weekday', lts)", "hour_of_day": "date_part('hour', lts)"}
"""Dimensions that are parts of the moment, as the expression language says them."""


def member_filter(path: Iterable[tuple[str, str | None]]) -> str | None:
    """`channel = 'Douyin' and campaign is null` in the expression language; None for no members.

    >>> member_filter([("channel", "it's"), ("计划", None)])
    'channel = \\'it\\'\\'s\\' and "计划" is null'
    """
    return " and ".join(_is(name, value) for name, value in path) or None


def _is(name: str, value: str | None) -> str:
    if name in TIMES and value is not None and value.isdecimal():
        return f"{TIMES[name]} = {int(value)}"
    if value is None:
        return f"{TIMES.get(name, quoted(name))} is null"
    return f"{quoted(name)} = " + "'" + value.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A column's name as the expression language writes it."""
    return name if name.isascii() and name.isidentifier() else '"' + name.replace('"', '""') + '"'
