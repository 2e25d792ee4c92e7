"""A small shop in memory: facts as plain rows, and the relations that definitions read made from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.errors import UnknownName
from engine.expressions import parse
from engine.metrics import BUILTIN
from engine.schema import COLUMNS, KIND_OF_EVENT, Kind, Table
from engine.store.duck import Duck, quote
from engine.workspace.model import Console, Funnel, Identity, Metric, Rates, Source, Workspace

if TYPE_CHECKING:
    import polars as pl

_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "money": "DECIMAL(18,6)",
    "count": "DECIMAL(18,6)",
    "boolean": "BOOLEAN",
    "time": "TIMESTAMP",
    "date": "DATE",
    "list": "VARCHAR[]",
}
_LINEAGE: dict[str, Kind] = {"part": "count", "row": "count", "line": "count", "lts": "time", "day": "date"}
_NUMBERS = {"person": "UBIGINT", "part": "INTEGER", "row": "UINTEGER", "line": "BIGINT"}
_DERIVED = (
    "credits", "event_days", "spend_days", "sessions", "session_days", "person_days", "customers",
    "new_customers", "returns", "cohort_days",
)  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One event at a naive UTC moment."""

    ts: datetime
    event: str
    person: int | None = 1
    value: Decimal | None = None
    channel: str | None = None
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Spend:
    """One report row of a local day."""

    day: date
    channel: str | None
    cost: Decimal
    clicks: int = 0
    impressions: int = 0
    more: Mapping[str, object] = field(default_factory=dict)


