"""Persons: their identifiers and why they are joined, the conflicts around them, and their journey."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from engine.errors import UnknownName
from engine.identity import mask_identifier
from engine.publish import masking
from engine.publish.journey import journey
from engine.publish.names import Names
from engine.questions import Conflict, Join, PersonAnswer, PersonEntry
from engine.store.persons import component, numbered
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.store import Store


def entries(
    store: Store, names: Names, reveal: bool = False, formerly: frozenset[int] = frozenset()
) -> tuple[PersonEntry, ...]:
    """Every person with its identifiers and the first moment it was seen, sorted by canonical identifier.

    In:  `formerly`: numbers of the identifiers that were canonical at any time.
    """
    columns = (("i.person", "person"), ("i.id", "id"), ("i.name", "name"), ("p.first_ts", "first"))
    select = Select(
        "identifiers i",
        columns,
        joins=("LEFT JOIN people p ON p.person = i.person",),
        where=("i.person IS NOT NULL",),
        order=("i.person", "i.rank", "i.name"),
    )
    held: dict[int, list[tuple[int, str]]] = {}
    first: dict[int, datetime | None] = {}
    for person, id, name, moment in store.rows(select.sql()):
        number = int(str(person))
        held.setdefault(number, []).append((int(str(id)), str(name)))
        first[number] = moment if isinstance(moment, datetime) else None
    outside = names.ids(held)
    found = [
        _entry(number, outside[number], members, first[number], formerly) for number, members in held.items()
    ]
    found.sort(key=lambda one: one.canonical)
    return tuple(found if reveal else map(masked, found))


def _entry(
    number: int,
    person: str,
    members: Iterable[tuple[int, str]],
    first: datetime | None,
    formerly: frozenset[int],
) -> PersonEntry:
    members = list(members)
    canonical = next(name for id, name in members if id == number)
    aliases = tuple(name for id, name in members if id in formerly and id != number)
    return PersonEntry(person, canonical, tuple(name for _, name in members), aliases, first)


def masked(entry: PersonEntry) -> PersonEntry:
    """The same with what identifies the person hidden."""
    return replace(
        entry,
        canonical=mask_identifier(entry.canonical),
        identifiers=tuple(map(mask_identifier, entry.identifiers)),
        aliases=tuple(map(mask_identifier, entry.aliases)),
    )


def shared(store: Store, reveal: bool = False) -> tuple[str, ...]:
    """Identifiers that too many persons have: they join nobody and own nothing."""
    rows = store.rows(Select("identifiers", (("name", "name"),), where=("shared",), order=("name",)).sql())
    return tuple(_shown(str(name), reveal) for (name,) in rows)


def conflicts(
    store: Store, names: Names, reveal: bool = False, of: int | None = None
) -> tuple[Conflict, ...]:
    """Joins that were refused, of all persons or of one; sorted by the identifiers."""
    columns = (
        ("a.name", "a"), ("b.name", "b"), ("c.reason", "reason"), ("a.person", "of_a"), ("b.person", "of_b"),
    )  # fmt: skip
    joins = ("JOIN identifiers a ON a.id = c.a", "JOIN identifiers b ON b.id = c.b")
    where = () if of is None else ("a.person = ? OR b.person = ?",)
    select = Select("conflicts c", columns, joins=joins, where=where, order=("a.name", "b.name", "c.reason"))
    rows = store.rows(select.sql(), [] if of is None else [of, of])
    outside = names.ids({int(str(one)) for row in rows for one in row[3:] if one is not None})
    return tuple(
        Conflict(
            _shown(str(a), reveal),
            _shown(str(b), reveal),
            str(reason),
            outside.get(int(str(of_a))) if of_a is not None else None,
            outside.get(int(str(of_b))) if of_b is not None else None,
        )
        for a, b, reason, of_a, of_b in rows
    )


def person(
    store: Store, names: Names, name: str, reveal: bool = False, formerly: frozenset[int] = frozenset()
) -> PersonAnswer:
    """One person: identifiers and why they are joined, conflicts, and the journey.

    In:  `p_…`, also one that the person, or one merged into it, had before; or any `type:value` of it.
    Raises: UnknownName.
    """
    number = names.number(name)
    if number is None:
        number = names.former(name, formerly)
    if number is None:
        known = names.everybody().values() if reveal else ()
        raise UnknownName("person", name, known)
    columns = (("id", "id"), ("name", "name"))
    order = ("rank", "name")
    select = Select("identifiers", columns, where=("person = ?",), order=order)
    members = [(int(str(id)), str(text)) for id, text in store.rows(select.sql(), [number])]
    first = store.rows("SELECT first_ts FROM people WHERE person = ?", [number])
    moment = first[0][0] if first and isinstance(first[0][0], datetime) else None
    entry = _entry(number, names.ids([number])[number], members, moment, formerly)
    made, beside = _joins(store, number, dict(members))
    return PersonAnswer(
        entry if reveal else masked(entry),
        journey(store, number) if reveal else masking.journey(journey(store, number)),
        conflicts(store, names, reveal, number),
        made if reveal else tuple(map(_masked_join, made)),
        tuple(_shown(one, reveal) for one in beside),
    )


def _joins(store: Store, number: int, mine: Mapping[int, str]) -> tuple[tuple[Join, ...], tuple[str, ...]]:
    """The joins that made a person, in the order in which they were made, and the shared identifiers in its
    rows: its raw component resolved once more, join by join."""
    from engine.identity.resolve import resolve

    stars, places = component(store, number)
    links = numbered(store.rows, store.links)
    found = resolve(stars, store.settings.rules, links, one_by_one=True)
    lineage = _lineage(store, places)
    made = []
    for a, b, at in found.joins.iter_rows():
        if a in mine and b in mine:
            ts, source, file, line = lineage[places[at]] if at >= 0 else (None, None, None, None)
            made.append(Join(mine[b], mine[a], ts, source, file, line))
    beside = store.rows(
        "SELECT DISTINCT i.name FROM subjects s, unnest(s.ids) u(id) JOIN identifiers i ON i.id = u.id "
        "WHERE i.shared AND s.person = ? ORDER BY i.name",
        [number],
    )
    return tuple(made), tuple(str(name) for (name,) in beside)


def _lineage(
    store: Store, places: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], tuple[datetime | None, str, str, int]]:
    """ts, source, file and line of facts named by (part, row)."""
    listed = ", ".join(f"({part}, {row})" for part, row in places) or "(0, 0)"
    found: dict[tuple[int, int], tuple[datetime | None, str, str, int]] = {}
    for table in ("events", "profiles"):
        columns = (("r.part", "part"), ("r.row", "row"), ("r.ts", "ts"), ("p.source", "source"))
        select = Select(
            f"raw_{table} r",
            (*columns, ("p.file", "file"), ("r.line", "line")),
            joins=("JOIN parts p ON p.part = r.part",),
            where=(f"(r.part, r.row) IN ({listed})",),
        )
        for part, row, ts, source, file, line in store.rows(select.sql()):
            moment = ts if isinstance(ts, datetime) else None
            found[int(str(part)), int(str(row))] = (moment, str(source), str(file), int(str(line)))
    return found


def _masked_join(join: Join) -> Join:
    return replace(join, identifier=mask_identifier(join.identifier), beside=mask_identifier(join.beside))


def _shown(name: str, reveal: bool) -> str:
    return name if reveal else mask_identifier(name)
