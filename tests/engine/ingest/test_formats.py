"""Compressed text, UTF-16, pages of HTML and workbooks as people and platforms save them."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ingest import recognise
from engine.ingest.htmltables import tables_of
from engine.ingest.jsonarray import items
from tests.effort import effort
from tests.engine.ingest.workspaces import again, columns, equation, lines, read, source

TEXT = lines("ts,event,page", "2026-11-01,visit,首页", "2026-11-02,visit,b", "2026-11-32,visit,c")
JSON = lines('{"ts": "2026-11-01", "event": "visit"}', '{"ts": "2026-11-02", "event": "view"}')


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_compressed_text_equals_the_text(tmp_path: Path, pack: object, encoding: str) -> None:
    assert callable(pack)
    packed = read(tmp_path / "a", pack(TEXT.encode(encoding)), source(), "a.csv.gz")
    plain = read(tmp_path / "b", TEXT.encode(encoding), source(), "a.csv")
    assert packed.without_rows() == plain.without_rows() and packed.reasons == plain.reasons != []
    assert packed.state.encoding == plain.state.encoding and packed.state.evidence[0][0] == "packed"
    assert read(tmp_path / "c", pack(JSON.encode()), source(), "a.ndjson.zst")["line"] == [1, 2]


def test_all_members_of_a_compressed_file_are_read_and_a_grown_one_is_read_again(tmp_path: Path) -> None:
    first = read(tmp_path, gzip.compress(TEXT.encode()), source(), "a.csv.gz")
    more = gzip.compress(lines("2026-11-03,visit,d").encode())
    path = tmp_path / "data" / "a.csv.gz"
    path.write_bytes(path.read_bytes() + more)
    found = again(tmp_path, source(), first.state, "a.csv.gz")
    assert found["line"] == [2, 3, 5] and len(found.state.parts) == 1
    assert again(tmp_path, source(), found.state, "a.csv.gz").state is found.state


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
@pytest.mark.parametrize("cut", [3, 20, -3])
def test_a_torn_compressed_file_is_one_reject(tmp_path: Path, pack: object, cut: int) -> None:
    assert callable(pack)
    found = read(tmp_path, pack(TEXT.encode() * 50)[:cut], source(), "a.csv.gz")
    assert "not a complete" in str(found.state.error) or cut == 3
    assert equation(found.state) and found.state.accepted == 0


@pytest.mark.parametrize("pack", [lambda raw: gzip.compress(raw, 9), zstd.compress])
def test_a_file_that_expands_without_measure_is_one_reject(
    tmp_path: Path, pack: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(pack)
    monkeypatch.setattr("engine.ingest.packed.FREE", 1 << 20)
    found = read(tmp_path, pack(b"ts,event\n" + b"a" * (8 << 20)), source(), "a.csv.gz")
    assert "expand to more than" in str(found.state.error) and found.state.rows == 1


def test_a_compressed_workbook_and_a_file_compressed_twice_say_so(tmp_path: Path) -> None:
    twice = read(tmp_path / "a", gzip.compress(gzip.compress(TEXT.encode())), source(), "a.gz")
    assert "gzip of a gzip file" in str(twice.state.error)


@settings(max_examples=effort(60), deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from([b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"<table>", b"PK\x03\x04"])
)
def test_the_row_equation_holds_for_any_bytes_after_a_magic_number(content: bytes, magic: bytes) -> None:
    with tempfile.TemporaryDirectory() as tmp:
        found = read(Path(tmp), magic + content, source())
        assert equation(found.state) and len(found.rejects) == found.state.rejected


def test_a_broken_code_unit_of_utf16_costs_its_line_alone(tmp_path: Path) -> None:
    text = b"\xff\xfe" + lines("ts,event,page", "2026-11-01,visit,a").encode("utf-16-le")
    text += b"2\x000\x00,\x00v\x00,\x00\x00\xd8a\x00\n\x00" + "2026-11-03,visit,c\n".encode("utf-16-le")
    found = read(tmp_path, text, source())
    assert found["line"] == [2, 4]
    assert found.reasons == [(3, None, "bytes that the file's encoding does not know")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_found_in_chinese_text_too(tmp_path: Path, encoding: str) -> None:
    text = "数据生成时间：二〇二六年十一月二日\n筛选条件：全部推广计划与全部推广单元\n" + TEXT
    found = read(tmp_path, text.encode(encoding), source())
    assert found["page"] == ["首页", "b"] and found.state.encoding == encoding


USERS = """<html><head><meta charset="{charset}"><title>用户分析</title><style>td {{ color: red }}</style>
<script>document.write("<table><tr><td>no</td></tr></table>")</script></head><body>
<table><tr><td>说明</td></tr></table>
<!-- <table><tr><td>old</td></tr></table> -->
<TABLE border="1"><tr><td colspan="4">用户增长&nbsp;</td></tr>
<tr><th>ts</th><th>event</th><th>page</th><th>value</th></tr>
<tr><td rowspan=2>2026-11-01</td><td>visit</td><td>a &amp; b<br>c</td><td x:num>1,204</td></tr>
<tr><td>view</td><td><b>d</b></td><td></td>
<tr><td>合计</td><td></td><td></td><td>1204</td></tr></TABLE></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_page_saved_as_xls_has_its_table_read(tmp_path: Path, charset: str) -> None:
    found = read(tmp_path, USERS.format(charset=charset).encode(charset), source(), "user_analysis.xls")
    assert found["line"] == [3, 4] and found["event"] == ["visit", "view"]
    assert found["page"] == ["a & b c", "d"] and found["value"] == [Decimal(1204), None]
    assert found["ts"] == [datetime(2026, 11, 1)] * 2 and found.filtered == {"total_row": 1}
    assert found.state.encoding == charset and ("format", "HTML table") in found.state.evidence


