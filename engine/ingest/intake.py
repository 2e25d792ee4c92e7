"""One file → its state: what is known is kept, what was added is read, what changed is read again."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from engine.errors import ExpressionError, SourceError
from engine.ingest.digest import mapping_digest
from engine.ingest.erased import ANYTHING, Allowed
from engine.ingest.job import Job
from engine.ingest.state import FileState, FoundFile, complete, ripe, stat_of
from engine.workspace.model import Source, Workspace


def take_in(
    workspace: Workspace,
    found: FoundFile,
    known: FileState | None,
    cache: Path,
    now: datetime,
    *,
    as_source: Source | None = None,
    allowed: Allowed = ANYTHING,
) -> FileState:
    """Brings what is known of a file up to date; parts and rejects are in the cache when it returns.

    In:  a found file with a source (`as_source`: one that is not of the workspace); its last state; `now` as
         naive UTC or with a zone; what may be kept.
    Out: the same object where nothing changed. A file that cannot be read has `error`, and no parts.
    """
    source = as_source or next(each for each in workspace.sources if each.name == found.source)
    moment = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    digest = mapping_digest(workspace, source, found.path)
    known = _still(workspace, known, cache, allowed)
    if known is not None and _stands(known, found, source, digest, moment) and complete(cache, known):
        return known
    oldest = str(allowed.oldest.get(source.table, ""))
    blank = FileState(
        found.path,
        source.name,
        source.table,
        found.size,
        found.mtime_ns,
        found.inode,
        mapping=digest,
        erasures=allowed.erased.digest, oldest=oldest,
    )  # fmt: skip
    # What reads comes in with the first file that must be read: a warm start needs none of it.
    if source.sql is not None:
        from engine.ingest.databases.poll import Poll, take_rows

        return take_rows(Poll(workspace, source, source.sql, blank, cache, moment, allowed=allowed), known)
    from engine.ingest.reading import read

    path = workspace.root / found.path
    try:
        with _opened(path) as file:
            size, mtime_ns, inode = stat_of(os.fstat(file.fileno()))
            blank = replace(blank, size=size, mtime_ns=mtime_ns, inode=inode)
            return read(Job(workspace, source, file, path, blank, cache, moment, allowed=allowed), known)
    # A condition may have no meaning for the kinds of a file's columns.
    except (SourceError, ExpressionError) as error:
        return replace(blank, error=str(error))
    except OSError as error:
        return replace(blank, error=_unreadable(path, error))


def _still(workspace: Workspace, known: FileState | None, cache: Path, allowed: Allowed) -> FileState | None:
    """The last state, unless it names an erased person or has facts that are too old: then None."""
    erased = allowed.erased
    if known is not None and not allowed.holds(known):
        return None
    if known is None or known.erasures == erased.digest or not erased or not complete(cache, known):
        return known
    from engine.ingest.forget import clean

    return replace(known, erasures=erased.digest) if clean(cache, known, erased, workspace.identity) else None


def _stands(known: FileState, found: FoundFile, source: Source, digest: str, now: datetime) -> bool:
    """Whether nothing is to be done: a database that did not answer is asked again when it is due."""
    if found.due:
        return False
    return known.stale is not None or (_same(known, found, source, digest) and not ripe(known, now))


def _same(known: FileState, found: FoundFile, source: Source, digest: str) -> bool:
    before = (known.path, known.size, known.mtime_ns, known.inode, known.source, known.table, known.mapping)
    after = (found.path, found.size, found.mtime_ns, found.inode, source.name, source.table, digest)
    return before == after


def _opened(path: Path) -> BinaryIO:
    info = path.stat()
    if stat.S_ISDIR(info.st_mode):
        raise SourceError("a directory, not a file; rename it or change the source's files")
    if not stat.S_ISREG(info.st_mode):
        raise SourceError("not a regular file")
    return path.open("rb")


def _unreadable(path: Path, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"no permission to read it; give it back with: chmod u+r {path.name}"
    if isinstance(error, FileNotFoundError):
        return "it was there and is gone"
    return f"cannot be read: {error.strerror or error}"
