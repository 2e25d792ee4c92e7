"""Who saw personal data in full, or had it erased: a table of the ledger that only grows."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from engine.identity import mask, mask_identifier, mask_text
from engine.questions import AuditEntry, AuditKind

if TYPE_CHECKING:
    from engine.alerts import Ledger

_IDENTIFIER = re.compile(r"\b[A-Za-z_]\w*:[^\s,;)]+")
_QUOTED = re.compile(r"'([^']*)'")


def record(ledger: Ledger, kind: AuditKind, asked: str, *, by: str, reason: str, at: datetime) -> None:
    """Write one entry down.

    In:  what was asked and why, in free text: identifiers in either are masked; naive UTC.
    Raises: StoreError.
    """
    with ledger.transaction():
        ledger.rows(
            "INSERT INTO audit (at, author, kind, asked, reason) VALUES (?, ?, ?, ?, ?)",
            (at.isoformat(timespec="microseconds"), by, kind, _masked(asked), mask_text(reason)),
        )


def _masked(asked: str) -> str:
    """A question without the identifiers that it names: the log outlives an erasure."""
    named = _IDENTIFIER.sub(lambda found: mask_identifier(found[0]), asked)
    return mask_text(_QUOTED.sub(lambda found: f"'{mask('', found[1])}'", named))


def entries(ledger: Ledger) -> tuple[AuditEntry, ...]:
    """Every entry, the first one first."""
    rows = ledger.rows("SELECT at, author, kind, asked, reason FROM audit ORDER BY n")
    return tuple(
        AuditEntry(
            datetime.fromisoformat(str(at)),
            str(author),
            "erase" if kind == "erase" else "reveal",
            str(asked),
            str(reason),
        )
        for at, author, kind, asked, reason in rows
    )
