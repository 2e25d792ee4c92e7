"""The store: which copy counts, what changes hands, money, local time, and versions that readers keep."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import StoreError, UnknownName
from engine.store import Rate, Store, StoreSettings, apply
from engine.store.instance import difference
from engine.store.layout import local_time
from engine.store.versions import Versions
from tests.engine.store.parts import Fact, part

JUDGED = StoreSettings(judged={"orders": "first"})
EVER = (date(1970, 1, 1), date(9999, 12, 31))


def filled(settings: StoreSettings, *instances: object) -> Store:
    """A store that holds these instances."""
    store = Store(settings)
    store.begin(first=True)
    apply(store, instances)  # type: ignore[arg-type]
    store.publish()
    return store


def test_the_first_copy_by_time_then_file_then_line_counts(tmp_path: Path) -> None:
    late = part(tmp_path, "late", [Fact(day=5, record=7)], source="orders", file="a.csv")
    early = part(tmp_path, "early", [Fact(day=1, record=7)], source="orders", file="b.csv")
    store = filled(JUDGED, late, early)
    assert store.rows("SELECT day FROM events") == [(date(2026, 9, 2),)]
    store.close()


def test_two_sources_do_not_judge_each_other(tmp_path: Path) -> None:
    one = part(tmp_path, "one", [Fact(record=7)], source="orders")
    other = part(tmp_path, "other", [Fact(record=7)], source="shop")
    settings = StoreSettings(judged={"orders": "first", "shop": "first"})
    store = filled(settings, one, other)
    assert store.rows("SELECT count(*) FROM events") == [(2,)]
    store.close()


def test_a_reader_keeps_its_version_until_the_next_one_is_published(tmp_path: Path) -> None:
    base, more = part(tmp_path, "base", [Fact(), Fact()]), part(tmp_path, "more", [Fact()])
    store = filled(StoreSettings(), base)
    store.begin()
    apply(store, [base, more])
    assert store.rows("SELECT count(*) FROM events") == [(2,)]
    store.publish()
    assert store.rows("SELECT count(*) FROM events") == [(3,)]
    store.close()


def test_what_was_undone_is_never_seen(tmp_path: Path) -> None:
    base, more = part(tmp_path, "base", [Fact()]), part(tmp_path, "more", [Fact()])
    store = filled(StoreSettings(), base)
    store.begin()
    apply(store, [base, more])
    store.undo()
    store.publish()
    assert store.rows("SELECT count(*) FROM events") == [(1,)]
    store.close()


def test_money_is_converted_by_the_rate_of_its_day_and_is_null_without_one(tmp_path: Path) -> None:
    facts = [
        Fact(day=0, value="10", currency="USD"),
        Fact(day=5, value="10", currency="USD"),
        Fact(value="3", currency="EUR"),
        Fact(value="2"),
    ]
    rates = (
        Rate("USD", EVER[0], date(2026, 9, 3), Decimal("7.1")),
        Rate("USD", date(2026, 9, 4), EVER[1], Decimal("7.2")),
    )
    store = filled(StoreSettings(rates=rates), part(tmp_path, "a", facts))
    amounts = store.rows("SELECT amount FROM events ORDER BY row")
    assert amounts == [(Decimal("71"),), (Decimal("72"),), (None,), (Decimal("2"),)]
    assert store.rows("SELECT sum(facts) FROM unconverted") == [(1,)]
    store.close()


def test_sums_do_not_depend_on_the_order_of_files(tmp_path: Path) -> None:
    cents = [Fact(value="0.1"), Fact(value="0.2"), Fact(value="1000000.3")]
    forward = filled(StoreSettings(), *(part(tmp_path, f"f{n}", [one]) for n, one in enumerate(cents)))
    back = filled(StoreSettings(), *(part(tmp_path, f"b{n}", [one]) for n, one in enumerate(cents[::-1])))
    sums = [store.rows("SELECT sum(amount) FROM events") for store in (forward, back)]
    assert sums[0] == sums[1] == [(Decimal("1000000.6"),)]
    forward.close()
    back.close()


@given(
    st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2026, 12, 31)),
    st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Shanghai", "Australia/Lord_Howe"]
    ),
)
def test_local_time_agrees_with_the_zone_database(moment: datetime, zone: str) -> None:
    moment = moment.replace(microsecond=0)
    sql = local_time("x", zone, datetime(2024, 1, 1), datetime(2026, 12, 31))
    expected = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    found = _STORE.rows(f"SELECT {sql} FROM (SELECT ?::TIMESTAMP AS x)", [moment])
    assert found == [(expected,)]


_STORE = Store(StoreSettings())


def test_a_renamed_file_keeps_the_number_of_its_part(tmp_path: Path) -> None:
    held = part(tmp_path, "a", [Fact()], file="old.csv")
    wanted = part(tmp_path, "a", [Fact()], file="new.csv")
    found = difference([held], [wanted])
    assert (found.added, found.removed, [one.file for one in found.moved]) == ((), (), ["new.csv"])


def test_the_same_part_in_two_files_counts_twice(tmp_path: Path) -> None:
    one = part(tmp_path, "a", [Fact()], file="one.csv")
    two = part(tmp_path, "a", [Fact()], file="two.csv")
    store = filled(StoreSettings(), one, two)
    assert store.rows("SELECT count(*) FROM events") == [(2,)]
    store.close()


def test_a_version_changes_only_where_days_overlap() -> None:
    versions = Versions()
    versions.bump("events", None)
    before = versions.of(("events",), date(2026, 9, 1), date(2026, 9, 7))
    versions.bump("events", [date(2026, 9, 8)])
    assert versions.of(("events",), date(2026, 9, 1), date(2026, 9, 7)) == before
    versions.bump("events", [date(2026, 9, 1) + timedelta(days=6)])
    assert versions.of(("events",), date(2026, 9, 1), date(2026, 9, 7)) != before


def test_an_unknown_column_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    store = filled(StoreSettings(), part(tmp_path, "a", [Fact()]))
    with pytest.raises(UnknownName, match='no column of events "chanel"; nearest: channel'):
        store.relation("events", ["chanel"])
    store.close()


def test_a_failed_query_says_what_it_ran() -> None:
    with pytest.raises(StoreError, match="in: SELECT nothing FROM nowhere"):
        _STORE.rows("SELECT nothing FROM nowhere")
