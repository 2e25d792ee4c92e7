"""A range of a text file as parsed pieces; it can be gone through again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from engine.errors import SourceError
from engine.ingest import delimited, jsonarray, ndjson
from engine.ingest.blocks import Block, blocks
from engine.ingest.delimited import LINE, Parsed, Shape, too_long
from engine.ingest.jsonvalue import Types
from engine.ingest.layout import column_names, known_names, preset
from engine.ingest.packed import bare
from engine.ingest.rejects import Fault
from engine.ingest.sniff import HEAD, Layout, fold, sniff
from engine.workspace.model import Source


@dataclass(frozen=True, slots=True)
class Format:
    """How text is cut into records: `lines` or `array` (JSON), `delimited` with a layout, `nothing` yet."""

    kind: str
    layout: Layout | None = None

    def plain(self) -> list[object]:
        """As JSON values."""
        if self.layout is None:
            return [self.kind]
        layout = self.layout
        return [self.kind, layout.delimiter, list(layout.names), layout.header_line, layout.first_line]


@dataclass(frozen=True, slots=True)
class Piece:
    """Parsed records with the bytes and lines that they stand for.

    `open`: the last record of the file, complete but without its newline: it may still grow.
    """

    parsed: Parsed
    types: Types | None
    start: int
    end: int
    first_line: int
    next_line: int
    open: bool = False

    @property
    def rows(self) -> int:
        """Records in it, read or not."""
        return len(self.parsed.frame) + len(self.parsed.faults) + sum(self.parsed.filtered.values())


def format_of(file: BinaryIO, source: Source, path: str, encoding: str, *, start: int, size: int) -> Format:
    """The format of a text file, from its first records alone."""
    file.seek(start)
    raw = file.read(HEAD)
    at_end = start + len(raw) >= size
    complete = raw if at_end else raw[: raw.rfind(b"\n") + 1] or raw
    first = complete.lstrip()[:1]
    by_lines = Path(bare(path)).suffix.lower() in (".ndjson", ".jsonl")
    known = frozenset() if by_lines else known_to(source)
    if first == b"[" or (first == b"{" and jsonarray.is_one_object(file, (start, size), encoding, known)):
        return Format("array")
    if first == b"{" or by_lines:
        return Format("lines")
    text = complete.decode(encoding, "replace").replace("\r\n", "\n")
    layout = sniff(text, source, known_to(source))
    if layout is None or (at_end and layout.first_line > text.count("\n") + 1):
        return Format("nothing")
    return Format("delimited", layout)


def known_to(source: Source) -> frozenset[str]:
    """Folded names that the source's mapping or layout reads; without any, all that layouts know."""
    names = frozenset(map(fold, _read_by(source)))
    if source.preset is not None:
        return names | column_names(preset(source.preset, source.layouts))
    own = (column_names(preset(each.name, source.layouts)) for each in source.layouts)
    return names or known_names().union(*own)


def _read_by(source: Source) -> set[str]:
    rules = [
        *source.columns.values(),
        *(rule for moment in source.moments for rule in moment.columns.values()),
    ]
    names = {name for rule in rules for name in (*rule.names, *(rule.expr.columns if rule.expr else ()))}
    names |= set(source.dedupe)
    if source.event and source.event.column:
        names.add(source.event.column)
    return names


def reached_by(source: Source) -> tuple[str, ...]:
    """Names like `context.ip` that the source reads: parts of objects."""
    names = _read_by(source)
    for expr in (source.where, *(when for when, _ in (source.event.cases if source.event else ()))):
        names |= set(expr.columns if expr else ())
    return tuple(sorted(name for name in names if "." in name))


def offset_of(file: BinaryIO, start: int, line: int) -> int:
    """Where the line of that number begins."""
    file.seek(start)
    for _ in range(line - 1):
        file.readline()
    return file.tell()


