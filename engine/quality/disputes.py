"""Disputes as answers: the days that files of a source report differently, and what was decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.questions import Copy, Decision, Dispute
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.store import Store

MEASURES = ("impressions", "reach", "clicks", "cost", "conversions", "conversion_value")


def disputes(store: Store, decided: Mapping[str, Decision]) -> tuple[Dispute, ...]:
    """All disputes by source, day and id.

    In:  the decision in force by id. Sums of a copy are over the rows in dispute, in the file's currency.
    """
    if not store.settings.disputing:
        return ()
    found = Select(
        "dispute_days", (("id", "id"), ("source", "source"), ("day", "day"), ("records", "records")),
        order=("source", "day", "id"),
    )  # fmt: skip
    copies = _copies(store)
    return tuple(
        Dispute(str(key), str(source), day, int(str(records)), copies[str(key)], decided.get(str(key)))
        for key, source, day, records in store.rows(found.sql())
        if isinstance(day, date)
    )


def _copies(store: Store) -> dict[str, tuple[Copy, ...]]:
    """Copies by id of the dispute, the file that was written last first."""
    sums = tuple((f"sum(r.{name})", name) for name in MEASURES)
    select = Select(
        "raw_spend r",
        (("g.id", "id"), ("p.file", "file"), ("p.mtime_ns", "mtime_ns"), ("count(*)", "rows"),
         ("min(r.line)", "line"), ("bool_and(r.kept)", "kept"), *sums),
        joins=(
            "JOIN parts p ON p.part = r.part",
            "JOIN disputes d ON d.source = r.source AND d.record = r.record",
            "JOIN dispute_days g ON g.source = d.source AND g.day = d.day AND g.files = d.files",
        ),
        group=("g.id", "p.file", "p.mtime_ns"),
        order=("p.mtime_ns DESC", "p.file DESC"),
    )  # fmt: skip
    out: dict[str, list[Copy]] = defaultdict(list)
    for key, file, mtime, rows, line, kept, *numbers in store.rows(select.sql()):
        told = {
            name: value for name, value in zip(MEASURES, numbers, strict=True) if isinstance(value, Decimal)
        }
        written = datetime(1970, 1, 1) + timedelta(microseconds=int(str(mtime)) // 1000)
        copy = Copy(str(file), written, int(str(rows)), told, int(str(line)), bool(kept))
        out[str(key)].append(copy)
    return {key: tuple(found) for key, found in out.items()}


def disputed_rows(store: Store) -> dict[tuple[str, bool], int]:
    """Rows in disputes that nobody has decided, by file and whether they count."""
    if not store.settings.disputing:
        return {}
    select = Select(
        "raw_spend r",
        (("p.file", "file"), ("r.kept", "kept"), ("count(*)", "rows")),
        joins=(
            "JOIN parts p ON p.part = r.part",
            "SEMI JOIN disputes d ON d.source = r.source AND d.record = r.record",
            "ANTI JOIN taken t ON t.source = r.source AND t.record = r.record",
        ),
        group=("p.file", "r.kept"),
    )
    return {(str(file), bool(kept)): int(str(count)) for file, kept, count in store.rows(select.sql())}
