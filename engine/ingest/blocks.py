"""A byte range of a text file in blocks of whole lines, as UTF-8, with the number of their first line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK = 32 << 20
LONGEST = 8 << 20
"""A longer line is one reject: no export has such records, and a broken file must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines. `text` is UTF-8; `line` the number of the first; `start` and `end` are bytes of the file.

    `size` > 0: not text but one line of that many bytes, skipped as too long.
    `last`: nothing follows. `lossy`: bytes that the encoding does not know became U+FFFD.
    """

    text: bytes
    line: int
    start: int
    end: int
    last: bool
    size: int = 0
    lossy: bool = False
    raw: bytes = b""
    """The same lines as they are in the file."""


def blocks(
    file: BinaryIO, start: int, end: int, line: int, encoding: str, *, size: int = BLOCK
) -> Iterator[Block]:
    """The range from `start` to `end`; a line without its newline is the last block's last line."""
    position, rest = start, b""
    while position + len(rest) < end:
        file.seek(position + len(rest))
        raw = file.read(min(size, end - position - len(rest)))
        if not raw:
            return
        whole = rest + raw
        at_end = position + len(whole) >= end
        cut = len(whole) if at_end else whole.rfind(b"\n") + 1
        if len(whole) - cut > LONGEST or (cut == 0 and len(whole) > LONGEST):
            lines = whole[:cut]
            if lines:
                yield _block(lines, line, position, False, encoding)
                line += lines.count(b"\n")
            position, ended = _skip(file, position + cut, end)
            yield Block(b"", line, ended, position, position >= end, position - ended)
            line, rest = line + 1, b""
            continue
        if cut:
            yield _block(whole[:cut], line, position, at_end, encoding)
            line += whole.count(b"\n", 0, cut)
        position, rest = position + cut, whole[cut:]


def _block(raw: bytes, line: int, start: int, last: bool, encoding: str) -> Block:
    text, lossy = _utf8(raw, encoding)
    return Block(text, line, start, start + len(raw), last, lossy=lossy, raw=raw)


def _utf8(raw: bytes, encoding: str) -> tuple[bytes, bool]:
    if raw.isascii():
        return raw, False
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode(encoding, "replace").encode(), True
    return (raw if encoding == "utf-8" else text.encode()), False


def _skip(file: BinaryIO, position: int, end: int) -> tuple[int, int]:
    """Goes past the line at `position`: where the next one starts, and where this one did."""
    begin = position
    file.seek(position)
    while position < end:
        raw = file.read(min(1 << 20, end - position))
        if not raw:
            break
        if (found := raw.find(b"\n")) >= 0:
            return position + found + 1, begin
        position += len(raw)
    return position, begin
