"""Laws of identity: the definition in plain Python, any order, any batches, and no limits at all."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import networkx
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.identity.resolve import Links, Rules
from engine.ingest.hashing import BETWEEN, subject_of
from engine.schema import IDENTIFIERS
from engine.store import Beside, Instance, Store, StoreSettings, apply
from tests.effort import effort
from tests.engine.identity.oracle import Seen, Told, persons_of
from tests.engine.store.parts import Fact, part

pytestmark = pytest.mark.slow

START = datetime(2026, 3, 1)
KINDS = ("member_id", "phone", "email", "device_id", "cookie")
RULES = Rules(
    IDENTIFIERS,
    {"member_id": 1, "phone": 1, "email": 2, "device_id": 2, "cookie": 3},
    {
        "email": {"member_id": 2, "phone": 2},
        "device_id": {"phone": 2, "member_id": 1},
        "cookie": {"email": 2},
    },
)
FREE = Rules(IDENTIFIERS, {}, {})
NONE: Links = ((), ())

IDENTIFIER = st.builds(lambda kind, at: f"{kind}:{at}", st.sampled_from(KINDS), st.integers(0, 3))
OBSERVATION = st.tuples(st.integers(0, 5), st.lists(IDENTIFIER, max_size=4, unique=True))
LINKS = st.lists(st.tuples(IDENTIFIER, IDENTIFIER).filter(lambda pair: pair[0] != pair[1]), max_size=2)


def strongest_first(ids: Sequence[str]) -> list[str]:
    return sorted(set(ids), key=lambda one: (IDENTIFIERS.index(one.partition(":")[0]), one))


def observed(raw: Sequence[tuple[int, list[str]]]) -> list[Seen]:
    return [Seen(ts, f"o{at:02}", tuple(strongest_first(ids))) for at, (ts, ids) in enumerate(raw)]


def part_of(folder: Path, name: str, batch: Sequence[Seen]) -> Instance:
    """A part with one event an observation."""
    made = part(folder, name, [Fact() for _ in batch])
    frame = pl.read_parquet(made.path).with_columns(
        pl.Series("event_id", [seen.obs for seen in batch], dtype=pl.String),
        pl.Series("ts", [START + timedelta(hours=seen.ts) for seen in batch], dtype=pl.Datetime("us")),
        pl.Series("ids", [list(seen.ids) for seen in batch], dtype=pl.List(pl.String)),
    )
    frame.with_columns(subject_of(pl.col("ids").list.join(BETWEEN)).alias("subject")).write_parquet(made.path)
    return made


def told(store: Store, instances: Sequence[Instance]) -> Told:
    """What the store says, in the form of the oracle."""
    found = Told()
    held: dict[int, set[str]] = {}
    names = {}
    for number, name, person, shared in store.rows("SELECT id, name, person, shared FROM identifiers"):
        names[number] = str(name)
        if shared:
            found.shared.add(str(name))
        else:
            held.setdefault(int(str(person)), set()).add(str(name))
    found.persons = {names[person]: frozenset(members) for person, members in held.items()}
    for a, b, reason in store.rows("SELECT a, b, reason FROM conflicts"):
        found.conflicts.add((names[a], names[b], str(reason)))
    paths = {str(one.path): pl.read_parquet(one.path, columns=["row", "event_id"]) for one in instances}
    for path, row, person in store.rows(
        "SELECT p.path, e.row, e.person FROM events e JOIN parts p ON p.part = e.part"
    ):
        obs = str(paths[str(path)]["event_id"][int(str(row))])
        found.owner[obs] = names[person] if person is not None else None
    return found


def resolved(batches: Sequence[Sequence[Seen]], rules: Rules, links: Links = NONE) -> Told:
    """Batches put into one store one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(StoreSettings(rules=rules))
        instances: list[Instance] = []
        try:
            for at, batch in enumerate(batches):
                instances.append(part_of(Path(folder), f"b{at}", batch))
                store.begin(first=at == 0)
                apply(store, instances, Beside(links=links))
                store.publish()
            return told(store, instances)
        finally:
            store.close()


SLOW = settings(max_examples=effort(6), deadline=None, suppress_health_check=list(HealthCheck))


@SLOW
@given(st.lists(OBSERVATION, min_size=1, max_size=10), LINKS, LINKS)
def test_the_store_says_what_the_definition_says(
    raw: list[tuple[int, list[str]]], always: list[tuple[str, str]], never: list[tuple[str, str]]
) -> None:
    seen = observed(raw)
    links = (tuple(always), tuple(never))
    assert resolved([seen], RULES, links) == persons_of(seen, RULES, links)


@SLOW
@given(st.lists(OBSERVATION, min_size=2, max_size=10), st.data())
def test_any_order_and_any_batches_give_the_same(
    raw: list[tuple[int, list[str]]], data: st.DataObject
) -> None:
    seen = observed(raw)
    shuffled = data.draw(st.permutations(seen))
    cuts = sorted(data.draw(st.lists(st.integers(1, len(seen) - 1), max_size=3)))
    edges = [0, *cuts, len(seen)]
    batches = [shuffled[a:b] for a, b in pairwise(edges) if a < b]
    assert resolved(batches, RULES) == resolved([seen], RULES)


@SLOW
@given(st.lists(OBSERVATION, min_size=1, max_size=12))
def test_without_limits_persons_are_the_connected_components(raw: list[tuple[int, list[str]]]) -> None:
    seen = observed(raw)
    graph = networkx.Graph()
    for one in seen:
        graph.add_nodes_from(one.ids)
        graph.add_edges_from((one.ids[0], other) for other in one.ids[1:])
    wanted = {frozenset(each) for each in networkx.connected_components(graph)}
    assert set(resolved([seen], FREE).persons.values()) == wanted


def test_a_later_strong_join_undoes_an_earlier_weak_one() -> None:
    first = [Seen(1, "a", ("email:1", "cookie:1")), Seen(2, "b", ("phone:1", "cookie:1"))]
    strong = Seen(3, "c", ("phone:2", "email:1"))
    assert resolved([first], RULES).persons == {"email:1": frozenset({"phone:1", "email:1", "cookie:1"})}
    after = resolved([first, [strong]], RULES)
    assert after.persons == {
        "email:1": frozenset({"phone:2", "email:1"}),
        "cookie:1": frozenset({"phone:1", "cookie:1"}),
    }
    assert after.conflicts == {("email:1", "cookie:1", "limit:phone")}
