"""Outside names of persons: `p_…` from the number of the canonical identifier, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from engine.identity import mask_identifier, person_id
from engine.identity.person import person_sql
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.store import Store

_PERSON = re.compile(r"p_[0-9a-f]{16}")
_IDENTIFIERS = "identifiers"


class Names:
    """Outside names of persons, kept while the persons stay the same."""

    def __init__(self, store: Store, key: bytes) -> None:
        self._store, self._key = store, key
        self._canonical: dict[int, str] = {}
        self._outside: dict[str, int] | None = None
        self._version = ""

    def ids(self, persons: Iterable[int]) -> dict[int, str]:
        """Number → `p_…`."""
        return {one: person_id(self._key, name) for one, name in self.canonical(set(persons)).items()}

    def named(self, persons: Sequence[int], reveal: bool = False) -> dict[int, tuple[str, tuple[str, ...]]]:
        """Number → (`p_…`, identifiers, the strongest first)."""
        canonical = self.canonical(set(persons))
        held: dict[int, list[str]] = {}
        for number, name in self._held(canonical.keys()):
            held.setdefault(number, []).append(name if reveal else mask_identifier(name))
        return {
            number: (person_id(self._key, name), tuple(held.get(number, ())))
            for number, name in canonical.items()
        }

    def canonical(self, persons: set[int]) -> dict[int, str]:
        """Number → canonical identifier `type:value`, for some persons."""
        self._fresh()
        missing = persons - self._canonical.keys()
        if missing:
            where = (f"id IN ({_listed(missing)})",)
            select = Select(_IDENTIFIERS, (("id", "id"), ("name", "name")), where=where)
            self._canonical.update({int(str(one)): str(name) for one, name in self._store.rows(select.sql())})
        return {number: self._canonical[number] for number in persons if number in self._canonical}

    def table(self, name: str) -> tuple[str, list[bytes]]:
        """CREATE TABLE of person and id (`p_…`) of everybody, with the values to bind."""
        sql, params = person_sql(self._key, "name")
        select = Select(f"shop.main.{_IDENTIFIERS}", (("id", "person"), (sql, "id")), where=("id = person",))
        return f"CREATE TEMP TABLE {name} AS {select.sql()}", params

    def number(self, name: str) -> int | None:
        """The person meant by `p_…` or by any `type:value` of it; None where nobody is."""
        self._fresh()
        if _PERSON.fullmatch(name):
            if self._outside is None:
                self._outside = {person_id(self._key, text): one for one, text in self.everybody().items()}
            return self._outside.get(name)
        select = Select(_IDENTIFIERS, (("person", "person"),), where=("name = ?", "person IS NOT NULL"))
        found = self._store.rows(select.sql(), [name])
        return int(str(found[0][0])) if found else None

    def former(self, name: str, canonicals: Iterable[int]) -> int | None:
        """The person who once was called `p_…`: the one who has the identifier that was canonical then."""
        if not _PERSON.fullmatch(name):
            return None
        where = (f"id IN ({_listed(canonicals)})", "id <> person")
        columns = (("person", "person"), ("name", "name"))
        rows = self._store.rows(Select(_IDENTIFIERS, columns, where=where).sql())
        return next((int(str(one)) for one, text in rows if person_id(self._key, str(text)) == name), None)

    def everybody(self) -> dict[int, str]:
        """Number → canonical identifier of every person."""
        select = Select(_IDENTIFIERS, (("id", "id"), ("name", "name")), where=("id = person",))
        return {int(str(one)): str(name) for one, name in self._store.rows(select.sql())}

    def _held(self, persons: Iterable[int]) -> Iterable[tuple[int, str]]:
        where = (f"person IN ({_listed(persons)})",)
        columns = (("person", "person"), ("name", "name"))
        order = ("person", "rank", "name")
        rows = self._store.rows(Select(_IDENTIFIERS, columns, where=where, order=order).sql())
        return ((int(str(person)), str(name)) for person, name in rows)

    def _fresh(self) -> None:
        version = self._store.version(("events", "profiles"))
        if version != self._version:
            self._canonical, self._outside, self._version = {}, None, version


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(int(one)) for one in numbers) or "0"
