"""Facts of a byte range → an immutable part in the cache, named by everything that it was made from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from engine.ingest.erased import RETENTION
from engine.ingest.facts import prop_kind
from engine.ingest.mapping import Shaped
from engine.ingest.profile import with_faults, write_profile
from engine.ingest.rejects import write_rejects
from engine.ingest.rules import write_broken
from engine.ingest.state import HOURS_KEPT, PartRef, part_path, profile_path
from engine.ingest.write import write_frame


@dataclass(frozen=True, slots=True)
class Batch:
    """Where facts come from: `key` names the bytes, the mapping and the decisions."""

    key: str
    start: int
    end: int
    first_line: int
    next_line: int
    rows: int


def write_part(cache: Path, batch: Batch, shaped: Shaped) -> PartRef:
    """Writes facts and rejects, unless a part of that name is there already."""
    future = sum("in the future" in fault.reason for fault in shaped.faults)
    marks = (shaped.erased, shaped.filtered.get(RETENTION, 0) or "")
    more = "".join(f" {mark}" for mark in marks if mark)
    name = hashlib.sha256(f"{batch.key} {future}{more}".encode()).hexdigest()[:40]
    frame = shaped.facts
    first, last = _span(frame)
    days = (
        tuple(day for day in frame["day"].unique().sort() if isinstance(day, date))
        if "day" in frame.columns
        else ()
    )
    props = [
        (column.removeprefix("p."), prop_kind(dtype))
        for column, dtype in frame.schema.items()
        if column.startswith("p.")
    ]
    part = PartRef(
        name, batch.start, batch.end, batch.first_line, batch.next_line, batch.rows, shaped.accepted,
        len(frame), len(shaped.faults), tuple(sorted(shaped.filtered.items())), first, last, days,
        tuple(props), shaped.ripens, hours=_hours(frame),
    )  # fmt: skip
    if not profile_path(cache, name).exists():
        write_broken(cache, part, shaped.broken)
        write_profile(cache, name, with_faults(shaped.profile, shaped.faults))
    if part.rejected:
        write_rejects(cache, part, shaped.faults)
    if not part_path(cache, part).exists():
        write_frame(part_path(cache, part), frame)
    return part


def _span(frame: pl.DataFrame) -> tuple[datetime | None, datetime | None]:
    if "ts" not in frame.columns:
        return None, None
    first, last = frame["ts"].min(), frame["ts"].max()
    return (first, last) if isinstance(first, datetime) and isinstance(last, datetime) else (None, None)


def _hours(frame: pl.DataFrame) -> tuple[tuple[int, int], ...]:
    """Runs of hours with facts, the last `HOURS_KEPT`."""
    if "ts" not in frame.columns:
        return ()
    hours = (frame["ts"].dt.epoch("s") // 3600).drop_nulls().unique().sort()
    if hours.is_empty():
        return ()
    runs: list[list[int]] = []
    for hour in hours.filter(hours > int(hours[-1]) - HOURS_KEPT):
        if runs and runs[-1][1] == hour - 1:
            runs[-1][1] = hour
        else:
            runs.append([hour, hour])
    return tuple((first, last) for first, last in runs)


def fingerprint(*pieces: object) -> str:
    """A hash of several things that are told apart by their text."""
    return hashlib.sha256("\x1f".join(map(str, pieces)).encode()).hexdigest()
