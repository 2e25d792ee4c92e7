"""The bytes of an open file → its state: the same bytes are known, a grown file goes on."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, replace
from typing import BinaryIO

from engine.errors import SourceError
from engine.ingest.encoding import Bytes, decide, weigh_range
from engine.ingest.htmltables import is_html
from engine.ingest.job import Job
from engine.ingest.packed import packing_of, unpacked
from engine.ingest.state import FileState, PartRef, recall, remember, ripe
from engine.ingest.text import Before, read_text
from engine.ingest.whole import read_whole

MAGIC = {b"PAR1": "parquet", b"PK\x03\x04": "excel", b"\xd0\xcf\x11\xe0": "excel"}
SUFFIXES = {
    ".parquet": "parquet", ".pq": "parquet", ".xlsx": "excel", ".xlsm": "excel", ".ods": "excel",
}  # fmt: skip
MANY_PARTS = 24
"""A longer chain is read again as one."""


@dataclass(frozen=True, slots=True)
class Look:
    """A file as its bytes are: hash of all, hash up to where it was read before, and its first bytes."""

    size: int
    sha256: str
    prefix: str
    head: bytes


def _look(file: BinaryIO, size: int, mark: int) -> Look:
    """Hashes of the file's first `size` bytes and of those before `mark`."""
    file.seek(0)
    whole, prefix, head, left = hashlib.sha256(), "", b"", size
    zeros = True
    while left > 0 or not prefix:
        at = size - left
        if at == mark and not prefix:
            prefix = whole.copy().hexdigest()
        if left <= 0:
            prefix = prefix or "-"
            break
        step = min(4 << 20, left, mark - at if mark > at else left)
        raw = file.read(step)
        if not raw:
            raise SourceError("it got shorter while it was read; it is read again")
        zeros = zeros and not raw.strip(b"\0")
        head = head or raw[:4096]
        whole.update(raw)
        left -= len(raw)
    if size and zeros:
        raise SourceError(f"{size:,} zero bytes and nothing else: the file was never written to the end")
    return Look(size, whole.hexdigest(), prefix, head)


def read(job: Job, known: FileState | None) -> FileState:
    """The state of an open file, given its last one. Raises: SourceError where it cannot be read."""
    chain = _chain(known, job.state)
    look = _look(job.file, job.state.size, chain[-1].end if chain else 0)
    job = replace(job, state=replace(job.state, sha256=look.sha256))
    same = recall(job.cache, look.sha256, job.state.mapping)
    if same is not None and not ripe(same, job.now) and stays(same, job):
        names = ("path", "source", "table", "size", "mtime_ns", "inode", "erasures")
        return replace(same, **{name: getattr(job.state, name) for name in names})
    if look.size == 0:
        return replace(job.state, evidence=(("empty", "the file is empty"),))
    if kind := packing_of(look.head):
        state = _packed(job, look, kind)
        remember(job.cache, state)
        return state
    state = _by_form(job, look, Before(chain, json.loads(known.decisions)) if known and chain else None)
    remember(job.cache, state)
    return state


def stays(state: FileState, job: Job) -> bool:
    """Whether a state that was made before holds nothing that may not be kept."""
    erased = job.allowed.erased
    if not job.allowed.holds(state):
        return False
    if not erased or state.erasures == erased.digest:
        return True
    from engine.ingest.forget import clean

    return clean(job.cache, state, erased, job.workspace.identity)


def _packed(job: Job, look: Look, kind: str) -> FileState:
    """The state of a compressed text file: unpacked aside, read whole each time it changes."""
    with unpacked(job.file, kind, look.size, job.cache) as plain:
        size = plain.seek(0, io.SEEK_END)
        plain.seek(0)
        head = plain.read(4096)
        told = ("packed", f"{kind}: {look.size:,} bytes hold {size:,}")
        if not size:
            return replace(job.state, evidence=(told, ("empty", "the file is empty")))
        if form := packing_of(head) or next(
            (kind for magic, kind in MAGIC.items() if head[:4] == magic), None
        ):
            raise SourceError(f"{kind} of a {form} file; only text is read compressed: unpack it once")
        state = _by_form(replace(job, plain=plain), Look(size, look.sha256, "", head), None)
    return replace(state, evidence=(told, *state.evidence))


def _by_form(job: Job, look: Look, before: Before | None) -> FileState:
    form = next((kind for magic, kind in MAGIC.items() if look.head.startswith(magic)), "text")
    if form == "text" and is_html(look.head):
        return read_whole(job, "html")
    expected = SUFFIXES.get(job.path.suffix.lower(), form)
    if form == "text" and expected != "text":
        raise SourceError(f"not a complete {expected.capitalize()} file; save it again, it is read at once")
    if form != "text":
        return read_whole(job, form)
    if before is not None and look.prefix == before.decisions["prefix"]:
        tail = weigh_range(job.file, before.chain[-1].end, look.size)
        seen = Bytes(*before.decisions["bytes"]) + tail
        grown = read_text(job, decide(look.head, seen), seen, before)
        if grown is not None:
            return grown
    seen = weigh_range(job.plain or job.file, 0, look.size)
    state = read_text(job, decide(look.head, seen), seen, None)
    assert state is not None
    return state


def _chain(known: FileState | None, now: FileState) -> tuple[PartRef, ...]:
    """The parts of the last state that a grown file may keep: all that end with a whole line."""
    if known is None or known.error or known.mapping != now.mapping or not known.parts:
        return ()
    decisions = json.loads(known.decisions)
    waiting = any(part.ripens is not None for part in known.parts)
    if "prefix" not in decisions or len(known.parts) >= MANY_PARTS or waiting:
        return ()
    kept = known.parts[: decisions["whole"]]
    return kept if now.size > kept[-1].end else ()
