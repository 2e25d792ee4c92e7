"""The objects of a JSON array one after another, however long it is: no more than a piece is in memory.

The array is the text itself, or the one array of objects inside an object, at any depth of objects:
`{"code": 0, "data": {"list": [ … ]}}`. An object without such an array is one record.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from engine.ingest.blocks import LONGEST
from engine.ingest.jsonvalue import DECODER
from engine.ingest.ndjson import to_frame
from engine.ingest.sniff import fold

PIECE = 24 << 20
"""Characters of the records that are parsed together."""
WHOLE = 16 << 20
"""An object up to this size is read whole to find its array; in a larger one the first array is meant."""

_STEP = 1 << 20
_BLANK = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the array: its number from 1, its value and its text."""

    number: int
    value: Any
    text: str


class Text:
    """Text of a file from a place on, read as it is needed."""

    def __init__(self, file: BinaryIO, start: int, end: int, encoding: str) -> None:
        self._file, self._at, self._end = file, start, end
        self._decode = codecs.getincrementaldecoder(encoding)("replace").decode
        self.text, self.at = "", 0
        self._load = DECODER.raw_decode

    def more(self) -> bool:
        """Reads on; False at the end."""
        if self._at >= self._end:
            return False
        self._file.seek(self._at)
        raw = self._file.read(min(_STEP, self._end - self._at))
        self._at += len(raw)
        self.text = self.text[self.at :] + self._decode(raw, not raw or self._at >= self._end)
        self.at = 0
        return bool(raw)

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            self.at = _BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text) or not self.more():
                return self.text[self.at : self.at + 1]

    def take(self, *marks: str) -> str:
        """Goes past one of these characters. Raises: ValueError where another is next."""
        if (mark := self.peek()) not in marks or not mark:
            raise ValueError(f"{' or '.join(marks)} expected, found {mark or 'the end'}")
        self.at += 1
        return mark

    def value(self) -> tuple[Any, str]:
        """The next value and its text. Raises: ValueError where it is none, not complete or too long."""
        self.peek()
        while True:
            try:
                value, end = self._load(self.text, self.at)
            except ValueError:
                if len(self.text) - self.at > 2 * LONGEST or not self.more():
                    raise
                continue
            if end == len(self.text) and self.more():
                continue
            text, self.at = self.text[self.at : end], end
            return value, text


def items(file: BinaryIO, start: int, end: int, encoding: str) -> Iterator[Item]:
    """The items of the array in order.

    Raises: ValueError where the text is not complete JSON of that form.
    """
    text = Text(file, start, end, encoding)
    if text.peek() == "{" and end - start <= WHOLE:
        value, _ = text.value()
        if text.peek():
            raise ValueError("text after the end")
        for number, item in enumerate(_records(value), 1):
            yield Item(number, item, json.dumps(item, ensure_ascii=False))
        return
    _find_array(text)
    number = 0
    if text.peek() == "]":
        return
    while True:
        number += 1
        value, written = text.value()
        yield Item(number, value, written)
        if text.take(",", "]") == "]":
            return


def _records(value: dict[str, Any]) -> list[Any]:
    arrays = list(_arrays(value))
    return arrays[0] if len(arrays) == 1 else [value]


def _arrays(value: dict[str, Any]) -> Iterator[list[Any]]:
    """Arrays that are reached through objects alone: of objects, or empty."""
    for item in value.values():
        if isinstance(item, list) and (not item or isinstance(item[0], dict)):
            yield item
        elif isinstance(item, dict):
            yield from _arrays(item)


def _find_array(text: Text) -> None:
    """Goes past the bracket that opens the first array, through objects."""
    while text.take("[", "{") == "{":
        while True:
            if not isinstance(text.value()[0], str):
                raise ValueError("a name expected")
            text.take(":")
            if text.peek() in ("[", "{"):
                break
            text.value()
            text.take(",")


def is_one_object(file: BinaryIO, place: tuple[int, int], encoding: str, known: frozenset[str]) -> bool:
    """Whether the text is one object, with an array in it or not, and no object a line.

    In: where the text starts and ends. A single line is such an object where the items of its array have more
    of the `known` names than it has itself: then it is an answer of an API and no record.
    """
    start, end = place
    file.seek(start)
    first = file.readline(_STEP)
    text = Text(file, start, end, encoding)
    try:
        with contextlib.suppress(ValueError):
            value = json.loads(first.decode(encoding, "replace"))
            return end - start <= len(first) + 4 and _is_wrapping(value, known)
        if end - start > WHOLE:
            _find_array(text)
            return True
        return isinstance(text.value()[0], dict) and not text.peek()
    except (ValueError, RecursionError):
        return False


def _is_wrapping(value: Any, known: frozenset[str]) -> bool:
    arrays = list(_arrays(value)) if isinstance(value, dict) else []
    if len(arrays) != 1 or not arrays[0]:
        return False
    own, inner = ({fold(str(name)) for name in names} & known for names in (value, arrays[0][0]))
    return len(inner) > len(own)


def head_columns(file: BinaryIO, start: int, end: int, encoding: str) -> tuple[str, ...]:
    """The columns of the first items, of a file of which there may be no more than its head."""
    rows: list[tuple[int, dict[str, Any]]] = []
    try:
        for item in items(file, start, end, encoding):
            if isinstance(item.value, dict):
                rows.append((item.number, item.value))
    except (ValueError, RecursionError):
        pass
    return tuple(to_frame(rows)[0].columns[1:])
