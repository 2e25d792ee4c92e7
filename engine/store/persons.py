"""Keep who is who up to date: subjects observed, identifiers judged, persons resolved where something moved.

    facts that began or ceased to count ─► subjects whose first observation changed ─► identifiers touched
    ─► their raw components ─► engine.identity.resolve ─► persons ─► facts of moved subjects

What a change costs follows from the components that it touches. A first load is the same with all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine.identity.resolve import Links, Numbered
from engine.store.instance import Instance
from engine.store.observe import LATEST, number, observe, shipped, take
from engine.store.touched import (
    Ground,
    find_near,
    forget_left,
    judge_shared,
    know,
    members,
    replace_subjects,
    touch_identifiers,
    touch_names,
)

if TYPE_CHECKING:
    import polars as pl

    from engine.store.store import Store


def identify(store: Store, added: Sequence[Instance], links: Links) -> bool:
    """Bring subjects, identifiers and persons to the facts that count now; whether any subject moved.

    In:  numbered instances whose facts are new; the manual links (always, never) in force.
    Out: temp table moved_subjects(subject, person): subjects whose facts have another person than before.
    Raises: StoreError.
    """
    fresh = observe(store, added)
    changed_links = _ends(store.links, links)
    store.write("CREATE OR REPLACE TEMP TABLE moved_subjects(subject UBIGINT, person UBIGINT)")
    store.resolved = bool(fresh or changed_links)
    if not store.resolved:
        store.links = links
        return False
    ground = Ground(not number(store, "SELECT count(*) FROM shop.main.identifiers"))
    touch_identifiers(store, ground, changed_links)
    if not ground.first:
        replace_subjects(store)
    find_near(store, ground)
    forget_left(store)
    judge_shared(store, ground)
    _scope(store, ground, links)
    _resolve(store, ground, links)
    store.links = links
    return _move(store, ground)


def _scope(store: Store, ground: Ground, links: Links) -> None:
    """Temp tables old_components: raw components that are touched; scope_subjects: the subjects in them, and
    those that hold a touched identifier that is not shared."""
    if links[0]:
        touched = store.write(f"SELECT i.name FROM {ground.identifiers} i SEMI JOIN touched_ids USING (id)")
        names = {str(name) for (name,) in touched}
        touch_names(store, ground, {end for link in links[0] if names & set(link) for end in link})
        know(store)
    store.write(
        "CREATE OR REPLACE TEMP TABLE old_components AS SELECT DISTINCT component FROM ("
        "SELECT component FROM known_ids UNION ALL SELECT component FROM left_ids) "
        "WHERE component IS NOT NULL",
    )
    if ground.first:
        return
    store.write(
        "CREATE OR REPLACE TEMP TABLE scope_subjects AS SELECT subject FROM shop.main.subjects "
        "WHERE component IN (FROM old_components) UNION SELECT subject FROM near "
        f"WHERE id IN (FROM touched_ids) AND id NOT IN ({ground.shared})",
    )


def _resolve(store: Store, ground: Ground, links: Links) -> None:
    """Temp table resolved(id, component, person): the usable identifiers of the scope; their conflicts, and
    of a change the identifiers, are written."""
    from engine.identity.resolve import resolve

    subjects = (
        ground.subjects
        if ground.first
        else f"(SELECT * FROM {ground.subjects} SEMI JOIN scope_subjects USING (subject))"
    )
    stars = shipped("stars.sql").format(subjects=subjects, shared=ground.shared)
    manual = numbered(store.write, links, ground.identifiers)
    found = resolve(store.duck.frame_of(store.writer, stars), store.settings.rules, manual)
    store.write("CREATE OR REPLACE TEMP TABLE resolved(id UBIGINT, component UBIGINT, person UBIGINT)")
    take(store, "resolved", found.identifiers, ("id", "component", "person"))
    if ground.first:
        store.write(
            "INSERT INTO shop.main.identifiers "
            "SELECT n.id, n.name, n.rank, r.id IS NULL, r.component, r.person "
            "FROM fresh_names n LEFT JOIN resolved r USING (id)"
        )
    else:
        _update_identifiers(store)
        store.write("DELETE FROM shop.main.conflicts WHERE component IN (FROM old_components)")
    take(store, "shop.main.conflicts", found.conflicts, ("a", "b", "reason", "component"))


def _update_identifiers(store: Store) -> None:
    """Component and person of the identifiers that have others now."""
    store.write(
        "CREATE OR REPLACE TEMP TABLE changed_ids AS SELECT i.id, r.component, r.person "
        "FROM shop.main.identifiers i JOIN (SELECT id, component, person FROM resolved "
        "UNION ALL SELECT id, NULL, NULL FROM now_shared) r ON r.id = i.id "
        "WHERE (i.component, i.person) IS DISTINCT FROM (r.component, r.person)",
    )
    store.write(
        "UPDATE shop.main.identifiers SET component = c.component, person = c.person FROM changed_ids c "
        "WHERE c.id = identifiers.id",
    )


def numbered(
    ask: Callable[[str, Sequence[object]], Sequence[tuple[object, ...]]],
    links: Links,
    identifiers: str = "shop.main.identifiers",
) -> Numbered:
    """Manual links as numbers of identifiers that somebody has, the stronger end first.

    In:  how to ask the store: as its writer or as a reader; the relation of the identifiers.
    """
    names = sorted({end for each in links for link in each for end in link})
    marks = ", ".join(["?"] * len(names)) or "NULL"
    rows = ask(f"SELECT name, id, rank FROM {identifiers} WHERE name IN ({marks})", names)
    known = {str(name): (int(str(rank)), str(name), int(str(id))) for name, id, rank in rows}
    always, never = (
        [tuple(sorted((known[a], known[b]))) for a, b in each if a in known and b in known] for each in links
    )
    return [(a[2], b[2]) for a, b in always], [(a[2], b[2]) for a, b in never]


def _move(store: Store, ground: Ground) -> bool:
    """Set person and component of every subject whose identifiers changed hands: the person is that of its
    strongest usable one."""
    if ground.first:
        store.write(
            "CREATE OR REPLACE TEMP TABLE owners AS SELECT n.subject, arg_min(r.person, n.place) AS person, "
            "min(r.component) AS component FROM near n JOIN resolved r USING (id) GROUP BY n.subject"
        )
        store.write(
            "INSERT INTO shop.main.subjects SELECT f.*, o.person, o.component FROM fresh_subjects f "
            "LEFT JOIN owners o USING (subject)"
        )
        store.write(
            "INSERT INTO moved_subjects SELECT subject, person FROM shop.main.subjects "
            "WHERE person IS DISTINCT FROM subject"
        )
    else:
        _move_changed(store)
    return bool(number(store, "SELECT count(*) FROM moved_subjects"))


def _move_changed(store: Store) -> None:
    """Of a change: owners are those in the scope, and whoever holds a touched identifier that is shared."""
    held = members("(SELECT * FROM shop.main.subjects SEMI JOIN scope_subjects USING (subject))")
    store.write(
        "CREATE OR REPLACE TEMP TABLE owners AS WITH members AS ("
        f"{held} UNION ALL SELECT subject, id, rank, place FROM near "
        "WHERE subject NOT IN (SELECT subject FROM scope_subjects)), "
        "here AS (SELECT i.id, i.person, i.component FROM shop.main.identifiers i "
        "WHERE i.id IN (SELECT id FROM members) AND NOT i.shared) "
        "SELECT m.subject, arg_min(h.person, m.place) AS person, min(h.component) AS component "
        "FROM members m LEFT JOIN here h USING (id) GROUP BY m.subject"
    )
    store.write(
        "CREATE OR REPLACE TEMP TABLE owned AS SELECT s.subject, o.person, o.component, "
        "s.person AS held_by, s.component AS held_in FROM shop.main.subjects s JOIN owners o USING (subject)"
    )
    store.write(
        "INSERT INTO moved_subjects SELECT o.subject, o.person FROM owned o "
        "LEFT JOIN stale_subjects b USING (subject) "
        "WHERE o.person IS DISTINCT FROM CASE WHEN b.subject IS NULL THEN o.held_by ELSE b.person END",
    )
    store.write("DELETE FROM owned WHERE (person, component) IS NOT DISTINCT FROM (held_by, held_in)")
    store.write(
        "UPDATE shop.main.subjects SET person = o.person, component = o.component FROM owned o "
        "WHERE o.subject = subjects.subject",
    )


def _ends(before: Links, after: Links) -> set[str]:
    """Identifiers that a manual link names now and did not before, or the other way round."""
    changed = set(before[0]) ^ set(after[0]) | set(before[1]) ^ set(after[1])
    return {end for link in changed for end in link}


def component(store: Store, person: int) -> tuple[pl.DataFrame, list[tuple[int, int]]]:
    """What `resolve` takes of the raw component that a person is part of, and the fact (part, row) of the
    first observation of each subject, in the order of `at`. Reads the published version; any thread."""
    wanted = "component = (SELECT component FROM shop.main.identifiers WHERE id = ?)"
    stars = store.frame(
        shipped("stars.sql").format(
            subjects=f"(SELECT * FROM shop.main.subjects WHERE {wanted})", shared=Ground(False).shared
        ),
        [person],
    )
    places = store.rows(
        f"SELECT s.part, s.row FROM shop.main.subjects s WHERE s.{wanted} "
        f"ORDER BY coalesce(s.ts, {LATEST}), s.obs, s.obs_file, s.obs_line, s.part, s.row",
        [person],
    )
    return stars, [(int(str(part)), int(str(row))) for part, row in places]
