"""What text becomes: encodings, preambles, totals, numbers, dates, rejects."""

from __future__ import annotations

import json

import pytest

from tests.contract.place import Place

SPEND = """
[[source]]
name = "ads"
files = ["ads*"]
table = "spend"
columns = { ts = "日期", campaign = "推广计划", impressions = "展现", clicks = "点击", cost = "消费" }
"""


def test_gbk_with_a_preamble_totals_and_thousands(place: Place) -> None:
    text = (
        "百度推广 账户报告\n账户：测试\n时间：2026-11-01 至 2026-11-02\n\n"
        "日期,推广计划,展现,点击,消费\n"
        '2026-11-01,品牌,"12,345",120,"1,234.50"\n'
        "2026-11-02,品牌,3.2万,80,￥１２.5\n"
        "\n"
        '总计,-,"44,345",200,"1,247.00"\n'
    )
    place.put("ads.csv", text, "gbk")
    place.toml(SPEND)
    assert place.counts() == {"ads.csv": (3, 2, 0, 0, 1)}
    got = [(r["line"], r["impressions"], r["clicks"], r["cost"]) for r in place.rows("spend")]
    assert got == [(6, 12345, 120, 1234.5), (7, 32000, 80, 12.5)]
    (file,) = place.ask("status")["files"]
    assert file["encoding"].lower().replace("-", "") in ("gbk", "gb18030")


@pytest.mark.parametrize("where", [0, 1, 2])
def test_a_total_row_anywhere_is_filtered(place: Place, where: int) -> None:
    for n, word in enumerate(["合计", "总计", "累计", "Total", "总计：", "TOTAL"]):
        rows = [f"2026-11-0{n + 1},a,10,1,5", f"2026-11-0{n + 1},b,20,2,6"]
        rows.insert(where, f"{word},,30,3,11")
        place.put(f"ads{n}.csv", "日期,推广计划,展现,点击,消费\n" + "\n".join(rows) + "\n")
    place.toml(SPEND)
    assert place.counts() == {f"ads{n}.csv": (3, 2, 0, 0, 1) for n in range(6)}
    assert place.values("cost") == {None: 66}


def test_a_campaign_named_total_is_no_total_row(place: Place) -> None:
    place.put("ads.csv", "日期,推广计划,展现,点击,消费\n2026-11-01,Total,10,1,5\n2026-11-02,Total,1,1,1\n")
    place.toml(SPEND)
    assert place.values("cost") == {None: 6}


def test_encodings(place: Place) -> None:
    tried = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "gbk"]
    for n, encoding in enumerate(tried):
        text = f"日期,推广计划,展现,点击,消费\n2026-11-0{n + 1},双十一大促,10,1,5\n"
        place.put(f"ads{n}.csv", text, encoding)
    place.toml(SPEND)
    assert [r["campaign"] for r in place.rows("spend")] == ["双十一大促"] * len(tried)


def test_windows_1252_is_guessed(place: Place) -> None:
    place.put(
        "ads.csv", "日期".encode() and b"day,name,cost\n2026-11-01,caf\xe9 \x80,5\n2026-11-02,na\xefve,6\n"
    )
    place.toml("""
        [[source]]
        name = "ads"
        files = ["ads*"]
        table = "spend"
        columns = { ts = "day", campaign = "name", cost = "cost" }
        """)
    assert [r["campaign"] for r in place.rows("spend")] == ["café €", "naïve"]


def test_tabs_and_carriage_returns(place: Place) -> None:
    place.put("ads.tsv", "日期\t推广计划 \t展现\t点击\t消费\t\r\n2026-11-01\ta\t10\t1\t5\t\r\n")
    place.toml(SPEND)
    assert [(r["line"], r["cost"]) for r in place.rows("spend")] == [(2, 5)]


def test_quotes_and_newlines_inside_cells_keep_the_line(place: Place) -> None:
    place.put("ads.csv", '日期,推广计划,展现,点击,消费\n2026-11-01,"a\nb,""c""",1,1,1\n2026-11-01,d,1,1,1\n')
    place.toml(SPEND)
    assert [(r["line"], r["campaign"]) for r in place.rows("spend")] == [(2, 'a\nb,"c"'), (4, "d")]


def test_a_doubled_header_is_filtered_and_a_short_row_is_read(place: Place) -> None:
    place.put(
        "ads.csv",
        "日期,推广计划,展现,点击,消费\n2026-11-01,a,1,1,1\n日期,推广计划,展现,点击,消费\n2026-11-02,b,2,\n",
    )
    place.toml(SPEND)
    assert place.counts() == {"ads.csv": (3, 2, 0, 0, 1)}


def test_a_reject_says_where_what_and_why(place: Place) -> None:
    place.put(
        "ads.csv",
        "日期,推广计划,展现,点击,消费\n2026-11-01,a,1,1,x1\n2026-13-41,b,1,1,1\n,c,1,1,1\n2026-11-02,d,1,1,1\n",
    )
    place.toml(SPEND)
    got = [
        (r["source"], r["file"], r["line"], r["column"], r["value"]) for r in place.ask("rejects")["rejects"]
    ]
    assert got == [
        ("ads", "ads.csv", 2, "消费", "x1"),
        ("ads", "ads.csv", 3, "日期", "2026-13-41"),
        ("ads", "ads.csv", 4, "日期", None),
    ]
    assert all(r["reason"] for r in place.ask("rejects")["rejects"])
    assert place.counts() == {"ads.csv": (4, 1, 3, 0, 0)}


