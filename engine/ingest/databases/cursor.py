"""How far a source has been read: the greatest value of its cursor column, and the rows that have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.ingest.databases.address import Unreachable

_KINDS = {
    "int": int, "float": float, "decimal": Decimal, "time": datetime, "date": date, "text": str, "uuid": UUID,
}  # fmt: skip
_BEYOND = ("time", "zoned", "date")
"""Declared kinds whose values, where they are texts, lie beyond all times: no place to go on from."""


@dataclass(slots=True)
class Mark:
    """The greatest value seen, and the digests of the rows with just that value.

    A statement may ask for rows after it or from it on: rows at the edge that were read are taken out.
    """

    value: Any = None
    edge: set[str] = field(default_factory=set)

    def see(self, value: object, digest: str, declared: str | None) -> bool:
        """Takes in a row; whether it is a new one."""
        if value is None or (declared in _BEYOND and isinstance(value, str)):
            return True
        if self.value is None or _place(value) > _place(self.value):
            self.value, self.edge = value, {digest}
            return True
        if _place(value) == _place(self.value):
            if digest in self.edge:
                return False
            self.edge.add(digest)
        return True

    def to_plain(self) -> list[object]:
        """As JSON values."""
        if self.value is None:
            return []
        kind = next(name for name, each in _KINDS.items() if type(self.value) is each)
        value = self.value.isoformat() if kind in ("time", "date") else self.value
        return [kind, value if kind in ("int", "float", "text") else str(value), sorted(self.edge)]

    @classmethod
    def from_plain(cls, raw: Sequence[Any]) -> Mark:
        """The mark that `to_plain` gave."""
        if not raw:
            return cls()
        kind, value, edge = raw
        read = {"time": datetime.fromisoformat, "date": date.fromisoformat}.get(kind, _KINDS[kind])
        return cls(read(value), set(edge))


def _place(value: object) -> tuple[int, Any]:
    """Where a value stands: numbers before times before texts, as SQLite has it.

    Raises: Unreachable for a value that has no order.
    """
    if isinstance(value, bool | int | float | Decimal):
        return 0, value
    if isinstance(value, datetime):
        return 1, value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return 1, datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, str):
        return 2, value
    if isinstance(value, UUID):
        return 3, value
    what = type(value).__name__
    raise Unreachable(f"a cursor cannot be a {what}: take a number, a time or a text that sorts")
