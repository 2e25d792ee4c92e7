"""Which columns a relation has, and SQL that gives them: from memory, else from the parts themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from engine.errors import UnknownName
from engine.schema import COLUMNS, Kind, Table
from engine.store.duck import quote, text_literal
from engine.store.layout import SQL_TYPE, VIEW_COLUMNS

if TYPE_CHECKING:
    from engine.store.store import Store

_MEMORY: dict[str, dict[str, Kind]] = {
    "events": {"amount": "money", "lts": "time", "day": "date", "source": "text"},
    "spend": {"lts": "time", "day": "date", "source": "text"},
    "profiles": {"day": "date", "source": "text"},
    "targets": {"period": "text", "metric": "text", "value": "money", "source": "text"},
}
_CREDITED: dict[str, Kind] = {"c_channel": "text", "c_campaign": "text", "c_creative": "text"}
_NUMBERS = ("part", "row", "line", "person")


def columns(store: Store, table: str) -> Mapping[str, Kind]:
    """Every column that a definition may name, with its kind; props included."""
    if table in store.derived:
        return store.derived[table]
    base = "events" if table == "credited" else table
    if base not in _MEMORY:
        raise UnknownName("table", table, [*_MEMORY, "credited", *store.derived])
    found = dict(_MEMORY[base])
    found.update(_in_memory(store, base))
    if base in ("events", "profiles"):
        found.update(dict.fromkeys(store.settings.identifiers, "list"))
    for column in COLUMNS[_table(base)]:
        found.setdefault(column.name, column.kind)
    if table == "credited":
        found.update(_CREDITED)
    for name, kind in props(store, _table(base)).items():
        found.setdefault(name, kind)
    return found


def props(store: Store, table: Table) -> dict[str, Kind]:
    """Columns of the files without a canonical name, over all parts of a table; mixed kinds are text."""
    found: dict[str, Kind] = {}
    for instance in store.instances.values():
        if instance.table == table:
            for name, kind in instance.props:
                found[name] = wider(found.get(name, kind), kind)
    return found


def wider(one: Kind, other: Kind) -> Kind:
    """The kind that holds values of both.

    >>> wider("count", "number"), wider("count", "text")
    ('number', 'text')
    """
    if one == other:
        return one
    numeric = {"count", "number", "money"}
    return "number" if {one, other} <= numeric else "text"


def relation(store: Store, table: str, wanted: Collection[str]) -> str:
    """SQL for a FROM clause with at least the wanted columns (see `Tables.relation`).

    Raises: UnknownName.
    """
    if table in store.derived or table == "targets":
        _require(store, table, wanted)
        return table
    base = "events" if table == "credited" else table
    _require(store, table, wanted)
    memory = set(_in_memory(store, base)) | set(_MEMORY[base]) | set(_NUMBERS) | {"subject"}
    extra = [name for name in wanted if name not in memory and name not in _CREDITED]
    if not extra:
        return table
    return _with_parts(store, table, base, extra)


def _require(store: Store, table: str, wanted: Collection[str]) -> None:
    known = columns(store, table)
    for name in wanted:
        if name.removeprefix("p.") not in known and name not in _NUMBERS:
            raise UnknownName(f"column of {table}", name, known)


def _in_memory(store: Store, base: str) -> dict[str, Kind]:
    kinds = {column.name: column.kind for column in COLUMNS[_table(base)]}
    stored: dict[str, Kind] = {name: kinds.get(name, "text") for name in VIEW_COLUMNS.get(base, ())}
    stored.update(store.settings.props.get(_table(base), {}))
    return stored


def _with_parts(store: Store, table: str, base: str, extra: Collection[str]) -> str:
    """The relation joined with columns that only the parts hold."""
    mine = [one for one in store.instances.values() if one.table == base and one.facts]
    known = props(store, _table(base))
    if not mine:
        nulls = "".join(f", CAST(NULL AS VARCHAR) AS {quote(name)}" for name in extra)
        return f"(SELECT t.*{nulls} FROM {table} t)"
    chosen = "".join(f", {_from_part(name, known)} AS {quote(name)}" for name in extra)
    paths = ", ".join(text_literal(path) for path in sorted({str(one.path) for one in mine}))
    inner = (
        f"SELECT p.part AS part, f.row AS row{chosen} "
        f"FROM read_parquet([{paths}], union_by_name = true, filename = true) f "
        "JOIN shop.main.parts p ON p.path = f.filename"
    )
    outer = "".join(f", w.{quote(name)}" for name in extra)
    return f"(SELECT t.*{outer} FROM {table} t JOIN ({inner}) w ON w.part = t.part AND w.row = t.row)"


def _from_part(name: str, known: Mapping[str, Kind]) -> str:
    """SQL of a column of the part; `p.<name>` is the prop even where a canonical column has the same name."""
    if name.startswith("p.") and name[2:] in known:
        return f"TRY_CAST(f.{quote(name)} AS {SQL_TYPE[known[name[2:]]]})"
    if name == "file":
        return "p.file"
    if name in known:
        return f"TRY_CAST(f.{quote('p.' + name)} AS {SQL_TYPE[known[name]]})"
    return f"f.{quote(name)}"


def _table(name: str) -> Table:
    found: dict[str, Table] = {
        "events": "events", "spend": "spend", "profiles": "profiles", "targets": "targets",
    }  # fmt: skip
    return found[name]
