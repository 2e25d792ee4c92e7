"""Rows of one poll, waiting until the last one has come: on disk, in a file without a name."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import polars as pl

from engine.ingest.databases.values import Texts, frame_of

PART_ROWS = 50_000
"""Rows that go into one part, and the most that are held at a time."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of one part: where they lie in the file, what they are, and the number of the first."""

    at: int
    size: int
    digest: str
    line: int
    rows: int


class Spool:
    """Numbered rows in order, kept in chunks. The file goes with the process, however that ends."""

    def __init__(self, cache: Path, names: Sequence[str], line: int) -> None:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=cache)  # noqa: SIM115
        self._names, self._line = names, line
        self._waiting: list[Texts] = []
        self.chunks: list[Chunk] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self._file.close()

    def add(self, rows: Sequence[Texts]) -> None:
        """Takes in rows."""
        self._waiting += rows
        while len(self._waiting) >= PART_ROWS:
            self._write(self._waiting[:PART_ROWS])
            self._waiting = self._waiting[PART_ROWS:]

    def end(self) -> None:
        """No more rows come."""
        if self._waiting:
            self._write(self._waiting)
            self._waiting = []

    @property
    def next_line(self) -> int:
        """The number that the next row would have."""
        return self._line

    @property
    def content(self) -> str:
        """A hash of all rows."""
        return hashlib.sha256("".join(chunk.digest for chunk in self.chunks).encode()).hexdigest()

    def frames(self) -> Iterator[tuple[Chunk, pl.DataFrame]]:
        """Each chunk with its rows as a frame of texts."""
        for chunk in self.chunks:
            self._file.seek(chunk.at)
            yield chunk, pl.read_ipc_stream(io.BytesIO(self._file.read(chunk.size)))

    def _write(self, rows: Sequence[Texts]) -> None:
        content = hashlib.sha256()
        for row in rows:
            content.update(repr(row).encode("utf-8", "surrogatepass"))
        held = io.BytesIO()
        frame_of(rows, self._names, self._line).write_ipc_stream(held, compression="lz4")
        at = self._file.seek(0, io.SEEK_END)
        self._file.write(held.getbuffer())
        self.chunks.append(Chunk(at, held.tell(), content.hexdigest(), self._line, len(rows)))
        self._line += len(rows)
