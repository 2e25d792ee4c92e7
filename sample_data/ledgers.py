"""The files of orders and refunds: the web shop, the tills in town, Hong Kong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sample_data import catalogue as cat
from sample_data.files import File, Record, Verdict, by_key, local, money, month, text_file
from sample_data.formats import csv_text, parquet
from sample_data.shop import DAY, Order, Refund, Shop


def files(shop: Shop) -> list[File]:
    """Every file of orders and refunds."""
    return [*_web_orders(shop), *_pos(shop), _hk(shop), _refunds(shop)]


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
