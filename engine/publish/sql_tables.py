"""The tables of `looptop sql`: their columns with types, what they mean, and SQL that gives them.

Identifiers, names, personal columns and free text are masked in the columns themselves unless they are to be
seen: whatever a query does with them, it works on what is shown. Times are naive UTC, `lts` and `day` local.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.identity.mask_sql import identifier_sql, name_sql, personal_sql, text_sql
from engine.ingest.personal import personal
from engine.schema import COLUMNS, Kind, Table
from engine.store.duck import quote, text_literal
from engine.store.layout import SQL_TYPE
from engine.store.relation import looked_up, props

if TYPE_CHECKING:
    from engine.derive import DerivedTable
    from engine.store import Store
    from engine.workspace.model import Source, Workspace

FACTS: tuple[Table, ...] = ("events", "spend", "profiles")
FREE = frozenset({"text", "page"})
"""Columns that may hold anything."""
_CREDITED = ("channel", "campaign", "creative")
_INSIDE = frozenset({"part", "row"})


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A column: `sql` over `r` (the relation), `f` (the file) and `n` (the person) and the columns of the
    relation that it `needs`."""

    name: str
    type: str
    meaning: str
    sql: str
    needs: tuple[str, ...] = ()

    @property
    def joins_file(self) -> bool:
        return "f.file" in self.sql

    @property
    def joins_person(self) -> bool:
        return "n.id" in self.sql


@dataclass(frozen=True, slots=True)
class SqlTable:
    """A table; `relation` names what the store reads for it."""

    name: str
    meaning: str
    relation: str
    columns: tuple[SqlColumn, ...]
    fields: tuple[SqlColumn, ...] = ()
    """What `props` holds."""


_MEANINGS = {
    "events": "what people did and what happened to them: one row per event that counts",
    "spend": "media facts, in the console's currency",
    "profiles": "attributes of persons",
}


def sql_tables(
    store: Store, workspace: Workspace, derived: Iterable[DerivedTable], reveal: bool
) -> dict[str, SqlTable]:
    """Every table that a query may read, by name."""
    found: dict[str, SqlTable] = {table: _facts(store, workspace, table, reveal) for table in FACTS}
    for each in derived:
        found[each.name] = _derived(each, reveal)
    return found


def _derived(table: DerivedTable, reveal: bool) -> SqlTable:
    columns = []
    for name, kind in table.columns:
        if name == "person":
            columns.append(_PERSON)
        elif name not in _INSIDE:
            at = f"r.{quote(name)}"
            sql = text_sql(at) if name in FREE and not reveal else at
            columns.append(SqlColumn(name, kind, "", sql, (name,)))
    return SqlTable(table.name, table.doc, table.name, tuple(columns))


_PERSON = SqlColumn("person", "VARCHAR", "who, as in `looptop persons`", "n.id", ("person",))


def _facts(store: Store, workspace: Workspace, table: Table, reveal: bool) -> SqlTable:
    sources = tuple(one for one in workspace.sources if one.table == table)
    hidden = _Hidden(sources, reveal)
    columns = [
        hidden.canonical(table, each.name, each.kind, each.meaning)
        for each in COLUMNS[table]
        if each.name not in ("source", "file", "line")
    ]
    if table != "spend":
        columns += [hidden.identifier(kind) for kind in workspace.identity.priority]
        columns.append(_PERSON)
    columns += [
        SqlColumn("day", "DATE", "local day", "r.day"),
        SqlColumn("lts", "TIMESTAMP", "local time", "r.lts"),
    ]
    if table == "events":
        columns += [_credited(name) for name in _CREDITED]
    fields = tuple(hidden.props(store, table))
    listed = ", ".join(f"{quote(each.name)} {each.type}" for each in fields)
    kind = f"STRUCT({listed})" if fields else "VARCHAR"
    columns += [
        SqlColumn("props", kind, "columns without a canonical name, and those looked up: props.name", "NULL"),
        SqlColumn("source", "VARCHAR", "name of the source", "r.source"),
        SqlColumn("file", "VARCHAR", "path of the file, relative to the workspace", "f.file"),
        SqlColumn("line", "BIGINT", "line on which the record starts, from 1", "r.line"),
    ]
    return SqlTable(table, _MEANINGS[table], table, tuple(columns), fields)


def _credited(name: str) -> SqlColumn:
    credited = f"c_{name}"
    return SqlColumn(credited, "VARCHAR", f"{name} of the last touch", f"r.{quote(credited)}", (credited,))


@dataclass(frozen=True, slots=True)
class _Hidden:
    """How columns of some sources are shown to those who may not see personal data."""

    sources: tuple[Source, ...]
    reveal: bool

    def canonical(self, table: Table, name: str, kind: Kind, meaning: str) -> SqlColumn:
        """A canonical column: money in the console's currency, an event's key never null."""
        at, needs = f"r.{quote(name)}", (name,)
        if name == "subject":
            return SqlColumn(name, "VARCHAR", meaning, "printf('%016x', r.subject)")
        if name == "value" and table == "events":
            at, needs = "r.amount", ("amount",)
        if name == "event_id":
            at = f"coalesce({at}, r.source || ':' || f.file || ':' || r.line)"
        if name == "name" and not self.reveal:
            return SqlColumn(name, SQL_TYPE[kind], meaning, name_sql(at), needs)
        asked = name in FREE or any(name in one.personal for one in self.sources)
        return SqlColumn(name, SQL_TYPE[kind], meaning, self.shown(name, at, kind) if asked else at, needs)

    def identifier(self, kind: str) -> SqlColumn:
        """Identifiers of a type: one, or several by commas."""
        each = "x" if self.reveal else identifier_sql(kind, "x")
        sql = f"nullif(array_to_string(list_transform(r.{quote(kind)}, lambda x: {each}), ', '), '')"
        return SqlColumn(kind, "VARCHAR", "identifier" if self.reveal else "identifier, masked", sql, (kind,))

    def props(self, store: Store, table: Table) -> Iterable[SqlColumn]:
        """Columns of the files without a canonical name, and what lookups add."""
        looked = looked_up(store, table)
        kinds: Mapping[str, Kind] = {**props(store, table), **dict.fromkeys(looked, "text")}
        for name, kind in sorted(kinds.items()):
            place = name if name in looked else f"p.{name}"
            sql = self.shown(name, f"r.{quote(place)}", kind)
            yield SqlColumn(name, SQL_TYPE[kind], "", sql, (place,))

    def shown(self, name: str, at: str, kind: Kind) -> str:
        """A text masked by what it holds, a personal one masked whole; other personal values are null."""
        if self.reveal:
            return at
        owners = [text_literal(one.name) for one in self.sources if personal(one, name)]
        mine = f"r.source IN ({', '.join(owners)})" if owners else ""
        if kind == "text":
            return (
                f"CASE WHEN {mine} THEN {personal_sql(at)} ELSE {text_sql(at)} END" if mine else text_sql(at)
            )
        return f"CASE WHEN {mine} THEN NULL ELSE {at} END" if mine else at
