"""The store: canonical tables in memory over immutable parts; one writer, readers that see whole versions.

parts in files ─► apply ─► raw tables ─► verdicts ─► views events, spend, profiles, targets
                    └► touch_<table>(day, person): the keys that derivation has to look at
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engine.identity.resolve import Links, Rules
from engine.schema import IDENTIFIERS, TABLES, Kind, Table
from engine.store import disputes, observe, relation
from engine.store.apply import clear_touches
from engine.store.duck import Checker, Duck, quote
from engine.store.instance import Instance
from engine.store.layout import local_time, raw_ddl, view_sql
from engine.store.lookups import Doubled, LookedUp, ddl
from engine.store.versions import Versions
from engine.store.watermark import watermark

if TYPE_CHECKING:
    import duckdb
    import polars as pl

Copies = Literal["first", "last", "newest"]
"""Which copy of a record counts: by (ts, file, line), or the rows of the file that was written last."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of the console's currency per unit of `currency`, from `first` to `last` day inclusive."""

    currency: str
    first: date
    last: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """What the store has to know of the workspace.

    `props`: columns outside the canonical ones that definitions name, by table; they are kept in memory.
    `judged`: sources whose records can have copies, and which one counts: the first or the last by a key,
    or the newest file. `disputing`: sources of spend whose files may disagree until somebody decides.
    `until`: facts after it do not exist (replay). `identifiers`: the types that the parts have columns for.
    `rules`: who may be one person; manual links come with each change (`apply`).
    `lookups`: columns that facts have by a key.
    """

    timezone: str = "UTC"
    currency: str = "CNY"
    rates: tuple[Rate, ...] = ()
    props: Mapping[Table, Mapping[str, Kind]] = field(default_factory=dict)
    judged: Mapping[str, Copies] = field(default_factory=dict)
    disputing: frozenset[str] = frozenset()
    until: datetime | None = None
    identifiers: tuple[str, ...] = IDENTIFIERS
    rules: Rules = Rules(IDENTIFIERS, {}, {})
    lookups: tuple[LookedUp, ...] = ()


_SIDE_TABLES = (
    "parts(part INTEGER, id VARCHAR, source VARCHAR, file VARCHAR, path VARCHAR, mtime_ns BIGINT, "
    "judged VARCHAR)",
    "rates(currency VARCHAR, first_day DATE, last_day DATE, rate DECIMAL(18,9))",
    "unconverted(part INTEGER, facts BIGINT)",
    *observe.TABLES,
    *disputes.TABLES,
)


