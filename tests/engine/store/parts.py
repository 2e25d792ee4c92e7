"""Parts written by hand, for tests of what stands behind ingest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from engine.store import Instance

FIRST = date(2026, 9, 1)
_TEXTS = (
    "event_id", "event", "kind", "currency", "order_id", "channel", "campaign", "creative", "product",
    "region", "device", "page", "text", "stage",
)  # fmt: skip
_SCHEMA: dict[str, pl.DataType] = {
    "row": pl.UInt32(),
    "line": pl.Int64(),
    "ts": pl.Datetime("us"),
    "day": pl.Date(),
    "subject": pl.UInt64(),
    "value": pl.Decimal(18, 6),
    "quantity": pl.Decimal(18, 6),
    "score": pl.Float64(),
    "valid": pl.Boolean(),
    "record": pl.UInt64(),
    "ids": pl.List(pl.String()),
    **dict.fromkeys(_TEXTS, pl.String()),
}


@dataclass(frozen=True)
class Fact:
    """One event: day after FIRST, who, what, how much, in which record."""

    day: int = 0
    subject: int | None = 1
    event: str = "visit"
    value: str | None = None
    currency: str | None = None
    channel: str | None = None
    record: int | None = None
    hour: int = 12


def part(folder: Path, name: str, facts: Sequence[Fact], *, source: str = "web", file: str = "") -> Instance:
    """Write facts as a part and name it as an instance in a file."""
    rows = [_row(at, fact) for at, fact in enumerate(facts)]
    path = folder / f"{name}.parquet"
    pl.DataFrame(rows, schema=_SCHEMA).write_parquet(path)
    days = tuple(sorted({FIRST + timedelta(days=fact.day) for fact in facts}))
    last = max((moment for row in rows if isinstance(moment := row["ts"], datetime)), default=None)
    return Instance(source, "events", file or f"{name}.csv", 0, name, path, len(facts), days, last)


def _row(at: int, fact: Fact) -> dict[str, object]:
    day = FIRST + timedelta(days=fact.day)
    known = {
        "row": at,
        "line": at + 2,
        "ts": datetime(day.year, day.month, day.day, fact.hour),
        "day": day,
        "subject": fact.subject,
        "event": fact.event,
        "kind": "transaction" if fact.event in ("order", "refund") else "behaviour",
        "value": None if fact.value is None else Decimal(fact.value),
        "currency": fact.currency,
        "channel": fact.channel,
        "record": fact.record,
        "ids": [],
    }
    return {name: known.get(name) for name in _SCHEMA}
