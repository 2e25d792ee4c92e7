"""Text files → parts: the whole file, or the tail of one that grew, under the decisions of its head."""

from __future__ import annotations

import copy
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from typing import Any, BinaryIO

from engine.errors import SourceError
from engine.ingest.balance import Balance
from engine.ingest.decisions import Evidence
from engine.ingest.delimited import LINE
from engine.ingest.encoding import Bytes, weigh_range
from engine.ingest.erased import silenced
from engine.ingest.job import Job
from engine.ingest.mapping import How, Shaped, shape
from engine.ingest.ndjson import in_place
from engine.ingest.packed import recoded
from engine.ingest.parts import Batch, fingerprint, write_part
from engine.ingest.pieces import Piece, Range, format_of, offset_of, reached_by
from engine.ingest.plan import Plan, resolve
from engine.ingest.rejects import Fault
from engine.ingest.state import FileState, PartRef

KEPT = 96 << 20
"""A range up to this size is parsed once and kept between the two passes; a larger one is parsed twice."""


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier reading left: the parts that stay, and the decisions in force after them."""

    chain: tuple[PartRef, ...]
    decisions: dict[str, Any]


def read_text(job: Job, encoding: tuple[str, str], seen: Bytes, before: Before | None) -> FileState | None:
    """The state of a file after reading it, or after reading what follows `before.chain`.

    Out: None where the tail contradicts what the head decided: then the whole file has to be read.
    Raises: SourceError where nothing can be read.
    """
    name, why = encoding
    if job.source.encoding:
        name, why = job.source.encoding, f"{job.source.encoding} (said by the source)"
    with recoded(job.plain or job.file, name, job.cache) as (file, codec, start):
        return _read_plain(job, (file, codec, start), (name, why), seen, before)


def _read_plain(
    job: Job, plain: tuple[BinaryIO, str, int], encoding: tuple[str, str], seen: Bytes, before: Before | None
) -> FileState | None:
    """As `read_text`, of a file whose lines end with the byte of a newline."""
    (file, codec, start), (name, why) = plain, encoding
    size = file.seek(0, io.SEEK_END) if file is not job.file else job.state.size
    form = format_of(file, job.source, job.state.path, codec, start=start, size=size)
    if before and [name, form.plain()] != before.decisions["read_as"]:
        return None
    if form.kind == "nothing":
        told = (("encoding", why), ("empty", "no complete line yet"))
        return replace(job.state, encoding=name.removesuffix("-sig"), evidence=told)
    line, begin = (
        (form.layout.first_line, offset_of(file, start, form.layout.first_line))
        if form.layout
        else (1, start)
    )
    if before:
        line, begin = before.chain[-1].next_line, before.chain[-1].end
    reader = Range(file, form, codec, begin, size, line, reached_by(job.source))
    return _read_range(job, reader, encoding, seen, before)


def _read_range(
    job: Job, reader: Range, encoding: tuple[str, str], seen: Bytes, before: Before | None
) -> FileState | None:
    """First pass: columns and evidence; second pass: facts."""
    pieces = list(reader.pieces()) if reader.end - reader.start <= KEPT else None
    names, closed_names = _names(reader, pieces, before)
    if not names:
        return _nothing(job, reader, encoding, pieces or [])
    plan = resolve(job.workspace, job.source, names, job.state.path)
    evidence = Evidence.from_plain(before.decisions["evidence"]) if before else Evidence()
    head = _head(job, before) if before else plan
    if head is None:
        return None
    old = evidence.decide(head)
    closed = None
    for piece in pieces or reader.pieces():
        if piece.open:
            closed = copy.deepcopy(evidence)
        evidence.add(piece.parsed.frame, plan, piece.types)
    decided = evidence.decide(plan)
    if before and not (_extends(head, plan) and old.agrees(decided)):
        return None
    totals, delimiter = (
        reader.form.layout is not None,
        reader.form.layout.delimiter if reader.form.layout else None,
    )
    how = How(plan, decided, job.now, totals, delimiter, job.allowed)
    balance = Balance.from_plain(before.decisions["balance"]) if before else Balance()
    balances = {"all": balance, "closed": copy.deepcopy(balance)}
    written = _write(job, reader, how, codec=encoding[0], pieces=pieces, balances=balances)
    parts = [*(before.chain if before else ()), *written]
    kept: dict[str, Any] = {
        "read_as": [encoding[0], reader.form.plain()], "names": closed_names,
        "evidence": (closed or evidence).to_plain(), "balance": balances["closed"].to_plain(),
        **_resume(job, reader, parts, seen),
    }  # fmt: skip
    told = [*evidence.sentences(), *balance.sentences(plan, parts)]
    return _state(job, reader, plan, parts, (encoding, told, kept))


def _head(job: Job, before: Before) -> Plan | None:
    """The plan of the whole records of the head; None where they say too little without the open last one."""
    try:
        return resolve(job.workspace, job.source, before.decisions["names"], job.state.path)
    except SourceError:
        return None


def _names(reader: Range, pieces: list[Piece] | None, before: Before | None) -> tuple[list[str], list[str]]:
    """All columns of the file, and those that do not come from its open last record alone."""
    if reader.form.layout:
        return list(reader.form.layout.names), list(reader.form.layout.names)
    names = dict.fromkeys(before.decisions["names"] if before else ())
    closed = list(names)
    for piece in pieces or reader.pieces():
        names |= dict.fromkeys(piece.parsed.frame.columns[1:])
        if not piece.open:
            closed = list(names)
    return in_place(names, reader.wanted), in_place(closed, reader.wanted)


def _nothing(job: Job, reader: Range, encoding: tuple[str, str], pieces: list[Piece]) -> FileState:
    """JSON lines without a single name: broken lines and empty objects are rejects all the same."""
    parts: list[PartRef] = []
    for piece in pieces:
        lines = piece.parsed.frame[LINE]
        empty = [Fault(line, None, None, "an object without a name", "{}") for line in lines]
        faults = silenced(piece.parsed.faults, job.allowed.erased, job.workspace.identity)
        shaped = Shaped(piece.parsed.frame, 0, [*faults, *empty])
        key = fingerprint(job.state.sha256, job.state.mapping, piece.start)
        batch = Batch(key, piece.start, piece.end, piece.first_line, piece.next_line, piece.rows)
        if piece.rows:
            parts.append(write_part(job.cache, batch, _without_facts(job, shaped)))
    told = (("encoding", encoding[1]), ("format", f"JSON {reader.form.kind}"))
    return replace(job.state, parts=tuple(parts), encoding=encoding[0], evidence=told)


def _without_facts(job: Job, shaped: Shaped) -> Shaped:
    """The same with an empty frame in the schema of the table."""
    import polars as pl

    from engine.ingest.facts import schema

    identifiers = job.workspace.identity.priority if job.source.table in ("events", "profiles") else ()
    shaped.facts = pl.DataFrame(schema=schema(job.source.table, identifiers, {}))
    return shaped


def _extends(head: Plan, now: Plan) -> bool:
    """Whether a plan with more columns leaves alone what the parts of the head were made with.

    The order of the columns says which fault of a row is its reject, also of those that a quality rule names.
    """
    had = set(head.props) | {name for _, rule in head.all_rules() for name in rule.names}
    ruled = {test.column for test in now.source.quality}
    had_header = set(head.header)
    in_order = list(head.header) == [name for name in now.header if name in had_header]
    if not in_order or not ruled.isdisjoint(set(now.header) - had_header):
        return False
    same = all(now.rules.get(target) == rule for target, rule in head.rules.items())
    added = [rule for target, rule in now.rules.items() if target not in head.rules]
    fresh = all(not (set(rule.reads()) & had) for rule in added)
    preset = (head.preset and head.preset.name) == (now.preset and now.preset.name)
    return same and fresh and preset and set(head.props) <= set(now.props) and head.moments == now.moments


def _write(
    job: Job, reader: Range, how: How, *, codec: str, pieces: list[Piece] | None, balances: dict[str, Balance]
) -> Iterator[PartRef]:
    plan, decided = how.plan, how.decided
    made_with = fingerprint(
        job.state.mapping, codec, reader.form.plain(), sorted(decided.orders.items()),
        sorted(decided.types.items()), sorted(decided.props.items()), decided.clock, plan.table, plan.props,
        sorted(decided.marks.items()),
        plan.preset and plan.preset.name,
        sorted((target, rule.reads()) for target, rule in plan.rules.items()),
    )  # fmt: skip
    for piece in pieces or reader.pieces():
        shaped = shape(piece.parsed.frame, how)
        shaped.faults += silenced(piece.parsed.faults, how.allowed.erased, plan.workspace.identity)
        for reason, count in piece.parsed.filtered.items():
            shaped.filtered[reason] = shaped.filtered.get(reason, 0) + count
        for name, balance in balances.items():
            if name == "all" or not piece.open:
                balance.add(shaped.facts, shaped.totals, plan)
        array = reader.form.kind == "array"
        content = job.state.sha256 if array else _hash_range(reader.file, piece.start, piece.end)
        key = fingerprint(content, made_with, piece.first_line)
        batch = Batch(key, piece.start, piece.end, piece.first_line, piece.next_line, piece.rows)
        yield write_part(job.cache, batch, shaped)


def _hash_range(file: BinaryIO, start: int, end: int) -> str:
    file.seek(start)
    found, left = hashlib.sha256(), end - start
    while left > 0 and (raw := file.read(min(4 << 20, left))):
        found.update(raw)
        left -= len(raw)
    return found.hexdigest()


def _resume(job: Job, reader: Range, parts: list[PartRef], seen: Bytes) -> dict[str, Any]:
    """What a later reading needs to go on after the last whole line; empty where it cannot."""
    whole = len(parts) - bool(parts and _is_open(reader.file, parts[-1].end))
    if reader.form.kind == "array" or reader.file is not job.file or not whole:
        return {}
    end = parts[whole - 1].end
    at_end = end == job.state.size
    return {
        "whole": whole,
        "prefix": job.state.sha256 if at_end else _hash_range(job.file, 0, end),
        "bytes": list(astuple(seen if at_end else weigh_range(job.file, 0, end))),
    }


def _state(
    job: Job,
    reader: Range,
    plan: Plan,
    parts: list[PartRef],
    told: tuple[tuple[str, str], list[tuple[str, str]], dict[str, Any]],
) -> FileState:
    (name, why), sentences, decisions = told
    layout = reader.form.layout
    says = [("encoding", why), *(layout.describe() if layout else [("format", f"JSON {reader.form.kind}")])]
    if plan.preset:
        says.append(("layout", plan.recognised))
    return replace(
        job.state, parts=tuple(parts), layout=plan.preset.name if plan.preset else None,
        encoding=name.removesuffix("-sig"), delimiter=layout.delimiter if layout else None,
        decisions=json.dumps(decisions, ensure_ascii=False),
        evidence=(*says, *plan.notes, *sentences), columns=plan.mapped(),
    )  # fmt: skip


def _is_open(file: BinaryIO, end: int) -> bool:
    """Whether a range ends without a newline."""
    file.seek(end - 1)
    return file.read(1) != b"\n"
