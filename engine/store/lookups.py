"""Columns that a fact has by a key: the files of [[lookup]], joined to the facts where they are asked for.

A lookup's content stands in `lookup_<n>(key, first, last, …)`: for each key the spans of days in which its
values hold. A fact is never rewritten: its looked-up columns follow from its key and its day, so a changed
file touches the facts whose key changed, on the days for which it did.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from engine.schema import Kind
from engine.store.duck import quote, text_literal

if TYPE_CHECKING:
    from engine.store.store import Store

CREDITED = "c_"
"""Before a column: of the touch that got the credit."""

_NUMBERS = frozenset(("count", "money", "number"))
_FOR_EVER = "DATE '9999-12-31'"
"""The day of a fact without one: it takes what holds at last."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A lookup as configured: `add` are columns of the facts that have `on`."""

    number: int
    on: str
    add: tuple[str, ...]

    @property
    def table(self) -> str:
        """Where its content stands."""
        return f"lookup_{self.number}"


@dataclass(frozen=True, slots=True)
class LookupContent:
    """The rows of a lookup's file: parts in order, and the part's column of each added one (None: absent)."""

    number: int
    digest: str
    paths: tuple[Path, ...]
    columns: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Doubled:
    """A key that a file has twice with other values: `kept` is the line that holds."""

    key: str
    line: int
    kept: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A column that a lookup gives to a relation: `on` is the relation's column, or another offer."""

    lookup: LookedUp
    on: str
    column: str
    credited: bool

    @property
    def alias(self) -> str:
        return f"{CREDITED if self.credited else ''}k{self.lookup.number}"


def ddl(lookup: LookedUp) -> str:
    """CREATE TABLE of a lookup's content."""
    added = "".join(f", {quote(name)} VARCHAR" for name in lookup.add)
    return f"CREATE TABLE {lookup.table}(key VARCHAR, first DATE, last DATE{added})"


def offers(
    lookups: Sequence[LookedUp],
    own: Collection[str],
    props: Collection[str] = (),
    said: Collection[str] = (),
) -> dict[str, Offer]:
    """What lookups add to a relation with these columns, by name; a column of its own is never replaced.

    In:  `own`, columns that can be keys and are not looked up; `props`, more that can be keys; `said`, more
         that are not looked up.
    Out: with `c_<key>` in the relation also `c_<name>`, by the key of the touch that got the credit. Of two
         lookups that add one name the first gives it.
    """
    found: dict[str, Offer] = {}
    for credited in (False, True):
        before = CREDITED if credited else ""
        for lookup in lookups:
            on = before + lookup.on
            if on in own or on in found or (not credited and on in props):
                for name in lookup.add:
                    if name not in own and name not in said:
                        found.setdefault(before + name, Offer(lookup, on, name, credited))
    return found


def keys_of(found: Mapping[str, Offer], asked: Collection[str]) -> set[str]:
    """The relation's own columns that these looked-up ones are found by."""
    names: set[str] = set()
    for name in asked:
        on = found[name].on
        names |= keys_of(found, [on]) if on in found else {on}
    return names


def joined(
    relation: str, found: Mapping[str, Offer], asked: Collection[str], kinds: Mapping[str, Kind],
    *, said: Collection[str] = (), held: Collection[str] = (),
) -> str:  # fmt: skip
    """A relation with looked-up columns as SQL that stands in FROM.

    In:  kinds of the keys; `said`: names that facts may say themselves, then in `p.<name>`, which wins; of
         them `held` are columns of the relation under their own name as well.
    """
    needed = {name: found[name] for name in asked}
    for name in asked:
        while (on := found[name].on) in found:
            needed[on], name = found[on], on  # noqa: PLW2901
    joins = {
        each.alias: _join(each, found, kinds)
        for each in sorted(needed.values(), key=lambda each: (each.credited, each.lookup.number))
    }
    columns = ""
    for name in sorted(asked):
        value = f"{found[name].alias}.{quote(found[name].column)}"
        if name in said:
            value = f"coalesce(CAST(t.{quote('p.' + name)} AS VARCHAR), {value})"
        columns += f", {value} AS {quote(name)}"
    hidden = [quote(name) for name in sorted(asked) if name in held]
    rest = f"t.* EXCLUDE ({', '.join(hidden)})" if hidden else "t.*"
    return f"(SELECT {rest}{columns} FROM {relation} t{''.join(joins.values())})"


