"""Values of JSON: read as Polars reads them, their types, and their texts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from engine.ingest.delimited import BLANKS

Types = dict[str, str]
"""Column → text, int, float, bool, list or object; absent where only null was seen."""

PLAIN = 40
"""Characters of a number that is written without its exponent."""


class Number(str):
    """A number of JSON with a fraction, as it was written."""


def _first(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of a name that stands in it twice, the first value."""
    made = dict(pairs)
    if len(made) < len(pairs):
        made |= reversed(pairs)
    return made


DECODER = json.JSONDecoder(parse_float=Number, object_pairs_hook=_first)
"""Reads JSON as Polars does."""


def merge_kinds(kinds: Iterable[str]) -> str:
    """One type for all: whole numbers and fractions are float, anything else mixed is text."""
    distinct = set(kinds)
    if len(distinct) == 1:
        return distinct.pop()
    return "float" if distinct == {"int", "float"} else "text"


def json_kind(value: Any) -> str:
    """bool, int, float, list, object or text."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, Number):
        return "float"
    if isinstance(value, list):
        return "list"
    return "object" if isinstance(value, dict) else "text"


def text_of(value: Any) -> str | None:
    """A value as its text; None for null and for text that is blank."""
    if isinstance(value, Number):
        return _plain(value)
    if value is None or isinstance(value, str):
        return (value.strip(BLANKS) or None) if value is not None else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return _written(value)


def _written(value: Any) -> str:
    """A value as JSON text, in the form that Polars gives it."""
    if isinstance(value, dict):
        inner = (f"{json.dumps(name, ensure_ascii=False)}: {_written(item)}" for name, item in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return _plain(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)


def _plain(number: str) -> str:
    """A number without exponent and without zeros at its end; one that would be long is as it is written."""
    made = number
    if "e" in number or "E" in number:
        size = abs(float(number))
        if size and not 10**-PLAIN < size < 10**PLAIN:
            return number
        made = format(Decimal(number), "f") if size else number[: number[0] == "-"] + "0"
    made = made.rstrip("0").rstrip(".") if "." in made else made
    return made if len(made) <= PLAIN else number
