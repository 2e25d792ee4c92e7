"""Which files made a version of the data another than the one before, and the days they have facts of."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from engine.alerts import Ledger
    from engine.store import Store
    from engine.workspace.model import Workspace

Days = tuple[tuple[date, date], ...] | None
"""First and last day of each run; None: any day."""
Parts = Mapping[str, tuple[str, str | None]]
"""(file, days as text) by part."""
HowChanged = Literal["added", "changed", "removed"]


def keep(ledger: Ledger, version: int, store: Store, workspace: Workspace, *, first: bool) -> None:
    """Write down the files that differ from the last version's, inside a transaction.

    In:  `first`: nothing was published before, so no file can have changed it.
    """
    held: Parts = {
        str(part): (str(file), None if days is None else str(days))
        for part, file, days in ledger.rows("SELECT part, file, days FROM published_parts")
    }
    wanted = _parts(store, workspace)
    gone, new = held.keys() - wanted.keys(), wanted.keys() - held.keys()
    ledger.many("DELETE FROM published_parts WHERE part = ?", [(part,) for part in gone])
    ledger.many("INSERT INTO published_parts VALUES (?, ?, ?)", [(part, *wanted[part]) for part in new])
    if first:
        return
    before, after = ({file for file, _ in parts.values()} for parts in (held, wanted))
    touched: dict[str, list[str | None]] = defaultdict(list)
    for file, days in (*(held[part] for part in gone), *(wanted[part] for part in new)):
        touched[file].append(days)
    rows = [
        (
            version,
            file,
            "added" if file not in before else "changed" if file in after else "removed",
            written(joined(map(read, days))),
        )
        for file, days in touched.items()
    ]
    ledger.many("INSERT INTO published_files VALUES (?, ?, ?, ?)", rows)


def _parts(store: Store, workspace: Workspace) -> Parts:
    """What metrics are made from. Of spend the newer file wins, so there its time counts; a lookup's or
    profile's rows are of any day."""
    found: dict[str, tuple[str, str | None]] = {}
    for one in store.instances.values():
        if one.table == "targets":
            continue
        time = one.mtime_ns if one.table == "spend" else 0
        days = written(_runs(one.days)) if one.days else None
        found[f"{one.file}\n{one.id}\n{time}"] = one.file, days
    for number, digest in store.looked.items():
        if 0 < number <= len(workspace.lookups):
            file = workspace.lookups[number - 1].file
            found[f"{file}\n{digest}"] = file, None
    return found


def _runs(days: Iterable[date]) -> tuple[tuple[date, date], ...]:
    return tuple((day, day) for day in days)


def joined(several: Iterable[Days]) -> Days:
    """All days of several, in runs."""
    spans: list[tuple[date, date]] = []
    for days in several:
        if days is None:
            return None
        spans += days
    out: list[tuple[date, date]] = []
    for low, high in sorted(spans):
        if out and low <= out[-1][1] + timedelta(days=1):
            out[-1] = out[-1][0], max(out[-1][1], high)
        else:
            out.append((low, high))
    return tuple(out)


def written(days: Days) -> str | None:
    """Days as the ledger has them."""
    whole = None if days is None else joined([days])
    return None if whole is None else json.dumps([[low.isoformat(), high.isoformat()] for low, high in whole])


def read(text: object) -> Days:
    """Days that the ledger has."""
    if text is None:
        return None
    return tuple((date.fromisoformat(low), date.fromisoformat(high)) for low, high in json.loads(str(text)))


def holds(days: Days, day: date) -> bool:
    """Whether a day is among them."""
    return days is None or any(low <= day <= high for low, high in days)
