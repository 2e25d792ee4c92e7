"""A metric's values as sentences say them."""

from __future__ import annotations

from collections.abc import Mapping


def number(value: float | None, unit: str) -> str:
    """A value as a sentence says it.

    >>> number(0.0196, "percent"), number(1234.5, "money"), number(1200.0, "count")
    ('1.96%', '1,234.50', '1,200')
    """
    if value is None:
        return "–"
    if unit == "percent":
        return f"{value * 100:.2f}%"
    if unit in ("money", "seconds"):
        return f"{value:,.2f}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"


def word(label: Mapping[str, str], language: str, name: str) -> str:
    """The label in a language, else in any, else the name."""
    return label.get(language) or next(iter(label.values()), name)
