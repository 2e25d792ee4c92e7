"""Heads and words that commands print: the section `printed` of the catalogue."""

from __future__ import annotations

from tui.words import UnknownWordError, say


def word(key: str, lang: str) -> str:
    """The word for a key; a key without one (a metric, a dimension) is its own word.

    >>> word("rows", "zh")
    '行数'
    """
    try:
        return say(f"printed.{key}", lang)
    except UnknownWordError:
        return key


def heads(lang: str, *keys: str) -> list[str]:
    """The heads of a table."""
    return [word(key, lang) for key in keys]
