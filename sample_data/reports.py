"""Spend reports in the shapes in which the platforms export them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sample_data import catalogue as cat
from sample_data.files import File, Record, by_key, money, text_file
from sample_data.formats import Serial, csv_text, xlsx
from sample_data.media import Row, rows
from sample_data.shop import DAY, Shop

MONTHS = {7: "July", 8: "August", 9: "September", 10: "October"}
SPLIT = "2026-10-01"  # from here on Douyin sends a file a day; before, one old export


def files(shop: Shop, seed: int) -> list[File]:
    """Every spend report."""
    found = rows(shop, seed)
    channel = {name: [r for r in found if r.channel == name] for name in cat.BY_NAME}
    return [
        *_baidu(channel["baidu"]),
        *_douyin(channel["douyin"]),
        _kuaishou(channel["kuaishou"]),
        *_red(channel["red"]),
        _tencent(channel["wechat"]),
        *_google(channel["google"]),
        *_meta(channel["meta"]),
    ]


def _baidu(found: list[Row]) -> list[File]:
    def render(rows: Sequence[Row], _now: int) -> bytes:
        days = f"{rows[0].day.replace('-', '')}-{rows[-1].day.replace('-', '')}"
        head = (
            f"数据生成时间：{rows[-1].day} 23:50:00\n数据生成条件\n1. 时间范围：{days}\n2. 时间单位：分日\n"
            f"3. 推广设备：全部\n4. 投放网络：全部\n5. 投放物料：全部账户\n\n{BAIDU}\n"
        )
        table = [*(_baidu_cells(r) for r in rows), _baidu_total(rows)]
        return (head + csv_text(table)).encode("gb18030")

    groups = by_key((r.day[:7], Record(r.due, r)) for r in found)
    files = [
        File(f"ads/baidu/baidu_{key}.csv", "baidu", records, render, totals=1)
        for key, records in groups.items()
    ]
    # The platform sent 22 to 25 October again: the same days twice, which must not count twice.
    again = tuple(
        Record(r.due + 2 * DAY, r, "filtered") for r in found if "2026-10-22" <= r.day <= "2026-10-25"
    )
    return (
        [*files, File("ads/baidu/baidu_2026-10_rev.csv", "baidu", again, render, totals=1)]
        if again
        else files
    )


BAIDU = "日期,推广计划,账户,展现,点击,消费,点击率,平均点击价格,网页转化,商桥转化,电话转化"


def _baidu_cells(r: Row) -> Sequence[Any]:
    chat = r.conversions // 3
    return (
        r.day,
        r.campaign,
        "枫家居-百度",
        f"{r.impressions:,}",
        r.clicks,
        money(r.cents, separators=True),
        f"{r.ctr:.2%}",
        _ratio(r.cents, r.clicks),
        r.conversions - chat,
        chat,
        0,
    )


def _baidu_total(rows: Sequence[Row]) -> Sequence[Any]:
    impressions, clicks, cents = _sums(rows)
    return (
        "总计",
        "-",
        "-",
        f"{impressions:,}",
        f"{clicks:,}",
        money(cents, separators=True),
        f"{clicks / max(impressions, 1):.2%}",
        _ratio(cents, clicks),
        sum(r.conversions - r.conversions // 3 for r in rows),
        sum(r.conversions // 3 for r in rows),
        0,
    )


def _sums(rows: Sequence[Row]) -> tuple[int, int, int]:
    return sum(r.impressions for r in rows), sum(r.clicks for r in rows), sum(r.cents for r in rows)


def _ratio(cents: int, count: int) -> str:
    return money(round(cents / count)) if count else "-"


def _douyin(found: list[Row]) -> list[File]:
    old = text_file(
        lambda rows: csv_text(
            (
                r.day,
                1_700_000 + n % 97,
                r.creative,
                990_000 + len(r.campaign),
                r.campaign,
                r.impressions,
                r.clicks,
                f"{r.ctr * 100:.2f}",
                _ratio(r.cents, r.clicks),
                _ratio(r.cents * 1000, r.impressions),
                money(r.cents),
            )
            for n, r in enumerate(rows)
        ),
        "时间,广告计划id,广告计划,广告组id,广告组,展示数,点击数,点击率(%),平均点击单价(元),平均千次展现费用(元),总花费(元)\n",
    )
    new = text_file(
        lambda rows: csv_text(
            (
                r.campaign,
                r.creative,
                f"\t{7_300_000_000 + sum(map(ord, r.creative))}",
                money(r.cents),
                r.impressions,
                _ratio(r.cents * 1000, r.impressions),
                r.clicks,
                f"{r.ctr * 100:.2f}",
                _ratio(r.cents, r.clicks),
                r.conversions,
                _ratio(r.cents, r.conversions),
                f"{r.conversions / max(r.clicks, 1) * 100:.2f}",
            )
            for r in rows
        ),
        "项目名称,素材名称,素材ID,消耗,展示数,平均千次展现费用(元),点击数,点击率%,平均点击单价(元),转化数,平均转化成本,转化率%\n",
        "utf-8-sig",
    )
    before = tuple(Record(r.due, r) for r in found if r.day < SPLIT)
    daily = by_key((r.day, Record(r.due, r)) for r in found if r.day >= SPLIT)
    files = [File("ads/douyin/history_to_2026-09.csv", "douyin_history", before, old)] if before else []
    # The file of 12 October came two days late.
    return files + [
        File(
            f"ads/douyin/douyin_{day}.csv",
            "douyin",
            records,
            new,
            delay=2 * DAY if day == "2026-10-12" else 0,
        )
        for day, records in daily.items()
    ]


def _kuaishou(found: list[Row]) -> File:
    text = text_file(
        lambda rows: csv_text(
            (
                r.day,
                f"{r.hour:02d}:00",
                r.campaign,
                r.creative,
                money(r.cents),
                r.impressions,
                r.clicks,
                f"{r.ctr:.2%}",
                _ratio(r.cents, r.clicks),
                r.conversions,
            )
            for r in rows
        ),
        "数据日期,小时,计划名称,创意名称,花费（元）,封面曝光数,封面点击数,封面点击率,平均点击单价（元）,表单提交数\n",
    )
    return File("ads/kuaishou.csv", "kuaishou", tuple(Record(r.due, r) for r in found), text)


def _red(found: list[Row]) -> list[File]:
    head = (
        *("开始日期", "计划名称", "笔记标题", "消费", "展现量", "点击量", "点击率"),
        *("平均点击成本", "互动量", "私信进线数"),
    )

    def render(rows: Sequence[Row], _now: int) -> bytes:
        table = [
            (
                Serial((date.fromisoformat(r.day) - date(1899, 12, 30)).days),
                r.campaign,
                r.creative,
                r.cents / 100,
                r.impressions,
                r.clicks,
                round(r.ctr * 100, 2),
                round(r.cents / max(r.clicks, 1) / 100, 2),
                r.clicks // 3,
                r.conversions,
            )
            for r in rows
        ]
        return xlsx("聚光报表", [head, *table])

    groups = by_key((r.day[:7], Record(r.due, r)) for r in found)
    return [File(f"ads/red/juguang_{key}.xlsx", "red", records, render) for key, records in groups.items()]


def _tencent(found: list[Row]) -> File:
    text = text_file(
        lambda rows: csv_text(
            (
                r.day.replace("-", "/"),
                "2210047",
                r.campaign,
                r.creative,
                r.impressions,
                r.clicks,
                f"{r.ctr:.2%}",
                round(r.cents / r.clicks) if r.clicks else "-",
                r.cents,
                r.conversions,
            )
            for r in rows
        ),
        "日期,账户ID,计划名称,创意名称,曝光,点击量,点击率,点击均价,消费,表单预约量\n",
    )
    return File("ads/tencent.csv", "tencent", tuple(Record(r.due, r) for r in found), text)


def _google(found: list[Row]) -> list[File]:
    def render(rows: Sequence[Row], _now: int) -> bytes:
        span = f"{_words(rows[0].day)} - {_words(rows[-1].day)}"
        impressions, clicks, cents = _sums(rows)
        table: list[Sequence[Any]] = [
            ("Campaign report",),
            (span,),
            ("Day", "Campaign", "Currency code", "Impr.", "Clicks", "Cost (micros)", "Conversions"),
            *(
                (
                    r.day,
                    r.campaign,
                    "USD",
                    f"{r.impressions:,}",
                    r.clicks,
                    r.cents * 10_000,
                    f"{r.conversions}.00",
                )
                for r in rows
            ),
            (
                "Total",
                "--",
                "--",
                f"{impressions:,}",
                clicks,
                cents * 10_000,
                f"{sum(r.conversions for r in rows)}.00",
            ),
        ]
        return csv_text(table).encode()

    groups = by_key((r.day[:7], Record(r.due, r)) for r in found)
    return [
        File(f"ads/google/google_{key}.csv", "google", records, render, totals=1)
        for key, records in groups.items()
    ]


def _words(day: str) -> str:
    at = datetime.fromisoformat(day)
    return f"{MONTHS[at.month]} {at.day}, {at.year}"


def _meta(found: list[Row]) -> list[File]:
    text = text_file(
        lambda rows: csv_text(
            (
                r.campaign,
                r.creative,
                r.day,
                r.impressions,
                int(r.impressions * 0.81),
                r.clicks,
                money(r.cents),
                r.conversions or "",
                r.day,
                r.day,
            )
            for r in rows
        ),
        "Campaign name,Ad name,Day,Impressions,Reach,Link clicks,Amount spent (USD),Results,Reporting starts,"
        "Reporting ends\n",
        "utf-8-sig",
    )
    groups = by_key((r.day[:7], Record(r.due, r)) for r in found)
    return [File(f"ads/meta/meta_{key}.csv", "meta", records, text) for key, records in groups.items()]
