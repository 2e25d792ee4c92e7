"""Keyed derivation: recompute the rows of the touched keys, swap them in, pass on what really changed.

    touch_events ─► keys of each table that reads it ─► its inputs, narrowed to those keys ─► its one
    computation ─► new rows of those keys ─► swap ─► touch_<table>: keys of rows that differ ─► next tables

A full build is the same computation over all keys. There is no second mechanism.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from engine.derive.catalog import in_order, kinds
from engine.derive.table import DerivedTable
from engine.store.change import Change
from engine.store.duck import quote, text_literal

if TYPE_CHECKING:
    import polars as pl

    from engine.store import Store

_log = logging.getLogger(__name__)

_WHOLE_SHARE = 0.4
"""From this share of all keys on, computing a whole table costs less than narrowing its inputs."""


@dataclass
class Pass:
    """One refresh. All person tables share one set of persons and its narrowed inputs: what an earlier
    table passes on to a later one is among the persons of the facts that changed."""

    persons: int | None = None
    """How many persons are touched, once their keys stand in touched_persons."""
    cut: set[str] = field(default_factory=set)
    """Inputs narrowed to those persons."""


class Runner:
    """The derived tables of one store. Runs on the store's writer, between `begin` and `publish`.

    In:  the store, the tables, and where files may stand while they are read (None: the system's place).
    """

    def __init__(self, store: Store, tables: Iterable[DerivedTable], work: Path | None = None) -> None:
        self.store = store
        self.tables: tuple[DerivedTable, ...] = ()
        self._scratch = TemporaryDirectory(prefix="tables-", dir=work)
        for schema in ("by_person", "by_day"):
            self._run(f"CREATE SCHEMA IF NOT EXISTS shop.{schema}")
        self.define(tables)

    def define(self, tables: Iterable[DerivedTable]) -> tuple[DerivedTable, ...]:
        """Take these definitions; tables whose definition is new or changed are empty and have to be built.

        Out: the tables to build.
        """
        wanted = in_order(tables)
        held = {table.name: table.fingerprint for table in self.tables}
        for name in held.keys() - {table.name for table in wanted}:
            self._run(f"DROP TABLE shop.main.{quote(name)}")
            del self.store.derived[name]
        fresh = tuple(table for table in wanted if held.get(table.name) != table.fingerprint)
        for table in fresh:
            columns = ", ".join(f"{quote(name)} {kind}" for name, kind in table.columns)
            self._run(f"CREATE OR REPLACE TABLE shop.main.{quote(table.name)} ({columns}, row_hash UBIGINT)")
            self.store.derived[table.name] = kinds(table.columns)
        self.tables = wanted
        self._credited()
        return fresh

    def build(self, only: Iterable[DerivedTable] | None = None) -> None:
        """Compute whole tables: all of them, or those named and what reads them."""
        wanted = {table.name for table in (self.tables if only is None else only)}
        for table in self.tables:
            if table.name in wanted or wanted & set(table.reads):
                wanted.add(table.name)
                self._whole(table)
                self.store.versions.bump(table.name, None)

    def refresh(self, change: Change) -> None:
        """Bring every table to what a full build over the store's present facts would give.

        In:  the change that the store applied last; its touched keys stand in touch_<canonical table>.
        """
        if change.whole:
            self.build()
            return
        if not change:
            return
        dirty = set(change.tables)
        work = Pass()
        for table in self.tables:
            if dirty & set(table.reads) and self._refresh(table, dirty, work):
                dirty.add(table.name)
        for relation in work.cut:
            self._run(f"DROP TABLE shop.by_person.{quote(relation)}")

    def fill(self, table: DerivedTable, relation: str) -> None:
        """Take a whole table from a relation that holds its columns."""
        columns = ", ".join(quote(name) for name, _ in table.columns)
        self._run(
            f"INSERT INTO shop.main.{quote(table.name)} SELECT {columns}, {self._hash(table)} FROM {relation}"
        )
        self.store.versions.bump(table.name, None)

    def close(self) -> None:
        """Remove the scratch files."""
        self._scratch.cleanup()

    # --- inside ------------------------------------------------------------------------------------

    def _refresh(self, table: DerivedTable, dirty: set[str], work: Pass) -> bool:
        """Recompute the touched keys of one table; whether any row of it changed."""
        keys = self._persons(work) if table.key == "person" else self._days(table, dirty)
        if not keys:
            self._no_touch(table)
            return False
        whole = keys > _WHOLE_SHARE * self._all_keys(table)
        schema = "main" if whole else self._narrow(table, work)
        self._compute(table, schema)
        changed = self._swap(table, whole)
        if schema == "by_day":
            for read in table.reads:
                self._run(f"DROP TABLE shop.by_day.{quote(read)}")
        return changed

    def _persons(self, work: Pass) -> int:
        """Fill temp table touched_person(k) once a pass; how many."""
        if work.persons is None:
            work.persons = self._fill(
                "touched_person",
                "SELECT person AS k FROM touch_events UNION SELECT person FROM touch_profiles",
            )
        return work.persons

    def _days(self, table: DerivedTable, dirty: set[str]) -> int:
        """Fill temp table touched_day(k) with the days of `table` whose answer may change; how many."""
        shifts = f"range({-table.lookahead_days}, {table.lookback_days + 1}) AS shifts(shift)"
        if table.lookback_days == table.lookahead_days == 0:
            parts = [
                f"SELECT day AS k FROM {quote('touch_' + read)}" for read in table.reads if read in dirty
            ]
        else:
            parts = [
                "SELECT CAST(day + CAST(shift AS INTEGER) AS DATE) AS k "
                f"FROM {quote('touch_' + read)}, {shifts}"
                for read in table.reads
                if read in dirty
            ]
        return self._fill("touched_day", " UNION ".join(parts))

    def _fill(self, name: str, keys: str) -> int:
        self._run(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT DISTINCT k FROM ({keys}) WHERE k IS NOT NULL"
        )
        return self._number(f"SELECT count(*) FROM {name}")

    def _all_keys(self, table: DerivedTable) -> int:
        if table.key == "day":
            return len({day for one in self.store.instances.values() for day in one.days})
        return (
            self._number("SELECT count(*) FROM shop.main.people")
            if "people" in self.store.derived
            else 1 << 62
        )

    def _narrow(self, table: DerivedTable, work: Pass) -> str:
        """Materialise what `table` reads of the touched keys; the schema where it stands."""
        if table.key == "person":
            readers = [other for other in self.tables if other.key == "person"]
            for read in table.reads:
                if read not in work.cut:
                    self._cut(
                        "by_person", read, "t.person = k.k", [one for one in readers if read in one.reads]
                    )
                    work.cut.add(read)
            return "by_person"
        near = f"t.day BETWEEN k.k - {table.lookback_days} AND k.k + {table.lookahead_days}"
        plain = table.lookback_days == table.lookahead_days == 0
        for read in table.reads:
            self._cut("by_day", read, "t.day = k.k" if plain else near, [table])
        return "by_day"

    def _cut(self, schema: str, read: str, condition: str, readers: list[DerivedTable]) -> None:
        """One input narrowed to the touched keys and to the columns that its readers may ask for."""
        known = self.store.input_columns(read)
        wanted = [name for name in known if any(reader.needs(name) for reader in readers)]
        columns = ", ".join(f"t.{quote(name)}" for name in wanted)
        self._run(
            f"CREATE OR REPLACE TABLE shop.{schema}.{quote(read)} AS "
            f"SELECT {columns} FROM shop.main.{quote(read)} t SEMI JOIN touched_{schema[3:]} k ON {condition}"
        )

    def _compute(self, table: DerivedTable, schema: str) -> None:
        """Run the table's computation over the relations of a schema, into temp table fresh_rows.

        A day table that looks around answers for more days than were asked: the others are cut off.
        """
        path = "shop.main" if schema == "main" else f"shop.{schema},shop.main"
        columns = ", ".join(f"CAST({quote(name)} AS {kind}) AS {quote(name)}" for name, kind in table.columns)
        source = f"({table.sql})" if table.compute is None else self._through_parquet(table, path)
        asked = "" if schema == "main" else f" SEMI JOIN touched_{table.key} k ON a.{table.key} = k.k"
        self._run(f"SET search_path = '{path}'")
        try:
            self._run(
                f"CREATE OR REPLACE TEMP TABLE fresh_rows AS SELECT *, {self._hash(table)} AS row_hash "
                f"FROM (SELECT {columns} FROM {source} a{asked})"
            )
        finally:
            self._run("SET search_path = 'shop.main'")

    def _through_parquet(self, table: DerivedTable, path: str) -> str:
        """Run a Polars computation; its frame reaches DuckDB as a file (registering one needs pyarrow)."""

        def ask(sql: str) -> pl.DataFrame:
            self._run(f"SET search_path = '{path}'")
            try:
                return self.store.duck.frame_of(self.store.writer, sql)
            finally:
                self._run("SET search_path = 'shop.main'")

        assert table.compute is not None
        file = Path(self._scratch.name) / f"{table.name}.parquet"
        file.touch(mode=0o600)
        table.compute(ask).write_parquet(file, compression="uncompressed")
        return f"read_parquet({text_literal(str(file))})"

    def _swap(self, table: DerivedTable, whole: bool) -> bool:
        """Put the rows of fresh_rows that are new in place of those that are gone.

        Rows are compared by the hash that each carries, so that old rows are not read whole and a key
        whose answer grew by one row costs one row. touch_<table> gets the keys of rows that differ.
        """
        name, touch = f"shop.main.{quote(table.name)}", quote("touch_" + table.name)
        day, person = (self._column(table, one) for one in ("day", "person"))
        old = "" if whole else f" SEMI JOIN touched_{table.key} k ON {table.key} = k.k"
        self._run(
            "CREATE OR REPLACE TEMP TABLE old_rows AS "
            f"SELECT rowid AS place, {day} AS day, {person} AS person, row_hash FROM {name}{old}"
        )
        self._run(
            f"CREATE OR REPLACE TEMP TABLE {touch} AS SELECT day, person, row_hash FROM ("
            f"SELECT {day} AS day, {person} AS person, row_hash, 1 AS s FROM fresh_rows "
            "UNION ALL SELECT day, person, row_hash, -1 FROM old_rows"
            ") GROUP BY day, person, row_hash HAVING sum(s) <> 0"
        )
        touched = self.store.writer.execute(f"SELECT DISTINCT day FROM {touch}").fetchall()
        if not touched:
            return False
        self._run(
            f"DELETE FROM {name} WHERE rowid IN "
            f"(SELECT place FROM old_rows SEMI JOIN {touch} USING (row_hash))"
        )
        self._run(f"INSERT INTO {name} SELECT f.* FROM fresh_rows f SEMI JOIN {touch} USING (row_hash)")
        self.store.versions.bump(table.name, [row[0] for row in touched if row[0] is not None])
        return True

    def _whole(self, table: DerivedTable) -> None:
        self._compute(table, "main")
        # In the order of days the rows of one day lie together: narrowing to a few days skips the rest.
        order = " ORDER BY day" if "day" in dict(table.columns) else ""
        self._run(f"DELETE FROM shop.main.{quote(table.name)}")
        self._run(f"INSERT INTO shop.main.{quote(table.name)} SELECT * FROM fresh_rows{order}")
        self._run("DROP TABLE fresh_rows")

    @staticmethod
    def _hash(table: DerivedTable) -> str:
        return f"hash({', '.join(quote(column) for column, _ in table.columns)})"

    def _no_touch(self, table: DerivedTable) -> None:
        self._run(f"CREATE OR REPLACE TEMP TABLE {quote('touch_' + table.name)}(day DATE, person UBIGINT)")

    def _column(self, table: DerivedTable, name: str) -> str:
        if name in dict(table.columns):
            return name
        return "CAST(NULL AS UBIGINT)" if name == "person" else "CAST(NULL AS DATE)"

    def _number(self, sql: str) -> int:
        return int(self.store.writer.execute(sql).fetchall()[0][0])

    def _credited(self) -> None:
        """The view of events with their credited channel, over the table that holds the credits."""
        if "credits" in self.store.derived:
            self._run(
                "CREATE OR REPLACE VIEW shop.main.credited AS "
                "SELECT e.*, coalesce(e.channel, c.channel, 'direct') AS c_channel, "
                "coalesce(e.campaign, c.campaign) AS c_campaign, "
                "coalesce(e.creative, c.creative) AS c_creative "
                "FROM shop.main.events e LEFT JOIN shop.main.credits c ON c.part = e.part AND c.row = e.row"
            )

    def _run(self, sql: str) -> None:
        self.store.duck.rows_of(self.store.writer, sql)
