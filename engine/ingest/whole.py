"""Parquet and Excel files → parts: read whole each time they change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO


from engine.ingest import tables
from engine.ingest.decisions import Evidence
from engine.ingest.delimited import Parsed
from engine.ingest.mapping import shape
from engine.ingest.parts import Batch, fingerprint, write_part
from engine.ingest.pieces import known_to
from engine.ingest.plan import resolve
from engine.ingest.state import FileState, PartRef
from engine.workspace.model import Source, Workspace


def read_whole(
    workspace: Workspace, source: Source, file: BinaryIO, path: Path, state: FileState, form: str, cache: Path,
    now: datetime,
) -> FileState:  # fmt: skip
    """The state of a Parquet or Excel file.

    Raises: SourceError where the file is not complete.
    """
    told: tuple[tuple[str, str], ...] = (("format", form),)
    if form == "excel":
        file.seek(0)
        sheet, which = tables.excel(file.read(), source, known_to(source))
        slices = [sheet]
        told = (*told, which)
    else:
        slices = list(_kept(tables.parquet(path)))
    names = slices[0].frame.columns[1:]
    if not names:
        return replace(state, evidence=(*told, ("empty", "there is no header")))
    plan = resolve(workspace, source, names, state.path)
    evidence = Evidence()
    for each in slices:
        evidence.add(each.frame, plan, None)
    decided = evidence.decide(plan)
    parts: list[PartRef] = []
    for parsed in slices:
        lines = parsed.frame.to_series(0)
        rows = len(parsed.frame) + len(parsed.faults)
        shaped = shape(parsed.frame, plan, decided, None, now, totals=form == "excel")
        shaped.faults += parsed.faults
        first = int(lines[0]) if len(lines) else 1
        key = fingerprint(state.sha256, state.mapping, first, plan.table)
        parts.append(write_part(cache, Batch(key, 0, state.size, first, first + rows, rows), shaped))
    if plan.preset:
        told = (*told, ("layout", plan.preset.label or plan.preset.name))
    return replace(
        state, parts=tuple(parts), layout=plan.preset.name if plan.preset else None,
        decisions=json.dumps({"names": names}, ensure_ascii=False),
        evidence=(*told, *plan.notes, *evidence.sentences()), columns=plan.mapped(),
    )  # fmt: skip


def _kept(slices: Iterator[Parsed]) -> Iterator[Parsed]:
    yield from slices


