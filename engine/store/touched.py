"""Which identifiers a change touches, who holds them, and which of them are shared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.store.observe import number, shipped

if TYPE_CHECKING:
    from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Ground:
    """Where subjects and identifiers stand while persons are resolved.

    A first load writes them once, when their persons are known: until then its temp tables stand for them.
    """

    first: bool

    @property
    def subjects(self) -> str:
        return "fresh_subjects" if self.first else "shop.main.subjects"

    @property
    def identifiers(self) -> str:
        return "fresh_names" if self.first else "shop.main.identifiers"

    @property
    def shared(self) -> str:
        """SQL of the identifiers that join nobody."""
        return (
            "SELECT id FROM now_shared" if self.first else "SELECT id FROM shop.main.identifiers WHERE shared"
        )


def touch_identifiers(store: Store, ground: Ground, links: Iterable[str]) -> None:
    """Temp table touched_ids: identifiers of subjects that came, changed or went, and ends of new links."""
    touched = (
        "SELECT id FROM fresh_names"
        if ground.first
        else "SELECT DISTINCT id FROM ("
        "SELECT unnest(ids) AS id FROM fresh_subjects UNION ALL SELECT unnest(ids) FROM stale_subjects)"
    )
    store.write(f"CREATE OR REPLACE TEMP TABLE touched_ids AS {touched}")
    touch_names(store, ground, links)
    know(store)


def touch_names(store: Store, ground: Ground, names: Iterable[str]) -> None:
    listed = sorted(names)
    if listed:
        marks = ", ".join(["?"] * len(listed))
        store.write(
            f"INSERT INTO touched_ids SELECT id FROM {ground.identifiers} WHERE name IN ({marks}) "
            "AND id NOT IN (FROM touched_ids)",
            listed,
        )


def know(store: Store) -> None:
    """Temp table known_ids: the touched identifiers as they stood before."""
    store.write(
        "CREATE OR REPLACE TEMP TABLE known_ids AS SELECT i.id, i.shared, i.component "
        "FROM shop.main.identifiers i SEMI JOIN touched_ids USING (id)"
    )


def replace_subjects(store: Store) -> None:
    """Write the changed subjects and the names that are new."""
    if number(store, "SELECT count(*) FROM stale_subjects"):
        store.write("DELETE FROM shop.main.subjects WHERE subject IN (SELECT subject FROM stale_subjects)")
    store.write("INSERT INTO shop.main.subjects SELECT *, subject, NULL FROM fresh_subjects")
    store.write(
        "INSERT INTO shop.main.identifiers SELECT n.id, n.name, n.rank, FALSE, NULL, NULL "
        "FROM fresh_names n SEMI JOIN touched_ids t USING (id) ANTI JOIN known_ids i USING (id)",
    )


def find_near(store: Store, ground: Ground) -> None:
    """Temp table near(subject, id, rank, place): members of every subject that holds a touched identifier.

    Such a subject is new, or of the raw component that the identifier has; only the holders of shared ones,
    which have none, are looked for among all.
    """
    if ground.first:
        store.write(f"CREATE OR REPLACE TEMP TABLE near AS {members(ground.subjects)}")
        return
    parts = [
        "SELECT subject, ids, ranks FROM fresh_subjects",
        "SELECT subject, ids, ranks FROM shop.main.subjects "
        "WHERE component IN (SELECT component FROM known_ids WHERE component IS NOT NULL)",
    ]
    if number(store, "SELECT count(*) FROM known_ids WHERE shared"):
        parts.append(
            _holding("shop.main.subjects", "SELECT id FROM known_ids WHERE shared", "subject, ids, ranks")
        )
    store.write(
        "CREATE OR REPLACE TEMP TABLE near_subjects AS "
        f"SELECT DISTINCT ON (subject) subject, ids, ranks FROM ({' UNION ALL '.join(parts)})"
    )
    held = _holding("near_subjects", "FROM touched_ids", "subject, ids, ranks")
    store.write(f"CREATE OR REPLACE TEMP TABLE near AS {members(f'({held})')}")


def _holding(subjects: str, ids: str, columns: str) -> str:
    """SQL of the subjects of a relation that hold one of some identifiers."""
    return (
        f"SELECT {columns} FROM {subjects} SEMI JOIN (SELECT subject FROM "
        f"(SELECT subject, unnest(ids) AS id FROM {subjects}) SEMI JOIN ({ids}) w USING (id)) h "
        "USING (subject)"
    )


def members(subjects: str) -> str:
    """SQL of (subject, id, rank, place) of some subjects, in: a relation with subject, ids, ranks."""
    return (
        "SELECT s.subject, unnest(s.ids) AS id, unnest(s.ranks) AS rank, "
        f"generate_subscripts(s.ids, 1) AS place FROM {subjects} s"
    )


def forget_left(store: Store) -> None:
    """Identifiers that nobody holds any more go; temp table left_ids: which, with their component."""
    store.write(
        "CREATE OR REPLACE TEMP TABLE left_ids AS SELECT i.id, i.component FROM known_ids i "
        "WHERE i.id NOT IN (SELECT id FROM near)",
    )
    if number(store, "SELECT count(*) FROM left_ids"):
        store.write("DELETE FROM shop.main.identifiers WHERE id IN (SELECT id FROM left_ids)")


def judge_shared(store: Store, ground: Ground) -> None:
    """Temp table now_shared: those of the touched identifiers that are shared. Where one was not, or was and
    is not any more, all that stand beside it are touched."""
    rules = store.settings.rules
    rank = {kind: at for at, kind in enumerate(rules.priority)}
    limits = [
        (rank[weak], rank[strong], most)
        for weak, each in rules.fanout.items()
        for strong, most in each.items()
        if weak in rank and strong in rank
    ]
    store.write("CREATE OR REPLACE TEMP TABLE fanout(rank INTEGER, other INTEGER, most BIGINT)")
    store.write("CREATE OR REPLACE TEMP TABLE now_shared(id UBIGINT)")
    if not limits:
        return
    listed = ", ".join(f"({weak}, {strong}, {most})" for weak, strong, most in limits)
    store.write(f"INSERT INTO fanout VALUES {listed}")
    store.write(f"INSERT INTO now_shared {shipped('shared.sql')}")
    if ground.first:
        return
    store.write(
        "CREATE OR REPLACE TEMP TABLE flipped_ids AS SELECT id FROM (SELECT id FROM now_shared "
        "UNION ALL SELECT id FROM known_ids WHERE shared AND id NOT IN (SELECT id FROM left_ids)) "
        "GROUP BY id HAVING count(*) = 1",
    )
    if not number(store, "SELECT count(*) FROM flipped_ids"):
        return
    store.write("UPDATE shop.main.identifiers SET shared = NOT shared WHERE id IN (FROM flipped_ids)")
    store.write(
        "INSERT INTO touched_ids SELECT DISTINCT n.id FROM near n SEMI JOIN "
        "(SELECT subject FROM near SEMI JOIN flipped_ids USING (id)) b USING (subject) "
        "WHERE n.id NOT IN (FROM touched_ids)",
    )
    know(store)