def _join(offer: Offer, found: Mapping[str, Offer], kinds: Mapping[str, Kind]) -> str:
    if offer.on in found:
        above = found[offer.on]
        key = f"{above.alias}.{quote(above.column)}"
    else:
        key = key_sql(f"t.{quote(offer.on)}", kinds.get(offer.on, "text"))
    alias = offer.alias
    return (
        f" LEFT JOIN shop.main.{offer.lookup.table} {alias} ON {alias}.key = {key}"
        f" AND coalesce(t.day, {_FOR_EVER}) BETWEEN {alias}.first AND {alias}.last"
    )


def key_sql(column: str, kind: Kind) -> str:
    """SQL of a key as the text that a file has for it: 17 and not 17.000000, the first of several."""
    if kind == "list":
        return f"{column}[1]"
    if kind in _NUMBERS:
        exact = f"CAST(CAST({column} AS DECIMAL(38,6)) AS VARCHAR)"
        return f"rtrim(rtrim({exact}, '0'), '.')"
    return column if kind == "text" else f"CAST({column} AS VARCHAR)"


def look_up(store: Store, contents: Sequence[LookupContent], quiet: bool) -> bool:
    """Take in the lookups whose files changed and touch the facts whose values did; whether any did.

    In:  `quiet`: everything is derived anew, so nothing needs to be touched.
    """
    changed = False
    for each in contents:
        if store.looked.get(each.number) == each.digest:
            continue
        changed = True
        lookup = next(one for one in store.settings.lookups if one.number == each.number)
        _read(store, lookup, each)
        if not quiet:
            _touch(store, lookup)
        store.writer.execute(f"DELETE FROM shop.main.{lookup.table}")
        store.writer.execute(f"INSERT INTO shop.main.{lookup.table} FROM lookup_read")
        store.looked[each.number] = each.digest
    if changed:
        store.versions.bump("lookups", None)
    return changed


def _read(store: Store, lookup: LookedUp, content: LookupContent) -> None:
    """Temp table lookup_read: the content of a file as spans; keys that it has twice go into `doubled`."""
    run = store.writer.execute
    names = ", ".join(map(quote, lookup.add))
    empty = ", ".join(f"NULL::VARCHAR AS {quote(name)}" for name in lookup.add)
    run(
        "CREATE OR REPLACE TEMP TABLE lookup_rows AS SELECT NULL::VARCHAR AS key, NULL::DATE AS valid_from, "
        f"NULL::DATE AS valid_to, 0::BIGINT AS line, 0::BIGINT AS row, {empty} LIMIT 0"
    )
    if content.paths:
        chosen = ", ".join(
            f"CAST({quote(there)} AS VARCHAR)" if (there := content.columns[name]) else "NULL"
            for name in lookup.add
        )
        paths = ", ".join(text_literal(str(path)) for path in content.paths)
        run(
            f"INSERT INTO lookup_rows SELECT key, valid_from, valid_to, line, row, {chosen} "
            f"FROM read_parquet([{paths}], union_by_name = true) WHERE key IS NOT NULL"
        )
    text = resources.files("engine.store").joinpath("lookup.sql").read_text(encoding="utf-8")
    kept, doubled, spans = text.format(names=names, said=_differs(lookup)).split(";")[:3]
    run(kept)
    store.doubled[lookup.number] = tuple(
        Doubled(str(key), int(line), int(first)) for key, line, first in run(doubled).fetchall()
    )
    run(spans)


def _differs(lookup: LookedUp) -> str:
    """SQL: whether rows `r` and `k` of a lookup say different things."""
    return " OR ".join(f"r.{quote(name)} IS DISTINCT FROM k.{quote(name)}" for name in lookup.add)


def _touch(store: Store, lookup: LookedUp) -> None:
    """Note the keys of the facts whose looked-up values are others than before."""
    from engine.store.relation import columns, relation

    text = resources.files("engine.store").joinpath("lookup_changed.sql").read_text(encoding="utf-8")
    store.writer.execute(text.format(old=f"shop.main.{lookup.table}", said=_differs(lookup)))
    for table in ("events", "spend", "profiles"):
        known = columns(store, table)
        if lookup.on in known:
            person = "CAST(NULL AS UBIGINT)" if table == "spend" else "t.person"
            store.writer.execute(
                f"INSERT INTO touch_{table} SELECT DISTINCT t.day, {person} "
                f"FROM {relation(store, table, [lookup.on])} t JOIN lookup_changed c "
                f"ON c.key = {key_sql(f't.{quote(lookup.on)}', known[lookup.on])} "
                f"AND coalesce(t.day, {_FOR_EVER}) BETWEEN c.first AND c.last"
            )
