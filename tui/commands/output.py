"""What commands print: JSON that is only JSON, tables aligned by terminal cells, CSV without formulas."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from tui.export import neutral
from tui.harmless import cells, harmless, safe

WIDEST = 60
"""A text column takes at most so many cells."""
UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Characters that JSON leaves as they are and that a terminal would obey."""
OBEYED = re.compile("[\x00-\x08\x0b-\x1f]|" + UNSEEN.pattern)
"""Those and the controls that JSON escapes; line breaks and tabs are part of CSV."""


def iso(moment: datetime | None, timezone: str) -> str | None:
    """A naive UTC moment as ISO 8601 with the offset of the workspace's time zone."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).isoformat() if moment else None


def plain(value: object, timezone: str) -> object:
    """A value as JSON has it: decimals as numbers, moments with their offset, what is not finite as null."""
    match value:
        case bool() | None | str() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return iso(value, timezone)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(one, timezone) for key, one in value.items()}
        case Iterable():
            return [plain(one, timezone) for one in value]
        case _:
            return str(value)


def json_text(value: object, timezone: str = "UTC") -> str:
    """One line of JSON with every control character escaped."""
    text = json.dumps(plain(value, timezone), ensure_ascii=_narrow(), allow_nan=False)
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _narrow() -> bool:
    """Whether stdout cannot carry every character."""
    return "utf" not in (sys.stdout.encoding or "utf-8").casefold()


def write(text: str) -> None:
    """Text and a line break to stdout, whatever its encoding; flushed, so that a reader sees it now."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


def write_json(value: object, timezone: str = "UTC") -> None:
    """A value as JSON to stdout."""
    write(json_text(value, timezone))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """A table with a line under its heads, columns aligned by cells.

    In:  heads and rows of texts (made harmless here); indices of the columns that are aligned right.
    """
    body = [[harmless(text) for text in row] for row in rows]
    widths = [min(max(cells(text) for text in column), WIDEST) for column in zip(heads, *body, strict=True)]
    to_right = set(right)
    lines = [list(heads), ["─" * width for width in widths], *body]
    return "\n".join(
        "  ".join(
            safe(text, width, "right" if at in to_right else "left")
            for at, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[object]], timezone: str = "UTC") -> str:
    """CSV in which no cell is a formula: text that starts like one gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_cell(head, timezone) for head in heads])
    writer.writerows([_cell(value, timezone) for value in row] for row in rows)
    return out.getvalue().removesuffix("\n")


def _cell(value: object, timezone: str) -> object:
    if isinstance(value, Decimal):
        return format(value.normalize() if value else Decimal(0), "f")
    shown = plain(value, timezone)
    if isinstance(shown, list | dict):
        shown = json.dumps(shown, ensure_ascii=False)
    if isinstance(shown, bool):
        return "true" if shown else "false"
    if isinstance(shown, str):
        return neutral(OBEYED.sub(lambda found: harmless(found[0]), shown))
    return "" if shown is None else shown


def number(value: float | Decimal | int | None, unit: str = "count") -> str:
    """A number for a table: `1,284`, `18.42%`, `3.10`, `–` where it is unknown.

    In:  unit: count, money, percent, ratio, seconds or score.
    """
    if value is None or not math.isfinite(value):
        return "–"
    if unit == "percent":
        return f"{value * 100:,.2f}%"
    whole = unit == "count" and value == int(value)
    return f"{value:,.0f}" if whole else f"{value:,.2f}"


def change(value: float | None) -> str:
    """A relative change with its sign: `+6.2%`."""
    return "–" if value is None or not math.isfinite(value) else f"{value * 100:+,.1f}%"


def yes(value: bool, word: str) -> str:
    """The word where it holds, else nothing."""
    return word if value else ""
