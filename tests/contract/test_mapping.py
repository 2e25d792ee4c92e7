"""[[source]]: what each key makes of the rows of a file."""

from __future__ import annotations

import pytest

from tests.contract.place import Place

ORDERS = """
[[source]]
name = "orders"
files = ["*.csv"]
table = "events"
event = "order"
"""


def test_a_list_of_columns_is_joined_with_a_blank(place: Place) -> None:
    place.put("a.csv", "d,t,m\n2026-01-02,03:04:05,7\n2026-01-02,,8\n")
    place.toml(ORDERS + 'columns = { ts = ["d", "t"], member_id = "m" }', timezone="Asia/Shanghai")
    rows = place.rows()
    assert [row["ts"] for row in rows] == ["2026-01-02T03:04:05+08:00", "2026-01-02T00:00:00+08:00"]


def test_an_expression_sees_the_columns_of_the_file(place: Place) -> None:
    place.put("a.csv", "ts,Quantity,UnitPrice,价 格\n2026-01-02,3,1.10,5\n2026-01-02,2,2.55,7\n")
    place.toml(ORDERS + "columns = { ts = 'ts', value = { expr = 'Quantity * UnitPrice + \"价 格\"' } }")
    assert [row["value"] for row in place.rows()] == [8.3, 12.1]


def test_constants_values_and_null_values(place: Place) -> None:
    place.put("a.csv", "s,v,c\nGoogle,1,-\nbing,2,Select\n-,3,x\n")
    place.toml(
        ORDERS + 'columns = { channel = "s", value = "v", campaign = "c" }\n'
        'constants = { ts = "2026-02-03", region = "华东" }\n'
        'values = { channel = { Google = "google" } }\nnull_values = ["-", "Select"]'
    )
    rows = place.rows()
    assert [(r["channel"], r["campaign"], r["region"]) for r in rows] == [
        ("google", None, "华东"),
        ("bing", None, "华东"),
        (None, "x", "华东"),
    ]
    assert {row["ts"] for row in rows} == {"2026-02-03T00:00:00+00:00"}


def test_scales(place: Place) -> None:
    place.put("a.csv", "day,cost,cv,rate\n2026-01-01,1234567,250,12\n")
    place.toml("""
        [[source]]
        name = "ads"
        files = ["*.csv"]
        table = "spend"
        columns = { ts = "day", cost = "cost", conversion_value = "cv", conversions = "rate" }
        scale = { cost = "micros", conversion_value = "cents", conversions = "percent" }
        """)
    (row,) = place.rows("spend")
    assert (row["cost"], row["conversion_value"], row["conversions"]) == (1.234567, 2.5, 0.12)


def test_a_row_with_moments_counts_once_and_without_any_is_rejected(place: Place) -> None:
    place.put(
        "a.csv", "id,first,won,amount,origin\n1,2026-01-01,2026-01-05,10,seo\n2,2026-01-02,,,ads\n3,,,,x\n"
    )
    place.toml("""
        [[source]]
        name = "leads"
        files = ["*.csv"]
        table = "events"
        moments = { lead = "first", deal = { ts = "won", value = "amount" } }
        columns = { lead_id = "id", channel = "origin" }
        """)
    assert place.counts() == {"a.csv": (3, 2, 1, 0, 0)}
    got = sorted((r["line"], r["event"], r["ts"][:10], r["value"], r["channel"]) for r in place.rows())
    assert got == [
        (2, "deal", "2026-01-05", 10, "seo"),
        (2, "lead", "2026-01-01", None, "seo"),
        (3, "lead", "2026-01-02", None, "ads"),
    ]
    (reject,) = place.ask("rejects")["rejects"]
    assert (reject["file"], reject["line"]) == ("a.csv", 4)


