"""Members gone into, as a condition of the expression language."""

from __future__ import annotations

from collections.abc import Iterable


def member_filter(path: Iterable[tuple[str, str | None]]) -> str | None:
    """`channel = 'Douyin' and campaign is null` in the expression language; None for no members.

    >>> member_filter([("channel", "it's"), ("计划", None)])
    'channel = \\'it\\'\\'s\\' and "计划" is null'
    """
    parts = [
        f"{quoted(name)} is null"
        if value is None
        else f"{quoted(name)} = " + "'" + value.replace("'", "''") + "'"
        for name, value in path
    ]
    return " and ".join(parts) or None


def quoted(name: str) -> str:
    """A column's name as the expression language writes it."""
    return name if name.isascii() and name.isidentifier() else '"' + name.replace('"', '""') + '"'
