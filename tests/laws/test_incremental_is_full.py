"""The law: after any changes, every table equals the one built from nothing, to the last digit."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import effort
from tests.laws.shop import Row, Shop, contents, decide

pytestmark = pytest.mark.slow

ROWS = st.lists(
    st.tuples(st.integers(0, 24 * 40), st.integers(0, 4), st.integers(0, 2), st.integers(0, 12)),
    min_size=1,
    max_size=8,
)
KIND = st.sampled_from(["web", "web", "orders", "ads", "club"])
NAME = st.sampled_from(["a", "b", "c"])
END = st.one_of(
    st.integers(0, 4).map(lambda n: f"member_id:m{n}"),
    st.integers(0, 4).map(lambda n: f"cookie:c{n}"),
    st.integers(0, 2).map(lambda n: f"email:e{n}@x.cn"),
)

CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("write"), KIND, NAME, ROWS),
        st.tuples(st.just("append"), KIND, NAME, ROWS),
        st.tuples(st.just("rename"), KIND, NAME, NAME),
        st.tuples(st.just("delete"), KIND, NAME, st.none()),
        st.tuples(st.sampled_from(["always", "never", "forget"]), END, END, st.none()),
        st.tuples(st.just("restart"), st.none(), st.none(), st.none()),
        st.tuples(st.just("look up"), st.none(), st.none(), ROWS),
    ),
    min_size=2,
    max_size=7,
)


def change(shop: Shop, step: tuple[object, ...]) -> None:
    """One thing that happens to a directory, or to who is who."""
    what, one, other, more = step
    if what in ("write", "append"):
        assert isinstance(more, list)
        rows: list[Row] = more
        shop.write(str(other), str(one), rows, append=what == "append")
    elif what == "rename":
        shop.rename(str(other), str(one), str(more))
    elif what == "look up":
        assert isinstance(more, list)
        shop.look_up(more)
    elif what == "delete":
        shop.delete(str(other), str(one))
    elif what == "restart":
        shop.restart()
    elif one != other:
        shop.decide(what, str(one), str(other))  # type: ignore[arg-type]


@settings(max_examples=effort(4), deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANGES)
def test_after_any_changes_every_table_equals_the_one_built_from_nothing(
    steps: list[tuple[object, ...]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "shop")
        shop.write("a", "web", [(1, 1, 0, 1), (2, 1, 1, 4), (30, 2, 0, 2)])
        shop.write("a", "orders", [(3, 1, 0, 3), (40, 2, 1, 4)])
        shop.session.refresh()
        for step in steps:
            change(shop, step)
            assert shop.session.refresh("change").error is None
        fresh = shop.opened("fresh")
        for verdict in shop.verdicts:
            decide(fresh, *verdict)
        fresh.refresh()
        try:
            assert contents(shop.session) == contents(fresh)
            assert shop.session.status() == fresh.status()
        finally:
            shop.session.close()
            fresh.close()


@settings(max_examples=effort(2), deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS, ROWS, ROWS)
def test_a_changed_lookup_changes_what_it_touches_and_nothing_else(
    visits: list[Row], before: list[Row], after: list[Row]
) -> None:
    """The funnel that names looked-up columns follows them, to the last row."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "shop")
        shop.write("a", "web", [(hour, person, key % 2, 1 + key % 2) for hour, person, _, key in visits])
        shop.look_up(before)
        shop.session.refresh()
        for rows in (after, before, after):
            shop.look_up(rows)
            assert shop.session.refresh("change").error is None
            fresh = shop.opened(f"fresh{shop.clock}")
            fresh.refresh()
            try:
                assert contents(shop.session) == contents(fresh)
            finally:
                fresh.close()
        shop.session.close()


def test_a_lookup_touches_the_days_and_persons_whose_values_changed(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.write("a", "web", [(24 * n, n, 0, 1 + n % 2) for n in range(20)])
    head = "channel,team,tier,valid_from\n"
    path = shop.root / "channels.csv"
    path.write_text(head + "baidu,a,x,\ndouyin,a,x,\n", encoding="utf-8")
    shop.session.refresh()
    path.write_text(head + "baidu,a,x,\ndouyin,a,x,\ndouyin,c,y,2026-09-18\n", encoding="utf-8")
    shop.stamp(path)
    activity = shop.session.refresh("change")
    assert (activity.rows_added, activity.rows_removed, activity.days, activity.persons) == (0, 0, 2, 2)
    assert activity.files == ("channels.csv",)
    shop.session.close()


def test_a_late_first_order_moves_the_new_customer_to_its_day(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.write("a", "orders", [(24 * 20, 1, 0, 1), (24 * 21, 2, 0, 2)])
    shop.session.refresh()
    shop.write("late", "orders", [(24 * 2, 1, 0, 3)])
    shop.session.refresh("change")
    days = shop.session.store.rows("SELECT day::VARCHAR, customers FROM new_customers ORDER BY day")
    assert days == [("2026-09-03", 1), ("2026-09-22", 1)]
    shop.session.close()


def test_a_link_by_hand_brings_its_orders_and_its_credit_along(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.write("a", "web", [(1, 7, 0, 2)])
    shop.write("a", "orders", [(5, 8, 0, 1)])
    shop.session.refresh()
    before = shop.session.store.rows("SELECT DISTINCT c_channel FROM event_days WHERE event = 'order'")
    shop.decide("always", "member_id:m8", "cookie:c7")
    assert shop.session.refresh("change").error is None
    after = shop.session.store.rows("SELECT DISTINCT c_channel FROM event_days WHERE event = 'order'")
    persons = shop.session.store.rows("SELECT count(*) FROM people")
    assert (before, after, persons) == ([("direct",)], [("douyin",)], [(1,)])
    shop.session.close()


def test_deleting_the_first_copy_makes_the_second_one_count(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.write("a", "orders", [(5, 1, 0, 1)])
    shop.write("b", "orders", [(9, 1, 0, 1)])
    shop.session.refresh()
    both = {file.file: (file.accepted, file.duplicates) for file in shop.session.status().files}
    shop.delete("a", "orders")
    activity = shop.session.refresh("change")
    left = {file.file: (file.accepted, file.duplicates) for file in shop.session.status().files}
    assert both == {"orders/a.csv": (1, 0), "orders/b.csv": (0, 1)}
    assert left == {"orders/b.csv": (1, 0)}
    assert (activity.rows_added, activity.rows_removed) == (1, 1)
    shop.session.close()


def test_the_newest_export_of_a_day_supersedes_the_older_one(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.write("a", "ads", [(1, 1, 0, 7), (30, 1, 0, 7)])
    shop.session.refresh()
    shop.write("b", "ads", [(1, 1, 2, 9)])
    shop.session.refresh("change")
    costs = shop.session.store.rows("SELECT day::VARCHAR, cost::VARCHAR FROM spend_days ORDER BY day")
    assert costs == [("2026-09-01", "3.250000"), ("2026-09-02", "1.250000")]
    reasons = [file.filtered_reasons for file in shop.session.status().files]
    assert reasons == [{"superseded": 1}, {}]
    shop.session.close()
