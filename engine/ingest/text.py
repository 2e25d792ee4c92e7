"""Text files → parts: the whole file, or the tail of one that grew, under the decisions of its head."""

from __future__ import annotations

import copy
import hashlib
import io
import json
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from engine.ingest.decisions import Decided, Evidence
from engine.ingest.encoding import Bytes, weigh_range
from engine.ingest.mapping import Shaped, shape
from engine.ingest.parts import Batch, fingerprint, write_part
from engine.ingest.pieces import Format, Piece, Range, format_of, offset_of, recoded
from engine.ingest.plan import Plan, resolve
from engine.ingest.state import FileState, PartRef
from engine.workspace.model import Source, Workspace

KEPT = 96 << 20
"""A range up to this size is parsed once and kept between the two passes; a larger one is parsed twice."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """An open text file and all that reading it needs; `state` has its stat and hash."""

    workspace: Workspace
    source: Source
    file: BinaryIO
    state: FileState
    cache: Path
    now: datetime


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier reading left: the parts that stay, and the decisions in force after them."""

    chain: tuple[PartRef, ...]
    decisions: dict[str, Any]


def read_text(text: TextFile, encoding: tuple[str, str], seen: Bytes, before: Before | None) -> FileState | None:
    """The state of a file after reading it, or after reading what follows `before.chain`.

    Out: None where the tail contradicts what the head decided: then the whole file has to be read.
    Raises: SourceError where nothing can be read.
    """
    name, why = encoding
    if text.source.encoding:
        name, why = text.source.encoding, f"{text.source.encoding} (said by the source)"
    file, codec, start = recoded(text.file, name)
    size = file.seek(0, io.SEEK_END) if file is not text.file else text.state.size
    form = format_of(file, text.source, text.state.path, codec, start, size)
    if before and [name, form.plain()] != before.decisions["read_as"]:
        return None
    if form.kind == "nothing":
        told = (("encoding", why), ("empty", "no complete line yet"))
        return replace(text.state, encoding=name.removesuffix("-sig"), evidence=told)
    line, begin = (form.layout.first_line, offset_of(file, start, form.layout.first_line)) if form.layout else (1, start)
    if before:
        line, begin = before.chain[-1].next_line, before.chain[-1].end
    reader = Range(file, form, codec, begin, size, line)
    return _read_range(text, reader, (name, why), seen, before)


def _read_range(
    text: TextFile, reader: Range, encoding: tuple[str, str], seen: Bytes, before: Before | None
) -> FileState | None:
    """First pass: columns and evidence; second pass: facts."""
    pieces = list(reader.pieces()) if reader.end - reader.start <= KEPT else None
    old = before.decisions if before else None
    layout = reader.form.layout
    names = dict.fromkeys(layout.names if layout else old["names"] if old else ())
    if layout is None:
        for piece in pieces or reader.pieces():
            names |= dict.fromkeys(piece.parsed.frame.columns[1:])
    if not names:
        return _nothing(text, encoding, pieces or [])
    plan = resolve(text.workspace, text.source, list(names), text.state.path)
    evidence, closed = Evidence(), None
    if old:
        evidence = Evidence.from_plain(old["evidence"])
        head_plan = resolve(text.workspace, text.source, old["names"], text.state.path)
        head = evidence.decide(head_plan)
        if not _extends(head_plan, plan):
            return None
    for piece in pieces or reader.pieces():
        if piece.open:
            closed = copy.deepcopy(evidence)
        evidence.add(piece.parsed.frame, plan, piece.types)
    decided = evidence.decide(plan)
    if old and not head.agrees(decided):
        return None
    parts = _write(text, reader, plan, decided, encoding[0], list(before.chain) if before else [], pieces)
    return _state(text, reader, plan, parts, encoding, seen, before, closed or evidence, list(names))


def _nothing(text: TextFile, encoding: tuple[str, str], pieces: list[Piece]) -> FileState:
    """JSON lines without a single object: its broken lines are rejects all the same."""
    parts: list[PartRef] = []
    for piece in pieces:
        shaped = Shaped(piece.parsed.frame, 0, list(piece.parsed.faults))
        key = fingerprint(text.state.sha256, text.state.mapping, piece.start)
        batch = Batch(key, piece.start, piece.end, piece.first_line, piece.next_line, piece.rows)
        if piece.rows:
            parts.append(write_part(text.cache, batch, replace_facts(text, shaped)))
    return replace(text.state, parts=tuple(parts), encoding=encoding[0], evidence=(("encoding", encoding[1]),))


