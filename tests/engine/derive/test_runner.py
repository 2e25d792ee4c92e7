"""Keyed derivation by hand-made tables: looking back, several hops, whole builds, definitions that change."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.derive import DerivedTable, Runner, in_order
from engine.derive.catalog import parse, shipped
from engine.errors import StoreError
from engine.store import Store, StoreSettings, apply
from tests.effort import effort
from tests.engine.store.parts import Fact, part

SEVEN_DAYS = DerivedTable(
    name="week_of_orders",
    key="day",
    reads=("event_counts",),
    columns=(("day", "DATE"), ("n", "BIGINT")),
    sql="""SELECT a.day, CAST(sum(b.n) AS BIGINT) AS n FROM event_counts a
           JOIN event_counts b ON b.day BETWEEN a.day - 6 AND a.day GROUP BY a.day""",
    lookback_days=6,
)
COUNTS = DerivedTable(
    name="event_counts",
    key="day",
    reads=("events",),
    columns=(("day", "DATE"), ("n", "BIGINT")),
    sql="SELECT day, count(*) AS n FROM events GROUP BY day",
)
THREE_LATER = DerivedTable(
    name="three_later",
    key="day",
    reads=("event_counts",),
    columns=(("day", "DATE"), ("n", "BIGINT")),
    sql="""SELECT a.day, CAST(sum(b.n) AS BIGINT) AS n FROM event_counts a
           JOIN event_counts b ON b.day BETWEEN a.day AND a.day + 3 GROUP BY a.day""",
    lookahead_days=3,
)
TABLES = (SEVEN_DAYS, THREE_LATER, COUNTS)
FILES = st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=4), min_size=2, max_size=5)


def held(store: Store, runner: Runner) -> dict[str, list[tuple[object, ...]]]:
    """Every derived table, sorted."""
    return {table.name: sorted(store.rows(f"SELECT day, n FROM {table.name}")) for table in runner.tables}


@settings(max_examples=effort(5), deadline=None, suppress_health_check=list(HealthCheck))
@given(FILES)
def test_tables_that_look_back_and_ahead_follow_every_change_as_if_built_from_nothing(
    files: list[list[int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        many = [part(Path(folder), str(n), [Fact(day=day) for day in days]) for n, days in enumerate(files)]
        base = part(Path(folder), "base", [Fact(day=day) for day in range(0, 61, 2)])
        store, fresh = Store(StoreSettings()), Store(StoreSettings())
        runner, whole = Runner(store, TABLES), Runner(fresh, TABLES)
        for wanted in ([base], *([base, *many[: n + 1]] for n in range(len(many))), [base, *many[1:]]):
            store.begin()
            runner.refresh(apply(store, wanted))
            store.publish()
        fresh.begin(first=True)
        apply(fresh, [base, *many[1:]])
        whole.build()
        fresh.publish()
        assert held(store, runner) == held(fresh, whole)
        for each in (runner, whole, store, fresh):
            each.close()


def test_tables_run_after_those_that_they_read() -> None:
    assert next(table.name for table in in_order(TABLES)) == "event_counts"


def test_tables_that_read_each_other_are_named() -> None:
    one = DerivedTable("one", "day", ("two",), (("day", "DATE"),), sql="SELECT day FROM two")
    two = DerivedTable("two", "day", ("one",), (("day", "DATE"),), sql="SELECT day FROM one")
    with pytest.raises(StoreError, match=r"circle: (one → two → one|two → one → two)"):
        in_order([one, two])


def test_a_table_that_nothing_makes_is_named() -> None:
    with pytest.raises(StoreError, match="event_counts reads orders, which nothing makes"):
        in_order([DerivedTable("event_counts", "day", ("orders",), (("day", "DATE"),), sql="SELECT 1")])


def test_a_reworded_header_changes_no_fingerprint_and_a_changed_query_does() -> None:
    text = (
        '/*\nkey = "day"\nreads = ["events"]\ndoc = "{}"\n[columns]\nday = "DATE"\n*/\nSELECT {} FROM events'
    )
    plain = parse("t", text.format("one", "day"))
    assert parse("t", text.format("other words", "day")).fingerprint == plain.fingerprint
    assert parse("t", text.format("one", "min(day) AS day")).fingerprint != plain.fingerprint


def test_every_shipped_table_has_its_key_and_a_sentence() -> None:
    for table in shipped():
        assert table.key in dict(table.columns), table.name
        assert table.doc, table.name


def test_only_a_changed_definition_is_built_again(tmp_path: Path) -> None:
    store = Store(StoreSettings())
    runner = Runner(store, (COUNTS, SEVEN_DAYS))
    again = runner.define((COUNTS, THREE_LATER))
    assert [table.name for table in again] == ["three_later"]
    runner.close()
    store.close()
