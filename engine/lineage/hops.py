"""The hops below a measure, each with its count of rows and what was removed there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.lineage.behind import Behind, counted, facts_in, per_part
from engine.metrics.period import Slot
from engine.metrics.plan import Measure
from engine.questions import FileStatus, Hop, Removed, SourceStatus, Status, TraceFile
from engine.schema import Table
from engine.store.duck import quote
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.derive import DerivedTable
    from engine.store.tables import Tables

_UNITS = {"sessions": "visits"}
"""What a row of a table is, where it is no person."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted of a measure: facts of the period and facts in the number, by (source, file); rows
    of its table, and how many are left after each rule."""

    period: Mapping[tuple[str, str], int]
    counted: Mapping[tuple[str, str], int]
    rows: int
    left: tuple[int, ...]


def counts(tables: Tables, found: Behind, slot: Slot) -> Counts:
    """Count once over the period's rows; units also count their facts."""
    places = places_of(tables)
    if found.facts is not None:
        select = counted(found)
        listed = tables.rows(select.sql(), select.params)
        (rows, *left) = [int(str(n)) for n in listed[0][1:]] if listed else [0] * (1 + len(found.rules))
        inside = per_part(found)
        mine = {str(part): n for part, n in tables.rows(inside.sql(), inside.params)}
        return Counts(in_period(tables, found.table, slot), _by_file(mine, places), rows, tuple(left))
    select = counted(found, "r.part")
    by_part = {
        str(row[0]): [int(str(n)) for n in row[1:]] for row in tables.rows(select.sql(), select.params)
    }
    sums = [sum(row[n] for row in by_part.values()) for n in range(1 + len(found.rules))]
    period = {part: row[0] for part, row in by_part.items()}
    mine = {part: row[-1] for part, row in by_part.items()}
    return Counts(_by_file(period, places), _by_file(mine, places), sums[0], tuple(sums[1:]))


def in_period(tables: Tables, table: Table, slot: Slot) -> dict[tuple[str, str], int]:
    """Facts of a canonical table on the days of a slot, by (source, file)."""
    select = facts_in(table, slot.first, slot.last)
    found = {str(part): n for part, n in tables.rows(select.sql(), select.params)}
    return _by_file(found, places_of(tables))


def places_of(tables: Tables) -> dict[str, tuple[str, str]]:
    """Number of a part → (source, file)."""
    held = tables.rows("SELECT part, source, file FROM parts")
    return {str(part): (str(source), str(file)) for part, source, file in held}


def _by_file(
    found: Mapping[str, object], places: Mapping[str, tuple[str, str]]
) -> dict[tuple[str, str], int]:
    summed: Counter[tuple[str, str]] = Counter()
    for part, count in found.items():
        summed[places[part]] += int(str(count))
    return {place: count for place, count in summed.items() if count}


def derived(tables: Tables, chain: Sequence[DerivedTable], slot: Slot) -> Iterator[Hop]:
    """The derived tables between a measure and the facts, with their rows of the period."""
    for table in chain:
        days = Select(quote(table.name), (("count(*)", "n"),), where=("day BETWEEN ? AND ?",))
        rows = tables.rows(days.sql(), (slot.first, slot.last))[0][0]
        yield Hop(
            "derived", table.name, table.doc, definition=table.fingerprint[:12], key=table.key,
            reads=table.reads, rows=int(str(rows)),
        )  # fmt: skip


def table(status: Status, name: str, found: Counts) -> Hop:
    """The canonical table: all its facts, those of the period."""
    rows = sum(found.period.values())
    whole = max(status.tables.get(name, rows), rows)
    return Hop("table", name, before=whole, removed=_removed([("period", whole - rows, "")]), rows=rows)


def rules(found: Behind, measure: Measure, counts: Counts, value: Decimal | None) -> Iterator[Hop]:
    """What the filters let through, then what is counted of it where that is not rows."""
    before, removed = counts.rows, []
    for rule, left in zip(found.rules, counts.left, strict=True):
        removed.append((rule.name, before - left, rule.text))
        before = left
    facts = sum(counts.counted.values())
    if found.facts is None:
        yield Hop("rules", measure.table, before=counts.rows, removed=_removed(removed), rows=before)
        if found.once:
            name = "persons" if measure.column == "person" else str(measure.column)
            yield Hop("units", name, before=before, rows=int(value or 0))
        return
    unit = _UNITS.get(measure.table, "persons")
    yield Hop("units", unit, before=counts.rows, removed=_removed(removed), rows=before)
    yield Hop("rules", found.table, rows=facts)


def _removed(found: Sequence[tuple[str, int, str]]) -> tuple[Removed, ...]:
    return tuple(
        Removed(rule, rows, text) for rule, rows, text in found if rows or rule in ("metric", "where")
    )


def sources(status: Status, wanted: Collection[str], found: Counts) -> Iterator[Hop]:
    """The sources that can be in the number, by name, each with its files of the period."""
    held = {source for source, _ in found.period}
    files: dict[str, list[FileStatus]] = {}
    for file in status.files:
        files.setdefault(file.source, []).append(file)
    for source in sorted(status.sources, key=lambda one: one.name):
        if source.name in wanted or any(place[0] == source.name for place in found.counted):
            yield _source(source, files.get(source.name, []), found if source.name in held else None)


def _source(source: SourceStatus, files: Sequence[FileStatus], found: Counts | None) -> Hop:
    reasons: Counter[str] = Counter()
    for file in files:
        for reason, count in file.filtered_reasons.items():
            reasons[reason] += count
    removed = [("rejected", source.rejected, ""), ("duplicate", source.duplicates, "")]
    removed += [("filtered", count, reason) for reason, count in sorted(reasons.items())]
    inside = [_file(file, found) for file in files if found and (source.name, file.file) in found.period]
    return Hop(
        "source", source.name, source.table, before=source.rows, removed=_removed(removed),
        rows=source.accepted, files=tuple(inside),
    )  # fmt: skip


def _file(file: FileStatus, found: Counts) -> TraceFile:
    place = (file.source, file.file)
    return TraceFile(
        file.file, file.rows, file.accepted, file.rejected, file.duplicates, file.filtered,
        found.period.get(place, 0), found.counted.get(place, 0),
    )  # fmt: skip
