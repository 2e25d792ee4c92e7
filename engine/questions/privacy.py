"""Protection of personal data: who looked, who was erased, and what is too old to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

AuditKind: TypeAlias = Literal["reveal", "erase"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Somebody (`by`) saw personal data in full, or had a person erased; `at` is naive UTC."""

    at: datetime
    by: str
    kind: AuditKind
    asked: str
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure did, without personal data.

    `identifiers`: HMACs of the person's. `rows`: touched, by canonical table. `parts`: rewritten. `files`:
    (file, lines) that still hold the person: looptop never touches them. `at` is naive UTC.
    """

    id: str
    at: datetime
    by: str
    reason: str
    identifiers: tuple[str, ...]
    rows: Mapping[str, int]
    parts: int
    files: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class RetentionTable:
    """Facts of a table before the day `kept_from`: `rows` in `files`, and `persons` of whom nothing is left
    (None where they are gone already)."""

    table: str
    days: int
    kept_from: date
    rows: int
    files: int
    persons: int | None
