"""Where each key of a TOML text stands: dotted path → line.

The text is known to be valid TOML (tomllib has read it), so the scan only has to follow its shape.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'", re.DOTALL
)
_SCALAR = re.compile(r"[^,\]\}\n#]+")
_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)+")
_BLANK = re.compile(r"[ \t]+")


def locate(text: str) -> dict[Path, int]:
    """Line (from 1) of every table, key, array element and inline key of a valid TOML text."""
    scan = _Scan(text)
    try:
        scan.document()
    except (IndexError, ValueError):
        # The shape was not followed to the end: the lines found so far still help.
        return scan.found
    return scan.found


def line_of(found: dict[Path, int], path: Path) -> int:
    """Line of a path, or of its nearest parent that stands somewhere; 0 where none does."""
    while path:
        if path in found:
            return found[path]
        path = path[:-1]
    return 0


class _Scan:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.found = text, 0, dict[Path, int]()
        self.counts: dict[Path, int] = {}

    def mark(self, path: Path) -> None:
        self.found.setdefault(path, self.text.count("\n", 0, self.at) + 1)

    def skip(self, pattern: re.Pattern[str] = _SPACE) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError("not the expected shape")
        self.at = match.end()
        return match.group()

    def key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            self.skip(_BLANK)
            if self.text[self.at] in "\"'":
                parts.append(_unquote(self.take(_STRING)))
            else:
                parts.append(self.take(_BARE))
            self.skip(_BLANK)
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def resolve(self, key: tuple[str, ...]) -> Path:
        """A header's path with the index of the last element of each array of tables on the way."""
        path: Path = ()
        for part in key:
            path = (*path, part)
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def document(self) -> None:
        table: Path = ()
        self.skip()
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self.header(2)
            elif self.text[self.at] == "[":
                table = self.header(1)
            else:
                self.pair(table)
            self.skip()

    def header(self, width: int) -> Path:
        start = self.at
        self.at += width
        key = self.key()
        self.at, end = start, self.at + width
        path = self.resolve(key[:-1]) + key[-1:]
        if width == 2:
            self.mark(path)
            self.counts[path] = self.counts.get(path, -1) + 1
        if path in self.counts:
            path = (*path, self.counts[path])
        for upto in range(1, len(path) + 1):
            self.mark(path[:upto])
        self.at = end
        return path

    def pair(self, table: Path) -> None:
        start, key = self.at, self.key()
        end, self.at = self.at, start
        for upto in range(1, len(key) + 1):
            self.mark(table + key[:upto])
        self.at = end + 1
        self.value(table + key)

    def value(self, path: Path) -> None:
        self.skip()
        first = self.text[self.at]
        if first == "[":
            self.array(path)
        elif first == "{":
            self.inline(path)
        elif first in "\"'":
            self.take(_STRING)
        else:
            self.take(_SCALAR)

    def array(self, path: Path) -> None:
        self.at += 1
        index = 0
        self.skip()
        while self.text[self.at] != "]":
            self.mark((*path, index))
            self.value((*path, index))
            index += 1
            self.skip()
            if self.text[self.at] == ",":
                self.at += 1
                self.skip()
        self.at += 1

    def inline(self, path: Path) -> None:
        self.at += 1
        self.skip()
        while self.text[self.at] != "}":
            self.pair(path)
            self.skip()
            if self.text[self.at] == ",":
                self.at += 1
                self.skip()
        self.at += 1


def _unquote(text: str) -> str:
    import tomllib

    return str(next(iter(tomllib.loads(f"{text} = 0"))))
