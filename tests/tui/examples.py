"""Views that several tests draw."""

from __future__ import annotations

from tui.rows import MemoryRows
from tui.view import (
    AlertEntry,
    Cell,
    Change,
    Column,
    FeedView,
    FunnelView,
    Limit,
    Row,
    Series,
    Spark,
    Step,
    TableView,
    Target,
    Tile,
    TrendView,
)

SPARK = Spark((5, 9, 8, 6, 5, 4, 5, 7, 8, 9, 9, 6, 3, 2), partial=True)
TILE = Tile(
    "revenue",
    "Revenue",
    "1.421M",
    "CNY",
    Change(-1, "6.2%", "bad", alarm=True),
    SPARK,
    "14 d",
    Target("target 1.500M", 0.947, "94.7%", missed=True),
    verdict="! worse",
    note="14 d, today partial",
)
CHINESE_TILE = Tile(
    "spend",
    "消耗",
    "46.47万",
    "元",
    Change(1, "5.3%"),
    SPARK,
    "14天",
    Target("目标 ≤ 48.00万", 0.968, "96.8%"),
    doubt=True,
)
FUNNEL = FunnelView(
    "purchase",
    tuple(
        Step(
            n,
            name,
            share,
            persons,
            "100.00%",
            previous,
            "46.80k",
            median="3 min 12 s",
            p90="1 d 4 h",
            target="30.0%",
            missed=n == 3,
            bottleneck=n == 3,
        )
        for n, name, share, persons, previous in (
            (1, "visit", 1.0, "168.4k", ""),
            (2, "view", 0.722, "121.6k", "72.2%"),
            (3, "加入购物车", 0.19, "31.92k", "26.2%"),
            (4, "checkout", 0.07, "11.84k", "37.1%"),
            (5, "order", 0.0357, "6,018", "50.8%"),
        )
    ),
    (
        ("step", "Step"),
        ("persons", "Persons"),
        ("of_first", "of first"),
        ("of_previous", "of prev"),
        ("dropped", "dropped"),
        ("median", "median"),
        ("p90", "p90"),
        ("target", "target"),
    ),
    "bottleneck",
    ("window 7 d · 4,212 entries still open",),
)
FEED = FeedView(
    (
        AlertEntry(
            "1",
            "crit",
            "crit",
            "10-28",
            "Conversion −41% at Douyin",
            "王敏",
            "creative sofa_03: 86% of the fall",
        ),
        AlertEntry("2", "warn", "warn", "10-27", "Valid leads −38% on form /lp/quote v7", "李昂"),
        AlertEntry("h", kind="heading", text="Earlier"),
        AlertEntry("3", "stale", "stale", "10-28", "kuaishou: no new rows for 26 h", "ops"),
    )
)
TREND = TrendView(
    (Series("now", (3.0, 5.0, 4.0, None, 2.0, 6.0, 5.0, 1.0)),),
    ((0.0, "0"), (3.0, "3"), (6.0, "6")),
    ((0, "10-22"), (3, "10-25"), (7, "10-29")),
    (Limit(4.5, "limit"),),
    partial=1,
)
COLUMNS = (
    Column("channel", "Channel", "left"),
    Column("spend", "Spend k"),
    Column("share", "Share", "left", drop=3),
    Column("revenue", "Revenue k"),
    Column("trend", "14 d", "left", drop=4, grow=28),
    Column("state", "State", "left"),
)


def channel(name: str, spend: float, revenue: float, state: str = "✓ ok") -> Row:
    """A row of the channel table, named by the channel."""
    cells = (
        Cell(name),
        Cell(f"{spend:.1f}", spend),
        Cell(f"{revenue / 10:.1f}%", revenue, kind="bar", share=revenue / 1000),
        Cell(f"{revenue:,.1f}", revenue),
        Cell(kind="spark", spark=SPARK),
        Cell(state, state, "good"),
    )
    return Row(name, cells)


CHANNELS = (
    channel("Douyin", 182.4, 487.3, "✖ crit"),
    channel("Baidu", 96.3, 214.7, "▲ warn"),
    channel("小红书", 58.7, 203.9),
    channel("WeChat", 33.1, 189.6),
    channel("Direct", 0.0, 127.4),
)


def table(
    rows: tuple[Row, ...] = CHANNELS, *, foot: tuple[str, ...] = (), underline: bool = False
) -> TableView:
    """The channel table with these rows."""
    return TableView(
        COLUMNS,
        MemoryRows(rows),
        channel("Total", 370.5, 1000.0),
        foot,
        "Channels",
        "last touch",
        underline=underline,
    )
