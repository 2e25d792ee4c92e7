"""The shop's own files: web events, leads, feedback, members, messages, targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sample_data import catalogue as cat
from sample_data import hostile, ledgers
from sample_data.files import File, Record, by_key, local, month, text_file
from sample_data.formats import Serial, csv_text, ndjson_text, xlsx
from sample_data.shop import DAY, Hit, Lead, Message, Person, Shop, Voice

DAILY_FROM = "2026-10-01"
"""From this day on the web has a file a day; before, a file a week."""
MILLISECONDS_FROM = "2026-09-07"
"""From this day on the tracker writes epoch milliseconds; before, ISO 8601."""
REPEAT = 500
"""One web event of so many is sent twice."""


def files(shop: Shop) -> list[File]:
    """Every file of the shop itself."""
    return [
        *_web(shop),
        *ledgers.files(shop),
        _leads(shop),
        *_feedback(shop),
        _members(shop),
        *_messages(shop),
        _targets(shop),
        hostile.file(shop),
    ]


def _hit(h: Hit) -> dict[str, Any]:
    day = local(h.ts, "%Y-%m-%d")
    ts = h.ts * 1000 if day >= MILLISECONDS_FROM else local(h.ts, "%Y-%m-%dT%H:%M:%S+08:00")
    return {
        "id": h.key,
        "ts": ts,
        "event": h.event,
        "cookie": h.cookie,
        "member_id": h.member_id,
        "device": h.device,
        "device_id": h.device_id,
        "page": h.page,
        "product": h.product,
        "utm_source": h.channel,
        "utm_campaign": h.campaign,
        "utm_content": h.creative,
    }


def web_file(key: str) -> str:
    """Where the web events of a day or week stand."""
    return f"web/events_{key}.ndjson"


def web_key(ts: int) -> str:
    """The day or week whose file holds a moment."""
    at = datetime.fromtimestamp(ts, cat.ZONE)
    day = at.strftime("%Y-%m-%d")
    year, week, _ = at.isocalendar()
    return day if day >= DAILY_FROM else f"{year}-W{week:02d}"


def _web(shop: Shop) -> Iterator[File]:
    """Web events; some are sent twice, and a day's file starts with the last three of the day before."""
    records: list[tuple[str, Record]] = []
    for number, h in enumerate(shop.hits):
        key = web_key(h.ts)
        if key >= DAILY_FROM and records and records[-1][0] < key and "W" not in records[-1][0]:
            records += [(key, Record(h.ts, r.cells, "duplicates")) for _, r in records[-3:]]
        records.append((key, Record(h.ts, h)))
        if number % REPEAT == REPEAT // 2:
            records.append((key, Record(h.ts, h, "duplicates")))
    render = text_file(lambda rows: ndjson_text(map(_hit, rows)))
    for key, group in by_key(records).items():
        yield File(web_file(key), "web", group, render)


def serial(ts: int) -> Serial:
    return Serial((ts + 8 * 3600) / DAY + 25_569, clock=True)


def _leads(shop: Shop) -> File:
    head = [
        "线索ID",
        "创建时间",
        "姓名",
        "手机号",
        "邮箱",
        "渠道",
        "计划",
        "落地页",
        "是否有效",
        "转MQL时间",
        "成交时间",
        "成交金额",
        "访客标识",
    ]

    def cells(x: Lead, now: int) -> Sequence[Any]:
        deal = 0 < x.deal <= now
        return (
            x.lead_id,
            serial(x.ts),
            x.name,
            x.phone,
            x.email,
            cat.BY_NAME[x.channel].label,
            x.campaign,
            x.page,
            "有效" if x.valid else "无效",
            serial(x.mql) if 0 < x.mql <= now else "",
            serial(x.deal) if deal else "",
            x.cents / 100 if deal else "",
            x.cookie,
        )

    def render(rows: Sequence[Lead], now: int) -> bytes:
        return xlsx("线索", [head, *(cells(x, now) for x in rows)])

    later = tuple(ts for x in shop.leads for ts in (x.mql, x.deal) if 0 < ts <= shop.end)
    return File("crm/leads.xlsx", "leads", tuple(Record(x.ts, x) for x in shop.leads), render, moments=later)


