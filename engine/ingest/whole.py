"""Parquet and Excel files and pages of HTML → parts: read whole each time they change."""

from __future__ import annotations

import io
import json
from dataclasses import replace

from engine.errors import SourceError
from engine.ingest import tables, workbook
from engine.ingest.balance import Balance
from engine.ingest.decisions import Evidence
from engine.ingest.delimited import Parsed
from engine.ingest.encoding import decide, weigh_range
from engine.ingest.erased import silenced
from engine.ingest.job import Job
from engine.ingest.mapping import How, shape
from engine.ingest.parts import Batch, fingerprint, write_part
from engine.ingest.pieces import known_to
from engine.ingest.plan import resolve
from engine.ingest.sheet import Told, records_of
from engine.ingest.state import FileState, PartRef

LARGEST = 512 << 20
"""Bytes of a workbook or page: more would not fit the memory."""


def read_whole(job: Job, form: str) -> FileState:
    """The state of a Parquet or Excel file, or of a page of HTML.

    Raises: SourceError where the file is not complete.
    """
    state = job.state
    told: Told = (("format", {"html": "HTML table", "excel": "Excel"}.get(form, form)),)
    if form == "parquet":
        slices = list(tables.parquet(job.path))
    else:
        sheet, which, encoding = _sheet(job, form)
        slices, told, state = [sheet], (*told, *which), replace(state, encoding=encoding)
    names = slices[0].frame.columns[1:]
    if not names:
        return replace(state, evidence=(*told, ("empty", "there is no header")))
    plan = resolve(job.workspace, job.source, names, state.path)
    evidence = Evidence(typed=True)
    for each in slices:
        evidence.add(each.frame, plan, None)
    how = How(plan, evidence.decide(plan), job.now, form != "parquet", allowed=job.allowed)
    balance = Balance()
    parts = tuple(_part(job, how, each, balance) for each in slices)
    sentences = (*plan.notes, *evidence.sentences(), *balance.sentences(plan, parts))
    if plan.preset:
        told = (*told, ("layout", plan.recognised))
    return replace(
        state, parts=parts, layout=plan.preset.name if plan.preset else None,
        decisions=json.dumps({"names": names}, ensure_ascii=False),
        evidence=(*told, *sentences), columns=plan.mapped(),
    )  # fmt: skip


def _sheet(job: Job, form: str) -> tuple[Parsed, Told, str | None]:
    """The records of a workbook or a page, what was decided, and the encoding of a page."""
    file = job.plain or job.file
    size = file.seek(0, io.SEEK_END)
    if size > LARGEST:
        raise SourceError(
            f"a {form} file of {size >> 20:,} MB; the limit is {LARGEST >> 20} MB: save it as CSV"
        )
    file.seek(0)
    content, known = file.read(), known_to(job.source)
    if form == "excel":
        grid, told = workbook.excel(content, job.source, known)
        parsed, more = records_of(grid, job.source, known)
        return parsed, (*told, *more), None
    name, why = job.source.encoding, f"{job.source.encoding} (said by the source)"
    if name is None:
        name, why = decide(content[:4096], weigh_range(file, 0, size))
    grid, told = workbook.page(content.decode(name, "replace"), job.source, known)
    parsed, more = records_of(grid, job.source, known)
    return parsed, (("encoding", why), *told, *more), name.removesuffix("-sig")


def _part(job: Job, how: How, parsed: Parsed, balance: Balance) -> PartRef:
    shaped = shape(parsed.frame, how)
    balance.add(shaped.facts, shaped.totals, how.plan)
    shaped.faults += silenced(parsed.faults, how.allowed.erased, how.plan.workspace.identity)
    lines = parsed.frame.to_series(0)
    first, rows = (int(lines[0]) if len(lines) else 1), len(lines) + len(parsed.faults)
    key = fingerprint(job.state.sha256, job.state.mapping, first, how.plan.table)
    return write_part(job.cache, Batch(key, 0, job.state.size, first, first + rows, rows), shaped)
