"""Keep who is who up to date: subjects observed, identifiers judged, persons resolved where something moved.

    facts that began or ceased to count ─► subjects whose first observation changed ─► identifiers touched
    ─► their raw components ─► engine.identity.resolve ─► persons ─► facts of moved subjects

What a change costs follows from the components that it touches. A first load is the same with all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from engine.identity.resolve import Links, Numbered, Rules
from engine.store.duck import text_literal
from engine.store.instance import Instance
from engine.store.observe import LATEST, number, observe, shipped, take

if TYPE_CHECKING:
    import polars as pl

    from engine.store.store import Store


def identify(store: Store, added: Sequence[Instance], links: Links) -> bool:
    """Bring subjects, identifiers and persons to the facts that count now; whether any subject moved.

    In:  numbered instances whose facts are new; the manual links (always, never) in force.
    Out: temp table moved_subjects(subject, person): subjects whose facts have another person than before.
    Raises: StoreError.
    """
    rules = store.settings.rules
    fresh = observe(store, added)
    changed_links = _ends(store.links, links)
    store.write("CREATE OR REPLACE TEMP TABLE moved_subjects(subject UBIGINT, person UBIGINT)")
    store.resolved = bool(fresh or changed_links)
    if not store.resolved:
        store.links = links
        return False
    _touch_identifiers(store, changed_links)
    _replace_subjects(store)
    _judge_shared(store, rules)
    _scope(store, links)
    _resolve(store, rules, links)
    store.links = links
    return _move(store)


def _touch_identifiers(store: Store, links: Iterable[str]) -> None:
    """Temp table touched_ids: identifiers of subjects that came, changed or went, and ends of new links."""
    store.write(
        "CREATE OR REPLACE TEMP TABLE touched_ids AS SELECT DISTINCT id FROM ("
        "SELECT unnest(ids) AS id FROM fresh_subjects UNION ALL SELECT unnest(ids) FROM stale_subjects)",
    )
    _touch_names(store, links)


def _touch_names(store: Store, names: Iterable[str]) -> None:
    listed = sorted(names)
    if listed:
        marks = ", ".join(["?"] * len(listed))
        store.write(
            f"INSERT INTO touched_ids SELECT id FROM shop.main.identifiers WHERE name IN ({marks}) "
            "AND id NOT IN (FROM touched_ids)",
            listed,
        )


def _replace_subjects(store: Store) -> None:
    """Write the changed subjects and the names that are new; temp table near: members of every subject that
    holds a touched identifier. Identifiers that nobody holds any more are forgotten."""
    store.write("DELETE FROM shop.main.subjects WHERE subject IN (SELECT subject FROM stale_subjects)")
    store.write("INSERT INTO shop.main.subjects SELECT *, subject FROM fresh_subjects")
    kinds = store.settings.rules.priority
    ranks = (
        f"WHEN starts_with(n.name, {text_literal(kind + ':')}) THEN {at}" for at, kind in enumerate(kinds)
    )
    rank = f"CASE {' '.join(ranks)} ELSE {len(kinds)} END"
    store.write(
        f"INSERT INTO shop.main.identifiers SELECT n.id, n.name, {rank}, FALSE, NULL, NULL "
        "FROM fresh_names n SEMI JOIN touched_ids t USING (id) ANTI JOIN shop.main.identifiers i USING (id)",
    )
    _members(store, "near", "touched_ids")
    store.write(
        "CREATE OR REPLACE TEMP TABLE left_ids AS SELECT i.id, i.component FROM shop.main.identifiers i "
        "SEMI JOIN touched_ids t USING (id) ANTI JOIN near n USING (id)",
    )
    store.write("DELETE FROM shop.main.identifiers WHERE id IN (SELECT id FROM left_ids)")


def _members(store: Store, name: str, wanted: str) -> None:
    """Temp table of (subject, id, place) of every subject that holds one of the wanted identifiers."""
    holders = (
        " SEMI JOIN (SELECT DISTINCT subject FROM "
        "(SELECT subject, unnest(ids) AS id FROM shop.main.subjects) "
        f"SEMI JOIN {wanted} w USING (id)) h USING (subject)"
    )
    if _as_many(store, "subjects", "fresh_subjects"):
        holders = ""  # a first load: every subject is new
    store.write(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT s.subject, unnest(s.ids) AS id, "
        f"generate_subscripts(s.ids, 1) AS place FROM shop.main.subjects s{holders}",
    )


def _as_many(store: Store, table: str, part: str) -> bool:
    """Whether a temp table that holds some rows of a table holds all of them."""
    counts = (f"(SELECT count(*) FROM {name})" for name in (f"shop.main.{table}", part))
    return number(store, f"SELECT CAST({' = '.join(counts)} AS INTEGER)") == 1


def _judge_shared(store: Store, rules: Rules) -> None:
    """Set `shared` of the touched identifiers; where one changes, all that stand beside it are touched."""
    rank = {kind: at for at, kind in enumerate(rules.priority)}
    limits = [
        (rank[weak], rank[strong], most)
        for weak, each in rules.fanout.items()
        for strong, most in each.items()
        if weak in rank and strong in rank
    ]
    store.write("CREATE OR REPLACE TEMP TABLE fanout(rank INTEGER, other INTEGER, most BIGINT)")
    if not limits:
        return
    listed = ", ".join(f"({weak}, {strong}, {most})" for weak, strong, most in limits)
    store.write(f"INSERT INTO fanout VALUES {listed}")
    store.write(f"CREATE OR REPLACE TEMP TABLE now_shared AS {shipped('shared.sql')}")
    store.write(
        "CREATE OR REPLACE TEMP TABLE flipped_ids AS SELECT i.id FROM shop.main.identifiers i "
        "SEMI JOIN touched_ids t USING (id) LEFT JOIN now_shared n USING (id) "
        "WHERE i.shared <> (n.id IS NOT NULL)",
    )
    store.write("UPDATE shop.main.identifiers SET shared = NOT shared WHERE id IN (FROM flipped_ids)")
    store.write(
        "INSERT INTO touched_ids SELECT DISTINCT n.id FROM near n SEMI JOIN "
        "(SELECT subject FROM near SEMI JOIN flipped_ids USING (id)) b USING (subject) "
        "WHERE n.id NOT IN (FROM touched_ids)",
    )


def _scope(store: Store, links: Links) -> None:
    """Temp tables scope_ids: all usable identifiers of the raw components that are touched, before and after;
    scope: members of every subject that holds one of them, or a touched one."""
    if links[0]:
        touched = store.write("SELECT i.name FROM shop.main.identifiers i SEMI JOIN touched_ids USING (id)")
        names = {str(name) for (name,) in touched}
        _touch_names(store, {end for link in links[0] if names & set(link) for end in link})
    store.write(
        "CREATE OR REPLACE TEMP TABLE old_components AS SELECT DISTINCT component FROM ("
        "SELECT i.component FROM shop.main.identifiers i SEMI JOIN touched_ids USING (id) "
        "UNION ALL SELECT component FROM left_ids) WHERE component IS NOT NULL",
    )
    store.write(
        "CREATE OR REPLACE TEMP TABLE scope_ids AS SELECT id FROM shop.main.identifiers "
        "WHERE NOT shared AND (id IN (FROM touched_ids) OR component IN (FROM old_components))",
    )
    if _as_many(store, "subjects", "fresh_subjects"):
        store.write("CREATE OR REPLACE TEMP TABLE scope AS FROM near")
    else:
        _members(store, "scope", "scope_ids")


def _resolve(store: Store, rules: Rules, links: Links) -> None:
    """Resolve the scope and write components, persons and conflicts."""
    from engine.identity.resolve import resolve

    stars = store.duck.frame_of(store.writer, shipped("stars.sql").format(wanted="SELECT subject FROM scope"))
    found = resolve(stars, rules, numbered(store.write, links))
    store.write(
        "CREATE OR REPLACE TEMP TABLE resolved(id UBIGINT, component UBIGINT, person UBIGINT)",
    )
    take(store, "resolved", found.identifiers, ("id", "component", "person"))
    store.write(
        "UPDATE shop.main.identifiers SET component = NULL, person = NULL "
        "WHERE shared AND component IS NOT NULL AND id IN (FROM touched_ids)",
    )
    store.write(
        "UPDATE shop.main.identifiers SET component = r.component, person = r.person FROM resolved r "
        "WHERE r.id = identifiers.id",
    )
    store.write("DELETE FROM shop.main.conflicts WHERE component IN (FROM old_components)")
    take(store, "shop.main.conflicts", found.conflicts, ("a", "b", "reason", "component"))


def numbered(ask: Callable[[str, Sequence[object]], Sequence[tuple[object, ...]]], links: Links) -> Numbered:
    """Manual links as numbers of identifiers that somebody has, the stronger end first.

    In:  how to ask the store: as its writer or as a reader.
    """
    names = sorted({end for each in links for link in each for end in link})
    marks = ", ".join(["?"] * len(names)) or "NULL"
    rows = ask(f"SELECT name, id, rank FROM shop.main.identifiers WHERE name IN ({marks})", names)
    known = {str(name): (int(str(rank)), str(name), int(str(id))) for name, id, rank in rows}
    always, never = (
        [tuple(sorted((known[a], known[b]))) for a, b in each if a in known and b in known] for each in links
    )
    return [(a[2], b[2]) for a, b in always], [(a[2], b[2]) for a, b in never]


def _move(store: Store) -> bool:
    """Set the person of every subject whose identifiers changed hands: that of its strongest usable one."""
    store.write(
        "CREATE OR REPLACE TEMP TABLE owners AS SELECT n.subject, "
        "arg_min(i.person, n.place) FILTER (WHERE NOT i.shared) AS person FROM ("
        "FROM scope UNION ALL (FROM near ANTI JOIN scope s USING (subject))) n "
        "JOIN shop.main.identifiers i USING (id) GROUP BY n.subject",
    )
    store.write(
        "INSERT INTO moved_subjects SELECT s.subject, o.person FROM shop.main.subjects s "
        "JOIN owners o USING (subject) LEFT JOIN stale_subjects b USING (subject) "
        "WHERE o.person IS DISTINCT FROM CASE WHEN b.subject IS NULL THEN s.person ELSE b.person END",
    )
    store.write(
        "UPDATE shop.main.subjects SET person = o.person FROM owners o "
        "WHERE o.subject = subjects.subject AND o.person IS DISTINCT FROM subjects.person",
    )
    return bool(number(store, "SELECT count(*) FROM moved_subjects"))


def _ends(before: Links, after: Links) -> set[str]:
    """Identifiers that a manual link names now and did not before, or the other way round."""
    changed = set(before[0]) ^ set(after[0]) | set(before[1]) ^ set(after[1])
    return {end for link in changed for end in link}


def component(store: Store, person: int) -> tuple[pl.DataFrame, list[tuple[int, int]]]:
    """What `resolve` takes of the raw component that a person is part of, and the fact (part, row) of the
    first observation of each subject, in the order of `at`. Reads the published version; any thread."""
    wanted = (
        "SELECT DISTINCT s.subject FROM (SELECT subject, unnest(ids) AS id FROM shop.main.subjects) s "
        "JOIN shop.main.identifiers i ON i.id = s.id "
        "WHERE i.component = (SELECT component FROM shop.main.identifiers WHERE id = ?)"
    )
    stars = store.frame(shipped("stars.sql").format(wanted=wanted), [person])
    places = store.rows(
        f"SELECT s.part, s.row FROM shop.main.subjects s WHERE s.subject IN ({wanted}) "
        f"ORDER BY coalesce(s.ts, {LATEST}), s.obs, s.obs_file, s.obs_line, s.part, s.row",
        [person],
    )
    return stars, [(int(str(part)), int(str(row))) for part, row in places]
