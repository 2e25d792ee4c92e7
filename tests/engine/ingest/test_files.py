"""Files as they come: layouts, broken rows, broken files."""

from __future__ import annotations

import csv
import io
import random
import tempfile
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expressions import parse
from engine.ingest import recognise, scan
from engine.ingest.delimited import LINE, Shape
from engine.ingest.delimited import parse as parse_delimited
from engine.workspace.model import EventRule, Moment
from tests.engine.ingest.workspaces import columns, equation, lines, read, source, workspace

SPEND = source("spend", preset="baidu_search")
BAIDU = lines(
    "数据生成时间：2026-11-02",
    "1. 时间范围：20261101",
    "",
    "日期\t,推广计划,展现,点击,消费,点击率",
    '2026-11-01,p1,"1,000",5,¥12.50,0.50%',
    "2026-11-01,p2,10,-,3, ",
    "",
    "总计,,1010,5,15.5,",
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_a_report_with_preamble_and_totals_is_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    found = read(tmp_path, BAIDU.encode(encoding), SPEND, timezone="Asia/Shanghai")
    assert found["line"] == [5, 6] and found["cost"] == [Decimal("12.5"), 3]
    assert found["clicks"] == [5, None] and found["day"] == [date(2026, 11, 1)] * 2
    assert (found.state.rows, found.filtered, found["channel"]) == (3, {"total_row": 1}, ["baidu"] * 2)


def test_windows_1252_is_told_from_gbk(tmp_path: Path) -> None:
    found = read(
        tmp_path, lines("ts,event,text", "2026-11-01,rating,déjà très élevé").encode("cp1252"), source()
    )
    assert found["text"] == ["déjà très élevé"]


CELL = st.text(st.sampled_from(list("ab,\";| \n\t好é'")), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_delimited_text_equals_what_the_csv_module_reads(
    rows: list[list[str]], mark: str, quoting: int
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=mark, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    parsed = parse_delimited(out.getvalue().encode(), 1, Shape(mark, ("x", "y", "z")), True)
    reader = csv.reader(io.StringIO(out.getvalue()), delimiter=mark)
    expected, before = [], 0
    for cells in reader:
        if any(cell.strip(" \t\n") for cell in cells):
            expected.append((before + 1, *((cell.strip(" \t\n") or None) for cell in cells)))
        before = reader.line_num
    assert parsed.frame.select(LINE, "x", "y", "z").rows() == expected and not parsed.faults


@settings(max_examples=40, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(st.sampled_from(list('0,";\n\r2026-11-01visit\0')), max_size=120).map(str.encode)
)
def test_the_row_equation_holds_for_any_bytes(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as tmp:
        found = read(Path(tmp), b"ts,event\n" + content, source())
        assert equation(found.state) and len(found.rejects) == found.state.rejected


def test_each_broken_row_is_a_reject_with_line_column_value_and_reason(tmp_path: Path) -> None:
    text = lines(
        "日期,推广计划,展现,点击,消费",
        "2026-11-01,ok,1,1,1",
        '2026-11-01,a,1,1,"1,2O4.50"',
        "2026-11-01,b,1,1,n.a",
        "2026-13-01,c,1,1,1",
        "2027-11-22,d,1,1,1",
        "2026-11-01,e,1",
        "2026-11-01,f,1,1,1,9",
        ",g,1,1,1",
    )
    found = read(tmp_path, text, SPEND)
    assert found["line"] == [2]
    assert found.reasons == [
        (3, "消费", "not a number: letter O in 1,2O4.50"),
        (4, "消费", "not a number: n.a"),
        (5, "日期", "no such month: 13"),
        (6, "日期", "365 days in the future"),
        (7, None, "3 fields, header has 5"),
        (8, None, "6 fields, header has 5"),
        (9, "日期", "no date or time"),
    ]
    assert (found.rejects[0].value, found.rejects[0].text) == ("1,2O4.50", "2026-11-01,a,1,1,1,2O4.50")


def test_a_record_that_stops_after_a_delimiter_is_filled_up_and_empty_cells_too_many_are_cut(
    tmp_path: Path,
) -> None:
    text = lines("ts;event;page;text", "2026-11-01;visit;", "2026-11-02;visit;a;b;;", "2026-11-03;visit;a;")
    found = read(tmp_path, text, source())
    assert (found["page"], found["text"], found.rejects) == ([None, "a", "a"], [None, "b", None], [])


def test_a_quote_that_is_never_closed_costs_its_line_only(tmp_path: Path) -> None:
    rows = [f"2026-11-01,visit,p{i}" for i in range(300)]
    found = read(tmp_path, lines("ts,event,page", '2026-11-01,visit,"open', *rows), source())
    assert found.reasons == [(2, None, "a quote that is never closed")]
    assert found.state.accepted == 300


def test_a_line_of_many_megabytes_is_one_reject(tmp_path: Path) -> None:
    text = lines(
        "ts,event,page", "2026-11-01,visit,a", "2026-11-01,visit," + "x" * (9 << 20), "2026-11-02,visit,b"
    )
    found = read(tmp_path, text, source())
    assert found.reasons == [(3, None, "a line of 9 MB; the limit is 8 MB")] and found["line"] == [2, 4]


def test_repeated_headers_blank_lines_and_double_names_are_no_rows(tmp_path: Path) -> None:
    text = lines(
        "ts,event,Objective,Objective", "ts,event,Objective,Objective", "2026-11-01,visit,a,b", ",,,", ""
    )
    found = read(tmp_path, text, source())
    assert found.filtered == {"repeated_header": 1} and found.state.rows == 2
    assert (found["p.Objective"], found["p.Objective_2"]) == (["a"], ["b"])


@pytest.mark.parametrize(
    "total", ["总计,--,30,3", "合计:,,30,3", "Total,,30,3", "Grand Totals (2 records)", ",,30,3"]
)
@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_total_row_is_filtered_wherever_it_stands(tmp_path: Path, total: str, place: int) -> None:
    rows = ["日期,推广计划,展现,消费", "2026-11-01,a,10,1", "2026-11-02,b,20,2"]
    found = read(tmp_path, lines(*rows[:place], total, *rows[place:]), SPEND)
    assert (found["cost"], found.filtered, found.rejects) == ([1, 2], {"total_row": 1}, [])


def test_props_get_a_type_only_if_every_value_is_written_in_its_canonical_form(tmp_path: Path) -> None:
    text = lines(
        "ts,event,n,zip,f,b,mixed", "2026-11-01,visit,1,007,1.5,true,1", "2026-11-01,visit,,8,2,false,x"
    )
    kinds = dict(read(tmp_path, text, source()).state.parts[0].props)
    assert kinds == {"n": "count", "zip": "text", "f": "number", "b": "boolean", "mixed": "text"}


def test_json_keeps_the_type_of_each_value(tmp_path: Path) -> None:
    text = lines('{"ts":"2026-11-01","event":"a","n":1,"s":"1","b":true,"f":1.5,"l":[1],"z":null}')
    found = read(tmp_path, text, source(), "a.ndjson")
    kinds = {"n": "count", "s": "text", "b": "boolean", "f": "number", "l": "text", "z": "text"}
    assert dict(found.state.parts[0].props) == kinds and found["p.s"] == ["1"]


def test_names_lists_expressions_and_constants_make_one_row(tmp_path: Path) -> None:
    how = source(
        columns=columns(ts=("day", "time"), value="= Quantity * UnitPrice", order_id="InvoiceNo"),
        constants={"channel": "shop"},
        values={"region": {"UK": "gb"}},
        timezone="Asia/Shanghai",
        event=EventRule(cases=((parse("InvoiceNo like 'C%'"), "refund"), (parse("true"), "order"))),
    )
    text = lines(
        "InvoiceNo,day,time,Quantity,UnitPrice,region",
        "1,2026-11-01,8:00,6,2.55,UK",
        "C2,2026-11-01,9:00,-1,3,FR",
    )
    found = read(tmp_path, text, how)
    assert (found["event"], found["value"]) == (["order", "refund"], [Decimal("15.3"), 3])
    assert (found["ts"][0], found["region"], found["channel"]) == (
        datetime(2026, 11, 1),
        ["gb", "FR"],
        ["shop"] * 2,
    )


def test_a_row_with_moments_is_one_record_and_several_facts(tmp_path: Path) -> None:
    how = source(
        columns=columns(lead_id="id"),
        dedupe=("lead_id",),
        moments=(Moment("lead", columns(ts="first")), Moment("deal", columns(ts="won", value="amount"))),
    )
    found = read(
        tmp_path, lines("id,first,won,amount", "L1,2026-11-01,2026-11-05,10", "L2,2026-11-02,,", "L3,,,"), how
    )
    assert (found["event"], found["value"], found["line"]) == (
        ["lead", "deal", "lead"],
        [None, 10, None],
        [2, 2, 3],
    )
    assert (found.state.accepted, found.reasons) == (2, [(4, None, "no moment: first, won are all empty")])


def test_an_amount_with_a_refund_is_an_order_and_a_refund_of_one_record(tmp_path: Path) -> None:
    found = read(
        tmp_path, lines("ts,value", "2026-11-01,131.77(已退款89.84)", "2026-11-02,-5"), source(event="order")
    )
    assert found["event"] == ["order", "refund", "refund"] and found.state.accepted == 2
    assert found["value"] == [Decimal("131.77"), Decimal("89.84"), 5]


def test_events_come_from_a_column_and_others_are_passed_filtered_or_rejected(tmp_path: Path) -> None:
    text = lines("ts,status", "2026-11-01,paid", "2026-11-01,open")
    rule = {
        other: source(event=EventRule(column="status", values={"paid": "order"}, others=other))
        for other in ("pass", "filter", "reject")
    }
    assert read(tmp_path, text, rule["pass"])["event"] == ["order", "open"]
    assert read(tmp_path, text, rule["filter"]).filtered == {"event": 1}
    assert read(tmp_path, text, rule["reject"]).reasons[0][:2] == (3, "status")


def test_rows_outside_where_are_filtered(tmp_path: Path) -> None:
    found = read(
        tmp_path, lines("ts,event,n", "2026-11-01,a,1", "2026-11-01,a,"), source(where=parse("n > 0"))
    )
    assert (found["line"], found.filtered) == ([2], {"where": 1})


def test_scales_null_values_and_the_day_in_the_file_name(tmp_path: Path) -> None:
    how = source(
        "spend",
        "**",
        columns=columns(cost="cost_micros", campaign="c"),
        scale={"cost": "micros"},
        null_values=("Select",),
        date_from="%Y-%m-%d",
    )
    found = read(tmp_path, lines("c,cost_micros", "Select,1500000"), how, "x/report_2026-11-01.csv")
    assert (found["cost"], found["campaign"], found["day"]) == ([Decimal("1.5")], [None], [date(2026, 11, 1)])


def test_a_file_without_a_header_has_numbered_columns(tmp_path: Path) -> None:
    how = source(event="visit", no_header=True, columns=columns(ts="column_1", page="column_2"))
    assert read(tmp_path, lines("2026-11-01,/a", "2026-11-02,/b"), how)["page"] == ["/a", "/b"]


def test_a_bad_identifier_stays_on_the_row_and_identifies_nobody(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        lines("ts,event,phone,cookie", "2026-11-01,visit,010-1234,AbC", "2026-11-01,visit,无,"),
        source(),
    )
    assert (found["phone"], found["ids"]) == ([["010-1234"], ["无"]], [["cookie:AbC"], []])
    assert found["subject"][0] is not None and found["subject"][1] is None


def test_a_list_of_identifiers_has_the_smaller_first(tmp_path: Path) -> None:
    text = lines(
        '{"ts":"2026-11-01","event":"a","phone":["13911112222","13811112222","13911112222","1"],"email":"A@b.cn"}'
    )
    found = read(tmp_path, text, source(), "a.ndjson")
    assert found["ids"] == [["phone:+8613811112222", "phone:+8613911112222", "email:a@b.cn"]]


def test_equal_dedupe_keys_have_equal_records(tmp_path: Path) -> None:
    text = lines("ts,event,order_id", "2026-11-01,order,1", "2026-11-02,order,1", "2026-11-02,order,")
    record = read(tmp_path, text, source(dedupe=("order_id",)))["record"]
    assert record[0] == record[1] is not None and record[2] is None


def test_excel_rows_carry_the_row_of_the_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["Leads"],
        [],
        ["ts", "event", "value"],
        [datetime(2026, 11, 1, 8, 5), "deal", 1.5],
        ["合计", None, 1.5],
    ):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    found = read(tmp_path, out.getvalue(), source(), "a.xlsx")
    assert (found["line"], found["ts"], found["value"]) == (
        [4],
        [datetime(2026, 11, 1, 8, 5)],
        [Decimal("1.5")],
    )
    assert found.filtered == {"total_row": 1}


def test_parquet_keeps_its_types_and_numbers_its_records(tmp_path: Path) -> None:
    out = io.BytesIO()
    frame = pl.DataFrame(
        {"ts": [datetime(2026, 11, 1), None], "event": ["a", "b"], "n": [1, 2], "t": [b"x", b"y"]}
    )
    frame.write_parquet(out)
    found = read(tmp_path, out.getvalue(), source(), "a.parquet")
    assert (found["line"], found["p.n"], found.reasons) == ([1], [1], [(2, "ts", "no date or time")])


WHOLE = lines("ts,event", "2026-11-01,visit").encode()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"\0" * 5000, "5,000 zero bytes and nothing else"),
        ("a.parquet", b"PAR1junk", "not a complete Parquet"),
        ("a.xlsx", b"PK\x03\x04junk", "not a complete Excel"),
        ("a.json", b'[{"ts": 1}, {', "not complete JSON"),
        ("a.csv", b"day,event\n2026-11-01,visit\n", "no column gives ts; the file has: day, event"),
        ("a.csv", b"ts,what\n2026-11-01,visit\n", "nothing says the event"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_reject(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    found = read(tmp_path, content, source(columns=columns(ts="ts")), name)
    assert (
        words in str(found.state.error)
        and found.state.rows == found.state.rejected == len(found.rejects) == 1
    )


@pytest.mark.parametrize("content", [b"", b"ts,event", b"ts,event\n", b"\n\n"])
def test_an_empty_file_and_one_with_a_header_alone_have_no_rows(tmp_path: Path, content: bytes) -> None:
    found = read(tmp_path, content, source())
    assert (found.state.error, found.state.rows) == (None, 0)


def test_a_directory_with_the_name_of_a_file_is_one_clear_fault(tmp_path: Path) -> None:
    (tmp_path / "data" / "b.csv").mkdir(parents=True)
    from tests.engine.ingest.workspaces import again

    assert "a directory" in str(again(tmp_path, source(), None, "b.csv").state.error)


def test_the_first_source_owns_a_file_and_configuration_is_no_data(tmp_path: Path) -> None:
    for name in (".hidden", "a.tmp", "~$a.xlsx", "looptop.toml", "x/deep/a.csv", "b.csv", "c.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "out").symlink_to("/etc")
    first, second = source(files="x/**/*.csv"), source(files="**/*.csv")
    space = workspace(tmp_path, first, second)
    assert [(file.path, file.source) for file in scan(space)] == [
        ("b.csv", "s"),
        ("c.txt", None),
        ("x/deep/a.csv", "s"),
    ]


def test_files_are_recognised_by_their_headers_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "百度_1.csv").write_bytes(BAIDU.encode("gb18030"))
    (tmp_path / "events.ndjson").write_text('{"ts":"2026-11-01","event":"visit","cookie":"c"}\n')
    (tmp_path / "orders-2026.csv").write_text("订单号,下单时间,手机号,实付金额\n1,2026-11-01,13811112222,5\n")
    (tmp_path / "targets.csv").write_text("period,metric,value\n2026-11,revenue,5\n")
    (tmp_path / "notes.txt").write_text("hello\nworld\n")
    found = {guess.files: (guess.preset, guess.table, guess.guessed) for guess in recognise(tmp_path)}
    assert found == {
        ("百度_*.csv",): ("baidu_search", "spend", True),
        ("events.ndjson",): ("web_events", "events", True),
        ("orders-*.csv",): ("orders", "events", True),
        ("targets.csv",): ("targets", "targets", True),
    }


def test_rows_of_a_large_file_keep_their_lines_over_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.ingest import blocks, pieces

    rng = random.Random(1)
    rows = [
        f'2026-11-01,visit,"a{i}\nb"' if rng.random() < 0.2 else f"2026-11-01,visit,p{i}" for i in range(500)
    ]
    text = lines("ts,event,page", *rows)
    whole = read(tmp_path / "one", text, source())
    monkeypatch.setattr(pieces, "blocks", partial(blocks.blocks, size=997))
    split = read(tmp_path / "two", text, source())
    assert split.without_rows() == whole.without_rows() and len(split.state.parts) > 5