@pytest.mark.parametrize(("keep", "value"), [("first", 1), ("last", 3)])
def test_the_same_key_is_a_duplicate_over_all_files(place: Place, keep: str, value: int) -> None:
    place.put("a.csv", "id,ts,v\n1,2026-01-02,1\n2,2026-01-02,5\n1,2026-01-03,2\n")
    place.put("b.csv", "id,ts,v\n1,2026-01-03,3\n")
    place.toml(
        ORDERS + f'columns = {{ order_id = "id", value = "v" }}\ndedupe = ["order_id"]\nkeep = "{keep}"'
    )
    assert {r["order_id"]: r["value"] for r in place.rows()} == {"1": value, "2": 5}
    assert sum(counts[3] for counts in place.counts().values()) == 2


def test_without_dedupe_identical_rows_are_kept(place: Place) -> None:
    place.put("a.csv", "id,ts,v\n1,2026-01-02,1\n1,2026-01-02,1\n")
    place.toml(ORDERS + 'columns = { order_id = "id", value = "v" }')
    assert place.counts() == {"a.csv": (2, 2, 0, 0, 0)}


def test_the_second_copy_counts_when_the_first_is_deleted(place: Place) -> None:
    first = place.put("a.csv", "id,ts,v\n1,2026-01-02,1\n")
    place.put("b.csv", "id,ts,v\n1,2026-01-02,9\n")
    place.toml(ORDERS + 'columns = { order_id = "id", value = "v" }\ndedupe = ["order_id"]')
    assert place.counts() == {"a.csv": (1, 1, 0, 0, 0), "b.csv": (1, 0, 0, 1, 0)}
    first.unlink()
    assert place.counts() == {"b.csv": (1, 1, 0, 0, 0)}
    assert [r["value"] for r in place.rows()] == [9]


SPEND = """
[[source]]
name = "ads"
files = ["*.csv"]
table = "spend"
columns = { ts = "day", campaign = "c", cost = "cost" }
"""


@pytest.mark.parametrize(("overlap", "cost", "filtered"), [("newest", 7, 1), ("sum", 12, 0)])
def test_the_re_export_of_a_day(place: Place, overlap: str, cost: int, filtered: int) -> None:
    import os

    old = place.put("z.csv", "day,c,cost\n2026-01-01,x,5\n")
    place.put("a.csv", "day,c,cost\n2026-01-01,x,7\n")
    os.utime(old, ns=(10**18, 10**18))
    place.toml(SPEND + f'overlap = "{overlap}"')
    assert place.values("cost") == {None: cost}
    assert sum(counts[4] for counts in place.counts().values()) == filtered


@pytest.mark.parametrize(
    ("others", "events", "counts"),
    [
        ("pass", ["order", "sent"], (3, 2, 1, 0, 0)),
        ("filter", ["order"], (3, 1, 0, 0, 2)),
        ("reject", ["order"], (3, 1, 2, 0, 0)),
    ],
)
def test_the_event_of_a_column(place: Place, others: str, events: list[str], counts: tuple[int, ...]) -> None:
    place.put("a.csv", "ts,status\n2026-01-01,paid\n2026-01-01,sent\n2026-01-01,\n")
    place.toml(f"""
        [[source]]
        name = "s"
        files = ["*.csv"]
        table = "events"
        event = {{ column = "status", values = {{ paid = "order" }}, others = "{others}" }}
        columns = {{ ts = "ts" }}
        """)
    assert sorted(r["event"] for r in place.rows()) == events
    assert place.counts() == {"a.csv": counts}


def test_the_event_of_cases(place: Place) -> None:
    place.put("a.csv", "ts,InvoiceNo,v\n2026-01-01,C1,-5\n2026-01-01,2,6\n")
    place.toml("""
        [[source]]
        name = "s"
        files = ["*.csv"]
        table = "events"
        event = { cases = [["InvoiceNo like 'C%'", "refund"], ["true", "order"]] }
        columns = { ts = "ts", value = "v" }
        """)
    assert [(r["event"], r["value"]) for r in place.rows()] == [("refund", 5), ("order", 6)]


