"""Where a table gets its rows: a protocol for a million of them, a form in memory, the filter syntax."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from tui.view import Cell, Column, Row, Sort


@runtime_checkable
class RowSource(Protocol):
    """Rows in one order, read a window at a time."""

    def __len__(self) -> int:
        """How many rows there are."""

    def slice(self, top: int, count: int) -> Sequence[Row]:
        """At most `count` rows from place `top` on."""

    def place(self, row_id: str) -> int | None:
        """Where the row with that id stands, None if it is not there (or is not cheap to find)."""


@runtime_checkable
class Arrangeable(RowSource, Protocol):
    """Rows that can be sorted and filtered at once, without asking the engine."""

    def arranged(self, columns: Sequence[Column], sort: Sort | None, query: str) -> RowSource:
        """The rows that match the filter, in that order."""


class MemoryRows:
    """Rows held as a tuple."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self.rows = tuple(rows)
        self._places: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MemoryRows) and self.rows == other.rows

    __hash__ = None  # type: ignore[assignment]

    def slice(self, top: int, count: int) -> Sequence[Row]:
        """At most `count` rows from place `top` on."""
        return self.rows[top : top + count]

    def place(self, row_id: str) -> int | None:
        """Where that row stands."""
        if self._places is None:
            self._places = {row.id: at for at, row in enumerate(self.rows)}
        return self._places.get(row_id)

    def ids(self) -> tuple[str, ...]:
        """The ids in this order."""
        return tuple(row.id for row in self.rows)

    def arranged(self, columns: Sequence[Column], sort: Sort | None, query: str) -> MemoryRows:
        """The rows that match, sorted; those without a value come last, equal ones keep their order."""
        matches = matcher(query, columns)
        rows = [row for row in self.rows if matches(row)] if query.strip() else list(self.rows)
        at = next((i for i, c in enumerate(columns) if sort and c.id == sort.column), None)
        if sort is not None and at is not None:
            empty = [row for row in rows if sort_value(row, at) is None]
            known = [row for row in rows if sort_value(row, at) is not None]
            known.sort(key=lambda row: sort_key(sort_value(row, at)), reverse=sort.descending)
            rows = known + empty
        return MemoryRows(rows)

    def kept_in_order(self, ids: Sequence[str]) -> MemoryRows:
        """The same rows, those named by `ids` first and in that order, new ones after them."""
        places = {row_id: at for at, row_id in enumerate(ids)}
        return MemoryRows(sorted(self.rows, key=lambda row: places.get(row.id, len(places))))


def sort_value(row: Row, at: int) -> float | str | None:
    """What a row is sorted by: the cell's value, for a text cell without one its text."""
    cell = row.cells[at] if at < len(row.cells) else Cell()
    if cell.value is None and cell.kind == "text" and cell.text:
        return cell.text
    return cell.value


def sort_key(value: float | str | None) -> tuple[int, float, tuple[tuple[int, int, str], ...]]:
    """Numbers before texts; digits inside a text count as numbers (`step 2` before `step 10`)."""
    if isinstance(value, str):
        pieces = re.findall(r"\d{1,18}|\D+|\d+", value.casefold())
        return (
            1,
            0.0,
            tuple((0, int(p), "") if p.isdecimal() and len(p) < 19 else (1, 0, p) for p in pieces),
        )
    return (0, float(value or 0.0), ())


T = TypeVar("T", float, str)
_COMPARE = re.compile(r"^(?P<column>[^<>=!~]+?)(?P<sign>>=|<=|!=|>|<|=)(?P<value>.*)$")
_NUMBER = re.compile(r"^[-−+]?[\d,]*\.?\d+(?P<unit>[kKMBm万亿%]?)$")
_UNITS = {"": 1.0, "k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "B": 1e9, "万": 1e4, "亿": 1e8, "%": 0.01}


def filter_number(text: str) -> float | None:
    """A number as typed in a filter: `5`, `1,200`, `5k`, `3.2万`, `40%`; None for anything else."""
    found = _NUMBER.match(text.strip())
    if not found:
        return None
    unit = found["unit"]
    plain = text.strip().removesuffix(unit) if unit else text.strip()
    return float(plain.replace(",", "").replace("−", "-")) * _UNITS[unit]


def matcher(query: str, columns: Sequence[Column]) -> Callable[[Row], bool]:
    """What `/` asks of a row: words that all must hold.

    `word` is in some cell; `!word` is in none; `~word` has its letters in this order; `column>5`,
    `column=text` compare one column by its id or title (an unknown column makes it a plain word). Upper and
    lower case are the same.
    """
    tests = [_test(word, columns) for word in query.split()]
    return lambda row: all(test(row) for test in tests)


def _test(word: str, columns: Sequence[Column]) -> Callable[[Row], bool]:
    if word.startswith(("!", "！")) and len(word) > 1:
        inner = _test(word[1:], columns)
        return lambda row: not inner(row)
    if word.startswith(("~", "～")) and len(word) > 1:
        letters = word[1:].casefold()
        return lambda row: any(_in_order(letters, cell.text.casefold()) for cell in row.cells)
    found = _COMPARE.match(word.replace("＞", ">").replace("＜", "<").replace("＝", "="))
    at = _column(found["column"], columns) if found else None
    if found and at is not None:
        return _comparison(at, found["sign"], found["value"])
    plain = word.casefold()
    return lambda row: any(plain in cell.text.casefold() for cell in row.cells)


def _column(name: str, columns: Sequence[Column]) -> int | None:
    wanted = name.strip().casefold()
    names = [(c.id.casefold(), c.title.casefold()) for c in columns]
    exact = [at for at, pair in enumerate(names) if wanted in pair]
    begins = [at for at, pair in enumerate(names) if any(name.startswith(wanted) for name in pair)]
    return next(iter(exact + begins), None)


def _comparison(at: int, sign: str, text: str) -> Callable[[Row], bool]:
    number = filter_number(text)

    def holds(row: Row) -> bool:
        value = sort_value(row, at)
        if text == "":
            return True
        if number is not None and isinstance(value, int | float):
            return _compare(float(value), sign, number)
        shown = row.cells[at].text.casefold() if at < len(row.cells) else ""
        return _compare(shown, sign, text.casefold())

    return holds


def _compare(left: T, sign: str, right: T) -> bool:
    if sign in ("=", "!="):
        return (left == right) == (sign == "=")
    if sign in (">", ">="):
        return left > right or (sign == ">=" and left == right)
    return left < right or (sign == "<=" and left == right)


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