def test_a_page_without_a_table_says_what_it_is(tmp_path: Path) -> None:
    found = read(tmp_path, "<!DOCTYPE html><html><body>请登录</body></html>", source(), "report.csv")
    assert "HTML without a table" in str(found.state.error) and "请登录" in str(found.state.error)


def test_a_workbook_of_xml_is_read_and_its_entities_are_not(tmp_path: Path) -> None:
    text = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>
<Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>
<Row><Cell><Data ss:Type="String">ts</Data></Cell><Cell><Data>event</Data></Cell>
<Cell><Data>page</Data></Cell></Row>
<Row ss:Index="4"><Cell><Data>2026-11-01</Data></Cell><Cell><Data>visit</Data></Cell>
<Cell><Data>&e;</Data></Cell></Row>
<Row><Cell><Data>2026-11-02</Data></Cell><Cell ss:Index="3"><Data>b</Data></Cell></Row>
</Table></Worksheet></Workbook>"""
    found = read(tmp_path, text, source(), "a.xls")
    assert (found["line"], found["page"]) == ([4], ["&e;"])
    assert found.reasons == [(5, "event", "no event")]


@settings(max_examples=effort(100), deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<table>", "<tr>", "<td", ">", "</td>", " rowspan=9", " colspan=3", "a", "<!--", "-->"]
        )
    ).map("".join)
)
def test_any_page_is_a_rectangle_of_texts(text: str) -> None:
    for table in tables_of(text):
        assert len(table.rows) == len(table.numbers) and all(
            isinstance(cell, str) for row in table.rows for cell in row
        )


def test_a_page_of_nothing_but_openings_takes_no_time() -> None:
    assert tables_of("<table>" + "<td " * 300_000) == []
    assert tables_of("<table><tr>" + "<td rowspan=99999 colspan=4000>" * 200)[0].rows


def _book(*sheets: tuple[str, list[list[object]]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def _bytes(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEAD: list[object] = ["ts", "event", "value", "page", "flag"]


def test_cells_of_a_workbook_keep_their_values(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        HEAD,
        [date(2026, 11, 1), "visit", 0.1 + 0.2, "=1/0", True],
        [datetime(2026, 11, 1, 13, 5, 7), "visit", 1204.5, "#N/A", False],
        [46327, "visit", 12, "007", None],
        [46327.5, "visit", "1,204.50", 5.0, True],
    ]
    found = read(tmp_path, _bytes(_book(("a", rows))), source(), "a.csv")
    assert found["ts"] == [
        datetime(2026, 11, 1),
        datetime(2026, 11, 1, 13, 5, 7),
        datetime(2026, 11, 1),
        datetime(2026, 11, 1, 12),
    ]
    assert found["value"] == [Decimal("0.3"), Decimal("1204.5"), 12, Decimal("1204.5")]
    assert found["page"] == [None, None, "007", "5"] and found["p.flag"] == [True, False, None, True]


def test_a_day_and_a_clock_in_two_cells_are_one_moment(tmp_path: Path) -> None:
    rows: list[list[object]] = [["day", "time", "event"], [date(2026, 11, 1), time(13, 5), "visit"]]
    how = source(columns=columns(ts=("day", "time"), event="event"))
    assert read(tmp_path, _bytes(_book(("a", rows))), how, "a.xlsx")["ts"] == [datetime(2026, 11, 1, 13, 5)]


def test_the_sheet_is_the_first_shown_with_a_known_header_unless_the_source_says(tmp_path: Path) -> None:
    notes: list[list[object]] = [["说明"], ["本表由系统导出"]]
    old: list[list[object]] = [HEAD, [date(2026, 10, 1), "visit", 1, "old", None]]
    new: list[list[object]] = [["日报"], [], HEAD, [date(2026, 11, 1), "visit", 1, "new", None]]
    book = _book(("notes", notes), ("hidden", old), ("data", new), ("more", old))
    book["hidden"].sheet_state = "hidden"
    content = _bytes(book)
    how = source(columns=columns(ts="ts", event="event", page="page"))
    found = read(tmp_path / "a", content, how, "a.xlsx")
    assert (found["page"], found["line"]) == (["new"], [4])
    assert any(
        "not read: notes, hidden, more" in words for topic, words in found.state.evidence if topic == "sheet"
    )
    said = read(tmp_path / "b", content, source(sheet="more"), "a.xlsx")
    assert said["page"] == ["old"]
    wrong = read(tmp_path / "c", content, source(sheet="nope"), "a.xlsx")
    assert 'no sheet "nope"; there are: notes' in str(wrong.state.error)


def test_of_two_tables_side_by_side_the_first_is_read_and_told(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["ts", "event", "page", None, "ts", "event", "page"],
        [date(2026, 11, 1), "visit", "a", None, date(2026, 11, 9), "visit", "z"],
        [None, None, None, None, date(2026, 11, 9), "visit", "y"],
    ]
    found = read(tmp_path, _bytes(_book(("a", rows))), source(), "a.xlsx")
    assert (found["page"], found.state.rows) == (["a"], 1)
    assert any("side by side" in words for _, words in found.state.evidence)


def test_old_workbooks_are_read(tmp_path: Path) -> None:
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for i, row in enumerate((HEAD, ["2026-11-01", "visit", 0.1 + 0.2, "首页", True])):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    out = io.BytesIO()
    book.save(out)
    found = read(tmp_path, out.getvalue(), source(), "a.xls")
    assert (found["line"], found["value"], found["page"]) == ([2], [Decimal("0.3")], ["首页"])


def test_an_open_document_is_read_with_the_rows_of_its_sheet(tmp_path: Path) -> None:
    texts = "".join(f'<c t="string"><text:p>{name}</text:p></c>' for name in ("ts", "event", "value"))
    cells = (
        '<c t="date" office:date-value="2026-11-01"/><c t="string"><text:p>visit</text:p></c>'
        '<c t="float" office:value="1204.5"/>'
    )
    rows = f'<r/><r>{texts}</r><r table:number-rows-repeated="2"/><r>{cells}</r>'
    spelled = {"<c ": "<table:table-cell ", "</c>": "</table:table-cell>", " t=": " office:value-type="}
    spelled |= {"<r>": "<table:table-row>", "</r>": "</table:table-row>"}
    spelled |= {"<r/>": "<table:table-row/>", "<r ": "<table:table-row "}
    for short, long in spelled.items():
        rows = rows.replace(short, long)
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    body = (
        f"<office:document-content{names}><office:body><office:spreadsheet>"
        f'<table:table table:name="a">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", body)
    found = read(tmp_path, out.getvalue(), source(), "a.ods")
    assert found.state.error is None
    assert (found["line"], found["value"]) == ([5], [Decimal("1204.5")])
    assert found["ts"] == [datetime(2026, 11, 1)]


@pytest.mark.parametrize("mark", [",", "\t"])
def test_text_saved_as_xls_is_text(tmp_path: Path, mark: str) -> None:
    found = read(tmp_path, TEXT.replace(",", mark).encode("gb18030"), source(), "知乎.xls")
    assert found["page"] == ["首页", "b"]


def test_a_workbook_that_expands_without_measure_or_lies_far_apart_is_one_reject(tmp_path: Path) -> None:
    far = _book(("a", [HEAD]))
    far["a"]["XFD1048576"] = 1
    found = read(tmp_path / "a", _bytes(far), source(), "a.xlsx")
    assert "1,048,576 rows and 16,384 columns" in str(found.state.error)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/sharedStrings.xml", b" " * (100 << 20))
    assert "a workbook that expands beyond" in str(
        read(tmp_path / "b", bomb.getvalue(), source(), "b.xlsx").state.error
    )
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("report.csv", TEXT)
    assert "a zip archive, no workbook (report.csv)" in str(
        read(tmp_path / "c", other.getvalue(), source(), "c.zip").state.error
    )


def test_files_are_recognised_in_every_wrapping(tmp_path: Path) -> None:
    header = "日期,推广计划,展现,点击,消费\n2026-11-01,a,1,1,1\n"
    rows = [line.replace(",", "<td>") for line in header.splitlines()]
    page = "<table>" + "".join(f"<tr><td>{row}" for row in rows) + "</table>"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(header.encode("gb18030")))
    (tmp_path / "b.csv.zst").write_bytes(zstd.compress(header.encode("utf-16")))
    (tmp_path / "c.xls").write_bytes(page.encode("gb18030"))
    assert {source.preset for source in recognise(tmp_path)} == {"baidu_search"} and len(
        recognise(tmp_path)
    ) == 3


ITEMS = [{"ts": "2026-11-01", "event": "visit", "n": 1.5}, {"ts": "2026-11-02", "event": "首页", "n": 2}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "around",
    [lambda a: a, lambda a: {"data": a}, lambda a: {"data": {"page": {"n": 1}, "list": a}}],
)
def test_the_one_array_of_a_json_file_is_its_records(
    tmp_path: Path, around: Callable[[object], object], indent: int | None, encoding: str
) -> None:
    text = json.dumps(around([*ITEMS, 7]), ensure_ascii=False, indent=indent)
    found = read(tmp_path, text.encode(encoding), source(), "a.json")
    assert (found["line"], found["event"], found["p.n"]) == ([1, 2], ["visit", "首页"], [1.5, 2.0])
    assert found.reasons == [(3, None, "not a JSON object")]


def test_a_long_array_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"ts": "2026-11-01", "event": "visit", "page": f"p{i}"} for i in range(500)]
    whole = read(tmp_path / "a", json.dumps(rows), source(), "a.json")
    monkeypatch.setattr("engine.ingest.jsonarray.PIECE", 4000)
    monkeypatch.setattr("engine.ingest.jsonarray.WHOLE", 1000)
    monkeypatch.setattr("engine.ingest.jsonarray._STEP", 777)
    pieces = read(tmp_path / "b", json.dumps({"at": 1, "data": rows}), source(), "a.json")
    assert len(pieces.state.parts) > 5 and pieces.without_rows() == whole.without_rows()


@settings(max_examples=effort(60), deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=3), st.none() | st.integers() | st.text(max_size=5))))
def test_items_are_what_the_json_module_reads(rows: list[dict[str, object]]) -> None:
    raw = json.dumps(rows, indent=1).encode()
    assert [item.value for item in items(io.BytesIO(raw), 0, len(raw), "utf-8")] == rows


@pytest.mark.parametrize("text", ['[{"ts": 1}, {', "[1,]", "[1 2]", '{"a": [1}', "[" * 100_000])
def test_json_that_is_not_complete_is_one_reject(tmp_path: Path, text: str) -> None:
    assert "not complete JSON" in str(read(tmp_path, text, source(), "a.json").state.error) or text[0] == "{"


def test_a_part_of_an_object_is_reached_by_its_path(tmp_path: Path) -> None:
    text = '{"ts": "2026-11-01", "event": "visit", "context": {"page": {"path": "/a"}, "n": 5}}\n'
    rules = columns(ts="ts", event="event", page="context.page.path", value='= "context.n" * 2')
    how = source(columns=rules)
    for name, content in (("a.ndjson", text), ("a.json", f"[{text}]")):
        found = read(tmp_path / name, content, how, name)
        assert (found["page"], found["value"], found["p.context"] != []) == (["/a"], [10], True)


def test_bytes_that_are_no_text_cost_their_record_alone(tmp_path: Path) -> None:
    raw = (
        b'[{"ts": "2026-11-01", "event": "a\xff"}, {"ts": "2026-11-02", "event": "'
        + "首页首页首页".encode()
        + b'"}]'
    )
    found = read(tmp_path, raw, source(encoding="utf-8"), "a.json")
    assert found.reasons == [(1, None, "bytes that the file's encoding does not know")] and found["line"] == [
        2
    ]
