"""Delimited text → a frame of texts with the physical line of each record.

Clean rectangular lines go to Polars; lines with an odd number of fields and quotes that span lines
are read one by one. Both give the same cells.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from engine.ingest.blocks import LONGEST
from engine.ingest.rejects import Fault
from engine.ingest.totals import is_footer, is_total

LINE = "\x00line"
"""Name of the line column in every frame of a file: no header can hold it."""

_EDGES = re.compile(rb"(?m)^ +| +(?=\r?$)")
_RUNS = re.compile(rb" {2,}")
"""With a blank as the delimiter columns are aligned: several blanks are one."""

LONGEST_RECORD_LINES = 200
"""A quote that is still open after so many lines was never meant to open one."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a delimited file is laid out: its delimiter and the names of its columns."""

    delimiter: str
    names: tuple[str, ...]


@dataclass(slots=True)
class Parsed:
    """Records of a block: `frame` has LINE and the columns; `waiting` lines at its end are not complete."""

    frame: pl.DataFrame
    faults: list[Fault] = field(default_factory=list)
    filtered: dict[str, int] = field(default_factory=dict)
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    cells: list[str]
    text: str


def parse(text: bytes, line: int, shape: Shape, last: bool, lossy: bool = False) -> Parsed:
    """The records of whole lines, the first of which is number `line`.

    In: UTF-8; `last`: no more lines follow, so that a last line without its newline may be a torn one.
    """
    if shape.delimiter == " " and b'"' not in text:
        text = _RUNS.sub(b" ", _EDGES.sub(b"", text))
    if b'"' in text or b"\0" in text:
        quick = None if b"\0" in text else _quoted(text, shape)
    else:
        quick = _lines(text)
    if quick is None or lossy:
        return _slow(text, line, shape, last)
    count = quick.str.count_matches(shape.delimiter, literal=True) + 1
    return _split(text, quick, count, line, shape)


def _lines(text: bytes) -> pl.Series:
    """Each line as one text, without its end; an empty one is null."""
    separator = next(mark for mark in "\x1f\x1e\x1d\x01\x02\x03" if mark.encode() not in text)
    frame = pl.read_csv(
        io.BytesIO(text), has_header=False, schema={"line": pl.String}, separator=separator, quote_char=None
    )
    return frame["line"]


def _quoted(text: bytes, shape: Shape) -> pl.Series | None:
    """Lines whose quotes all close within the line, quoted cells emptied; None where that is not so."""
    lines = _lines(text)
    mark = "\\" + shape.delimiter if shape.delimiter in "|^.*+?" else shape.delimiter
    cell = f'(?:"(?:[^"]|"")*"|[^"{mark}]*)'
    regular = lines.str.contains(f"^{cell}(?:{mark}{cell})*\r?$").fill_null(True)
    if not regular.all():
        return None
    return lines.str.replace_all(r'"(?:[^"]|"")*"', "q")


def _split(text: bytes, lines: pl.Series, count: pl.Series, line: int, shape: Shape) -> Parsed:
    ended = text.endswith(b"\n")
    width = len(shape.names)
    rows = pl.DataFrame({"line": lines, "count": count.fill_null(1)}).with_row_index("at")
    blank = rows["line"].str.strip_chars(f" \t\r\u3000\ufeff{shape.delimiter}").fill_null("") == ""
    long = rows["line"].str.len_bytes().fill_null(0) > LONGEST
    good = (rows["count"] == width) & ~blank & ~long
    if good.all() and ended:
        frame = _read(text, shape)
        return Parsed(_lined(frame, pl.int_range(line, line + len(frame), eager=True)))
    raw = text.split(b"\n")
    at = rows.filter(good)["at"]
    frame = _read(b"\n".join([raw[i] for i in at]) + b"\n", shape) if len(at) else _empty(shape)
    parsed = Parsed(_lined(frame, at.cast(pl.Int64) + line))
    odd = [
        Record(line + i, split_cells(written, shape.delimiter) or [], written)
        for i in rows.filter(~good & ~blank)["at"]
        for written in [raw[i].decode().removesuffix("\r")]
    ]
    if odd and not ended and odd[-1].line == line + len(rows) - 1 and len(odd[-1].cells) < width:
        odd.pop()
        parsed.waiting = 1
    return _with_odd(parsed, odd, shape)


def _read(text: bytes, shape: Shape) -> pl.DataFrame:
    names = [f"c{i}" for i in range(len(shape.names))]
    frame = pl.read_csv(
        io.BytesIO(text),
        has_header=False,
        schema=dict.fromkeys(names, pl.String),
        separator=shape.delimiter,
        quote_char='"' if b'"' in text else None,
    )
    frame = frame.rename(dict(zip(names, shape.names, strict=True)))
    return (
        frame.with_columns(trimmed())
        if _padded(text, shape.delimiter)
        else frame.with_columns(pl.all().replace({"": None}) if b'""' in text else pl.all())
    )


def _padded(text: bytes, delimiter: str) -> bool:
    """Whether cells may begin or end with blanks, so that the cheap way must trim."""
    mark = delimiter.encode()
    pads = [mark + b" ", b" " + mark, b"\n ", b" \n", b" \r", b'" ', b' "']
    pads += [b"\t"] if mark != b"\t" else []
    return not text.isascii() or text.startswith(b" ") or any(pad in text for pad in pads)