EVENTS = """
[[source]]
name = "e"
files = ["e*"]
table = "events"
event = "order"
columns = { ts = "ts", value = "v", member_id = "m" }
"""


MOMENTS = {
    "2026年11月1日": "2026-11-01T00:00:00+08:00",
    "2026年11月1日 13时05分": "2026-11-01T13:05:00+08:00",
    "2026年11月1日 13:05:06": "2026-11-01T13:05:06+08:00",
    "2026/11/1 13:05": "2026-11-01T13:05:00+08:00",
    "20261101": "2026-11-01T00:00:00+08:00",
    "3.11.2026": "2026-11-03T00:00:00+08:00",
    "13.11.2026 08:00": "2026-11-13T08:00:00+08:00",
    "2026-11-01T13:05:06Z": "2026-11-01T21:05:06+08:00",
    "2026-11-01T13:05:06.123+02:00": "2026-11-01T19:05:06.123000+08:00",
    "2026-11-01 13:05:06 UTC": "2026-11-01T21:05:06+08:00",
    "1777593600": "2026-05-01T08:00:00+08:00",
    "1777593600123": "2026-05-01T08:00:00.123000+08:00",
    "46000.5": "2025-12-09T12:00:00+08:00",
    "Nov 1, 2026": "2026-11-01T00:00:00+08:00",
    "1 Nov 2026": "2026-11-01T00:00:00+08:00",
    "2026-11-01 1:05 PM": "2026-11-01T13:05:00+08:00",
}


def test_the_forms_of_a_moment(place: Place) -> None:
    for n, text in enumerate(MOMENTS):
        place.put(f"e{n:02}.csv", f"ts;v\n{text};1\n")
    place.toml(EVENTS, timezone="Asia/Shanghai")
    assert place.ask("rejects")["rejects"] == []
    assert [row["ts"] for row in place.rows()] == list(MOMENTS.values())


def test_day_and_month_are_told_apart_per_column(place: Place) -> None:
    place.put("e1.csv", "ts,v\n03/04/2026,1\n25/04/2026,1\n")
    place.put("e2.csv", "ts,v\n03/04/2026,1\n04/25/2026,1\n")
    place.toml(EVENTS)
    assert [row["ts"][:10] for row in place.rows()] == [
        "2026-04-03",
        "2026-04-25",
        "2026-03-04",
        "2026-04-25",
    ]


def test_columns_aligned_by_blanks(place: Place) -> None:
    place.put("e.txt", " 0004 0001 20260101  2   29.33\n 0021 0002 20260118 11  129.73\n")
    place.toml("""
        [[source]]
        name = "e"
        files = ["e*"]
        table = "events"
        event = "order"
        no_header = true
        delimiter = " "
        columns = { ts = "column_3", member_id = "column_1", quantity = "column_4", value = "column_5" }
        """)
    assert [(r["line"], r["quantity"], r["value"]) for r in place.rows()] == [(1, 2, 29.33), (2, 11, 129.73)]


def test_a_year_of_birth_is_enough(place: Place) -> None:
    place.put("p.csv", "id,birth,city\n1,1957,沪\n2,1960-02-03,\n3,,京\n")
    place.toml("""
        [[source]]
        name = "p"
        files = ["p.csv"]
        table = "profiles"
        columns = { member_id = "id" }
        """)
    assert [r["birth"] for r in place.rows("profiles")] == ["1957-01-01", "1960-02-03", None]


def test_an_amount_with_its_refund_is_an_order_and_a_refund(place: Place) -> None:
    place.put("e.csv", "ts,v\n2026-01-01,¥131.77(已退款89.84)\n2026-01-01,￥10\n2026-01-01,-4\n")
    place.toml(EVENTS)
    assert [(r["event"], r["value"], r["line"]) for r in place.rows()] == [
        ("order", 131.77, 2),
        ("refund", 89.84, 2),
        ("order", 10, 3),
        ("refund", 4, 4),
    ]
    assert place.counts() == {"e.csv": (3, 3, 0, 0, 0)}
    assert place.values("net_revenue", "revenue", "refunds", key="metric") == {
        "net_revenue": 47.93,
        "revenue": 141.77,
        "refunds": 93.84,
    }


def test_a_decimal_comma_where_the_source_says_so(place: Place) -> None:
    place.put("e.csv", "ts;v\n2026-01-01;1.234,56\n2026-01-01;7,5\n2026-01-01;1 000,25 €\n")
    place.toml(EVENTS + 'decimal = ","')
    assert [r["value"] for r in place.rows()] == [1234.56, 7.5, 1000.25]


