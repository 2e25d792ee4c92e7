"""Which parts stand in which files right now, and how that differs from what the store holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from engine.schema import Kind, Table


@dataclass(frozen=True, slots=True)
class Instance:
    """One part in one file. The same part in two files is two instances, each with facts of its own."""

    source: str
    table: Table
    file: str
    mtime_ns: int
    id: str
    path: Path
    facts: int
    days: tuple[date, ...]
    last_ts: datetime | None
    props: tuple[tuple[str, Kind], ...] = ()
    content: str = ""
    """Names what the whole file holds and how it is read, however it is cut into parts; "" where the parts
    alone say it."""
    part: int = 0
    """Number of the instance in the store; 0 before it has one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What has to change: instances to take out, to put in, and those whose file has a new name or time."""

    removed: tuple[Instance, ...]
    added: tuple[Instance, ...]
    moved: tuple[Instance, ...]

    def __bool__(self) -> bool:
        return bool(self.removed or self.added or self.moved)


def difference(held: Iterable[Instance], wanted: Iterable[Instance]) -> Difference:
    """Compare the instances held with those wanted; a part that only changed its file keeps its number.

    In:  numbered instances, and instances without numbers (their `part` is ignored).
    """
    waiting: dict[tuple[str, str, str], list[Instance]] = defaultdict(list)
    for instance in sorted(held, key=lambda one: (one.file, one.part)):
        waiting[(instance.source, instance.table, instance.id)].append(instance)
    added, moved = [], []
    homeless = []
    for instance in sorted(wanted, key=lambda one: one.file):
        candidates = waiting[(instance.source, instance.table, instance.id)]
        same = next((one for one in candidates if one.file == instance.file), None)
        if same is None:
            homeless.append(instance)
            continue
        candidates.remove(same)
        if same.mtime_ns != instance.mtime_ns:
            moved.append(replace(instance, part=same.part))
    for instance in homeless:
        candidates = waiting[(instance.source, instance.table, instance.id)]
        if candidates:
            moved.append(replace(instance, part=candidates.pop(0).part))
        else:
            added.append(instance)
    removed = [one for rest in waiting.values() for one in rest]
    return Difference(tuple(removed), tuple(added), tuple(moved))
