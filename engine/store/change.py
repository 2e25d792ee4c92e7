"""What one application of parts changed: counts for people, touched keys for derivation."""

from __future__ import annotations

from dataclasses import dataclass

TOUCHED = ("events", "spend", "profiles", "targets")
"""Canonical tables; the keys that their changed rows touched stand in `touch_<table>` (day, person)."""


@dataclass(frozen=True, slots=True)
class Change:
    """Rows that began or ceased to count; `whole`: so much changed that deriving from nothing is cheaper."""

    rows_added: int = 0
    rows_removed: int = 0
    days: int = 0
    persons: int = 0
    tables: frozenset[str] = frozenset()
    """Canonical tables with changed rows."""
    whole: bool = False

    def __bool__(self) -> bool:
        return bool(self.tables) or self.whole
