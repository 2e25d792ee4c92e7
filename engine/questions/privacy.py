"""Protection of personal data: who looked, who was erased, and what is too old to be kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

AuditKind: TypeAlias = Literal["reveal", "erase"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Somebody (`by`) saw personal data in full, or had a person erased; `at` is naive UTC of the wall clock."""

    at: datetime
    by: str
    kind: AuditKind
    asked: str
    reason: str