@dataclass(frozen=True, slots=True)
class Range:
    """The bytes from `start` to `end` of a text file; `line` is the number of the first line."""

    file: BinaryIO
    form: Format
    encoding: str
    start: int
    end: int
    line: int
    wanted: tuple[str, ...] = ()
    """Columns that the source names."""

    def pieces(self) -> Iterator[Piece]:
        """Parsed pieces in order; what waits for more is in none of them.

        Raises: SourceError where a JSON array is not complete.
        """
        if self.form.kind == "array":
            yield from self._array()
            return
        whole = _after_last_newline(self.file, self.start, self.end)
        start, line, rest, raw_rest = self.start, self.line, b"", b""
        for block in blocks(self.file, self.start, whole, self.line, self.encoding):
            if block.size:
                yield self._long(block)
                start, line, rest, raw_rest = block.end, block.line + 1, b"", b""
                continue
            text, raw = rest + block.text, raw_rest + block.raw
            parsed, types = self._parse(text, line, False, block.lossy)
            rest, raw_rest = last_lines(text, parsed.waiting), last_lines(raw, parsed.waiting)
            end, after = start + len(raw) - len(raw_rest), line + text.count(b"\n") - parsed.waiting
            if end > start:
                yield Piece(parsed, types, start, end, line, after)
            start, line = end, after
        if whole < self.end:
            yield from self._last(start, line)

    def _last(self, start: int, line: int) -> Iterator[Piece]:
        """The line without its newline, with what waited before it: a piece if it is complete as it is."""
        for block in blocks(self.file, start, self.end, line, self.encoding):
            if block.size:
                yield self._long(block, True)
                return
            parsed, types = self._parse(block.text, line, True, block.lossy)
            if not parsed.waiting:
                yield Piece(parsed, types, start, self.end, line, line + block.text.count(b"\n") + 1, True)
            return

    def _parse(self, text: bytes, line: int, last: bool, lossy: bool) -> tuple[Parsed, Types | None]:
        if self.form.layout is None:
            parsed, types = ndjson.parse_lines(text, line, last, lossy)
            ndjson.reach(parsed, types, self.wanted)
            return parsed, types
        shape = Shape(self.form.layout.delimiter, self.form.layout.names)
        return delimited.parse(text, line, shape, last, lossy), None

    def _array(self) -> Iterator[Piece]:
        """The items of an array some at a time; `start` and `end` of such a piece are numbers of items."""
        some: list[tuple[int, Any, str]] = []
        size = 0
        try:
            for item in jsonarray.items(self.file, self.start, self.end, self.encoding):
                some.append((item.number, item.value, item.text))
                size += len(item.text)
                if size > jsonarray.PIECE:
                    yield self._items(some)
                    some, size = [], 0
        except (ValueError, RecursionError) as error:
            raise SourceError(f"not complete JSON ({error}); save it again, it is read at once") from error
        yield self._items(some)

    def _items(self, some: list[tuple[int, Any, str]]) -> Piece:
        first = some[0][0] if some else 1
        parsed, types = ndjson.parse_items(some)
        ndjson.reach(parsed, types, self.wanted)
        return Piece(parsed, types, first, first + len(some), first, first + len(some))

    def _long(self, block: Block, last: bool = False) -> Piece:
        names = self.form.layout.names if self.form.layout else ()
        frame = pl.DataFrame(schema={LINE: pl.Int64, **dict.fromkeys(names, pl.String)})
        parsed = Parsed(frame, [Fault(block.line, None, None, too_long(block.size))])
        types: Types | None = None if self.form.layout else {}
        return Piece(parsed, types, block.start, block.end, block.line, block.line + 1, last)


def _after_last_newline(file: BinaryIO, start: int, end: int) -> int:
    """The position after the last newline of the range; its start where there is none."""
    position = end
    while position > start:
        step = min(1 << 16, position - start)
        file.seek(position - step)
        found = file.read(step).rfind(b"\n")
        if found >= 0:
            return position - step + found + 1
        position -= step
    return start


def last_lines(text: bytes, count: int) -> bytes:
    """The last so many lines of a text."""
    if not count:
        return b""
    at = len(text) - text.endswith(b"\n")
    for _ in range(count):
        at = text.rfind(b"\n", 0, at)
        if at < 0:
            return text
    return text[at + 1 :]
