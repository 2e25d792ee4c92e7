"""The layout of a delimited file, decided on its first records: delimiter, header row, names of columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from engine.ingest.delimited import BLANKS, Record, records
from engine.ingest.totals import is_total
from engine.workspace.model import Source

HEAD = 256 << 10
"""Bytes from the start of a file that the layout is decided on."""

LOOKED_AT = 80
"""Records that are looked at."""

_DELIMITERS = (",", "\t", ";", "|", "\x01")
_VALUE = re.compile(r"^[-+(¥$€£￥]*\s*\d[\d\s.,:/%年月日TZ+)-]*$")
_WORDS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar", "\x01": "^A"}


@dataclass(frozen=True, slots=True)
class Layout:
    """`header_line`: line of the header, 0 where there is none; `first_line`: of the record after it."""

    delimiter: str
    names: tuple[str, ...]
    header_line: int
    first_line: int

    def describe(self) -> tuple[tuple[str, str], ...]:
        """(topic, sentence) pairs."""
        where = f"header in line {self.header_line}" if self.header_line else "no header"
        return (("delimiter", f"{_WORDS.get(self.delimiter, self.delimiter)}, {where}"),)


def sniff(text: str, source: Source | None, known: frozenset[str]) -> Layout | None:
    """The layout of a file from its first lines; None where there is no record yet.

    In: whole lines; `known`: folded names that columns may have (mapped, or in a shipped layout).
    """
    fixed = source.delimiter if source else None
    tried = [(mark, _records(text, mark)) for mark in ((fixed,) if fixed else _DELIMITERS)]
    tried = [(mark, found) for mark, found in tried if found]
    if not tried:
        return None
    delimiter, found = max(tried, key=lambda pair: _fit(pair[1], known))
    if source and source.no_header:
        width = Counter(len(record.cells) for record in found).most_common(1)[0][0]
        names = positions(source, width)
        return Layout(delimiter, names, 0, (source.header_row or 0) + 1)
    if source and source.header_row:
        at = next((i for i, record in enumerate(found) if record.line >= source.header_row), 0)
    else:
        at = header_at([record.cells for record in found], known)
    header = found[at]
    first = header.line + header.text.count("\n") + 1
    return Layout(delimiter, names_of(header.cells), header.line, first)


def positions(source: Source, width: int) -> tuple[str, ...]:
    """Names of the columns of a file without a header: column_1, column_2 …; from column_0 where the source
    counts so."""
    rules = [*source.columns.values(), *(rule for one in source.moments for rule in one.columns.values())]
    named = {name for rule in rules for name in (*rule.names, *(rule.expr.columns if rule.expr else ()))}
    first = 0 if "column_0" in named else 1
    return tuple(f"column_{first + i}" for i in range(width))


def _records(text: str, delimiter: str) -> list[Record]:
    """The first records; an unbalanced quote ends them."""
    found = (item for item in records(text, 1, delimiter, False) if isinstance(item, Record))
    return [record for record in islice(found, LOOKED_AT) if any(cell.strip(BLANKS) for cell in record.cells)]


def _fit(found: Sequence[Record], known: frozenset[str]) -> tuple[int, int, int]:
    """How well a delimiter fits: known names in one record, records of the most common width, the width."""
    widths = Counter(len(record.cells) for record in found if len(record.cells) > 1)
    named = max(_named(record.cells, known) for record in found)
    if not widths:
        return named, 0, 1
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return named, count, width


def _named(cells: Iterable[str], known: frozenset[str]) -> int:
    return len({fold(cell) for cell in cells} & known)


def header_at(rows: Sequence[Sequence[str]], known: frozenset[str]) -> int:
    """Which row is the header: the one with the most known names, else the first full row of words."""
    best = max(range(len(rows)), key=lambda i: (_named(rows[i], known), -i))
    if _named(rows[best], known) >= 2:
        return best
    full = Counter(_filled(row) for row in rows)
    width = max(full.items(), key=lambda item: (item[1] * min(item[0], 2), item[0]))[0]
    enough = [i for i, row in enumerate(rows) if _filled(row) >= max(1, -(-width * 3 // 5))]
    words = [i for i in enough if not is_total(rows[i]) and _is_words(rows[i])]
    if _named(rows[best], known) and best in enough:
        return best
    return (words or enough or [0])[0]


def _filled(row: Iterable[str]) -> int:
    return sum(1 for cell in row if cell.strip(BLANKS))


def _is_words(row: Iterable[str]) -> bool:
    cells = [cell.strip(BLANKS) for cell in row if cell.strip(BLANKS)]
    return sum(1 for cell in cells if _VALUE.match(cell)) * 4 <= len(cells)


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """A column name as it is compared: trimmed, lower case, full-width brackets made plain."""
    return name.strip(BLANKS).translate(_FOLDED).casefold()


_FOLDED = str.maketrans("（）：％＃", "():%#")


def names_of(cells: Sequence[str]) -> tuple[str, ...]:
    """Names of columns: trimmed; an empty one is `column_7`, a second `Day` is `Day_2`."""
    names: list[str] = []
    seen: set[str] = set()
    for i, cell in enumerate(cells, 1):
        base = re.sub(r"[\0\r\n]+", " ", cell.strip(BLANKS)) or f"column_{i}"
        name, n = base, 2
        while name in seen:
            name, n = f"{base}_{n}", n + 1
        seen.add(name)
        names.append(name)
    return tuple(names)
