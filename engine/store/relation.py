"""Which columns a relation has, and SQL that gives them: from memory, else from the parts themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from engine.errors import UnknownName
from engine.schema import COLUMNS, Kind, Table
from engine.store.duck import quote, text_literal
from engine.store.layout import SQL_TYPE, VIEW_COLUMNS
from engine.store.lookups import Offer, joined, keys_of, offers

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
_CUBES: dict[str, Table] = {"event_days": "events", "person_days": "events", "spend_days": "spend"}
"""Facts added up: what a fact may say itself in a column that is not added up is not looked up."""


def columns(store: Store, table: str) -> Mapping[str, Kind]:
    """Every column that a definition may name, with its kind; props and looked-up columns included."""
    found = _own(store, table)
    if table not in store.derived and table != "targets":
        for name, kind in props(store, _table(_base(table))).items():
            found.setdefault(name, kind)
    return found | dict.fromkeys(looked_up(store, table), "text")


def looked_up(store: Store, table: str) -> dict[str, Offer]:
    """What the workspace's lookups add to a relation, by name."""
    if not store.settings.lookups or table == "targets":
        return {}
    if table in store.derived:
        said = props(store, _CUBES[table]) if table in _CUBES else {}
        return offers(store.settings.lookups, _own(store, table), said=said)
    return offers(store.settings.lookups, _own(store, table, held=False), props(store, _table(_base(table))))


def _base(table: str) -> str:
    return "events" if table == "credited" else table


def _own(store: Store, table: str, held: bool = True) -> dict[str, Kind]:
    """Columns that a relation has without the files' props; `held`: with those that are kept in memory."""
    if table in store.derived:
        return dict(store.derived[table])
    base = _base(table)
    if base not in _MEMORY:
        raise UnknownName("table", table, [*_MEMORY, "credited", *store.derived])
    found = dict(_MEMORY[base])
    found.update(_in_memory(store, base) if held else {})
    if base in ("events", "profiles"):
        found.update(dict.fromkeys(store.settings.identifiers, "list"))
    for column in COLUMNS[_table(base)]:
        found.setdefault(column.name, column.kind)
    if table == "credited":
        found.update(_CREDITED)
    return found


def props(store: Store, table: Table) -> dict[str, Kind]:
    """Columns of the files without a canonical name, over all parts of a table; mixed kinds are text."""
    state = (store.next_part, len(store.instances))
    kept = store.known_props.get(table)
    if kept is not None and kept[0] == state:
        return kept[1]
    found: dict[str, Kind] = {}
    for instance in store.instances.values():
        if instance.table == table:
            for name, kind in instance.props:
                found[name] = wider(found.get(name, kind), kind)
    store.known_props[table] = (state, found)
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
    _require(store, table, wanted)
    found = looked_up(store, table)
    asked = {name for name in wanted if name in found}
    if not asked:
        return _plain(store, table, wanted)
    fact = table not in store.derived
    said = asked & props(store, _table(_base(table))).keys() if fact else set()
    held = said & store.settings.props.get(_table(_base(table)), {}).keys() if fact else set()
    own = {name for name in wanted if name not in asked} | keys_of(found, asked)
    inner = _plain(store, table, [*own, *(f"p.{name}" for name in said)])
    return joined(inner, found, asked, columns(store, table), said=said, held=held)


def _plain(store: Store, table: str, wanted: Collection[str]) -> str:
    """The relation without looked-up columns, under its full name: who reads may have views of that name."""
    name = f"shop.main.{quote(table)}"
    if table in store.derived or table == "targets":
        return name
    base = _base(table)
    memory = set(_in_memory(store, base)) | set(_MEMORY[base]) | set(_NUMBERS) | {"subject"}
    extra = [name for name in wanted if name not in memory and name not in _CREDITED]
    return _with_parts(store, name, base, extra) if extra else name


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
