"""What holds for any bytes under any name: no exception, no hang, every record somewhere."""

from __future__ import annotations

import resource
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.expressions import parse
from engine.ingest import FileState
from engine.workspace.model import Source
from tests.engine.ingest.workspaces import Reading, again, columns, equation, read, source

SECONDS = 10
"""A file of a few kilobytes takes milliseconds; this much on a slow machine is a hang."""
GROWTH = 1500 << 20
"""Bytes that the process may come to need at most beyond what it needed before a file."""


class Hang(AssertionError):
    """A file took longer than any file of its size may."""


@contextmanager
def in_time() -> Iterator[None]:
    """Raises Hang after SECONDS, wherever Python stands then; MemoryError is a law broken as well."""

    def late(*_: object) -> None:
        raise Hang(f"more than {SECONDS} s for one small file")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    old = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
    assert grown < GROWTH, f"{grown >> 20} MB for one small file"


def sources() -> dict[str, Source]:
    """Three mappings: events with everything that can be wrong, spend, profiles."""
    return {
        "events": source(
            event="order", null_values=("-",), where=parse("value is null or value < 1000000"),
            columns=columns(ts="ts", phone="phone", email="email", value="value", quantity="n"),
        ),
        "spend": source(
            "spend", scale={"cost": "cents"},
            columns=columns(ts="ts", cost="value", clicks="n", channel="email"),
        ),
        "profiles": source("profiles", columns=columns(phone="phone", birth="ts", tier="n")),
    }  # fmt: skip


HOW = sources()


def check(content: bytes, name: str, table: str = "events") -> FileState:
    """The laws over one file of that name; its state."""
    with tempfile.TemporaryDirectory() as folder, in_time():
        place = Path(folder)
        found = read(place, content, HOW[table], name)
        conserved(found, content)
        assert again(place, HOW[table], found.state, name).state == found.state
        assert not list((place / "cache").rglob(".*.tmp"))
    return found.state


def conserved(found: Reading, content: bytes) -> None:
    """rows = accepted + rejected + filtered; each part's facts and rejects are those that it counts."""
    state = found.state
    assert equation(state), state
    assert len(found.rejects) == state.rejected, (len(found.rejects), state.rejected)
    assert len(found.facts) == sum(part.facts for part in state.parts)
    last = 1 + content.count(b"\n")
    text = name_is_text(state)
    for reject in found.rejects:
        assert reject.line >= (state.error is None), reject
        assert not text or reject.line <= last, (reject, last)
    lines = [reject.line for reject in found.rejects] + sorted(set(found["line"]))
    assert len(lines) == len(set(lines)), "a record is accepted and rejected"
    assert len(lines) == state.accepted + state.rejected


def name_is_text(state: FileState) -> bool:
    """Whether lines of the file are lines of its bytes: no workbook, page, packed file or wide encoding."""
    topics = dict(state.evidence)
    wide = (state.encoding or "").startswith("utf-16")
    form = topics.get("format", "")
    return (
        not wide and "packed" not in topics and form not in ("Excel", "HTML table", "JSON array", "parquet")
    )


def grows(head: bytes, tail: bytes, name: str, table: str = "events") -> None:
    """A file that is read, appended to and read again holds what it holds when it is read at once."""
    with tempfile.TemporaryDirectory() as folder, in_time():
        place, other = Path(folder) / "grown", Path(folder) / "whole"
        first = read(place, head, HOW[table], name)
        (place / "data" / name).write_bytes(head + tail)
        grown = again(place, HOW[table], first.state, name)
        whole = read(other, head + tail, HOW[table], name)
        assert said(grown) == said(whole)
        conserved(grown, head + tail)


def said(found: Reading) -> tuple[object, ...]:
    """What a reading says of a file, apart from how it is cut into parts."""
    state = found.state
    numbers = (state.rows, state.accepted, state.rejected, found.filtered, state.error, state.encoding)
    return numbers, found.without_rows(), found.rejects