class Shop:
    """Tables (see the protocol) over given facts; `queries` counts what was asked."""

    def __init__(
        self,
        events: Iterable[Event] = (),
        spend: Iterable[Spend] = (),
        *,
        zone: str = "UTC",
        props: Mapping[str, Kind] | None = None,
        targets: Iterable[tuple[str, str, Decimal, Mapping[str, str]]] = (),
    ) -> None:
        self.duck = Duck(threads=1)
        self.zone, self.queries, self.generation = ZoneInfo(zone), 0, 0
        self.kinds: dict[str, dict[str, Kind]] = {}
        listed = [self._event(number, each) for number, each in enumerate(events)]
        self._create("events", {"person": "count", "amount": "money", **(props or {})}, listed)
        self._create("spend", {}, [self._spend(number, each) for number, each in enumerate(spend)])
        self.duck.run(
            "CREATE TABLE targets "
            "(part INTEGER, line BIGINT, period VARCHAR, metric VARCHAR, value DECIMAL(18,6), "
            '"by" MAP(VARCHAR, VARCHAR))'
        )
        for line, (period, metric, value, by) in enumerate(targets, start=2):
            pair = (list(by), list(by.values()))
            self.duck.run(
                "INSERT INTO targets VALUES (0, ?, ?, ?, ?, MAP(?::VARCHAR[], ?::VARCHAR[]))",
                [line, period, metric, value, *pair],
            )
        self.duck.run("CREATE TABLE parts (part INTEGER, source VARCHAR, file VARCHAR)")
        self.duck.run("INSERT INTO parts VALUES (0, 'web', 'web.csv'), (1, 'ads', 'ads.csv')")
        self.duck.run(
            "CREATE TABLE rates (currency VARCHAR, first_day DATE, last_day DATE, rate DECIMAL(18,9))"
        )
        for name in _DERIVED:
            self._derive(name)

    def _create(self, table: Table, more: Mapping[str, Kind], rows: Sequence[Mapping[str, object]]) -> None:
        kinds = {**_LINEAGE, **{column.name: column.kind for column in COLUMNS[table]}, **more}
        types = {name: _NUMBERS.get(name) or _TYPES[kind] for name, kind in kinds.items()}
        self.duck.run(
            f"CREATE TABLE {table} ({', '.join(f'{quote(name)} {kind}' for name, kind in types.items())})"
        )
        marks = f"({', '.join('?' for _ in kinds)})"
        if rows:
            values = [row.get(name) for row in rows for name in kinds]
            self.duck.run(f"INSERT INTO {table} VALUES {', '.join(marks for _ in rows)}", values)
        self.kinds[table] = {
            name: kind for name, kind in kinds.items() if name not in ("part", "row", "person")
        }

    def _event(self, number: int, each: Event) -> dict[str, object]:
        local = each.ts.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=None)
        known = {
            "ts": each.ts,
            "lts": local,
            "day": local.date(),
            "part": 0,
            "row": number,
            "line": number + 2,
        }
        kind = KIND_OF_EVENT.get(each.event, "behaviour")
        own = {
            "event": each.event,
            "kind": kind,
            "person": each.person,
            "channel": each.channel,
            "source": "web",
        }
        return {**known, **own, "value": each.value, "amount": each.value, **each.more}

    def _spend(self, number: int, each: Spend) -> dict[str, object]:
        start = datetime(each.day.year, each.day.month, each.day.day, tzinfo=self.zone)
        moment = start.astimezone(UTC).replace(tzinfo=None)
        own = {
            "channel": each.channel,
            "cost": each.cost,
            "clicks": each.clicks,
            "impressions": each.impressions,
        }
        lineage = {"ts": moment, "lts": start.replace(tzinfo=None), "day": each.day, "part": 1, "row": number}
        lineage["line"] = number + 2
        return {**lineage, **own, "granularity": "day", "source": "ads", **each.more}

    def _derive(self, name: str) -> None:
        text = files("engine.derive").joinpath("tables", f"{name}.sql").read_text(encoding="utf-8")
        body = text.split("*/", 1)[1].replace("$everything", "TRUE")
        self.duck.run(f"CREATE TABLE {name} AS {body}")
        if name == "credits":
            self.duck.run(
                "CREATE VIEW credited AS SELECT e.*, coalesce(e.channel, c.channel, 'direct') AS c_channel, "
                "coalesce(e.campaign, c.campaign) AS c_campaign, "
                "coalesce(e.creative, c.creative) AS c_creative "
                "FROM events e LEFT JOIN credits c ON c.part = e.part AND c.row = e.row"
            )

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        self.queries += 1
        return self.duck.rows(sql, params)

    def frame(self, sql: str, params: Sequence[object] = ()) -> pl.DataFrame:
        return self.duck.frame(sql, params)

    def relation(self, table: str, columns: Collection[str]) -> str:
        known = self.columns(table)
        for name in columns:
            if name not in known and name not in ("person", "part", "row"):
                raise UnknownName(f"column of {table}", name, known)
        return table

    def columns(self, table: str) -> Mapping[str, Kind]:
        if table == "credited":
            return {**self.kinds["events"], "c_channel": "text", "c_campaign": "text", "c_creative": "text"}
        if table in self.kinds:
            return self.kinds[table]
        if table == "targets":
            return {"period": "text", "metric": "text", "value": "money"}
        kinds: dict[str, Kind] = {
            "VARCHAR": "text",
            "DATE": "date",
            "TIMESTAMP": "time",
            "BOOLEAN": "boolean",
        }
        if table not in _DERIVED:
            raise UnknownName("table", table, _DERIVED)
        described = self.duck.rows(f"DESCRIBE {table}")
        return {str(row[0]): kinds.get(str(row[1]), "number") for row in described}

    def version(self, tables: Collection[str], first: date | None = None, last: date | None = None) -> str:
        return f"{self.generation}:{','.join(tables)}"

    def newest(self, source: str | None = None, table: Table | None = None) -> datetime | None:
        found = self.duck.rows(
            "SELECT max(ts) FROM (SELECT ts, source FROM events UNION ALL SELECT ts, source FROM spend)"
            " WHERE ? IS NULL OR source = ?",
            [source, source],
        )[0][0]
        return found if isinstance(found, datetime) else None

    def days(self, tables: Collection[str]) -> tuple[date, date] | None:
        both = " UNION ALL ".join(f"SELECT day FROM {name}" for name in tables)
        first, last = self.duck.rows(f"SELECT min(day), max(day) FROM ({both})")[0]
        return (first, last) if isinstance(first, date) and isinstance(last, date) else None


def workspace(
    *metrics: Metric, sources: tuple[Source, ...] = (), funnels: Sequence[Funnel] = (), **console: object
) -> Workspace:
    """A workspace with the built-in metrics and some of its own."""
    own = {metric.name: metric for metric in metrics}
    return Workspace(
        Path("/nowhere"), None, "0", Console(**{"timezone": "UTC", **console}),  # type: ignore[arg-type]
        Rates(), sources, Identity(("member_id",), {}, {}, frozenset(), {}, {}),
        {**BUILTIN, **own}, {funnel.name: funnel for funnel in funnels}, {}, {}, {},
    )  # fmt: skip


def simple(
    name: str, agg: str, column: str | None = None, where: str | None = None, **more: object
) -> Metric:
    """A simple metric over events."""
    gap = "zero" if agg in ("sum", "count", "count_distinct") else "null"
    given: dict[str, object] = {"agg": agg, "column": column, "gap": gap, "table": "events", **more}
    return Metric(name, where=parse(where) if where else None, **given)  # type: ignore[arg-type]
