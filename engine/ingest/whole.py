"""Parquet and Excel files → parts: read whole each time they change."""

from __future__ import annotations

import json
from dataclasses import replace

from engine.ingest import tables
from engine.ingest.decisions import Evidence
from engine.ingest.delimited import Parsed
from engine.ingest.job import Job
from engine.ingest.mapping import How, shape
from engine.ingest.parts import Batch, fingerprint, write_part
from engine.ingest.pieces import known_to
from engine.ingest.plan import resolve
from engine.ingest.state import FileState, PartRef


def read_whole(job: Job, form: str) -> FileState:
    """The state of a Parquet or Excel file.

    Raises: SourceError where the file is not complete.
    """
    state = job.state
    told: tuple[tuple[str, str], ...] = (("format", form),)
    if form == "excel":
        job.file.seek(0)
        sheet, which = tables.excel(job.file.read(), job.source, known_to(job.source))
        slices, told = [sheet], (*told, which)
    else:
        slices = list(tables.parquet(job.path))
    names = slices[0].frame.columns[1:]
    if not names:
        return replace(state, evidence=(*told, ("empty", "there is no header")))
    plan = resolve(job.workspace, job.source, names, state.path)
    evidence = Evidence()
    for each in slices:
        evidence.add(each.frame, plan, None)
    how = How(plan, evidence.decide(plan), job.now, totals=form == "excel")
    parts = tuple(_part(job, how, each) for each in slices)
    if plan.preset:
        told = (*told, ("layout", plan.recognised))
    return replace(
        state, parts=parts, layout=plan.preset.name if plan.preset else None,
        decisions=json.dumps({"names": names}, ensure_ascii=False),
        evidence=(*told, *plan.notes, *evidence.sentences()), columns=plan.mapped(),
    )  # fmt: skip


def _part(job: Job, how: How, parsed: Parsed) -> PartRef:
    shaped = shape(parsed.frame, how)
    shaped.faults += parsed.faults
    lines = parsed.frame.to_series(0)
    first, rows = (int(lines[0]) if len(lines) else 1), len(lines) + len(parsed.faults)
    key = fingerprint(job.state.sha256, job.state.mapping, first, how.plan.table)
    return write_part(job.cache, Batch(key, 0, job.state.size, first, first + rows, rows), shaped)
