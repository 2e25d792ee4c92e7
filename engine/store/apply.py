"""Bring the raw tables to the wanted parts, and note which keys that touched.

The touched keys stand in temp tables `touch_<table>(day, person)` of the writer until the next call.
A change of more than half of all facts is `whole`: its keys are not listed, everything is derived anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from engine.schema import TABLES, Table
from engine.store import disputes, load, observe, persons
from engine.store.beside import Beside
from engine.store.change import TOUCHED, Change
from engine.store.instance import Difference, Instance, difference
from engine.store.keep import restore_persons
from engine.store.lookups import look_up

if TYPE_CHECKING:
    from engine.store.store import Store

_WHOLE_SHARE = 0.5
_LOOKED_UP: frozenset[Table] = frozenset({"events", "spend", "profiles"})
_BATCH_FACTS = 1_000_000
"""A first load is compressed in memory after so many facts, which bounds its peak."""


def apply(store: Store, wanted: Iterable[Instance], beside: Beside | None = None) -> Change:
    """Make the store hold just the wanted instances, know who is who in them, and the lookups as they are.

    In:  instances without numbers; what stands beside them.
    Out: rows that began or ceased to count, and touched keys counted.
    Raises: StoreError.
    """
    beside = beside or Beside()
    held = sum(one.facts for one in store.instances.values())
    wanted = tuple(wanted)
    store.duck.fit(sum(one.facts for one in wanted))
    found = difference(store.instances.values(), wanted)
    clear_touches(store)
    store.resolved = False
    _forget_records(store)
    redecided = disputes.decide(store, beside.decided)
    if not found and not redecided and beside.links == store.links:
        if look_up(store, beside.lookups, quiet=held == 0):
            return _change(store, _LOOKED_UP, 0, 0, whole=False)
        return Change()
    found = _number(store, found)
    changed = sum(one.facts for one in (*found.removed, *found.added))
    whole = held == 0 or changed > _WHOLE_SHARE * held
    removed = _count(store, found.removed)
    if not whole:
        _touch(store, found.removed)
    _leave(store, (*found.removed, *found.moved))
    _remember(store, (*found.removed, *found.moved))
    _take_out(store, found.removed)
    known = bool(held == 0 and store.kept and restore_persons(store, found.added, beside.links, store.kept))
    _put_in(store, found, first=held == 0)
    _remember(store, found.added, alone=held > 0)
    store.refresh_views()
    flipped, began, ceased = _judge(store, found, whole, redecided)
    moved = not known and persons.identify(store, found.added, beside.links) and _move(store, whole)
    if not whole:
        _touch(store, found.added)
    tables = frozenset(one.table for one in (*found.removed, *found.added)) | flipped
    if moved:
        tables |= frozenset(observe.PEOPLED)
    if look_up(store, beside.lookups, quiet=whole):
        tables |= _LOOKED_UP
    return _change(store, tables, _count(store, found.added) + began, removed + ceased, whole)


def _leave(store: Store, instances: Sequence[Instance]) -> None:
    observe.begin(store)
    for table, numbers in _by_table(instances):
        if table in observe.PEOPLED:
            observe.leave(store, numbers, table)


def _move(store: Store, whole: bool) -> bool:
    """Give the facts of moved subjects their person; the keys before and after are touched."""
    for table in observe.PEOPLED:
        if not whole:
            _touch_moved(store, table)
        store.writer.execute(
            f"UPDATE shop.main.raw_{table} SET person = m.person FROM moved_subjects m "
            f"WHERE m.subject = raw_{table}.subject AND m.person IS DISTINCT FROM raw_{table}.person"
        )
        if not whole:
            _touch_moved(store, table)
    return True


def clear_touches(store: Store) -> None:
    """Forget the touched keys of the last change."""
    for table in TOUCHED:
        store.writer.execute(f"CREATE OR REPLACE TEMP TABLE touch_{table}(day DATE, person UBIGINT)")


def _touch_moved(store: Store, table: str) -> None:
    store.writer.execute(
        f"INSERT INTO touch_{table} SELECT DISTINCT day, person FROM shop.main.{table} "
        "SEMI JOIN moved_subjects USING (subject)"
    )


def _number(store: Store, found: Difference) -> Difference:
    first = store.next_part
    store.next_part += len(found.added)
    return replace(found, added=tuple(replace(one, part=first + at) for at, one in enumerate(found.added)))


def _forget_records(store: Store) -> None:
    store.writer.execute("CREATE OR REPLACE TEMP TABLE touched_records(source VARCHAR, record UBIGINT)")


def _remember(store: Store, instances: Sequence[Instance], alone: bool = True) -> None:
    """Note the records of these instances: all their copies are judged anew.

    In:  `alone` False: only records with several facts, for a first load in which every other one counts.
    """
    several = "" if alone else " GROUP BY ALL HAVING count(*) > 1"
    judged = [one for one in instances if one.source in store.settings.judged]
    for table, numbers in _by_table(judged):
        store.writer.execute(
            "INSERT INTO touched_records SELECT DISTINCT source, record "
            f"FROM shop.main.raw_{table} WHERE record IS NOT NULL AND part IN ({numbers}){several}"
        )


def _take_out(store: Store, removed: Sequence[Instance]) -> None:
    for table, numbers in _by_table(removed):
        store.writer.execute(f"DELETE FROM shop.main.raw_{table} WHERE part IN ({numbers})")
        for side in ("parts", "unconverted"):
            store.writer.execute(f"DELETE FROM shop.main.{side} WHERE part IN ({numbers})")
    for one in removed:
        del store.instances[one.part]


def _put_in(store: Store, found: Difference, first: bool) -> None:
    for one in found.moved:
        store.writer.execute(
            "UPDATE shop.main.parts SET file = ?, mtime_ns = ? WHERE part = ?",
            [one.file, one.mtime_ns, one.part],
        )
    values: list[object] = []
    for one in found.added:
        values += (one.part, one.id, one.source, one.file, str(one.path), one.mtime_ns)
        values.append(store.settings.judged.get(one.source))
    if values:
        listed = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(found.added))
        store.writer.execute(f"INSERT INTO shop.main.parts VALUES {listed}", values)
    store.instances.update({one.part: one for one in (*found.moved, *found.added)})
    for table in TABLES:
        mine = [one for one in found.added if one.table == table and one.facts]
        for batch in _batches(mine):
            load.load(store.writer, table, batch, store.settings)
            if first and len(mine) > len(batch):
                store.writer.execute("CHECKPOINT shop")
        load.note_unconverted(store.writer, table, [one.part for one in mine])


def _judge(store: Store, found: Difference, whole: bool, redecided: bool) -> tuple[frozenset[str], int, int]:
    """Judge the copies of all touched records.

    Out: the tables where a verdict changed; how many facts of parts that were there before began, and
    how many ceased, to count.
    """
    involved = {
        one.table
        for one in (*found.removed, *found.added, *found.moved)
        if one.source in store.settings.judged
    }
    if redecided:
        involved.add("spend")
    if "spend" in involved:
        disputes.settle(store)
    new = ", ".join(str(one.part) for one in found.added) or "0"
    flipped, began, ceased = set(), 0, 0
    for table in TABLES:
        if table in involved and table != "targets" and load.judge(store.writer, table):
            flipped.add(table)
            if not whole:
                _touch_flips(store, table)
            if table in observe.PEOPLED:
                observe.leave_flipped(store, table, new)
            old = f"FROM flips WHERE part NOT IN ({new})"
            sums = store.writer.execute(
                f"SELECT count(*) FILTER (WHERE wins), count(*) FILTER (WHERE NOT wins) {old}"
            )
            row = sums.fetchall()[0]
            began, ceased = began + int(row[0]), ceased + int(row[1])
    return frozenset(flipped), began, ceased


def _touch_flips(store: Store, table: Table) -> None:
    person = "CAST(NULL AS UBIGINT)" if table == "spend" else "r.person"
    store.writer.execute(
        f"INSERT INTO touch_{table} SELECT DISTINCT r.day, {person} FROM shop.main.raw_{table} r "
        "JOIN flips ON flips.part = r.part AND flips.row = r.row"
    )


def _touch(store: Store, instances: Sequence[Instance]) -> None:
    """Note the keys of the facts of these instances that count."""
    for table, numbers in _by_table(instances):
        person = "person" if table in ("events", "profiles") else "CAST(NULL AS UBIGINT)"
        day = "CAST(NULL AS DATE)" if table == "targets" else "day"
        relation = "raw_targets" if table == "targets" else table
        store.writer.execute(
            f"INSERT INTO touch_{table} SELECT DISTINCT {day}, {person} FROM shop.main.{relation} "
            f"WHERE part IN ({numbers})"
        )


def _count(store: Store, instances: Sequence[Instance]) -> int:
    total = 0
    for table, numbers in _by_table(instances):
        sql = f"SELECT count(*) FROM shop.main.raw_{table} WHERE kept AND part IN ({numbers})"
        total += int(store.writer.execute(sql).fetchall()[0][0])
    return total


def _change(store: Store, tables: frozenset[str], added: int, removed: int, whole: bool) -> Change:
    days: set[date] = set()
    for table in TOUCHED:
        sql = f"SELECT DISTINCT day FROM touch_{table} WHERE day IS NOT NULL"
        touched = {row[0] for row in store.writer.execute(sql).fetchall()}
        days |= touched
        if table in tables:
            store.versions.bump(table, None if whole else touched)
    if whole:
        days = {day for one in store.instances.values() for day in one.days}
    persons = "FROM shop.main.events" if whole else "FROM (FROM touch_events UNION FROM touch_profiles)"
    counted = store.writer.execute(f"SELECT count(DISTINCT person) {persons}").fetchall()[0][0]
    return Change(added, removed, len(days), int(counted), tables, whole)


def _by_table(instances: Sequence[Instance]) -> Iterator[tuple[Table, str]]:
    """(table, its part numbers as SQL) of the instances that are numbered."""
    for table in TABLES:
        numbers = [str(one.part) for one in instances if one.table == table]
        if numbers:
            yield table, ", ".join(numbers)


def _batches(instances: Sequence[Instance]) -> Iterator[list[Instance]]:
    batch: list[Instance] = []
    facts = 0
    for one in instances:
        batch.append(one)
        facts += one.facts
        if facts >= _BATCH_FACTS:
            yield batch
            batch, facts = [], 0
    if batch:
        yield batch