def test_where_of_a_source_filters_with_a_reason(place: Place) -> None:
    place.put("a.csv", "ts,v,k\n2026-01-01,5,a\n2026-01-01,6,b\n2026-01-01,7,\n")
    place.toml(ORDERS + "columns = { value = 'v' }\nwhere = \"k <> 'b'\"")
    assert place.counts() == {"a.csv": (3, 1, 0, 0, 2)}


def test_the_day_of_a_file_name(place: Place) -> None:
    place.put("ads_2026-01-05_x.csv", "c,cost\nx,5\n")
    place.toml(
        """
        [[source]]
        name = "s"
        files = ["*.csv"]
        table = "spend"
        columns = { campaign = "c" }
        date_from = "file:%Y-%m-%d"
        """,
        timezone="Asia/Shanghai",
    )
    assert [r["ts"] for r in place.rows("spend")] == ["2026-01-05T00:00:00+08:00"]


def test_a_year_for_dates_that_have_none(place: Place) -> None:
    place.put("a.csv", "m,d,cost\nApril,1,5\nJune,30,6\n")
    place.toml("""
        [[source]]
        name = "s"
        files = ["*.csv"]
        table = "spend"
        columns = { ts = ["m", "d"], cost = "cost" }
        year = 2020
        """)
    assert [r["ts"][:10] for r in place.rows("spend")] == ["2020-04-01", "2020-06-30"]


def test_a_file_without_a_header(place: Place) -> None:
    place.put("a.csv", "2026-01-01,x,5\n2026-01-02,y,6\n")
    place.toml("""
        [[source]]
        name = "s"
        files = ["*.csv"]
        table = "spend"
        columns = { ts = "column_1", campaign = "column_2", cost = "column_3" }
        no_header = true
        """)
    assert [(r["line"], r["campaign"], r["cost"]) for r in place.rows("spend")] == [(1, "x", 5), (2, "y", 6)]


def test_the_row_of_the_header_and_the_other_overrides(place: Place) -> None:
    text = "Bericht;2026\n\nTag;Kosten;Straße\n05.01.2026;1.234,50;Köln\n"
    place.put("a.csv", text, "windows-1252")
    place.toml("""
        [[source]]
        name = "s"
        files = ["*.csv"]
        table = "spend"
        columns = { ts = "Tag", cost = "Kosten", region = "Straße" }
        encoding = "windows-1252"
        delimiter = ";"
        decimal = ","
        header_row = 3
        """)
    (row,) = place.rows("spend")
    assert (row["line"], row["cost"], row["region"], row["ts"][:10]) == (4, 1234.5, "Köln", "2026-01-05")


def test_the_time_zone_of_a_source(place: Place) -> None:
    place.put("a.csv", "ts,v\n2026-01-01 20:00:00,1\n2026-01-01T20:00:00Z,2\n")
    place.toml(ORDERS + 'columns = { value = "v" }\ntimezone = "America/New_York"', timezone="Asia/Shanghai")
    assert [r["ts"] for r in place.rows()] == ["2026-01-02T09:00:00+08:00", "2026-01-02T04:00:00+08:00"]


def test_a_key_of_duplicates_names_columns_of_the_file_even_where_they_are_joined(place: Place) -> None:
    place.put("a.csv", "Day,time,who\n2026-01-01,10:00,a\n2026-01-01,11:00,a\n2026-01-02,10:00,a\n")
    place.toml(ORDERS + 'columns = { ts = ["Day", "time"], member_id = "who" }\ndedupe = ["day", "Who"]')
    assert place.counts() == {"a.csv": (3, 2, 0, 1, 0)}


def test_of_a_file_without_a_column_of_the_key_no_row_is_taken_for_a_duplicate(place: Place) -> None:
    place.put("a.csv", "ts,id,part\n2026-01-01,1,1\n2026-01-01,1,1\n")
    place.put("b.csv", "ts,id\n2026-01-01,2\n2026-01-02,2\n")
    place.toml(ORDERS + 'columns = { ts = "ts", order_id = "id" }\ndedupe = ["order_id", "part"]')
    assert place.counts() == {"a.csv": (2, 1, 0, 1, 0), "b.csv": (2, 2, 0, 0, 0)}
