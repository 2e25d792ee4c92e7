"""A file with broken rows of each kind, among good ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sample_data.files import File, Record, Verdict
from sample_data.shop import DAY, Shop

HEAD = "订单号,会员号,姓名,商品编码,数量,金额,下单时间,备注\n"
ROWS: tuple[tuple[str, Verdict, str, str], ...] = (
    ("X-0001,m_100003,王芳,sofa-03,1,1299.00,2026-10-20 10:00:00,好的一行", "accepted", "", ""),
    ("X-0002,m_100009,李伟,lamp-02,1,1O9.00,2026-10-20 10:05:00,字母 O", "rejected", "金额", "number"),
    ("X-0003,m_100012,张敏,rug-02,1,待定,2026-10-20 10:06:00,不是数", "rejected", "金额", "number"),
    ("X-0004,m_100015,刘洋,dish-02,2,--,2026-10-20 10:07:00,平台的空值", "accepted", "", ""),
    ("X-0005,m_100018,陈静,bed-03,1,139.00,2026-02-30 09:00:00,没有这一天", "rejected", "下单时间", "date"),
    ("X-0006,m_100021,杨磊,bed-01,1,369.00,2099-01-01 00:00:00,还没到", "rejected", "下单时间", "future"),
    (
        "X-0007,m_100024,\x1b[31m红\x1b[0m\x07,bed-01,1,369.00,2026-10-20 11:00:00,转义序列",
        "accepted",
        "",
        "",
    ),
    ("X-0008,m_100027,少列", "rejected", "下单时间", "missing"),
    ("X-0009,m_100030,多列,bed-01,1,369.00,2026-10-20 11:10:00,备注,多,两列", "rejected", "", "fields"),
    ("X-0010,m_100033,[bold red]boom[/],lamp-01,1,259.00,2026-10-20 11:20:00,Rich 标记", "accepted", "", ""),
    (
        'X-0011,m_100036,"=HYPERLINK(""http://x.example"",""x"")",lamp-01,1,259.00,2026-10-20 11:30:00,公式',
        "accepted",
        "",
        "",
    ),
    ("", "filtered", "", ""),
    ('X-0012,m_100039,"两行\n名字",box-01,3,177.00,2026-10-20 11:40:00,引号里换行', "accepted", "", ""),
    ("X-0001,m_100003,王芳,sofa-03,1,1299.00,2026-10-20 10:00:00,好的一行", "duplicates", "", ""),
    ("X-0013,m_100042,没有时间,box-01,1,59.00,,空时间", "rejected", "下单时间", "missing"),
    (
        "X-0014,m_100045,e\u0301\u202e宽字ｗｉｄｅ,candle-01,1,69.00,2026-10-20 12:00:00,组合字符与方向符",
        "accepted",
        "",
        "",
    ),
)
TORN = "X-0015,m_100048,没写完,candle-01,1,69.00,2026-10-2"
"""The last line: its newline has not come yet, so it is not a record."""


def file(shop: Shop) -> File:
    """The file, with its blank line and its torn last line."""

    def render(rows: Sequence[tuple[str, str]], _now: int) -> bytes:
        body = "".join(f"{line}\n" for line, _ in rows)
        return (HEAD + body + TORN).encode()

    due = shop.end - 6 * DAY
    blank = [n for n, row in enumerate(ROWS) if not row[0]]
    assert len(blank) == 1
    lines = [line for line, *_ in ROWS]
    # A blank line is no record: it is written in front of the record that follows it.
    records = tuple(
        Record(due, (("\n" if n - 1 in blank else "") + line, verdict), verdict)
        for n, (line, (_, verdict, *_rest)) in enumerate(zip(lines, ROWS, strict=True))
        if line
    )
    return File("broken/orders_broken.csv", "broken_orders", records, render)


def rejects() -> list[dict[str, Any]]:
    """The rejects of the broken file: physical line, column as the file has it, kind of reason."""
    found, line = [], 2
    for text, verdict, column, kind in ROWS:
        if verdict == "rejected":
            found.append({"file": "broken/orders_broken.csv", "line": line, "column": column, "kind": kind})
        line += 1 + text.count("\n")
    return found
