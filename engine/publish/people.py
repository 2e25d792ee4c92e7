"""Persons by name: their outside id, their identifiers, and everything they did in order of time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from engine.errors import UnknownName
from engine.identity import mask_identifier, person_id
from engine.questions import JourneyFact, PersonAnswer, PersonEntry
from engine.schema import Table
from engine.store.duck import text_literal
from engine.store.select import Select

if TYPE_CHECKING:
    from datetime import datetime

    from engine.store import Store

_PERSON = re.compile(r"p_[0-9a-f]{16}")
_SESSION_GAP_SECONDS = 30 * 60

_DETAIL = "coalesce(page, product, text, order_id, stage)"
_JOURNEY = tuple(
    (_DETAIL if name == "detail" else name, name)
    for name in (
        "ts", "kind", "event", "channel", "campaign", "detail", "value", "currency", "source", "file", "line",
    )
)  # fmt: skip
"""Columns of a journey, in the order of `JourneyFact`."""


class Names:
    """Outside names of persons, looked up in the parts and kept while the data stay the same."""

    def __init__(self, store: Store, key: bytes) -> None:
        self._store, self._key = store, key
        self._canonical: dict[int, str] = {}
        self._version = ""

    def ids(self, persons: Iterable[int]) -> dict[int, str]:
        """Number → `p_…`."""
        wanted = set(persons)
        canonical = self.canonical(wanted)
        return {person: person_id(self._key, canonical[person]) for person in wanted if person in canonical}

    def named(self, persons: Sequence[int], reveal: bool = False) -> dict[int, tuple[str, tuple[str, ...]]]:
        """Number → (`p_…`, identifiers)."""
        canonical = self.canonical(set(persons))
        shown = {number: name if reveal else mask_identifier(name) for number, name in canonical.items()}
        return {number: (person_id(self._key, name), (shown[number],)) for number, name in canonical.items()}

    def canonical(self, persons: set[int] | None) -> dict[int, str]:
        """Number → canonical identifier `type:value`, for some persons or for all."""
        version = self._store.version(("events", "profiles"))
        if version != self._version:
            self._canonical, self._version = {}, version
        missing = None if persons is None else persons - self._canonical.keys()
        if missing is None or missing:
            self._canonical.update(self._look_up(missing))
        if persons is None:
            return dict(self._canonical)
        return {number: self._canonical[number] for number in persons if number in self._canonical}

    def number(self, name: str) -> int | None:
        """The person meant by `p_…` or `type:value`; None where nobody is."""
        known = self.canonical(None)
        if _PERSON.fullmatch(name):
            return next((one for one, text in known.items() if person_id(self._key, text) == name), None)
        return next((one for one, text in known.items() if text == name), None)

    def all(self) -> list[str]:
        """Every canonical identifier."""
        return sorted(self.canonical(None).values())

    def _look_up(self, persons: set[int] | None) -> dict[int, str]:
        found: dict[int, str] = {}
        for table in ("events", "profiles"):
            sql = _subjects_sql(self._store, table, persons)
            if sql is not None:
                found.update({int(str(number)): str(text) for number, text in self._store.rows(sql)})
        return found


def _subjects_sql(store: Store, table: Table, persons: set[int] | None) -> str | None:
    mine = [one for one in store.instances.values() if one.table == table and one.facts]
    if not mine:
        return None
    paths = ", ".join(text_literal(path) for path in sorted({str(one.path) for one in mine}))
    where: tuple[str, ...] = ("subject IS NOT NULL", "len(ids) > 0")
    if persons is not None:
        where += (f"subject IN ({', '.join(str(int(one)) for one in persons) or '0'})",)
    relation = f"read_parquet([{paths}], union_by_name = true)"
    return Select(relation, (("subject", "subject"), ("ids[1]", "name")), where=where, distinct=True).sql()


def entries(store: Store, names: Names, reveal: bool = False) -> tuple[PersonEntry, ...]:
    """Every person with the first moment it was seen, sorted by canonical identifier."""
    canonical = names.canonical(None)
    first = {int(str(row[0])): row[1] for row in store.rows("SELECT person, first_ts FROM people")}
    found = [
        _entry(names, number, text, first.get(number), reveal)  # type: ignore[arg-type]
        for number, text in canonical.items()
        if number in first
    ]
    return tuple(sorted(found, key=lambda one: one.canonical))


def _entry(names: Names, number: int, text: str, first: datetime | None, reveal: bool) -> PersonEntry:
    shown = text if reveal else mask_identifier(text)
    return PersonEntry(names.ids([number])[number], shown, (shown,), (), first)


def person(store: Store, names: Names, name: str, reveal: bool = False) -> PersonAnswer:
    """One person with its journey.

    In:  `p_…` or `type:value`.
    Raises: UnknownName.
    """
    number = names.number(name)
    if number is None:
        raise UnknownName("person", name, names.all() if reveal else ())
    first = store.rows("SELECT first_ts FROM people WHERE person = ?", [number])
    moment = first[0][0] if first else None
    entry = _entry(names, number, names.canonical({number})[number], moment, reveal)  # type: ignore[arg-type]
    return PersonAnswer(entry, journey(store, number))


def journey(store: Store, number: int) -> tuple[JourneyFact, ...]:
    """All facts of a person in the order of time; behaviour within 30 minutes shares a session number."""
    relation = store.relation("events", ("text", "file"))
    found = store.rows(
        Select(relation, _JOURNEY, where=("person = ?",), order=("ts", "file", "line", "row")).sql(), [number]
    )
    facts: list[JourneyFact] = []
    session, last = 0, None
    for row in found:
        ts, kind = cast("datetime", row[0]), str(row[1])
        visit = None
        if kind == "behaviour":
            if last is None or (ts - last).total_seconds() > _SESSION_GAP_SECONDS:
                session += 1
            visit, last = session, ts
        facts.append(_fact(row, visit))
    return tuple(facts)


def _fact(row: tuple[object, ...], visit: int | None) -> JourneyFact:
    ts, kind, event, channel, campaign, detail, value, currency, source, file, line = row
    return JourneyFact(
        ts=cast("datetime", ts),
        kind=str(kind),
        event=str(event),
        channel=_text(channel),
        campaign=_text(campaign),
        detail=_text(detail) or "",
        value=value if isinstance(value, Decimal) else None,
        currency=_text(currency),
        source=str(source),
        file=str(file),
        line=int(str(line)),
        session=visit,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
