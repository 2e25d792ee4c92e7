"""Rows that are in no number: why, and how they are kept beside their part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.ingest.state import FileState, PartRef, rejects_path
from engine.ingest.write import write_frame
from engine.questions import Reject

CUT = 200
"""Values and lines are kept up to this many characters."""

_TEXTS = ("column", "value", "reason", "text")


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing wrong with a record; `column` is the file's own name, None for the whole line."""

    line: int
    column: str | None
    value: str | None
    reason: str
    text: str = ""


def cut(text: str | None) -> str | None:
    """At most `CUT` characters."""
    return text if text is None or len(text) <= CUT else text[: CUT - 1] + "…"


def write_rejects(cache: Path, part: PartRef, faults: Iterable[Fault]) -> None:
    """Writes the faults of a part, by line; nothing where there are none."""
    import polars as pl

    rows = sorted(
        (fault.line, fault.column or "", cut(fault.column), cut(fault.value), fault.reason, cut(fault.text))
        for fault in faults
    )
    if rows:
        schema: dict[str, type[pl.DataType]] = {"line": pl.Int64, **dict.fromkeys(_TEXTS, pl.String)}
        frame = pl.DataFrame([(row[0], *row[2:]) for row in rows], schema=schema, orient="row")
        write_frame(rejects_path(cache, part), frame)


def rejects(cache: Path, state: FileState) -> Iterator[Reject]:
    """The rejects of a file, by line; a file that cannot be read is one reject of line 0."""
    import polars as pl

    if state.error is not None:
        yield Reject(state.source, state.path, 0, None, None, state.error)
    for part in state.parts:
        if not part.rejected:
            continue
        for line, column, value, reason, text in pl.read_parquet(rejects_path(cache, part)).iter_rows():
            yield Reject(state.source, state.path, line, column, value, reason, text or "")
