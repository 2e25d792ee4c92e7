"""Copies of a report that disagree, where a source says `overlap = "conflict"`.

A dispute is a day of a source with the files that report it differently; its id is made of the source, the
day, the files and all that they say, so other numbers are another dispute and a decision never outlives
what it was about. Until somebody decides, the newest file counts, as it does for every re-export.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.store.store import Store

TABLES = (
    "disputing(source VARCHAR)",
    "disputes(source VARCHAR, record UBIGINT, day DATE, files VARCHAR[], digest VARCHAR)",
    "decided(id VARCHAR, file VARCHAR)",
    "taken(source VARCHAR, record UBIGINT, file VARCHAR)",
)

_GROUPS = (
    "CREATE OR REPLACE VIEW shop.main.dispute_days AS "
    "SELECT source, day, files, count(*) AS records, left(md5(concat_ws(chr(31), source, day, "
    "array_to_string(files, chr(31)), string_agg(digest, ',' ORDER BY digest))), 12) AS id "
    "FROM shop.main.disputes GROUP BY source, day, files"
)


def prepare(store: Store) -> None:
    """Make the view of disputes and note which sources can have any."""
    store.writer.execute(_GROUPS)
    for source in sorted(store.settings.disputing):
        store.writer.execute("INSERT INTO disputing VALUES (?)", [source])


def decide(store: Store, decisions: Mapping[str, str]) -> bool:
    """Bring the decisions (file taken, by id of the dispute) into force; whether any changed.

    The records of the disputes that they are about are put into touched_records.
    """
    if store.decided == decisions:
        return False
    changed = {one for one, _ in store.decided.items() ^ decisions.items()}
    listed = ", ".join("?" * len(changed))
    run = store.writer.execute
    run("DELETE FROM shop.main.decided")
    for dispute, file in sorted(decisions.items()):
        run("INSERT INTO shop.main.decided VALUES (?, ?)", [dispute, file])
    run(
        "INSERT INTO touched_records SELECT DISTINCT d.source, d.record FROM shop.main.disputes d "
        f"SEMI JOIN (FROM shop.main.dispute_days WHERE id IN ({listed})) g "
        "ON g.source = d.source AND g.day = d.day AND g.files = d.files",
        sorted(changed),
    )
    store.decided = dict(decisions)
    return True


def settle(store: Store) -> None:
    """Find the disputes among touched_records anew, and what was decided about them.

    The other records of a day in dispute are touched as well: they share its id.
    """
    if not store.settings.disputing:
        return
    run = store.writer.execute
    run(
        "CREATE OR REPLACE TEMP TABLE touched_days AS SELECT DISTINCT source, day FROM ("
        "SELECT r.source, r.day FROM shop.main.raw_spend r SEMI JOIN shop.main.disputing USING (source) "
        "SEMI JOIN touched_records t ON t.source = r.source AND t.record = r.record UNION ALL "
        "SELECT d.source, d.day FROM shop.main.disputes d SEMI JOIN touched_records USING (source, record))"
    )
    run(
        "INSERT INTO touched_records SELECT source, record FROM shop.main.disputes d "
        "SEMI JOIN touched_days USING (source, day) ANTI JOIN touched_records USING (source, record)"
    )
    for table in ("disputes", "taken"):
        run(
            f"DELETE FROM shop.main.{table} WHERE (source, record) IN (SELECT (source, record) "
            "FROM touched_records)"
        )
    text = resources.files("engine.store").joinpath("disputes.sql").read_text(encoding="utf-8")
    run(f"INSERT INTO shop.main.disputes {text}")
    run(
        "INSERT INTO shop.main.taken SELECT d.source, d.record, c.file FROM shop.main.disputes d "
        "SEMI JOIN touched_records USING (source, record) "
        "JOIN shop.main.dispute_days g ON g.source = d.source AND g.day = d.day AND g.files = d.files "
        "JOIN shop.main.decided c ON c.id = g.id AND list_contains(g.files, c.file)"
    )
