"""Subjects with their first observation, kept up to date with the facts that count."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from engine.store.duck import text_literal
from engine.store.instance import Instance

if TYPE_CHECKING:
    import polars as pl

    from engine.store.store import Store

PEOPLED = ("events", "profiles")
"""Canonical tables whose facts have persons."""

TABLES = (
    "subjects(subject UBIGINT, ids UBIGINT[], ranks UTINYINT[], ts TIMESTAMP, obs VARCHAR, obs_file VARCHAR, "
    "obs_line BIGINT, part INTEGER, row UINTEGER, person UBIGINT, component UBIGINT)",
    "identifiers(id UBIGINT, name VARCHAR, rank INTEGER, shared BOOLEAN, component UBIGINT, person UBIGINT)",
    "conflicts(a UBIGINT, b UBIGINT, reason VARCHAR, component UBIGINT)",
)
"""Subjects with their first observation, and the raw component of their usable identifiers; identifiers
(shared ones have no component and no person); refused joins."""

LATEST = "TIMESTAMP '9999-12-31'"
"""Where an observation without a moment stands in the order."""

_KEY = f"ROW(coalesce({{0}}.ts, {LATEST}), {{0}}.obs, {{0}}.obs_file, {{0}}.obs_line)"


def begin(store: Store) -> None:
    """Start a change: no subject has lost a fact yet."""
    store.write("CREATE OR REPLACE TEMP TABLE gone_subjects(subject UBIGINT)")


def leave(store: Store, numbers: str, table: str) -> None:
    """Note the subjects of parts that will go, or come to stand in another file.

    In:  part numbers as SQL; events or profiles.
    """
    store.write(
        f"INSERT INTO gone_subjects SELECT DISTINCT subject FROM shop.main.raw_{table} "
        f"WHERE kept AND subject IS NOT NULL AND part IN ({numbers})",
    )


def leave_flipped(store: Store, table: str, new: str) -> None:
    """Note the subjects of facts of older parts whose verdict changed, either way.

    In:  events or profiles; numbers of the parts that are new as SQL. Reads flips(part, row, wins).
    """
    store.write(
        f"INSERT INTO gone_subjects SELECT DISTINCT r.subject FROM shop.main.raw_{table} r "
        "JOIN flips ON flips.part = r.part AND flips.row = r.row "
        f"WHERE r.subject IS NOT NULL AND r.part NOT IN ({new})",
    )


def observe(store: Store, added: Sequence[Instance]) -> bool:
    """Temp tables fresh_subjects and fresh_names: subjects whose first observation is new; stale_subjects:
    those that it was another one of. Whether any subject came, changed or went."""
    _first_facts(store, added)
    store.write(
        "CREATE OR REPLACE TEMP TABLE fresh_subjects AS SELECT subject, ids, ranks, ts, obs, obs_file, "
        "obs_line, part, row FROM shop.main.subjects LIMIT 0",
    )
    store.write("CREATE OR REPLACE TEMP TABLE fresh_names(id UBIGINT, name VARCHAR, rank UTINYINT)")
    if parts := _parts(store):
        _numbered(store, store.duck.frame_of(store.writer, shipped("subjects.sql").format(parts=parts)))
    if number(store, "SELECT count(*) FROM known_subjects"):
        _compare(store)
    else:
        store.write(
            "CREATE OR REPLACE TEMP TABLE stale_subjects AS SELECT subject, ids, person FROM known_subjects"
        )
    return bool(
        number(store, "SELECT (SELECT count(*) FROM fresh_subjects) + (SELECT count(*) FROM stale_subjects)")
    )


def _compare(store: Store) -> None:
    """Leave in fresh_subjects what differs from what is known."""
    old, new = _KEY.format("s"), _KEY.format("f")
    store.write(
        "DELETE FROM fresh_subjects WHERE subject IN (SELECT f.subject FROM fresh_subjects f "
        "JOIN known_subjects s USING (subject) ANTI JOIN gone_subjects g USING (subject) "
        f"WHERE {old} <= {new})",
    )
    store.write(
        "CREATE OR REPLACE TEMP TABLE stale_subjects AS SELECT s.subject, s.ids, s.person "
        "FROM known_subjects s WHERE subject IN (FROM gone_subjects) "
        "OR subject IN (SELECT subject FROM fresh_subjects)",
    )
    # A subject that lost a fact and kept its first observation did not change: at most its part did.
    store.write(
        "CREATE OR REPLACE TEMP TABLE same_subjects AS SELECT f.subject, f.part, f.row FROM fresh_subjects f "
        f"JOIN known_subjects s USING (subject) WHERE {old} = {new}",
    )
    if number(store, "SELECT count(*) FROM same_subjects"):
        store.write(
            "UPDATE shop.main.subjects SET part = f.part, row = f.row FROM same_subjects f "
            "WHERE f.subject = subjects.subject",
        )
        for table in ("fresh_subjects", "stale_subjects"):
            store.write(f"DELETE FROM {table} WHERE subject IN (SELECT subject FROM same_subjects)")


def _first_facts(store: Store, added: Sequence[Instance]) -> None:
    """Temp tables first_facts: the facts of each subject at its first moment, of new parts and of subjects
    that lost facts; known_subjects: what is known of these subjects.

    Facts of subjects that are known from an earlier moment are left out.
    """
    numbers = ", ".join(str(one.part) for one in added if one.table in PEOPLED) or "0"
    facts = " UNION ALL ".join(
        f"SELECT part, row, line, ts, subject FROM shop.main.raw_{table} WHERE kept AND subject IS NOT NULL "
        f"AND (part IN ({numbers}) OR subject IN (FROM gone_subjects))"
        for table in PEOPLED
    )
    store.write(f"CREATE OR REPLACE TEMP TABLE candidate_facts AS {facts}")
    store.write(
        "CREATE OR REPLACE TEMP TABLE known_subjects AS SELECT s.* FROM shop.main.subjects s "
        "WHERE subject IN (SELECT subject FROM candidate_facts UNION FROM gone_subjects)"
    )
    store.write(
        "CREATE OR REPLACE TEMP TABLE first_facts AS WITH first AS ("
        f"SELECT subject, min(coalesce(ts, {LATEST})) AS moment FROM candidate_facts GROUP BY subject), "
        "news AS (SELECT f.* FROM first f LEFT JOIN known_subjects s USING (subject) "
        f"WHERE s.subject IS NULL OR coalesce(s.ts, {LATEST}) >= f.moment "
        "OR f.subject IN (FROM gone_subjects)) "
        "SELECT c.* FROM candidate_facts c JOIN news n "
        f"ON n.subject = c.subject AND n.moment = coalesce(c.ts, {LATEST})",
    )
    store.write("DROP TABLE candidate_facts")


def _parts(store: Store) -> str:
    """SQL of path, row, ids and event_id of the parts that hold first_facts; empty where there are none."""
    reads = []
    for table, event_id in (("events", "event_id"), ("profiles", "NULL")):
        numbers = {one.part: str(one.path) for one in store.instances.values() if one.table == table}
        held = {int(str(part)) for (part,) in store.write("SELECT DISTINCT part FROM first_facts")}
        paths = ", ".join(text_literal(path) for path in sorted({numbers[n] for n in held & numbers.keys()}))
        if paths:
            reads.append(
                f"SELECT filename AS path, row, ids, CAST({event_id} AS VARCHAR) AS event_id "
                f"FROM read_parquet([{paths}], union_by_name = true, filename = true)"
            )
    return " UNION ALL ".join(reads)


def _numbered(store: Store, found: pl.DataFrame) -> None:
    """Subjects with their identifiers as numbers and ranks, and the names of those, into the temp tables."""
    import polars as pl

    from engine.ingest.hashing import subject_of

    if found.is_empty():
        return
    kinds = store.settings.rules.priority
    rank = pl.lit(len(kinds), pl.UInt8)
    for at, kind in reversed(list(enumerate(kinds))):
        rank = pl.when(pl.element().str.starts_with(kind + ":")).then(pl.lit(at, pl.UInt8)).otherwise(rank)
    ids = pl.col("ids")
    numbered = found.with_columns(
        ids.alias("names"), ids.list.eval(subject_of(pl.element())), ids.list.eval(rank).alias("ranks")
    )
    columns = ("subject", "ids", "ranks", "ts", "obs", "obs_file", "obs_line", "part", "row")
    take(store, "fresh_subjects", numbered, columns)
    names = numbered.select(ids.alias("id"), pl.col("names").alias("name"), pl.col("ranks").alias("rank"))
    names = names.explode("id", "name", "rank").unique("id")
    take(store, "fresh_names", names, ("id", "name", "rank"))


def take(store: Store, table: str, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    """Append a frame to a table, by way of a file (registering a frame needs pyarrow)."""
    if frame.is_empty():
        return
    with TemporaryDirectory(prefix="looptop-") as folder:
        file = Path(folder) / "frame.parquet"
        frame.select(columns).write_parquet(file, compression="uncompressed")
        store.write(
            f"INSERT INTO {table} SELECT {', '.join(columns)} FROM read_parquet({text_literal(str(file))})",
        )


def shipped(name: str) -> str:
    return resources.files("engine.store").joinpath(name).read_text(encoding="utf-8")


def number(store: Store, sql: str) -> int:
    return int(str(store.write(sql)[0][0]))
