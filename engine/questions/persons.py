"""Who somebody is: identifiers and why they are joined, conflicts, and all they did in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class JourneyFact:
    """One fact of a person's journey, any of the five classes.

    `session`: the visit that it belongs to, behaviour within 30 minutes; None outside visits. `credited`:
    the channel of the last touch that gets the credit for it, or its own.
    """

    ts: datetime
    kind: str
    event: str
    channel: str | None
    campaign: str | None
    detail: str
    value: Decimal | None
    currency: str | None
    source: str
    file: str
    line: int
    session: int | None = None
    credited: str | None = None


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """`aliases`: identifiers that named this person, or one that was merged into it, before."""

    person: str
    canonical: str
    identifiers: tuple[str, ...]
    aliases: tuple[str, ...]
    first_ts: datetime | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two identifiers that were seen together and kept apart; `a` is the stronger end.

    `reason`: `limit:TYPE` or `never_link`. `person_a`, `person_b`: whose they are (`p_…`).
    """

    a: str
    b: str
    reason: str
    person_a: str | None = None
    person_b: str | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """Why an identifier is the person's: a row that carries both, or a manual link (then without lineage)."""

    identifier: str
    beside: str
    ts: datetime | None = None
    source: str | None = None
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a profile says of a person, and the line that says it: of several lines the last one that does.

    `value`: text, number, date, moment (naive UTC) or a list.
    """

    name: str
    value: object
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """`shared`: identifiers in the person's rows that too many others have: they join nobody."""

    entry: PersonEntry
    journey: tuple[JourneyFact, ...]
    conflicts: tuple[Conflict, ...] = ()
    joins: tuple[Join, ...] = ()
    shared: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    """Canonical columns of profiles in their order, then those of the files; empty ones are left out."""
