"""The files of [[lookup]]: read like any other file, with a key, days and texts as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from engine.errors import Fault, nearest
from engine.ingest.erased import ANYTHING, Allowed
from engine.ingest.intake import take_in
from engine.ingest.state import FileState, FoundFile, stat_of
from engine.workspace.model import ColumnRule, Lookup, Source, Workspace


def take_in_lookup(
    workspace: Workspace,
    lookup: Lookup,
    known: FileState | None,
    cache: Path,
    now: datetime,
    *,
    allowed: Allowed = ANYTHING,
) -> FileState:
    """What a lookup's file holds now; `error` where it cannot be read or lies outside the workspace.

    In:  its last state; `now` as naive UTC; what may be kept.
    """
    path = workspace.root / lookup.file
    source = _source(lookup)
    blank = FileState(lookup.file, source.name, source.table, 0, 0, 0)
    try:
        if not path.resolve().is_relative_to(workspace.root.resolve()):
            return replace(blank, error="it lies outside the workspace")
        size, mtime_ns, inode = stat_of(path.stat())
    except (OSError, RuntimeError) as error:
        return replace(blank, error=f"cannot be read: {getattr(error, 'strerror', None) or error}")
    found = FoundFile(lookup.file, size, mtime_ns, inode, source.name)
    return take_in(workspace, found, known, cache, now, as_source=source, allowed=allowed)


def _source(lookup: Lookup) -> Source:
    columns = {
        "key": lookup.column or lookup.on,
        "valid_from": lookup.valid_from,
        "valid_to": lookup.valid_to,
    }
    return Source(
        name=f"lookup {lookup.file}",
        files=(lookup.file,),
        table="lookup",
        columns={name: ColumnRule((column,)) for name, column in columns.items() if column},
        null_values=lookup.null_values,
        encoding=lookup.encoding,
        delimiter=lookup.delimiter,
        sheet=lookup.sheet,
        date_format=lookup.date_format,
    )


def added(lookup: Lookup, state: FileState) -> Mapping[str, str | None]:
    """For each column that the lookup adds the file's own name of it; None where it has none."""
    there = _columns(state)
    folded = {_fold(name): name for name in reversed(there)}
    return {
        name: wanted if wanted in there else folded.get(_fold(wanted)) for name, wanted in lookup.add.items()
    }


def _fold(name: str) -> str:
    return name.strip().casefold()


def _columns(state: FileState) -> list[str]:
    return [name for name, canonical in state.columns if canonical == "props"]


def faults(lookup: Lookup, state: FileState, place: tuple[str, int], number: int) -> Iterator[Fault]:
    """What is wrong with a lookup's file; the facts stand without its columns until it is right.

    In:  `place`, the configuration's file and the lookup's line in it; `number` of the lookup, from 0.
    """
    key = f"lookup[{number}]"
    if state.error is not None:
        yield Fault(*place, f"{key}.file", f"{lookup.file}: {state.error}; its columns are empty until then")
        return
    mapped = {canonical for _, canonical in state.columns}
    there = [name for name, _ in state.columns]
    wanted = {"column" if lookup.column else "on": ("key", lookup.column or lookup.on)}
    wanted |= {
        name: (name, column)
        for name, column in (("valid_from", lookup.valid_from), ("valid_to", lookup.valid_to))
        if column
    }
    for name, (canonical, column) in wanted.items():
        if canonical not in mapped:
            yield Fault(
                *place, f"{key}.{name}", f'{lookup.file}: no column "{column}"', nearest(column, there)
            )
    for name, found in added(lookup, state).items():
        if found is None and state.parts:
            column = lookup.add[name]
            yield Fault(*place, f"{key}.add", f'{lookup.file}: no column "{column}"', nearest(column, there))
    for part in state.parts:
        if part.rejected:
            words = f"{lookup.file}: {part.rejected:,} rows cannot be read and give nothing"
            yield Fault(*place, f"{key}.file", words)
