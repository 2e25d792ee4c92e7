"""Who somebody is: identifiers, and everything they did in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class JourneyFact:
    """One fact of a person's journey, any of the five classes."""

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


@dataclass(frozen=True, slots=True)
class PersonEntry:
    person: str
    canonical: str
    identifiers: tuple[str, ...]
    aliases: tuple[str, ...]
    first_ts: datetime | None


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    entry: PersonEntry
    journey: tuple[JourneyFact, ...]
