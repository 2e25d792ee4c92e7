"""What an analyst drops into a directory and does not think about: odd line ends, odd days, odd totals."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from tests.contract.place import Place

ORDERS = """
[[source]]
name = "o"
files = ["o*"]
table = "events"
event = "order"
columns = { ts = "ts", value = "v", order_id = "id", phone = "mobile" }
"""

SPEND = """
[[source]]
name = "ads"
files = ["ads*"]
table = "spend"
columns = { ts = "day", campaign = "name", cost = "cost" }
"""


def _book(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _told(place: Place, topic: str) -> list[str]:
    (file,) = place.ask("check")["files"]
    return [one["sentence"] for one in file["evidence"] if one["topic"] == topic]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_lines_may_end_with_a_carriage_return_alone(place: Place, encoding: str) -> None:
    text = 'id,ts,v,备注\r1,2026-11-01,5,"甲\r乙"\r2,2026-11-02,x,\r3,2026-11-03,7,丙\r4,2026-1'
    place.put("o.csv", text.encode(encoding))
    place.toml(ORDERS)
    assert place.counts() == {"o.csv": (3, 2, 1, 0, 0)}
    assert [(row["line"], row["value"]) for row in place.rows()] == [(2, 5), (5, 7)]
    assert [one["line"] for one in place.ask("rejects")["rejects"]] == [4]


def test_a_day_that_stands_for_no_date_is_a_reject(place: Place) -> None:
    place.put("o.csv", "id,ts,v\n1,0001-01-01,5\n2,1899-12-30 00:00:00,6\n3,1900-01-01,7\n4,9999-12-31,8\n")
    place.toml(ORDERS, timezone="Asia/Shanghai")
    assert [row["line"] for row in place.rows()] == [4]
    reasons = {one["line"]: one["reason"] for one in place.ask("rejects")["rejects"]}
    assert 'add "0001-01-01" to null_values' in reasons[2] and "before 1900" in reasons[3]
    assert "in the future" in reasons[5]


def test_a_form_of_dates_without_a_year_takes_that_of_the_source(place: Place) -> None:
    place.put("ads.csv", "day,name,cost\n11/01,a,5\n2/29,b,6\n")
    place.toml(SPEND + 'date_format = "%m/%d"\nyear = 2024\n')
    assert [row["ts"][:10] for row in place.rows("spend")] == ["2024-11-01", "2024-02-29"]
    assert _told(place, "dates") == ["day: like 11/01, read as %m/%d (said by the source)"]
    place.toml(SPEND + 'date_format = "%m/%d"\n')
    assert {one["reason"][:7] for one in place.ask("rejects")["rejects"]} == {"no year"}


@pytest.mark.parametrize(
    ("days", "read", "words"),
    [
        (("11/01", "11/02"), ["2026-11-01", "2026-11-02"], "not decided by 2 values"),
        (("01-11", "25-10"), ["2026-11-01", "2026-10-25"], "the first number is over 12 in 1 of 2"),
        (("1.11", "2.11"), ["2026-11-01", "2026-11-02"], 'taken from the separator "."'),
    ],
)
def test_day_and_month_without_a_year_are_one_decision_too(
    place: Place, days: tuple[str, ...], read: list[str], words: str
) -> None:
    place.put("ads.csv", "day;name;cost\n" + "".join(f"{day};a;{day[-1]}\n" for day in days))
    place.toml(SPEND + "year = 2026\n")
    assert sorted(row["ts"][:10] for row in place.rows("spend")) == sorted(read)
    assert words in _told(place, "dates")[0]


def test_a_month_alone_is_no_day_and_the_reason_says_what_reads_it(place: Place) -> None:
    place.put("ads.csv", "day,name,cost\n2026-10,a,5\n")
    place.toml(SPEND)
    (reason,) = (one["reason"] for one in place.ask("rejects")["rejects"])
    assert 'date_format = "%Y-%m"' in reason
    place.toml(SPEND + 'date_format = "%Y-%m"\n')
    assert [row["ts"][:10] for row in place.rows("spend")] == ["2026-10-01"]


def test_cells_that_are_dates_and_numbers_need_no_form_and_no_mark(place: Place) -> None:
    rows: list[list[Any]] = [
        ["id", "ts", "v"],
        [1, date(2026, 11, 2), 1234.5],
        [2, "03/11/2026", "1.234,5"],
        [3, datetime(2026, 11, 4, 13, 5, 7), 1.234],
        [4, "04/11/2026", "1.234"],
        [5, "05/11/2026", 123456789.25],
    ]
    place.put("o.xlsx", _book(rows))
    place.toml(ORDERS + 'date_format = "%d/%m/%Y"\ndecimal = ","\n')
    assert place.ask("rejects")["rejects"] == []
    assert [(row["order_id"], row["ts"][:19], row["value"]) for row in place.rows()] == [
        ("1", "2026-11-02T00:00:00", 1234.5),
        ("2", "2026-11-03T00:00:00", 1234.5),
        ("3", "2026-11-04T13:05:07", 1.234),
        ("4", "2026-11-04T00:00:00", 1234),
        ("5", "2026-11-05T00:00:00", 123456789.25),
    ]


def test_a_name_that_begins_with_a_word_for_a_total_is_no_total_where_the_row_has_a_day(place: Place) -> None:
    place.put(
        "ads.csv",
        "name,day,cost\nTotal - Search,2026-11-01,5\nSum-mer sale,2026-11-02,9\nTotal - Search,--,14\n"
        "Total: 2 campaigns,,14\nTotal,2026-11-02,9\nGrand total,,14\n",
    )
    place.toml(SPEND + 'null_values = ["--"]\n')
    assert [row["line"] for row in place.rows("spend")] == [2, 3]
    (file,) = place.ask("check")["files"]
    assert (file["filtered"], file["rejected"]) == ({"total_row": 4}, 0)
    assert "filtered: total row 4" in place.say("check", "--lang", "en")[1]
    assert "合计行 4" in place.say("check", "--lang", "zh")[1]


def test_a_layout_of_a_header_gives_no_key_of_duplicates_and_a_named_one_does(place: Place) -> None:
    head = "Name,Email,Financial Status,Paid at,Currency,Total,Created at,Lineitem quantity,Lineitem name"
    order = "#1001,a@x.com,paid,2026-11-01 10:00:00 +0800,CNY,25.00,2026-11-01 09:58:00 +0800,1,杯"
    place.put("o1.csv", f"{head}\n{order}\n#1001,a@x.com,,,,,,2,盘\n")
    place.put("o2.csv", f"{head}\n{order}\n")
    said = '[[source]]\nname = "o"\nfiles = ["o*.csv"]\ntable = "events"\n'
    place.toml(said)
    assert place.counts() == {"o1.csv": (2, 1, 0, 0, 1), "o2.csv": (1, 1, 0, 0, 0)}
    notes = [
        one for file in place.ask("check")["files"] for one in file["evidence"] if one["topic"] == "dedupe"
    ]
    assert 'preset = "shopify_orders"' in notes[0]["sentence"]
    place.toml(said + 'preset = "shopify_orders"\n')
    assert sorted(place.counts().values()) == [(1, 0, 0, 1, 0), (2, 1, 0, 0, 1)] or sorted(
        place.counts().values()
    ) == [(1, 1, 0, 0, 0), (2, 0, 0, 1, 1)]


def test_a_currency_in_the_name_of_a_mapped_column_is_told_and_not_assumed(place: Place) -> None:
    place.put("ads.csv", "day,name,Spend (USD)\n2026-11-01,a,5\n")
    place.toml(SPEND.replace('cost = "cost"', 'cost = "Spend (USD)"'))
    assert [row["cost"] for row in place.rows("spend")] == [5]
    assert 'constants = { currency = "USD" }' in _told(place, "currency")[0]


def test_an_identifier_is_asked_for_as_it_is_written_anywhere(place: Place) -> None:
    place.put("o.csv", "id,ts,v,mobile\n1,2026-11-01,5,138 1111 2222\n2,2026-11-02,5,13911112222\n")
    place.toml(ORDERS)
    asked = ["phone:+8613811112222", "phone:13811112222", "phone:+86 138-1111-2222"]
    found = [place.ask("persons", one)["persons"][0]["person"] for one in asked]
    assert len(set(found)) == 1
    assert "no person" in place.refusal("persons", "phone:138")
    assert "no person" in place.refusal("persons", "shoe:138")


def test_an_empty_cell_where_others_are_rejected_is_no_event(place: Place) -> None:
    status = '{ column = "status", values = { paid = "order" }, others = "reject" }'
    place.put("o.csv", "id,ts,v,status\n1,2026-11-01,5,paid\n2,2026-11-01,5,\n3,2026-11-01,5,sent\n")
    place.toml(ORDERS.replace('event = "order"', f"event = {status}"))
    reasons = [(one["line"], one["value"], one["reason"]) for one in place.ask("rejects")["rejects"]]
    assert reasons == [
        (3, None, "no event"),
        (4, "sent", "not an event of this source: sent; values has paid"),
    ]
