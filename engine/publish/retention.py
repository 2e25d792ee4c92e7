"""Facts that are too old to be kept: from which day on they are, and what leaves with the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.ingest.erased import RETENTION
from engine.publish.moment import moment
from engine.questions import RetentionTable

if TYPE_CHECKING:
    from engine.ingest import FileState
    from engine.store import Store
    from engine.workspace.model import Console

_DATED = ("events", "spend", "profiles")


def kept_from(console: Console, wall: datetime, states: Iterable[FileState]) -> dict[str, date]:
    """The first day that is kept, by table: so many days before today by the console's clock.

    A replay moves nothing: what is gone stays gone. In: naive UTC.
    """
    if not console.retention_days:
        return {}
    newest = max((part.last_ts for each in states for part in each.parts if part.last_ts), default=None)
    now = moment(console.clock, wall, newest, None).as_of
    today = now.replace(tzinfo=UTC).astimezone(ZoneInfo(console.timezone)).date()
    return {table: today - timedelta(days=days) for table, days in console.retention_days.items()}


def in_force(
    console: Console, oldest: Mapping[str, date], states: Iterable[FileState]
) -> tuple[RetentionTable, ...]:
    """What is left out now, by table: records and files; nobody knows whose they were."""
    states = list(states)
    lost = {table: [_lost(each) for each in states if each.table == table] for table in oldest}
    return tuple(
        RetentionTable(
            table, console.retention_days[table], day, sum(lost[table]), sum(map(bool, lost[table])), None
        )
        for table, day in sorted(oldest.items())
    )


def _lost(state: FileState) -> int:
    return sum(count for part in state.parts for reason, count in part.filtered if reason == RETENTION)


def would_go(console: Console, oldest: Mapping[str, date], store: Store) -> tuple[RetentionTable, ...]:
    """Facts that count and are too old, their files, and the persons of whom nothing would be left.

    In:  a store that holds facts of any age.
    """
    days = {table: oldest.get(table, date.min) for table in ("events", "profiles")}
    remaining = " UNION ".join(
        f"SELECT person FROM {table} WHERE person IS NOT NULL AND (day IS NULL OR day >= ?)"  # noqa: S608 - names
        for table in days
    )
    made = []
    for table, day in sorted(oldest.items()):
        if table not in _DATED:
            continue
        person = "NULL" if table == "spend" else "f.person"
        leaves = f"count(DISTINCT {person}) FILTER (WHERE {person} NOT IN ({remaining}))"
        sql = (
            f"SELECT count(*), count(DISTINCT p.file), {leaves} FROM {table} f "  # noqa: S608 - names of tables
            "JOIN parts p ON p.part = f.part WHERE f.day < ?"
        )
        rows, files, persons = store.rows(sql, [*days.values(), day])[0]
        counts = int(str(rows)), int(str(files)), int(str(persons))
        made.append(RetentionTable(table, console.retention_days[table], day, *counts))
    return tuple(made)