def replace_facts(text: TextFile, shaped: Shaped) -> Shaped:
    """The same with an empty frame in the schema of the table."""
    import polars as pl

    from engine.ingest.facts import schema

    identifiers = text.workspace.identity.priority if text.source.table in ("events", "profiles") else ()
    shaped.facts = pl.DataFrame(schema=schema(text.source.table, identifiers, {}))
    return shaped


def _extends(head: Plan, now: Plan) -> bool:
    """Whether a plan with more columns leaves alone what the parts of the head were made with."""
    had = set(head.props) | {name for _, rule in head.all_rules() for name in rule.names}
    same = all(now.rules.get(target) == rule for target, rule in head.rules.items())
    added = [rule for target, rule in now.rules.items() if target not in head.rules]
    fresh = all(not (set(rule.reads()) & had) for rule in added)
    preset = (head.preset and head.preset.name) == (now.preset and now.preset.name)
    return same and fresh and preset and set(head.props) <= set(now.props) and head.moments == now.moments


def _write(
    text: TextFile, reader: Range, plan: Plan, decided: Decided, codec: str, parts: list[PartRef],
    pieces: list[Piece] | None,
) -> list[PartRef]:  # fmt: skip
    made_with = fingerprint(
        text.state.mapping, codec, reader.form.plain(), sorted(decided.orders.items()),
        sorted(decided.props.items()), decided.clock, plan.table, plan.props, plan.preset and plan.preset.name,
        sorted((target, rule.reads()) for target, rule in plan.rules.items()),
    )  # fmt: skip
    for piece in pieces or reader.pieces():
        shaped = shape(piece.parsed.frame, plan, decided, piece.types, text.now, totals=reader.form.layout is not None)
        shaped.faults += piece.parsed.faults
        for reason, count in piece.parsed.filtered.items():
            shaped.filtered[reason] = shaped.filtered.get(reason, 0) + count
        key = fingerprint(_hash_range(reader.file, piece.start, piece.end).hexdigest(), made_with, piece.first_line)
        batch = Batch(key, piece.start, piece.end, piece.first_line, piece.next_line, piece.rows)
        parts.append(write_part(text.cache, batch, shaped))
    return parts


def _hash_range(file: BinaryIO, start: int, end: int) -> Any:
    file.seek(start)
    found, left = hashlib.sha256(), end - start
    while left > 0 and (raw := file.read(min(4 << 20, left))):
        found.update(raw)
        left -= len(raw)
    return found


def _state(
    text: TextFile, reader: Range, plan: Plan, parts: list[PartRef], encoding: tuple[str, str], seen: Bytes,
    before: Before | None, closed: Evidence, names: list[str],
) -> FileState:  # fmt: skip
    form, name = reader.form, encoding[0]
    decisions: dict[str, Any] = {"read_as": [name, form.plain()], "names": names, "evidence": closed.to_plain()}
    whole = len(parts) - bool(parts and _is_open(reader.file, parts[-1].end))
    if form.kind != "array" and reader.file is text.file and whole:
        end = parts[whole - 1].end
        at_end = end == text.state.size
        decisions |= {
            "whole": whole,
            "prefix": text.state.sha256 if at_end else _hash_range(text.file, 0, end).hexdigest(),
            "bytes": list(astuple(seen if at_end else weigh_range(text.file, 0, end))),
        }
    layout = form.layout
    told = [("encoding", encoding[1]), *(layout.describe() if layout else [("format", f"JSON {form.kind}")])]
    if plan.preset:
        told.append(("layout", plan.preset.label or plan.preset.name))
    return replace(
        text.state, parts=tuple(parts), layout=plan.preset.name if plan.preset else None,
        encoding=name.removesuffix("-sig"), delimiter=layout.delimiter if layout else None,
        decisions=json.dumps(decisions, ensure_ascii=False),
        evidence=(*told, *plan.notes, *closed.sentences()), columns=plan.mapped(),
    )  # fmt: skip


def _is_open(file: BinaryIO, end: int) -> bool:
    """Whether a range ends without a newline."""
    file.seek(end - 1)
    return file.read(1) != b"\n"