class Store:
    """Canonical tables of one workspace. One thread writes between `begin` and `publish`; any thread reads.

    In:  settings; threads of the database; where it spills; where persons are kept on disk; its memory.
    The attributes without underscore belong to the writer (`engine.store.apply`, `engine.derive`).
    """

    def __init__(
        self,
        settings: StoreSettings,
        threads: int | None = None,
        spill: Path | None = None,
        kept: Path | None = None,
        memory: str | None = None,
    ) -> None:
        self.settings, self.kept = settings, kept
        self.duck = Duck(threads, spill, memory)
        self.writer = self.duck.open_cursor()
        self.instances: dict[int, Instance] = {}
        self.versions = Versions()
        self.derived: dict[str, Mapping[str, Kind]] = {}
        """Columns of the derived tables that are there, by table."""
        self.decided: Mapping[str, str] = {}
        """File taken, by id of the dispute."""
        self.looked: dict[int, str] = {}
        """Digest of the content of each lookup that is there, by its number."""
        self.doubled: dict[int, tuple[Doubled, ...]] = {}
        self.known_props: dict[Table, tuple[tuple[int, int], dict[str, Kind]]] = {}
        """Columns of the files by table, and the instances that they were read from."""
        self.next_part = 1
        self.links: Links = ((), ())
        """Manual links that the persons were resolved with: always, never."""
        self.resolved = False
        """Whether the last change resolved persons: temp table resolved(id, component, person) says which."""
        self._inputs: dict[str, tuple[str, ...]] = {}
        self._reader = self.duck.open_cursor()
        self._apart: duckdb.DuckDBPyConnection | None = None
        self._apart_lock = threading.Lock()
        self._checker: Checker | None = None
        self._lock = threading.RLock()
        self._reading = False
        self._writing = False
        self._watermark = ""
        self._create()
        self.publish()

    # --- versions ----------------------------------------------------------------------------------

    def begin(self, first: bool = False) -> None:
        """Start writing: readers go on seeing the last published version.

        `first`: nothing worth reading is there yet, so write without a transaction and compress on the way.
        """
        with self._lock:
            if first and self._reading:
                self._reader.execute("COMMIT")
                self._reading = False
        if not first:
            self.writer.execute("BEGIN")
            self._writing = True

    def undo(self) -> None:
        """Give up what was written since `begin`."""
        if self._writing:
            self.writer.execute("ROLLBACK")
            self._writing = False

    def publish(self) -> None:
        """What was written is the version that every reader sees from now on."""
        if self._writing:
            self.writer.execute("COMMIT")
            self._writing = False
        self._watermark = ""
        with self._lock:
            if self._reading:
                self._reader.execute("COMMIT")
            self._reader.execute("BEGIN")
            self._reader.execute("SELECT count(*) FROM shop.main.parts").fetchall()
            self._reading = True

    def compress(self) -> None:
        """Rewrite what was loaded in its compressed form, and drop deleted rows; not while somebody reads."""
        with self._apart_lock, self._lock:
            if self._reading:
                self._reader.execute("COMMIT")
                self._reading = False
            self.writer.execute("CHECKPOINT shop")
            self.publish()

    # --- reading: the protocol `Tables` ------------------------------------------------------------

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """See `Tables.rows`."""
        with self._lock:
            return self.duck.rows_of(self._reader, sql, params)

    def frame(self, sql: str, params: Sequence[object] = ()) -> pl.DataFrame:
        """See `Tables.frame`."""
        with self._lock:
            return self.duck.frame_of(self._reader, sql, params)

    @property
    def checker(self) -> Checker:
        """Where queries of somebody's own are planned."""
        if self._checker is None:
            self._checker = Checker()
        return self._checker

    @contextmanager
    def apart(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor on the published version for one reader at a time; what it makes is gone afterwards."""
        with self._apart_lock:
            if self._apart is None:
                self._apart = self.duck.open_apart()
            with self._lock:
                self._apart.execute("BEGIN")
                self._apart.execute("SELECT count(*) FROM shop.main.parts").fetchall()
            try:
                yield self._apart
            finally:
                self._apart.execute("ROLLBACK")

    def stop_apart(self) -> None:
        """Interrupt what the cursor of `apart` runs; for any thread."""
        if self._apart is not None:
            self._apart.interrupt()

    def relation(self, table: str, columns: Collection[str]) -> str:
        """See `Tables.relation`."""
        return relation.relation(self, table, columns)

    def columns(self, table: str) -> Mapping[str, Kind]:
        """See `Tables.columns`."""
        return relation.columns(self, table)

    def version(self, tables: Collection[str], first: date | None = None, last: date | None = None) -> str:
        """See `Tables.version`."""
        known = self.versions.of(tables, first, last)
        return f"{known},{self.versions.of(('lookups',), None, None)}" if self.settings.lookups else known

    def watermark(self) -> str:
        """Names the data of the published version; see `engine.store.watermark`."""
        if not self._watermark:
            beside = (self.links, sorted(self.decided.items()), sorted(self.looked.items()))
            self._watermark = watermark(self.instances.values(), self.settings, beside)
        return self._watermark

    def newest(self, source: str | None = None, table: Table | None = None) -> datetime | None:
        """See `Tables.newest`."""
        moments = self._last_moments(
            lambda one: (source is None or one.source == source) and (table is None or one.table == table)
        )
        return max(moments, default=None)

    def days(self, tables: Collection[str]) -> tuple[date, date] | None:
        """See `Tables.days`."""
        homes = {"spend": "spend", "spend_days": "spend", "profiles": "profiles"}
        wanted = {homes.get(name, "events") for name in tables}
        spans = [one.days for one in self.instances.values() if one.table in wanted and one.days]
        if not spans:
            return None
        return min(days[0] for days in spans), max(days[-1] for days in spans)

    def close(self) -> None:
        """Close the database, once whoever reads apart has been stopped."""
        self.stop_apart()
        with self._apart_lock:
            self.duck.close()

    # --- for the writer ----------------------------------------------------------------------------

    def write(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Run a statement as the writer. Raises: StoreError."""
        return self.duck.rows_of(self.writer, sql, params)

    def input_columns(self, relation: str) -> tuple[str, ...]:
        """Columns of a view or derived table as the writer sees it, in order."""
        known = self._inputs.get(relation)
        if known is None:
            described = self.writer.execute(f"DESCRIBE shop.main.{quote(relation)}").fetchall()
            known = tuple(row[0] for row in described if row[0] != "row_hash")
            self._inputs[relation] = known
        return known

    def refresh_views(self) -> None:
        """Define the canonical views anew: offsets of the time zone."""
        stamps = self._last_moments(lambda one: True)
        firsts = [datetime(one.days[0].year, 1, 1) for one in self.instances.values() if one.days]
        if not firsts or not stamps:
            firsts, stamps = [datetime(2026, 1, 1)], [datetime(2026, 1, 1)]
        local = local_time("r.ts", self.settings.timezone, min(firsts), max(*stamps, min(firsts)))
        for table in ("events", "spend", "profiles"):
            self.writer.execute(view_sql(table, self.settings.props.get(table, {}), local))

    def _last_moments(self, wanted: Callable[[Instance], bool]) -> list[datetime]:
        until = self.settings.until
        moments = [one.last_ts for one in self.instances.values() if one.last_ts is not None and wanted(one)]
        return [moment for moment in moments if until is None or moment <= until] or (
            [until] if moments and until is not None else []
        )

    def _create(self) -> None:
        for table in TABLES:
            self.writer.execute(raw_ddl(table, self.settings.props.get(table, {})))
        for definition in _SIDE_TABLES:
            self.writer.execute(f"CREATE TABLE {definition}")
        for lookup in self.settings.lookups:
            self.writer.execute(ddl(lookup))
        for rate in self.settings.rates:
            self.writer.execute(
                "INSERT INTO rates VALUES (?, ?, ?, CAST(? AS DECIMAL(18,9)))",
                [rate.currency, rate.first, rate.last, str(rate.rate)],
            )
        self.writer.execute(
            'CREATE VIEW targets AS SELECT part, line, period, metric, value, "by", source '
            "FROM shop.main.raw_targets WHERE kept"
        )
        disputes.prepare(self)
        clear_touches(self)
        self.refresh_views()
