"""A shop of any size: events of persons as one Parquet file a day, spend as one CSV, and its looptop.toml.

The same size gives the same rows: every value is a hash of the row's number. A creative implies its campaign
and a campaign its channel, as in life, so that tables by channel × campaign × creative stay small.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb

DAYS = 100
FIRST = date(2026, 7, 22)
NEWEST = FIRST + timedelta(days=DAYS - 1)
CREATIVES = 120
"""Twenty creatives of four campaigns in each of six channels."""
MORE = 10_000
"""Rows of a file that comes later."""

CONFIGURATION = """
[console]
title = "bench"
timezone = "UTC"
clock = "data"

[[source]]
name = "web"
files = ["events/*.parquet"]
table = "events"
event = {{ column = "event" }}

[[source]]
name = "ads"
files = ["spend.csv"]
table = "spend"

[funnel.purchase]
steps = ["visit", "view", "add_to_cart", "order"]
window = "7d"

[alert.revenue_drop]
when = "change(revenue, week) < -30%"
by = ["channel"]
"""

ROWS = """
    SELECT
        TIMESTAMP '{first}' + to_days(day::INTEGER)
            + to_microseconds((hash(i, 't') % 86400000000)::BIGINT) AS ts,
        CASE
            WHEN e < 38 THEN 'visit' WHEN e < 66 THEN 'view' WHEN e < 72 THEN 'search'
            WHEN e < 80 THEN 'ad_click'
            WHEN e < 89 THEN 'add_to_cart' WHEN e < 93 THEN 'checkout' WHEN e < 97 THEN 'order'
            WHEN e < 98 THEN 'lead' WHEN e < 99 THEN 'rating' ELSE 'refund'
        END AS event,
        'm' || lpad((hash(i, 'p') % {persons})::VARCHAR, 8, '0') AS member_id,
        CASE WHEN touched THEN 'channel ' || (c // 20)::VARCHAR END AS channel,
        CASE WHEN touched THEN 'campaign ' || (c // 5)::VARCHAR END AS campaign,
        CASE WHEN touched THEN 'creative ' || c::VARCHAR END AS creative,
        'product ' || (hash(i, 'g') % 40)::VARCHAR AS product,
        'region ' || (hash(i, 'r') % 20)::VARCHAR AS region,
        CASE WHEN e >= 93 AND e < 97 OR e = 99 THEN (1000 + hash(i, 'v') % 90000)::DECIMAL(18, 6) / 100 END
            ::DECIMAL(18, 6) AS value,
        CASE WHEN e >= 93 AND e < 97 OR e = 99 THEN 'o' || i::VARCHAR END AS order_id
    FROM (
        SELECT i, {day} AS day, hash(i, 'e') % 100 AS e, (hash(i, 'c') % {creatives})::INTEGER AS c,
            hash(i, 'e') % 100 < 38 AND hash(i, 'o') % 10 < 6
                OR hash(i, 'e') % 100 BETWEEN 72 AND 79 AS touched
        FROM range({start}, {stop}) AS numbers(i)
    )
    ORDER BY ts
"""


def _copy(connection: duckdb.DuckDBPyConnection, path: Path, persons: int, rows: range, day: str) -> None:
    query = ROWS.format(
        first=FIRST, persons=persons, creatives=CREATIVES, start=rows.start, stop=rows.stop, day=day
    )
    aside = path.with_suffix(".tmp")
    connection.execute(f"COPY ({query}) TO '{aside}' (FORMAT parquet)")
    aside.rename(path)


def build(root: Path, events: int) -> None:
    """Write the shop: `events` rows of events ÷ 10 persons over 100 days."""
    (root / "events").mkdir(parents=True)
    connection = duckdb.connect()
    a_day = events // DAYS
    for day in range(DAYS):
        path = root / "events" / f"{FIRST + timedelta(days=day)}.parquet"
        _copy(connection, path, events // 10, range(day * a_day, (day + 1) * a_day), str(day))
    connection.execute(
        f"""COPY (
            SELECT strftime(DATE '{FIRST}' + day::INTEGER, '%Y-%m-%d') AS ts,
                'channel ' || (c // 20)::VARCHAR AS channel, 'campaign ' || (c // 5)::VARCHAR AS campaign,
                'creative ' || c::VARCHAR AS creative,
                1000 + hash(c, day) % 9000 AS impressions, 10 + hash(c, day) % 90 AS clicks,
                (500 + hash(c, day, 'm') % 5000) / 100 AS cost, hash(c, day) % 9 AS conversions
            FROM range({DAYS}) AS days(day), range({CREATIVES}) AS creatives(c) ORDER BY ALL
        ) TO '{root}/spend.csv' (HEADER)"""
    )
    connection.close()
    (root / "looptop.toml").write_text(CONFIGURATION.format(), "utf-8")


def newest(path: Path, events: int, turn: int, rows: int = MORE) -> None:
    """Write a file of new rows of the newest day, each of another person where there are so many."""
    start = events + turn * rows
    connection = duckdb.connect()
    _copy(connection, path, events // 10, range(start, start + rows), str(DAYS - 1))
    connection.close()


def late(path: Path, events: int, turn: int, rows: int = MORE) -> None:
    """Write a file of late rows, spread over all days."""
    start = events + 1_000_000_000 + turn * rows
    connection = duckdb.connect()
    _copy(connection, path, events // 10, range(start, start + rows), f"i % {DAYS}")
    connection.close()