WORDS = {"rating": "评分", "comment": "评价", "complaint": "投诉"}


def _feedback(shop: Shop) -> Iterator[File]:
    def cells(v: Voice) -> Sequence[Any]:
        return (
            local(v.ts, "%Y/%m/%d %H:%M"),
            v.member_id,
            v.order_id,
            v.product,
            WORDS[v.event],
            v.score,
            v.text,
        )

    render = text_file(
        lambda rows: csv_text(map(cells, rows)), "时间,会员号,订单号,商品编码,类型,评分,内容\n"
    )
    for key, group in by_key((month(v.ts), Record(v.ts, v)) for v in shop.voices).items():
        yield File(f"feedback/feedback_{key}.csv", "feedback", group, render)


def _members(shop: Shop) -> File:
    def cells(p: Person) -> Sequence[Any]:
        number = p.number
        birth = f"{1970 + number * 7 % 36}-{1 + number % 12:02d}-{1 + number % 28:02d}" if number % 3 else ""
        tier = "金卡" if number % 17 == 0 else "银卡" if number % 5 == 0 else "普通"
        tags = ";".join(t for t, wanted in (("新房", number % 4 == 0), ("有宠物", number % 6 == 0)) if wanted)
        return (
            p.member_id,
            p.name,
            p.phone,
            p.email,
            p.unionid,
            ("女", "男", "未知")[number % 7 % 3],
            birth,
            p.region,
            p.city,
            local(p.signup),
            tier,
            tags,
        )

    members = sorted(
        (p for p in shop.people if p.member_id and p.signup <= shop.end), key=lambda p: (p.signup, p.number)
    )
    return File(
        "members/profiles.csv",
        "members",
        tuple(Record(p.signup, p) for p in members),
        text_file(
            lambda rows: csv_text(map(cells, rows)),
            "会员号,姓名,手机,邮箱,unionid,性别,生日,大区,城市,注册时间,等级,标签\n",
        ),
    )


def _messages(shop: Shop) -> Iterator[File]:
    def cells(m: Message, now: int) -> Sequence[Any]:
        return (
            m.member_id,
            m.unionid,
            m.campaign,
            local(m.ts),
            local(m.opened) if 0 < m.opened <= now else "",
        )

    def render(rows: Sequence[Message], now: int) -> bytes:
        return ("会员号,unionid,活动,发送时间,打开时间\n" + csv_text(cells(m, now) for m in rows)).encode()

    for key, group in by_key((month(m.ts), Record(m.ts, m)) for m in shop.messages).items():
        later = tuple(r.cells.opened for r in group if 0 < r.cells.opened <= shop.end)
        yield File(f"touch/wecom_{key}.csv", "wecom", group, render, moments=later)


TARGETS = (
    ("revenue", "", (165_000, 225_000, 265_000, 300_000)),
    ("orders", "", (660, 890, 1030, 1200)),
    ("cost", "", (36_000, 47_000, 56_000, 62_000)),
    ("cost", "douyin", (12_500, 16_500, 20_500, 22_500)),
    ("cost", "baidu", (8_200, 10_600, 12_000, 13_400)),
    ("conversion_rate", "", ("0.18", "0.175", "0.17", "0.175")),
    ("roi", "", ("3.5", "3.6", "3.6", "3.8")),
)


def _targets(shop: Shop) -> File:
    rows = [
        (f"2026-{number:02d}", metric, value, channel)
        for metric, channel, values in TARGETS
        for number, value in zip((7, 8, 9, 10), values, strict=True)
    ]
    return File(
        "targets/targets.csv",
        "targets",
        tuple(Record(shop.start, r) for r in rows),
        text_file(csv_text, "period,metric,value,channel\n"),
    )
