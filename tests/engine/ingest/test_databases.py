"""Sources that are rows of a database: each is read once, in order, whatever happens between two polls."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.ingest import FileState, scan, take_in
from engine.ingest.databases import spool
from engine.workspace.model import Source
from tests.effort import effort
from tests.engine.ingest import servers
from tests.engine.ingest.servers import Server
from tests.engine.ingest.workspaces import NOW, Reading, columns, equation, source, workspace

VARIABLE = "LOOPTOP_DB_TEST"
TABLE = (
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, at VARCHAR(40), phone VARCHAR(40), total VARCHAR(40), "
    "note VARCHAR(40))"
)
AFTER = "SELECT * FROM orders WHERE id > :cursor ORDER BY id"


def asks(sql: str = AFTER, cursor: str | None = "id", **more: Any) -> Source:
    """A source of orders."""
    given: dict[str, Any] = {
        "event": "order",
        "columns": columns(ts="at", phone="phone", value="total", order_id="id"),
        **more,
    }
    found = source(**given)
    return replace(found, files=(), sql=sql, cursor=cursor, connect_env=VARIABLE)


def order(number: int, total: object = "12.50", note: str = "") -> str:
    """A statement that puts in one order."""
    day = 1 + number % 20
    return (
        f"INSERT INTO orders VALUES ({number}, '2026-11-{day:02} 10:00:00', '1380000{number:04}', "
        f"'{total}', '{note}')"
    )


def poll(tmp: Path, how: Source, known: FileState | None = None, now: datetime = NOW) -> Reading:
    """Asks the database once."""
    (tmp / "data").mkdir(exist_ok=True)
    space = workspace(tmp / "data", how)
    found = next(one for one in scan(space) if one.path == "sql:s")
    return Reading(take_in(space, replace(found, due=True), known, tmp / "cache", now), tmp / "cache")


@pytest.fixture
def shop(database: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A database with an empty table of orders; the variable holds its address."""
    monkeypatch.setenv(VARIABLE, database.url)
    database.run(TABLE)
    return database


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The same as an SQLite file alone."""
    found = servers.sqlite(tmp_path / "one.db")
    monkeypatch.setenv(VARIABLE, found.url)
    found.run(TABLE)
    return found


def test_rows_become_facts_and_bad_ones_rejects(shop: Server, tmp_path: Path) -> None:
    shop.run(order(1), order(2, "twelve"), order(3, "0.1"), "UPDATE orders SET at = NULL WHERE id = 3")
    found = poll(tmp_path, asks())
    assert (found.state.path, found.state.layout, found.state.encoding) == ("sql:s", None, None)
    assert found["line"] == [1] and [str(value) for value in found["value"]] == ["12.500000"]
    assert found.reasons == [(2, "total", "not a number: twelve"), (3, "at", "no date or time")]
    assert (found.state.rows, found.state.accepted, found.state.rejected) == (3, 1, 2)
    assert '"id": "2"' in found.rejects[0].text


def test_a_poll_asks_for_what_is_new_and_the_old_parts_stand(shop: Server, tmp_path: Path) -> None:
    shop.run(order(1), order(2))
    first = poll(tmp_path, asks())
    shop.run(order(3), order(4))
    then = poll(tmp_path, asks(), first.state)
    assert then.state.parts[:1] == first.state.parts and len(then.state.parts) == 2
    assert then["order_id"] == ["1", "2", "3", "4"] and then["line"] == [1, 2, 3, 4]
    assert poll(tmp_path, asks(), then.state).state == then.state


def test_at_least_the_cursor_takes_no_row_twice_and_misses_none_that_ties(
    shop: Server, tmp_path: Path
) -> None:
    how = asks("SELECT * FROM orders WHERE at >= :cursor ORDER BY at", "at")
    shop.run(order(1), order(2))
    first = poll(tmp_path, how)
    shop.run(order(22), order(23))
    then = poll(tmp_path, how, first.state)
    assert then["order_id"] == ["1", "2", "22", "23"]
    assert poll(tmp_path, how, then.state).state == then.state


def test_without_a_cursor_other_content_is_read_anew_and_the_same_is_not(
    shop: Server, tmp_path: Path
) -> None:
    how = asks("SELECT * FROM orders ORDER BY id", None)
    shop.run(order(1), order(2))
    first = poll(tmp_path, how)
    assert poll(tmp_path, how, first.state).state == first.state
    shop.run("UPDATE orders SET total = '7' WHERE id = 1", "DELETE FROM orders WHERE id = 2", order(3))
    then = poll(tmp_path, how, first.state)
    assert then["order_id"] == ["1", "3"] and [str(value) for value in then["value"]] == [
        "7.000000",
        "12.500000",
    ]


def test_nothing_is_written_into_the_database(shop: Server, tmp_path: Path) -> None:
    shop.run(order(1))
    for sql in ("DELETE FROM orders", "DROP TABLE orders", "UPDATE orders SET total = '0'"):
        found = poll(tmp_path, asks(sql, None))
        assert found.state.stale and not found.state.parts
    assert poll(tmp_path, asks())["order_id"] == ["1"]


def test_a_statement_that_takes_too_long_is_given_up(shop: Server, tmp_path: Path) -> None:
    shop.run(*(order(number) for number in range(1, 21)))
    kept = poll(tmp_path, asks())
    sql = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n WHERE i<0",
        "postgresql": "SELECT *, pg_sleep(60) FROM orders",
        "mysql": "SELECT *, sleep(60) FROM orders",
    }[shop.kind]
    slow = replace(asks(sql, None), timeout_us=1_000_000)
    began = datetime.now()  # noqa: DTZ005
    found = poll(tmp_path, slow, kept.state)
    assert "took longer than 1 s" in str(found.state.stale)
    assert datetime.now() - began < timedelta(seconds=8)  # noqa: DTZ005
    assert found.state.parts == kept.state.parts


def test_what_the_database_says_is_the_reason_and_the_last_rows_stand(shop: Server, tmp_path: Path) -> None:
    shop.run(order(1))
    kept = poll(tmp_path, asks())
    shop.run("DROP TABLE orders")
    found = poll(tmp_path, asks(), kept.state)
    assert "orders" in str(found.state.stale) and found["order_id"] == ["1"]
    assert (found.state.rows, found.state.error) == (1, None)
    shop.run(TABLE, order(1), order(2))
    back = poll(tmp_path, asks(), found.state)
    assert back.state.stale is None and back["order_id"] == ["1", "2"]


def test_a_wrong_column_for_the_cursor_names_the_nearest(shop: Server, tmp_path: Path) -> None:
    found = poll(tmp_path, asks("SELECT * FROM orders WHERE id > :cursor", "totl"))
    assert found.state.stale == 'the result has no column "totl" for cursor; nearest: "total"'


def test_percent_signs_casts_and_quoted_colons_of_a_statement_stay(shop: Server, tmp_path: Path) -> None:
    shop.run(order(1, note="50% :cursor"), order(2))
    sql = "SELECT o.*, ':cursor' AS colon FROM orders o WHERE note LIKE '50%' AND id > :cursor -- :x 5%"
    found = poll(tmp_path, asks(sql))
    assert found["order_id"] == ["1"] and found["p.colon"] == [":cursor"]


def test_a_row_of_the_future_waits_and_is_read_when_its_day_comes(file: Server, tmp_path: Path) -> None:
    file.run(order(1), "UPDATE orders SET at = '2026-11-25' WHERE id = 1")
    first = poll(tmp_path, asks())
    assert first.state.rejected == 1
    later = poll(tmp_path, asks(), first.state, datetime(2026, 11, 26))
    assert later["order_id"] == ["1"] and later.state.rejected == 0


def test_a_locked_database_is_stale_until_it_answers(
    file: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.ingest.databases.sqlite.CONNECT_SECONDS", 0.2)
    file.run(order(1))
    kept = poll(tmp_path, asks())
    holder = sqlite3.connect(tmp_path / "one.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    found = poll(tmp_path, asks(), kept.state)
    assert found.state.stale == "SQLite: database is locked" and found["order_id"] == ["1"]
    holder.execute("ROLLBACK")
    holder.close()
    assert poll(tmp_path, asks(), found.state).state == kept.state


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "is not set"),
        ("shop.db", "holds no address of a database"),
        ("oracle://scott:tiger@host/x", "holds no address of a database"),
        ("sqlite:///nowhere.db", "there is no database file"),
        ("mysql://u:tiger@localhost/x?odd=1", "unknown option odd"),
        ("mysql://u:tiger@127.0.0.1:1/x", "MySQL: "),
        ("postgresql://u:tiger@127.0.0.1:1/x", "PostgreSQL: "),
        ("postgresql://u:tiger@[::1/x", "holds no address that can be read"),
    ],
)
def test_a_database_that_is_not_there_keeps_the_last_rows_and_no_secret(
    address: str, reason: str, file: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.run(order(1))
    kept = poll(tmp_path, asks())
    monkeypatch.setenv(VARIABLE, address)
    found = poll(tmp_path, asks(), kept.state)
    assert reason in str(found.state.stale)
    assert "tiger" not in str(found.state) and found.state.parts == kept.state.parts
    assert poll(tmp_path, asks()).state.rows == 0


def test_a_file_that_is_no_database_says_so(file: Server, tmp_path: Path) -> None:
    (tmp_path / "one.db").write_bytes(b"not a database at all" * 100)
    assert poll(tmp_path, asks()).state.stale == "SQLite: file is not a database"


def test_another_database_under_the_same_name_is_read_from_the_start(
    file: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.run(order(7))
    first = poll(tmp_path, asks())
    other = servers.sqlite(tmp_path / "two.db")
    other.run(TABLE, order(1))
    monkeypatch.setenv(VARIABLE, other.url)
    assert poll(tmp_path, asks(), first.state)["order_id"] == ["1"]
    Path(tmp_path / "two.db").replace(tmp_path / "one.db")
    monkeypatch.setenv(VARIABLE, file.url)
    assert poll(tmp_path, asks(), first.state)["order_id"] == ["1"]


def test_a_mapping_that_cannot_be_is_an_error_as_it_is_for_a_file(file: Server, tmp_path: Path) -> None:
    file.run(order(1))
    found = poll(tmp_path, asks(columns={}))
    assert "no column gives ts" in str(found.state.error) and found.state.stale is None


def test_columns_that_the_statement_gains_are_read_from_the_start(file: Server, tmp_path: Path) -> None:
    file.run(order(1))
    first = poll(tmp_path, asks())
    file.run("ALTER TABLE orders ADD COLUMN city TEXT DEFAULT 'x'", order(2).replace("'')", "'', 'Harbin')"))
    then = poll(tmp_path, asks(), first.state)
    assert then["p.city"] == ["x", "Harbin"] and then["line"] == [1, 2]


def test_when_the_cache_is_gone_everything_is_read_again_from_the_start(file: Server, tmp_path: Path) -> None:
    file.run(order(1))
    first = poll(tmp_path, asks())
    file.run(order(2))
    grown = poll(tmp_path, asks(), first.state)
    shutil.rmtree(tmp_path / "cache")
    again = poll(tmp_path, asks(), grown.state)
    assert again["order_id"] == ["1", "2"] and again["line"] == grown["line"]
    assert len(again.state.parts) == 1


CELL = st.one_of(
    st.none(), st.integers(-5, 5), st.floats(-10, 10, allow_nan=False), st.binary(max_size=3),
    st.sampled_from(["2026-11-01", "2026-13-01", "1.50", "x", "", "合计", "🙂", "a\tb\nc", "\x1b[31m"]),
)  # fmt: skip
ROW = st.tuples(CELL, CELL, CELL, CELL)


@settings(max_examples=effort(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(ROW, max_size=6), min_size=1, max_size=4), st.integers(1, 4))
def test_many_polls_give_what_one_gives_and_no_row_is_lost(
    batches: list[list[tuple[Any, ...]]], height: int
) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        place = Path(name)
        shop = servers.sqlite(place / "shop.db")
        patch.setenv(VARIABLE, shop.url)
        patch.setattr(spool, "PART_ROWS", height)
        shop.run("CREATE TABLE orders (id INTEGER PRIMARY KEY, at, phone, total, note)")
        known: FileState | None = None
        for rows in batches:
            with sqlite3.connect(place / "shop.db") as writer:
                writer.executemany("INSERT INTO orders(at, phone, total, note) VALUES (?, ?, ?, ?)", rows)
            writer.close()
            grown = poll(place, asks(), known)
            known = grown.state
            assert equation(known)
        whole = poll(place, asks())
        assert grown.state.rows == sum(map(len, batches)) == whole.state.rows
        assert (grown.state.accepted, grown.reasons) == (whole.state.accepted, whole.reasons)
        same = ("line", "ts", "value", "phone", "record", "order_id")
        assert [grown[each] for each in same] == [whole[each] for each in same]
