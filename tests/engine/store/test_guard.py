"""What may be asked in SQL: one SELECT over the tables offered, and nothing that reaches beyond them."""

from __future__ import annotations

import pytest

from engine.errors import UnknownName, UsageError
from engine.store.duck import Checker
from engine.store.guard import Reading, read

OFFERED = {"events": ["ts", "channel", "value", "person", "props", "plan"]}


@pytest.fixture(scope="module")
def checker() -> Checker:
    found = Checker()
    kinds = ("TIMESTAMP", "VARCHAR", "DECIMAL(18,6)", "VARCHAR", "STRUCT(plan VARCHAR)")
    found.define("events", list(zip(OFFERED["events"], kinds, strict=False)))
    return found


def reading(checker: Checker, sql: str) -> Reading:
    return read(checker, sql, OFFERED)


ATTACKS = (
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT (SELECT content FROM read_blob('/etc/passwd'))",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'https://example.com/x.parquet'",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM parquet_metadata('x.parquet')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('events')",
    "SELECT * FROM json_execute_serialized_sql('{}')",
    "WITH x AS (SELECT * FROM (SELECT * FROM glob('/*'))) SELECT * FROM x",
    "SELECT * FROM events WHERE channel IN (SELECT file FROM glob('/*'))",
    "COPY events TO '/tmp/stolen.csv'",
    "EXPORT DATABASE '/tmp/stolen'",
    "ATTACH '/tmp/x.db' AS x",
    "DETACH shop",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '1TB'",
    "RESET memory_limit",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "CREATE MACRO f() AS 1",
    "CREATE TABLE t AS SELECT 1",
    "CREATE SECRET s (TYPE s3)",
    "INSERT INTO events SELECT * FROM events",
    "UPDATE events SET value = 0",
    "DELETE FROM events",
    "DROP TABLE events",
    "TRUNCATE events",
    "VACUUM",
    "CHECKPOINT",
    "BEGIN",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "EXPLAIN ANALYZE SELECT 1",
    "USE shop",
    "SELECT 1; DROP TABLE events",
    "SELECT getenv('HOME')",
    "SELECT current_setting('memory_limit')",
    "SELECT ('memory_limit').current_setting()",
    "SELECT write_log('x')",
    "SELECT sleep_ms(100000)",
    "SELECT repeat('x', 2000000000)",
    "SELECT range(2000000000)",
    "SELECT lpad(channel, 2000000000, 'x') FROM events",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_views()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM shop.main.raw_events",
    "SELECT * FROM main.events",
    "SELECT * FROM raw_events",
    "SELECT * FROM asked_events",
    "SELECT * FROM known_persons",
    "WITH raw_events AS (SELECT 1) SELECT * FROM shop.main.raw_events",
    "SHOW ALL TABLES",
    "",
    "-- nothing",
)


@pytest.mark.parametrize("sql", ATTACKS)
def test_what_reaches_beyond_the_tables_is_refused(checker: Checker, sql: str) -> None:
    with pytest.raises(UsageError):
        reading(checker, sql)


def test_a_query_is_written_anew_over_views(checker: Checker) -> None:
    found = reading(checker, "SELECT e.channel, count(*) FROM EVENTS e /* sum */ GROUP BY ALL -- end")
    assert found.sql == "SELECT e.channel, count_star() FROM asked_events AS e GROUP BY ALL"
    assert found.tables == {"events"}
    assert found.columns == ("channel", "count_star()")
    assert (found.reads("channel"), found.reads("value"), found.whole) == (True, False, False)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM events",
        "SELECT e FROM events e",
        "SELECT columns('c.*') FROM events",
        "DESCRIBE events",
        "SELECT a.* EXCLUDE (ts) FROM events a",
    ],
)
def test_what_names_no_column_may_read_every_one(checker: Checker, sql: str) -> None:
    assert reading(checker, sql).reads("value")


def test_a_part_of_a_column_is_named_alone(checker: Checker) -> None:
    assert not reading(checker, "SELECT e.props.plan FROM events e").alone("props")
    assert reading(checker, "SELECT e.props FROM events e").alone("props")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT chanel FROM events", 'no column "chanel"; nearest: channel'),
        ("SELECT e.valu FROM events e", 'no column "valu"; nearest: value'),
        ("SELECT * FROM evnts", 'no table "evnts"; nearest: events'),
        ("SELECT 1; SELECT 2", "one query at a time, not 2; nothing was run"),
        ("SELEC 1", 'syntax error at or near "SELEC" (line 1)'),
        ("WITH events AS (SELECT 1) SELECT * FROM events", "WITH events: a table has that name"),
    ],
)
def test_what_is_wrong_is_one_sentence(checker: Checker, sql: str, message: str) -> None:
    with pytest.raises(UsageError) as found:
        reading(checker, sql)
    assert str(found.value).startswith(message)
    assert "\n" not in str(found.value)


def test_an_unknown_table_is_an_unknown_name(checker: Checker) -> None:
    with pytest.raises(UnknownName):
        reading(checker, "SELECT * FROM nothing_at_all")
