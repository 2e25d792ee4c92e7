"""The sources of the plates: their files, rejects, and what there is to look at."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from engine.questions import (
    ColumnQuality,
    Copy,
    Dispute,
    Drift,
    FileStatus,
    Freshness,
    LateRows,
    QualityAnswer,
    QualityLine,
    Reject,
    RuleResult,
    SeenValue,
    SourceQuality,
    SourceStatus,
    Status,
    Violation,
)

NOW = datetime(2026, 10, 29, 6, 32)
SOURCES = (
    # name, table, files, rows, rejected, duplicates, filtered, newest, stale
    ("baidu", "spend", 121, 30_914, 92, 0, 121, (29, 6, 31), False),
    ("douyin", "spend", 121, 48_220, 0, 0, 121, (29, 6, 30), False),
    ("kuaishou", "spend", 119, 21_870, 0, 0, 119, (28, 4, 10), True),
    ("web", "events", 121, 1_081_402, 41, 2_331, 720, (29, 6, 32), False),
    ("orders", "events", 12, 61_840, 17, 435, 0, (29, 6, 32), False),
)
REJECTS = (
    Reject(
        "baidu",
        "baidu_2026-10-28.csv",
        41,
        "消费",
        "1,2O4.50",
        "not a number: letter O in 1,2O4.50",
        "2026-10-28\t秋季",
    ),
    Reject(
        "baidu",
        "baidu_2026-10-28.csv",
        188,
        "推广计划",
        "\x1b[31m秋季",
        "control characters in a name",
        "2026\x1b[31m",
    ),
    Reject("baidu", "baidu_2026-10-28.csv", 201, None, None, "11 fields, header has 14", "2026-10-28\t新品"),
)

FILE = "baidu_2026-10-28.csv"
DAY = date(2026, 10, 28)
FRESH = Freshness(datetime(2026, 10, 29, 6, 31), 60.0, 60.0, 86_400.0, None, 129_600.0, "rhythm")
COLUMNS = (
    ColumnQuality("日期", "file", "ts", "time", 121, 30_793, 0, 0.0, 2, 0.0001, None),
    ColumnQuality(
        "推广计划", "file", "campaign", "text", 121, 30_793, 31, 0.001, 1, 0.0, 14,
        new=(SeenValue("双11预热", 12, DAY, DAY, FILE, 44),),
        vanished=(SeenValue("夏季清仓", 812, date(2026, 7, 2), date(2026, 9, 30), "baidu_07.csv", 12),),
        empty_at=((FILE, 52),),
    ),
    ColumnQuality("消费", "file", "cost", "number", 121, 30_793, 4, 0.0001, 88, 0.0029, None),
    ColumnQuality("关键词", "file", "props", "text", 121, 30_793, 0, 0.0, 0, 0.0, 902),
)  # fmt: skip


def quality(source: str | None, column: str | None) -> QualityAnswer:
    """A rule that does not hold, a header that changed, two copies that disagree."""
    sources = tuple(
        SourceQuality(
            name, table, files, rows, rows - rejected - duplicates - filtered, rejected, duplicates, filtered,
            rejected / rows, duplicates / rows, 0.001, FRESH, LateRows(None, 0, 0, None),
            (Drift(name, FILE, "baidu_2026-10-27.csv", "added", "否定词"),) if name == "baidu" else (),
            COLUMNS,
        )
        for name, table, files, rows, rejected, duplicates, filtered, *_ in SOURCES
        if source in (None, name)
    )  # fmt: skip
    broken = Violation("clicks_fit", "baidu", FILE, 88, "点击", "912", "2026-10-28\t品牌\t40\t912")
    rule = RuleResult(
        "clicks_fit", "baidu", "点击", "clicks <= impressions", "error", "report", 30_701, 1, 0.00003, 0.0,
        True,
        (broken,),
    )  # fmt: skip
    copies = tuple(
        Copy(file, datetime(2026, 10, 29, 1), 120, {"cost": Decimal(cost)}, 9, file == FILE)
        for file, cost in ((FILE, "96300.00"), ("baidu_2026-10-28_rev.csv", "96812.40"))
    )
    lines = tuple(
        QualityLine("baidu", FILE, line, column, what, value, text)
        for line, what, value, text in (
            (41, "rejected", "1,2O4.50", "2026-10-28\t秋季\t1,2O4.50"),
            (52, "empty", None, "2026-10-28\t\t12.00"),
            (44, "new", "双11预热", "2026-10-28\t双11预热\t9.00"),
        )
    )
    return QualityAnswer(
        NOW, sources, (rule,) if source in (None, "baidu") else (),
        (Dispute("d1", "baidu", DAY, 3, copies),) if source in (None, "baidu") else (),
        lines if column else (), ("clicks_fit",),
    )  # fmt: skip


def status() -> Status:
    """Five sources; one is stale."""
    sources = tuple(
        SourceStatus(
            name,
            table,
            files,
            rows,
            rows - rejected - duplicates - filtered,
            rejected,
            duplicates,
            filtered,
            datetime(2026, 10, *newest),
            stale,
            12 * 3600.0,
            26 * 3600.0 if stale else 60.0,
        )
        for name, table, files, rows, rejected, duplicates, filtered, newest, stale in SOURCES
    )
    files = tuple(
        FileStatus(
            f"{source.name}_2026-10-{day}.csv",
            source.name,
            source.table,
            "baidu_search",
            "GB18030",
            256,
            248,
            7,
            0,
            1,
            {"total_row": 1},
            (
                ("layout", "baidu_search (shipped), 14 of 14 columns"),
                ("encoding", "GB18030 (a byte above 0x80 pair in each header)"),
                ("delimiter", "tab, header in line 8"),
                ("dates", "日期: like 2026-10-28, order not in doubt"),
                ("numbers", '消费: "," between thousands in 248'),
                ("nulls", '"-" is nothing: 点击 2'),
                ("totals", "total row in line 264: filtered, equals the sum of the rows (消费)"),
            ),
            (
                ("日期", "ts"),
                ("推广计划", "campaign"),
                ("展现", "impressions"),
                ("点击", "clicks"),
                ("消费", "cost"),
                ("推广单元", "props"),
                ("关键词", "props"),
                ("平均排名", "props"),
            ),
            None,
            source.last_ts,
        )
        for source in sources
        for day in (27, 28)
    )
    return Status(NOW, {"events": 1, "spend": 1, "profiles": 0}, 100, 0, 0, sources, files, ())
