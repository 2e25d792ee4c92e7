"""One poll of a database source → its state: new rows become new parts, the others stand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.errors import SourceError
from engine.ingest.databases.address import Unreachable, address_of
from engine.ingest.databases.connection import Connection, Result, connect, place
from engine.ingest.databases.cursor import Mark
from engine.ingest.databases.spool import Chunk, Spool
from engine.ingest.databases.values import Texts, digest, frame_of, texts_of, types_of, with_times
from engine.ingest.decisions import Evidence
from engine.ingest.erased import ANYTHING, Allowed
from engine.ingest.jsonvalue import Types
from engine.ingest.mapping import How, shape
from engine.ingest.parts import Batch, fingerprint, write_part
from engine.ingest.plan import resolve
from engine.ingest.state import FileState, PartRef, complete, ripe
from engine.workspace.model import Source, Workspace
from engine.workspace.statement import CURSOR, parameters

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MySQL"}


@dataclass(frozen=True, slots=True)
class Poll:
    """One source being asked; `state` has its path, its table and the digest of its mapping."""

    workspace: Workspace
    source: Source
    sql: str
    state: FileState
    cache: Path
    now: datetime
    kind: str = ""
    """What database it is, for people."""
    allowed: Allowed = ANYTHING


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier polls left: their parts, the decisions in force, how far they came."""

    state: FileState
    decisions: dict[str, Any]
    mark: Mark

    @property
    def next_line(self) -> int:
        return self.state.parts[-1].next_line if self.state.parts else 1


@dataclass(frozen=True, slots=True)
class Read:
    """The rows of one poll, with what was seen in them."""

    spool: Spool
    names: tuple[str, ...]
    types: Types
    mark: Mark


def take_rows(poll: Poll, known: FileState | None) -> FileState:
    """Asks the database once.

    Out: the state with the new rows; an equal one where there are none. A database that does not answer
         leaves the last rows in force, with `stale` saying why.
    """
    there = known if known is not None and complete(poll.cache, known) else None
    try:
        address = address_of(poll.source.connect_env or "", os.environ, poll.workspace.root)
        poll = replace(poll, kind=address.kind, state=replace(poll.state, sha256=address.identity))
        with connect(address, poll.source.timeout_us / 1e6) as connection:
            before = _before(poll, there)
            found = _ask(poll, connection, before) if before else None
            found = found or _ask(poll, connection, None)
            assert found is not None
            return found
    except Unreachable as error:
        mine = there is not None and there.table == poll.state.table and there.source == poll.state.source
        return replace(there if there is not None and mine else poll.state, stale=str(error))
    except SourceError as error:
        return replace(poll.state, error=str(error))


def _before(poll: Poll, known: FileState | None) -> Before | None:
    """What may be kept: the same database, statement and mapping, and no row that waits for its day."""
    if known is None or known.error or ripe(known, poll.now) or not known.decisions.startswith('{"names"'):
        return None
    if (known.sha256, known.mapping) != (poll.state.sha256, poll.state.mapping):
        return None
    decisions = json.loads(known.decisions)
    return Before(replace(known, stale=None), decisions, Mark.from_plain(decisions["mark"]))


def _ask(poll: Poll, connection: Connection, before: Before | None) -> FileState | None:
    """The state after asking for the rows after `before`; None where they contradict what it decided."""
    after = CURSOR in parameters(poll.sql)
    going_on = before is not None and after and before.mark.value is not None
    column = poll.source.cursor or ""
    bound = (
        before.mark.value if before and going_on else connection.least(poll.sql, column) if after else None
    )
    result = connection.rows(poll.sql, bound)
    if going_on and before and list(result.names) != before.decisions["names"]:
        return None
    line = before.next_line if before and going_on else 1
    mark = Mark.from_plain(before.decisions["mark"]) if before and going_on else Mark()
    with Spool(poll.cache, result.names, line) as spool:
        read = _spooled(poll, result, spool, mark)
        if before and (not spool.chunks if going_on else spool.content == before.decisions["content"]):
            return before.state
        return _state(poll, read, before if going_on else None)


