"""The shop's own files: web events, orders, refunds, leads, feedback, members, messages, targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sample_data import catalogue as cat
from sample_data import hostile
from sample_data.files import File, Record, Verdict, by_key, local, money, month, text_file
from sample_data.formats import Serial, csv_text, ndjson_text, parquet, xlsx
from sample_data.shop import DAY, Hit, Lead, Message, Order, Person, Refund, Shop, Voice

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
        *_web_orders(shop),
        *_pos(shop),
        _hk(shop),
        _refunds(shop),
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


def _web_key(ts: int) -> str:
    at = datetime.fromtimestamp(ts, cat.ZONE)
    day = at.strftime("%Y-%m-%d")
    year, week, _ = at.isocalendar()
    return day if day >= DAILY_FROM else f"{year}-W{week:02d}"


def _web(shop: Shop) -> Iterator[File]:
    """Web events; some are sent twice, and a day's file starts with the last three of the day before."""
    records: list[tuple[str, Record]] = []
    for number, h in enumerate(shop.hits):
        key = _web_key(h.ts)
        if key >= DAILY_FROM and records and records[-1][0] < key and "W" not in records[-1][0]:
            records += [(key, Record(h.ts, r.cells, "duplicates")) for _, r in records[-3:]]
        records.append((key, Record(h.ts, h)))
        if number % REPEAT == REPEAT // 2:
            records.append((key, Record(h.ts, h, "duplicates")))
    render = text_file(lambda rows: ndjson_text(map(_hit, rows)))
    for key, group in by_key(records).items():
        yield File(f"web/events_{key}.ndjson", "web", group, render)


def _web_order(o: Order) -> Sequence[Any]:
    pattern = "%Y年%m月%d日 %H:%M:%S" if month(o.ts) == "2026-07" else "%Y-%m-%d %H:%M:%S"
    name = next(p[1] for p in cat.PRODUCTS if p[0] == o.product)
    return (
        o.order_id,
        local(o.ts, pattern),
        o.member_id,
        o.phone,
        o.cookie,
        o.product,
        name,
        o.quantity,
        money(o.cents, separators=True),
        o.region,
        o.status,
    )


def _web_orders(shop: Shop) -> Iterator[File]:
    """The web shop's orders, a file a month; each starts with the last day of the month before, once more."""
    head = "订单号,下单时间,会员号,手机号,浏览器标识,商品编码,商品名称,数量,实付金额,收货地区,订单状态\n"
    preamble = "订单导出,枫家居旗舰店\n导出范围,2026-08\n\n"
    records: list[tuple[str, Record]] = []
    for o in (o for o in shop.orders if o.store == "web"):
        key = month(o.ts)
        if records and records[-1][0] != key:
            last = local(records[-1][1].due, "%Y-%m-%d")
            again = [r for _, r in records if local(r.due, "%Y-%m-%d") == last]
            records += [
                (key, Record(o.ts, r.cells, "filtered" if r.verdict == "filtered" else "duplicates"))
                for r in again
            ]
        records.append((key, Record(o.ts, o, "filtered" if o.status == "已取消" else "accepted")))
    for key, group in by_key(records).items():
        start = preamble + head if key == "2026-08" else head
        yield File(
            f"orders/web_{key}.csv",
            "web_orders",
            group,
            text_file(lambda rows: csv_text(map(_web_order, rows)), start),
        )


def _pos(shop: Shop) -> Iterator[File]:
    """The tills in town: Parquet, a file a month, sent at 22:30; returns are rows of their own."""

    def render(rows: Sequence[Order], _now: int) -> bytes:
        return parquet(
            {
                "bill_no": [o.order_id for o in rows],
                "sold_at": [datetime.fromtimestamp(o.ts, cat.ZONE).replace(tzinfo=None) for o in rows],
                "member_code": [o.member_id or None for o in rows],
                "mobile": [o.phone or None for o in rows],
                "sku": [o.product for o in rows],
                "qty": [o.quantity for o in rows],
                "unit_price": [f"{cat.PRICE[o.product]}.00" for o in rows],
                "discount": [money(o.discount) for o in rows],
                "state": [o.status for o in rows],
                "area": [o.region for o in rows],
            },
            money=("unit_price", "discount"),
            times=("sold_at",),
        )

    records = []
    for o in (o for o in shop.orders if o.store == "pos"):
        evening = o.ts - (o.ts + 8 * 3600) % DAY + 22 * 3600 + 1800
        verdict: Verdict = "filtered" if o.status == "void" else "accepted"
        records.append((month(o.ts), Record(min(evening, shop.end), o, verdict)))
    for key, group in by_key(records).items():
        yield File(f"orders/pos_{key}.parquet", "pos_orders", group, render)


def _hk(shop: Shop) -> File:
    def render(rows: Sequence[Order], _now: int) -> bytes:
        table: list[Sequence[Any]] = [
            ("Maple Home (HK) Ltd",),
            ("Sales ledger",),
            ("All amounts in the currency of the sale",),
            (),
            (
                "Date",
                "Time",
                "Invoice",
                "Email",
                "Mobile",
                "SKU",
                "Qty",
                "Currency",
                "Amount",
                "Market",
                "Status",
            ),
            *(
                (
                    local(o.ts, "%d/%m/%Y"),
                    local(o.ts, "%H:%M"),
                    o.order_id,
                    o.email,
                    o.phone,
                    o.product,
                    o.quantity,
                    o.currency,
                    money(o.cents, separators=True),
                    o.region,
                    o.status,
                )
                for o in rows
            ),
            (
                "Total",
                "",
                "",
                "",
                "",
                "",
                sum(o.quantity for o in rows),
                "",
                money(sum(o.cents for o in rows), separators=True),
                "",
                "",
            ),
        ]
        return csv_text(table).encode("utf-8-sig")

    records = tuple(Record(o.ts, o) for o in shop.orders if o.store == "hk")
    return File("orders/hk_ledger.csv", "hk_orders", records, render, totals=1)


def _refunds(shop: Shop) -> File:
    def cells(r: Refund) -> Sequence[Any]:
        return (
            r.refund_id,
            r.order_id,
            local(r.ts),
            r.member_id,
            r.product,
            "¥" + money(r.cents, separators=True),
            r.reason,
        )

    return File(
        "orders/refunds.csv",
        "refunds",
        tuple(Record(r.ts, r) for r in shop.refunds),
        text_file(
            lambda rows: csv_text(map(cells, rows)),
            "退款单号,订单号,退款时间,会员号,商品编码,退款金额,原因\n",
        ),
    )


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
    ("revenue", "", (420_000, 520_000, 640_000, 680_000)),
    ("orders", "", (700, 850, 1050, 1100)),
    ("cost", "", (40_000, 46_000, 56_000, 60_000)),
    ("cost", "douyin", (13_000, 16_000, 19_000, 21_000)),
    ("cost", "baidu", (9_000, 10_500, 12_500, 13_000)),
    ("conversion_rate", "", ("0.15", "0.15", "0.155", "0.16")),
    ("roi", "", ("4", "4", "4.2", "4.2")),
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