def test_ndjson_rows_have_their_line_and_props_their_type(place: Place) -> None:
    lines = [
        {"ts": "2026-01-01T00:00:00Z", "v": 1.5, "m": "a", "n": 3, "ok": True, "tag": "x"},
        {"ts": "2026-01-01T00:00:00Z", "v": None, "m": "b", "n": 4, "ok": False},
    ]
    place.put("e.ndjson", "\n".join(json.dumps(one) for one in lines) + "\n{broken\n")
    place.toml(EVENTS)
    rows = place.rows()
    assert [(r["line"], r["value"], *r["props"].values()) for r in rows] == [
        (1, 1.5, 3, True, "x"),
        (2, None, 4, False, None),
    ]
    assert place.counts() == {"e.ndjson": (3, 2, 1, 0, 0)}


def test_a_json_array_counts_records(place: Place) -> None:
    place.put("e.json", '[\n {"ts": "2026-01-01", "v": 1},\n\n {"ts": "2026-01-02", "v": "2"}]')
    place.toml(EVENTS)
    assert [(r["line"], r["value"]) for r in place.rows()] == [(1, 1), (2, 2)]


def test_excel_rows_are_those_of_the_sheet(place: Place) -> None:
    from datetime import datetime

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [
        ["报告"],
        [],
        ["ts", "v", "m"],
        [datetime(2026, 1, 5, 6, 30), 7.5, 13800138000],
        [datetime(2026, 1, 6), None, "x"],
    ]:
        sheet.append(row)
    path = place.root / "e.xlsx"
    book.save(path)
    place.toml(EVENTS)
    assert [(r["line"], r["ts"], r["value"]) for r in place.rows()] == [
        (4, "2026-01-05T06:30:00+00:00", 7.5),
        (5, "2026-01-06T00:00:00+00:00", None),
    ]


def test_parquet_counts_records(place: Place) -> None:
    from datetime import datetime

    import polars as pl

    frame = pl.DataFrame({"ts": [datetime(2026, 1, 5, 6, 30), None], "v": [1, 2], "m": ["a", "b"]})
    frame.write_parquet(place.root / "e.parquet")
    place.toml(EVENTS)
    assert [(r["line"], r["value"]) for r in place.rows()] == [(1, 1)]
    assert [(r["line"], r["column"]) for r in place.ask("rejects")["rejects"]] == [(2, "ts")]


def test_a_torn_last_line_waits(place: Place) -> None:
    path = place.put("e.csv", "ts,v\n2026-01-01,1\n2026-01-02,2")
    place.toml(EVENTS)
    first = place.counts()["e.csv"][0]
    path.write_text("ts,v\n2026-01-01,1\n2026-01-02,25\n")
    assert [r["value"] for r in place.rows()] == [1, 25]
    assert first in (1, 2)


def test_a_file_may_be_renamed_replaced_and_deleted(place: Place) -> None:
    path = place.put("e1.csv", "ts,v\n2026-01-01,1\n")
    place.toml(EVENTS)
    assert place.values("revenue") == {None: 1}
    path = path.rename(place.root / "e2.csv")
    assert [(r["file"], r["value"]) for r in place.rows()] == [("e2.csv", 1)]
    place.put("e2.csv", "v,ts\n10,2026-01-01\n20,2026-01-02\n")
    assert place.values("revenue") == {None: 30}
    path.unlink()
    assert place.values("revenue") == {None: 0}
    assert place.rows() == []


def test_the_future_is_rejected(place: Place) -> None:
    place.put("e.csv", "ts,v\n2999-01-01,1\n2026-01-02,2\n")
    place.toml(EVENTS)
    assert place.counts() == {"e.csv": (2, 1, 1, 0, 0)}
    assert place.ask("status")["as_of"].startswith("2026-01-02")


def test_a_file_that_cannot_be_read_is_one_reject(place: Place) -> None:
    place.put("e1.parquet", b"not parquet at all")
    place.put("e2.csv", "ts,v\n2026-01-02,2\n")
    place.toml(EVENTS)
    assert [(r["file"]) for r in place.ask("rejects")["rejects"]] == ["e1.parquet"]
    assert place.values("revenue") == {None: 2}
    place.counts()


def test_blocked_identifiers_reject_nothing_and_identify_nobody(place: Place) -> None:
    place.put("e.csv", "ts,v,m\n2026-01-02,2,未知\n2026-01-02,2,0000\n2026-01-02,3,\n2026-01-02,4,u1\n")
    place.toml(EVENTS)
    rows = place.rows()
    assert place.counts() == {"e.csv": (4, 4, 0, 0, 0)}
    assert [r["person"] is None for r in rows] == [True, True, True, False]
    assert place.ask("status")["persons"] == 1


def test_files_that_are_no_data(place: Place) -> None:
    place.put("e.csv", "ts,v\n2026-01-02,2\n")
    for name in (".e.csv", "e.tmp", "~$e.csv"):
        place.put(name, "ts,v\n2026-01-02,2\n")
    place.put("zz.csv", "hello\n1\n")
    place.toml(EVENTS)
    status = place.ask("status")
    assert [f["file"] for f in status["files"]] == ["e.csv"]
    assert status["unmapped"] == ["zz.csv"]
