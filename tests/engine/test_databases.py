"""A workspace with a database from end to end: the same mapping, counts and tables as for files."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.questions import Status
from engine.session import Session

VARIABLE = "LOOPTOP_DB_TEST"
ORDERS = """
[[source]]
name = "orders"
table = "events"
event = "order"
sql = "SELECT * FROM orders WHERE changed >= :cursor ORDER BY changed"
cursor = "changed"
connect_env = "LOOPTOP_DB_TEST"
poll = "30s"
columns = { ts = "at", value = "total", order_id = "id" }
dedupe = ["order_id"]
keep = "last"
"""
SPEND = """
[[source]]
name = "ads"
table = "spend"
sql = "SELECT * FROM ads WHERE changed > :cursor"
cursor = "changed"
connect_env = "LOOPTOP_DB_TEST"
columns = { ts = "day" }
"""


class Clock:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An SQLite file with tables of orders and of spend, and a workspace that reads both."""
    monkeypatch.setenv(VARIABLE, f"sqlite:///{tmp_path}/shop.db")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "looptop.toml").write_text(ORDERS + SPEND, "utf-8")
    run(
        tmp_path,
        "CREATE TABLE orders (id, at, total, changed)",
        "CREATE TABLE ads (day, campaign, cost, changed)",
    )
    return tmp_path


def run(place: Path, *statements: str) -> None:
    with closing(sqlite3.connect(place / "shop.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@contextmanager
def session(place: Path, clock: Clock) -> Iterator[Session]:
    found = Session.open(place / "data", state=place / "state", clock=clock)
    try:
        yield found
    finally:
        found.close()


def counts(status: Status, name: str) -> tuple[int, int, int, int, int]:
    one = next(each for each in status.files if each.file == f"sql:{name}")
    assert one.rows == one.accepted + one.rejected + one.duplicates + one.filtered
    return one.rows, one.accepted, one.rejected, one.duplicates, one.filtered


def total(found: Session, table: str, column: str) -> str:
    return str(found.store.rows(f'SELECT sum("{column}") FROM {table}')[0][0])


def test_a_changed_row_takes_the_place_of_the_old_one(shop: Path) -> None:
    clock = Clock()
    with session(shop, clock) as found:
        run(
            shop,
            "INSERT INTO orders VALUES (1, '2026-11-01', '10', 1), (2, '2026-11-02', 'x', 2)",
            "INSERT INTO ads VALUES ('2026-11-01', 'a', 5, 1), ('2026-11-01', 'b', 7, 2)",
        )
        found.refresh()
        assert counts(found.status(), "orders") == (2, 1, 1, 0, 0)
        run(
            shop,
            "UPDATE orders SET total = '15', changed = 3 WHERE id = 1",
            "UPDATE ads SET cost = 6, changed = 3 WHERE campaign = 'a'",
        )
        clock.now += timedelta(minutes=5)
        activity = found.refresh("change")
        assert activity.files == ("sql:ads", "sql:orders")
        assert counts(found.status(), "orders") == (3, 1, 1, 1, 0)
        assert counts(found.status(), "ads") == (3, 2, 0, 0, 1)
        assert (total(found, "events", "value"), total(found, "spend", "cost")) == ("15.000000", "13.000000")
    shutil.rmtree(shop / "state" / "cache")
    with session(shop, clock) as again:
        again.refresh()
        assert counts(again.status(), "orders") == (2, 1, 1, 0, 0)
        assert (total(again, "events", "value"), total(again, "spend", "cost")) == ("15.000000", "13.000000")


def test_a_database_is_asked_when_it_is_due_and_a_poll_without_news_says_nothing(shop: Path) -> None:
    clock = Clock()
    with session(shop, clock) as found:
        assert found.due() is False
        found.refresh()
        run(shop, "INSERT INTO orders VALUES (1, '2026-11-01', '10', 1)")
        clock.now += timedelta(seconds=29)
        assert not found.due() and found.refresh("change").files == ()
        clock.now += timedelta(seconds=1)
        assert found.due() and found.refresh("change").files == ("sql:orders",)
        clock.now += timedelta(seconds=30)
        assert found.due() and found.refresh("change").files == ()
    run(shop, "INSERT INTO orders VALUES (2, '2026-11-02', '10', 2)")
    with session(shop, clock) as later:
        later.refresh()
        assert counts(later.status(), "orders") == (2, 2, 0, 0, 0)
        assert later.pipeline.intake.files["sql:orders"].parts[0].turn == 0


def test_without_its_variable_a_source_is_stale_and_nothing_else_is_blocked(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    run(shop, "INSERT INTO orders VALUES (1, '2026-11-01', '10', 1)")
    with session(shop, clock) as found:
        found.refresh()
    monkeypatch.delenv(VARIABLE)
    (shop / "data" / "more.csv").write_text("ts,event\n2026-11-02,visit\n", "utf-8")
    with (shop / "data" / "looptop.toml").open("a", encoding="utf-8") as file:
        file.write('[[source]]\nname = "web"\nfiles = ["**"]\ntable = "events"\n')
    with session(shop, clock) as found:
        found.refresh()
        status = found.status()
        assert counts(status, "orders") == (1, 1, 0, 0, 0) and status.tables["events"] == 2
        orders = status.sources[0]
        assert orders.stale and "LOOPTOP_DB_TEST is not set" in str(orders.stale_reason)
        monkeypatch.setenv(VARIABLE, f"sqlite:///{shop}/shop.db")
        clock.now += timedelta(seconds=30)
        assert found.refresh("change").files == ("sql:orders",)
        assert not found.status().sources[0].stale