def _spooled(poll: Poll, result: Result, spool: Spool, mark: Mark) -> Read:
    """All rows that were not read before, and their kinds."""
    names, at = result.names, _cursor_at(poll, result)
    kinds: list[set[str]] = [set() for _ in names]
    for rows in result.batches:
        texts = texts_of(rows, kinds)
        if at is None:
            spool.add(texts)
            continue
        declared = result.declared.get(names[at])
        new: list[Texts] = [
            text for row, text in zip(rows, texts, strict=True) if mark.see(row[at], digest(text), declared)
        ]
        spool.add(new)
    spool.end()
    return Read(spool, names, types_of(names, kinds, result.declared), mark)


def _cursor_at(poll: Poll, result: Result) -> int | None:
    """The place of the cursor column; None where the whole result is read each time."""
    column = poll.source.cursor
    if column is None or CURSOR not in parameters(poll.sql):
        return None
    return place(result.names, column)


def _state(poll: Poll, read: Read, before: Before | None) -> FileState | None:
    if twice := next((name for name in read.names if read.names.count(name) > 1), None):
        raise SourceError(f'the result has two columns "{twice}"; give one of them another name with AS')
    plan = resolve(poll.workspace, poll.source, read.names, poll.state.path)
    evidence = Evidence.from_plain(before.decisions["evidence"]) if before else Evidence()
    old = evidence.decide(plan)
    evidence.add(frame_of((), read.names, 1), plan, read.types)
    for _, frame in read.spool.frames():
        evidence.add(frame, plan, read.types)
    decided = evidence.decide(plan)
    if before and not old.agrees(decided):
        return None
    how = How(plan, decided, poll.now, totals=False, allowed=poll.allowed)
    turn = before.decisions["polls"] if before else 0
    parts = (*(before.state.parts if before else ()), *_parts(poll, how, read.spool, turn))
    decisions = {
        "names": list(read.names), "evidence": evidence.to_plain(), "mark": read.mark.to_plain(),
        "content": read.spool.content, "polls": turn + 1,
    }  # fmt: skip
    return replace(
        poll.state, parts=parts, layout=plan.preset.name if plan.preset else None,
        decisions=json.dumps(decisions, ensure_ascii=False),
        evidence=(*_told(poll, read), *plan.notes, *evidence.sentences()), columns=plan.mapped(),
    )  # fmt: skip


def _parts(poll: Poll, how: How, spool: Spool, turn: int) -> Iterator[PartRef]:
    made_with = _made_with(poll, how)
    for chunk, frame in spool.frames():
        shaped = shape(with_times(frame, how.decided.types), how)
        batch = _batch(chunk, fingerprint(chunk.digest, made_with, chunk.line))
        yield replace(write_part(poll.cache, batch, shaped), turn=turn)


def _batch(chunk: Chunk, key: str) -> Batch:
    """A part's place: of the rows, as of bytes, only their number is known."""
    after = chunk.line + chunk.rows
    return Batch(key, chunk.line - 1, after - 1, chunk.line, after, chunk.rows)


def _told(poll: Poll, read: Read) -> Iterator[tuple[str, str]]:
    """What `looptop check` says of the source."""
    yield "format", f"rows of a {_NAMES[poll.kind]} database, columns by their names in the result"
    every = f"every {poll.source.poll_us / 1e6:g} s"
    if CURSOR not in parameters(poll.sql):
        yield (
            "poll",
            f"{every} the whole result, since the statement has no :cursor; other content counts as new",
        )
    elif read.mark.value is None:
        yield "poll", f"{every}; no row has a {poll.source.cursor} yet"
    else:
        yield "poll", f"{every} the rows after {poll.source.cursor} = {read.mark.value}"


def _made_with(poll: Poll, how: How) -> str:
    plan, decided = how.plan, how.decided
    return fingerprint(
        poll.state.mapping, sorted(decided.orders.items()), sorted(decided.types.items()),
        sorted(decided.props.items()), decided.clock, plan.table, plan.props,
        sorted((target, rule.reads()) for target, rule in plan.rules.items()),
    )  # fmt: skip
