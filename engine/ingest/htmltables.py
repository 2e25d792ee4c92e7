"""Tables of an HTML page or of Excel's XML, which platforms save as .xls → rows of cells.

Only tags of tables mean anything; scripts, styles and comments are passed over, nothing is fetched, no entity
is looked up but those that HTML itself names. One pass, whatever the page holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from engine.errors import SourceError

WIDEST = 4096
"""Cells of a row that are kept."""
MOST = 30_000_000
"""Cells of a page: more would not fit the memory."""

_STARTS = re.compile(
    rb"\s*(?:<\?xml[^<>]*>\s*)?(?:<!--|<!doctype|<html|<table|<meta|<head|<body|<style|<div|<\?mso|<(?:ss:)?workbook)",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(?:!--|(/?)([A-Za-z][\w:-]*+)([^<>]*+)>)")
_NUMBER = re.compile(r"(?:^|[\s:])(colspan|rowspan|mergeacross|index)\s*=\s*[\"']?(\d{1,7})", re.IGNORECASE)
_HIDDEN = ("script", "style", "title", "template", "noscript")
_CLOSES = {name: re.compile(f"</{name}", re.IGNORECASE) for name in _HIDDEN}
_NAMES = {"row": "tr", "cell": "td", "th": "td"}
"""What Excel's XML calls rows and cells."""


@dataclass(slots=True)
class HtmlTable:
    """Rows of texts; a cell that spans columns stands in the first, one that spans rows in each of them.

    `numbers` are the rows' own numbers in the table, from 1.
    """

    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    below: dict[int, tuple[int, str]] = field(default_factory=dict)
    """Column → how many rows more its cell spans, and the cell."""
    cell: list[str] | None = None
    spans: dict[str, int] = field(default_factory=dict)
    open: bool = False

    def begin_row(self, number: int | None) -> None:
        self.end_row()
        self.rows.append([])
        self.numbers.append(number or (self.numbers[-1] + 1 if self.numbers else 1))
        self.open = True

    def begin_cell(self, spans: dict[str, int]) -> None:
        self.end_cell()
        if not self.open:
            self.begin_row(None)
        self.cell, self.spans = [], spans

    def end_cell(self) -> None:
        if self.cell is None:
            return
        text = " ".join(unescape("".join(self.cell)).split())
        row = self.rows[-1]
        self._from_above(row)
        if at := self.spans.get("index"):
            row += [""] * (min(at, WIDEST) - 1 - len(row))
        wide = min(max(self.spans.get("colspan", 1), 1 + self.spans.get("mergeacross", 0)), WIDEST)
        if (tall := self.spans.get("rowspan", 1)) > 1:
            self.below[len(row)] = (tall - 1, text)
        if len(row) + wide <= WIDEST:
            row += [text, *[""] * (wide - 1)]
        self.cell = None

    def end_row(self) -> None:
        self.end_cell()
        if self.open:
            self._from_above(self.rows[-1])
        self.open = False

    def _from_above(self, row: list[str]) -> None:
        while (found := self.below.get(len(row))) is not None and found[0] > 0:
            self.below[len(row)] = (found[0] - 1, found[1])
            row.append(found[1])


def is_html(head: bytes) -> bool:
    """Whether a file that begins so is a page of HTML or a workbook of XML."""
    plain = head.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe")
    return _STARTS.match(plain.removeprefix(b"\xfe\xff")) is not None


def tables_of(text: str) -> list[HtmlTable]:
    """The tables of a page that have a row, in order; one inside another is a table of its own.

    Raises: SourceError where there are too many cells.
    """
    found: list[HtmlTable] = []
    inside: list[HtmlTable] = []
    cells = 0
    for between, name, closes, attributes in _tags(text):
        if inside and inside[-1].cell is not None and between:
            inside[-1].cell.append(between)
        if name == "table" and not closes:
            inside.append(HtmlTable())
            found.append(inside[-1])
        elif not inside:
            continue
        elif name == "table":
            inside.pop().end_row()
        elif name == "tr":
            inside[-1].end_row() if closes else inside[-1].begin_row(_spans(attributes).get("index"))
        elif name == "td":
            inside[-1].end_cell() if closes else inside[-1].begin_cell(_spans(attributes))
            cells += not closes
        elif name in ("br", "p", "div") and inside[-1].cell is not None:
            inside[-1].cell.append(" ")
        if cells > MOST:
            raise SourceError(f"more than {MOST:,} cells; save the table as CSV")
    for table in inside:
        table.end_row()
    return [table for table in found if any(table.rows)]


def _spans(attributes: str) -> dict[str, int]:
    return {name.lower(): int(value) for name, value in _NUMBER.findall(attributes)}


def _tags(text: str) -> Iterator[tuple[str, str, bool, str]]:
    """(text before it, name, whether it closes, attributes) of each tag; comments and scripts are skipped."""
    at = 0
    while (tag := _TAG.search(text, at)) is not None:
        between, at = text[at : tag.start()], tag.end()
        if tag[2] is None:
            stop = text.find("-->", at)
            yield between, "", False, ""
            at = len(text) if stop < 0 else stop + 3
            continue
        name = tag[2].lower().rpartition(":")[2]
        if name in _HIDDEN and not tag[1]:
            closing = _CLOSES[name].search(text, at)
            yield between, "", False, ""
            at = closing.start() if closing else len(text)
            continue
        yield between, _NAMES.get(name, name), bool(tag[1]), tag[3]