def trimmed() -> pl.Expr:
    """All text columns without blanks at their ends; null where nothing is left."""
    clean = pl.col(pl.String).str.strip_chars(BLANKS)
    return pl.when(clean != "").then(clean)


BLANKS = " \t\r\n\u00a0\u3000\ufeff\u200b"


def _lined(frame: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    return frame.insert_column(0, lines.cast(pl.Int64).alias(LINE))


def _empty(shape: Shape) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(shape.names, pl.String))


def _with_odd(parsed: Parsed, odd: Iterable[Record], shape: Shape) -> Parsed:
    """Adds records that Polars did not read: fitted to the header, or faults, or total rows."""
    rows: list[list[str | int | None]] = []
    for record in odd:
        fitted = fit(record, len(shape.names))
        if isinstance(fitted, Fault):
            if is_total(record.cells):
                parsed.filtered["total_row"] = parsed.filtered.get("total_row", 0) + 1
            elif is_footer(record.cells):
                parsed.filtered["footer"] = parsed.filtered.get("footer", 0) + 1
            else:
                parsed.faults.append(fitted)
        elif fitted is not None:
            rows.append([record.line, *fitted])
    if rows:
        schema = {LINE: pl.Int64, **dict.fromkeys(shape.names, pl.String)}
        extra = pl.DataFrame(rows, schema=schema, orient="row")
        parsed.frame = pl.concat([parsed.frame, extra.with_columns(trimmed())]).sort(LINE)
    return parsed


def fit(record: Record, width: int) -> Sequence[str | None] | Fault | None:
    """The cells as many as the header has: None for a blank record, a fault where that would be a guess.

    Empty cells too many are cut. A record that stops after a delimiter is filled up: its rest is empty;
    one that stops after a value has lost something.
    """
    cells = record.cells
    if len(record.text) > LONGEST:
        return Fault(record.line, None, None, too_long(len(record.text)), record.text[:300])
    if "\0" in record.text:
        return Fault(record.line, None, None, "zero bytes in the line", record.text.replace("\0", "·")[:300])
    if "\ufffd" in record.text:
        return Fault(record.line, None, None, "bytes that the file's encoding does not know", record.text)
    if not any(cell.strip(BLANKS) for cell in cells):
        return None
    if len(cells) > width and not any(cell.strip(BLANKS) for cell in cells[width:]):
        return cells[:width]
    if len(cells) < width and len(cells) > 1 and not cells[-1].strip(BLANKS):
        return [*cells, *[None] * (width - len(cells))]
    if len(cells) == width:
        return cells
    fields = "1 field" if len(cells) == 1 else f"{len(cells)} fields"
    return Fault(record.line, None, None, f"{fields}, header has {width}", record.text)


def too_long(size: int) -> str:
    """Why a line of that many bytes is a reject."""
    return f"a line of {max(1, size >> 20)} MB; the limit is {LONGEST >> 20} MB"


def split_cells(text: str, delimiter: str) -> list[str] | None:
    """The cells of one record; None where a quote is still open at its end."""
    if '"' not in text:
        return text.split(delimiter) if delimiter != " " else text.split()
    cells: list[str] = []
    at = 0
    while True:
        begin = at
        while at < len(text) and text[at] == " " and delimiter != " ":
            at += 1
        if at >= len(text) or text[at] != '"':
            stop = text.find(delimiter, begin)
            cells.append(text[begin:] if stop < 0 else text[begin:stop])
        else:
            close = at + 1
            while (close := text.find('"', close)) >= 0 and text[close + 1 : close + 2] == '"':
                close += 2
            if close < 0:
                return None
            stop = text.find(delimiter, close)
            tail = text[close + 1 :] if stop < 0 else text[close + 1 : stop]
            cells.append(text[at + 1 : close].replace('""', '"') + tail)
        if stop < 0:
            return cells
        at = stop + len(delimiter)


def records(text: str, line: int, delimiter: str, last: bool) -> Iterator[Record | Fault | int]:
    """Records of whole lines one by one; at the end the number of lines that wait for more, if any."""
    lines = text.split("\n")
    ended = lines[-1] == ""
    if ended:
        lines.pop()
    at = 0
    while at < len(lines):
        joined, took = lines[at].removesuffix("\r"), 1
        cells = split_cells(joined, delimiter)
        while cells is None and at + took < len(lines) and took < LONGEST_RECORD_LINES:
            joined += "\n" + lines[at + took].removesuffix("\r")
            took += 1
            if '"' in lines[at + took - 1]:
                cells = split_cells(joined, delimiter)
        if cells is None and took < LONGEST_RECORD_LINES:
            yield len(lines) - at
            return
        if cells is None:
            yield Fault(line + at, None, None, "a quote that is never closed", lines[at])
            took = 1
        else:
            yield Record(line + at, cells, joined)
        at += took


def _slow(text: bytes, line: int, shape: Shape, last: bool) -> Parsed:
    parsed = Parsed(_lined(_empty(shape), pl.Series([], dtype=pl.Int64)))
    found: list[Record] = []
    for item in records(text.decode(), line, shape.delimiter, last):
        if isinstance(item, int):
            parsed.waiting = item
        elif isinstance(item, Fault):
            parsed.faults.append(item)
        else:
            found.append(item)
    torn = last and not text.endswith(b"\n") and not parsed.waiting and found
    if torn and len(found[-1].cells) < len(shape.names):
        parsed.waiting = found.pop().text.count("\n") + 1
    return _with_odd(parsed, found, shape)
