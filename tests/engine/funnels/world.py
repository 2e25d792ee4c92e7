"""A store for funnel tests: the `events` relation from written-out rows, and configured funnels."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.derive.table import DerivedTable
from engine.errors import UnknownName
from engine.funnels import tables as funnel_tables
from engine.schema import EVENTS, Kind, Table
from engine.store.duck import Duck, quote
from engine.workspace.model import Console, Funnel, Identity, Rates, Workspace

if TYPE_CHECKING:
    import polars as pl

_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "money": "DECIMAL(18,6)",
}
_BASE = ("channel", "product", "region", "value")


@dataclass(frozen=True)
class Event:
    """One event of a person (None: nobody) at a naive UTC time, with props."""

    person: int | None
    event: str
    ts: datetime
    props: Mapping[str, object]


class World:
    """The protocol `Tables` over the events that a test writes out."""

    def __init__(
        self, events: Iterable[Event], timezone: str = "UTC", derived: Sequence[DerivedTable] = ()
    ) -> None:
        held = list(events)
        self.duck, self.held = Duck(2), held
        self.kinds = _kinds(held)
        self.derived: dict[str, DerivedTable] = {}
        columns = ", ".join(
            f"{quote(name)} {_TYPES[kind]}" for name, kind in self.kinds.items() if name not in _FIXED
        )
        self.duck.run(
            "CREATE TABLE events(part INTEGER, row UINTEGER, line BIGINT, ts TIMESTAMP, lts TIMESTAMP, "
            f"day DATE, person UBIGINT, event VARCHAR, {columns})"
        )
        self.duck.run("CREATE TABLE parts(part INTEGER, source VARCHAR, file VARCHAR)")
        self.duck.run("INSERT INTO parts VALUES (1, 'events', 'events/1.ndjson')")
        zone = ZoneInfo(timezone)
        names = [name for name in self.kinds if name not in _FIXED]
        rows: list[tuple[object, ...]] = []
        for row, one in enumerate(held):
            local = one.ts.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None)
            fixed = (1, row, row + 1, one.ts, local, local.date(), one.person, one.event)
            rows.append((*fixed, *(one.props.get(name) for name in names)))
        self.fill("events", rows)
        for table in derived:
            self.derive(table)

    def derive(self, table: DerivedTable) -> None:
        """Build a derived table from all events."""
        assert table.compute is not None
        rows = table.compute(self.frame).select(name for name, _ in table.columns).rows()
        self.duck.run(f"CREATE TABLE {table.name}({', '.join(f'{quote(n)} {t}' for n, t in table.columns)})")
        self.fill(table.name, rows)
        self.derived[table.name] = table

    def fill(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Insert rows in one statement."""
        if rows:
            marks = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
            self.duck.run(f"INSERT INTO {table} VALUES {marks}", [value for row in rows for value in row])

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """See `Tables`."""
        return self.duck.rows(sql, params)

    def frame(self, sql: str, params: Sequence[object] = ()) -> pl.DataFrame:
        """See `Tables`."""
        return self.duck.frame(sql, params)

    def relation(self, table: str, columns: Collection[str]) -> str:
        """See `Tables`."""
        assert set(columns) <= set(self.kinds) | _HIDDEN
        return table

    def columns(self, table: str) -> Mapping[str, Kind]:
        """See `Tables`."""
        if table in self.derived:
            return {name: "count" for name, _ in self.derived[table].columns}
        if table == "profiles":
            return {}
        if table != "events":
            raise UnknownName("table", table, ["events"])
        return self.kinds

    def version(self, tables: Collection[str], first: date | None = None, last: date | None = None) -> str:
        """See `Tables`."""
        return hashlib.sha256(repr(self.held).encode()).hexdigest()

    def newest(self, source: str | None = None, table: Table | None = None) -> datetime | None:
        """See `Tables`."""
        return max((one.ts for one in self.held), default=None)

    def days(self, tables: Collection[str]) -> tuple[date, date] | None:
        """See `Tables`."""
        found = self.duck.rows("SELECT min(day), max(day) FROM events")[0]
        first, last = found
        return (first, last) if isinstance(first, date) and isinstance(last, date) else None


_FIXED = ("ts", "event")
_HIDDEN = {"part", "row", "line", "day", "person", "lts"}


def _kinds(events: Sequence[Event]) -> dict[str, Kind]:
    held = {column.name: column.kind for column in EVENTS}
    kinds: dict[str, Kind] = {"ts": "time", "event": "text"}
    kinds.update({name: held[name] for name in _BASE})
    for one in events:
        for name, value in one.props.items():
            kind: Kind = (
                "boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
            )
            if name not in _BASE and value is not None:
                kinds[name] = kind
            else:
                kinds.setdefault(name, "text")
    return kinds


def workspace_of(
    *funnels: Funnel, timezone: str = "UTC", language: str = "en", week_start: int = 0
) -> Workspace:
    """A workspace with nothing but funnels."""
    assert language in ("en", "zh")
    return Workspace(
        root=Path(),
        file=None,
        digest="",
        console=Console(
            timezone=timezone, language="zh" if language == "zh" else "en", week_start=week_start
        ),
        rates=Rates(),
        sources=(),
        identity=Identity((), {}, {}, frozenset(), {}, {}),
        metrics={},
        funnels={funnel.name: funnel for funnel in funnels},
        rules={},
        people={},
        notify={},
    )


def world_with_tables(events: Iterable[Event], workspace: Workspace) -> World:
    """A world that also holds the attempts tables of the workspace."""
    return World(events, workspace.console.timezone, funnel_tables(workspace))


def event(person: int, name: str, seconds: float, **props: object) -> Event:
    """An event some seconds after the start of 2026-03-02 UTC, a Monday."""
    from datetime import timedelta

    return Event(person, name, datetime(2026, 3, 2) + timedelta(seconds=seconds), props)
