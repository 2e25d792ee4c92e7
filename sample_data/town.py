"""What happens beside the web shop: orders in town and in Hong Kong, refunds, leads, feedback, messages."""

from __future__ import annotations

from datetime import datetime
from random import Random

from sample_data import catalogue as cat
from sample_data.shop import (
    DAY,
    Hit,
    Lead,
    Message,
    Order,
    Person,
    Quota,
    Refund,
    Shop,
    Voice,
    day_of,
    moment,
    name_of,
    pick,
)
from sample_data.visits import Web

TABLET = "tablet-sh-01"
TILL_PHONE = "13800138000"
"""What a cashier types when nobody gives a number."""
VOICES = {
    5: ("很喜欢，面料舒服", "安装师傅很专业", "物流快，包装好", "Love the colour"),
    4: ("整体不错", "颜色比图片深一点", "性价比可以"),
    3: ("一般，等了两周", "有点味道，散几天就好"),
    2: ("尺寸和页面写的不一样", "客服回复慢"),
    1: ("到货有破损", "退款一直没到账"),
}


def town_orders(shop: Shop, seed: int) -> None:
    """The shops in town: members who show their code, walk-ins with a phone, people without either."""
    rng = Random(f"{seed}:town")
    walk_ins: list[str] = []
    for day in shop.days():
        midnight = int(day.timestamp())
        age = cat.DAYS - 1 - (cat.END.date() - day.date()).days
        weekend = 1.5 if day.weekday() >= 5 else 1.0
        members = [p for p in shop.people if p.member_id and p.signup < midnight and p.channel != "kuaishou"]
        for _ in range(int((9 + 6 * age / 119) * weekend * (0.9 + 0.2 * rng.random()))):
            ts = midnight + 10 * 3600 + rng.randrange(11 * 3600)
            roll = rng.random()
            member, phone = "", ""
            if roll < 0.22 and members:
                person = members[rng.randrange(len(members))]
                member, phone = person.member_id, person.phone if rng.random() < 0.7 else ""
                person.orders += ts <= shop.end
            elif roll < 0.86:
                if walk_ins and rng.random() < 0.3:
                    phone = walk_ins[rng.randrange(len(walk_ins))]
                else:
                    phone = f"1970000{len(walk_ins):04d}"
                    walk_ins.append(phone)
            else:
                phone = TILL_PHONE if rng.random() < 0.6 else ""
            if ts <= shop.end:
                shop.orders.append(town_order(rng, len(shop.orders), ts, member, phone))


def town_order(rng: Random, number: int, ts: int, member: str, phone: str) -> Order:
    product = pick(rng, [(p[0], p[3]) for p in cat.PRODUCTS])
    quantity = 1 if cat.PRICE[product] > 250 else 1 + (rng.random() < 0.3)
    discount = 0 if rng.random() < 0.7 else cat.PRICE[product] * quantity * 5
    status = "void" if rng.random() < 0.02 else "return" if rng.random() < 0.03 else "paid"
    person = int(member[2:]) - 100_000 if member else -1
    return Order(
        ts,
        f"P{number + 26_000_001}",
        "pos",
        person,
        member,
        phone,
        "",
        "",
        product,
        quantity,
        cat.PRICE[product] * quantity * 100 - discount,
        "CNY",
        pick(rng, (("华东", 0.6), ("华北", 0.4))),
        status,
        discount,
    )


def overseas_orders(shop: Shop, seed: int) -> None:
    """The Hong Kong shop: few orders, in HKD and USD, known by mail and a +852 number."""
    rng = Random(f"{seed}:overseas")
    known = 0
    for day in shop.days():
        for _ in range(1 + (rng.random() < 0.6) + (rng.random() < 0.25)):
            ts = int(day.timestamp()) + 9 * 3600 + rng.randrange(12 * 3600)
            if known and rng.random() < 0.3:
                number = rng.randrange(known)
            else:
                number, known = known, known + 1
            usd = number % 5 == 0
            product = pick(rng, [(p[0], p[3]) for p in cat.PRODUCTS])
            cents = cat.PRICE[product] * (15 if usd else 112)
            if ts <= shop.end:
                shop.orders.append(
                    Order(
                        ts,
                        f"HK-{len(shop.orders) + 10_001}",
                        "hk",
                        -1,
                        "",
                        f"+852 5550 {number:04d}",
                        f"hk{number}@mail.example.com",
                        "",
                        product,
                        1,
                        cents,
                        "USD" if usd else "HKD",
                        "海外" if usd else "香港",
                        "Paid",
                    )
                )


def refunds(shop: Shop, seed: int) -> None:
    """Some web orders come back, most of them within two weeks; the promotion's more often."""
    rng = Random(f"{seed}:refunds")
    found = []
    for order in shop.orders:
        share = 0.09 if cat.PROMOTION[0] <= day_of(order.ts) <= cat.PROMOTION[1] else 0.045
        if order.store != "web" or order.status == "已取消" or rng.random() >= share:
            continue
        ts = order.ts + 2 * DAY + int(rng.expovariate(1 / (5.0 * DAY)))
        part = rng.random() < 0.2
        cents = order.cents // 2 if part else order.cents
        reason = pick(rng, (("七天无理由", 0.5), ("质量问题", 0.2), ("尺寸不合", 0.2), ("发货慢", 0.1)))
        if ts <= shop.end:
            found.append((ts, order, cents, reason))
    for number, (ts, order, cents, reason) in enumerate(sorted(found, key=lambda f: (f[0], f[1].order_id))):
        shop.refunds.append(
            Refund(
                ts, f"R{5_000_001 + number}", order.order_id, order.member_id, order.product, cents, reason
            )
        )


def leads(shop: Shop, seed: int, web: Web) -> None:
    """Requests for a quote: a visit to a landing page, the form, and what sales makes of it."""
    rng, quota = Random(f"{seed}:leads"), Quota(Random(f"{seed}:leads:quota"))
    pages = (("/lp/quote", 0.55), ("/lp/design", 0.3), ("/lp/store", 0.15))
    for day in shop.days():
        midnight = int(day.timestamp())
        age = cat.DAYS - 1 - (cat.END.date() - day.date()).days
        level = (1 + 0.5 * age / 119) * (0.8 if day.weekday() >= 5 else 1.08)
        for channel in cat.CHANNELS:
            want = channel.leads * level
            for _ in range(int(want) + quota(want - int(want), "lead", channel.name)):
                page = pick(rng, pages)
                person = web.newcomer(
                    channel.name,
                    *(channel.ads[rng.randrange(len(channel.ads))][:2] if channel.ads else ("", "")),
                )
                lead(shop, rng, quota, person, moment(rng, midnight), page)
                if rng.random() < 0.7:
                    other = web.newcomer(channel.name, person.campaign, person.creative)
                    landing(shop, other, moment(rng, midnight), page)


def landing(shop: Shop, person: Person, ts: int, page: str) -> None:
    if ts <= shop.end:
        source = (
            ("", "", "") if person.channel == "direct" else (person.channel, person.campaign, person.creative)
        )
        shop.hits.append(
            Hit(ts, f"l{person.number:x}", "visit", person.cookies[0], "", person.device, page, "", *source)
        )
        at = datetime.fromtimestamp(ts, cat.ZONE)
        key = (at.strftime("%Y-%m-%d"), at.hour, person.channel, person.campaign, person.creative)
        shop.clicks[key] = shop.clicks.get(key, 0) + 1


def lead(shop: Shop, rng: Random, quota: Quota, person: Person, ts: int, page: str) -> None:  # noqa: PLR0917
    landing(shop, person, ts - 90 - rng.randrange(240), page)
    broken = page == cat.FORM_BUG[1] and day_of(ts) >= cat.FORM_BUG[0]
    valid = quota(0.34 if broken else 0.76, "valid", page, broken)
    # The broken form drops the last digit of the number: nobody can call back.
    phone = f"1960000{person.number % 10_000:04d}"
    phone = phone if valid else phone[:-1]
    mql = valid and quota(0.52, "mql", person.channel)
    deal = mql and quota(cat.BY_NAME[person.channel].deal, "deal", person.channel)
    mql_ts = ts + int((0.5 + 3 * rng.random()) * DAY) if mql else 0
    deal_ts = mql_ts + int((5 + 16 * rng.random()) * DAY) if deal else 0
    cents = (8 + rng.randrange(52)) * 100_000
    if ts <= shop.end:
        shop.leads.append(
            Lead(
                f"L-{len(shop.leads) + 40_001}",
                ts,
                name_of(rng),
                phone,
                f"q{person.number}@mail.example.com" if rng.random() < 0.5 else "",
                person.channel,
                person.campaign,
                page,
                valid,
                mql_ts,
                deal_ts,
                cents,
                person.cookies[0],
            )
        )


def voices(shop: Shop, seed: int) -> None:
    """Ratings of orders, comments, complaints."""
    rng = Random(f"{seed}:voices")
    for order in shop.orders:
        if order.store != "web" or order.status == "已取消" or rng.random() > 0.42:
            continue
        ts = order.ts + 3 * DAY + rng.randrange(5 * DAY)
        score = pick(rng, ((5, 0.58), (4, 0.22), (3, 0.1), (2, 0.06), (1, 0.04)))
        event = "rating" if rng.random() < 0.55 else "complaint" if score <= 2 else "comment"
        text = (
            ""
            if event == "rating" and rng.random() < 0.5
            else VOICES[score][rng.randrange(len(VOICES[score]))]
        )
        if ts <= shop.end:
            shop.voices.append(Voice(ts, order.member_id, order.order_id, order.product, event, score, text))
    shop.voices.sort(key=lambda v: (v.ts, v.order_id))


def messages(shop: Shop, seed: int) -> None:
    """Messages to members on WeChat every Thursday, and whether they opened them."""
    rng = Random(f"{seed}:messages")
    for day in shop.days():
        if day.weekday() != 3:
            continue
        midnight = int(day.timestamp())
        campaign = f"weekly_{day.strftime('%m%d')}"
        for person in shop.people:
            if not person.unionid or person.signup >= midnight or rng.random() > 0.28:
                continue
            ts = midnight + 10 * 3600 + rng.randrange(1800)
            share = 0.46 if person.channel == "wechat" else 0.2
            opened = ts + 60 + int(rng.expovariate(1 / 7000.0)) if rng.random() < share else 0
            if ts <= shop.end:
                shop.messages.append(Message(ts, opened, person.member_id, person.unionid, campaign))
    shop.messages.sort(key=lambda m: (m.ts, m.member_id))


def shared_device(shop: Shop, seed: int) -> None:
    """The tablet on the counter in Shanghai: nine members sign in on it, one after the other."""
    rng = Random(f"{seed}:tablet")
    members = [p for p in shop.people if p.member_id and p.city == "上海" and p.signup < shop.end - 12 * DAY][
        :9
    ]
    for number, person in enumerate(members):
        ts = shop.end - (10 - number) * DAY + rng.randrange(3600)
        shop.hits.append(
            Hit(ts, f"t{number:x}", "login", "", person.member_id, "tablet", "/store", "", "", "", "", TABLET)
        )


def build(seed: int = cat.SEED, days: int = cat.DAYS) -> Shop:
    """Live the shop's last `days` days."""
    end = int(cat.END.timestamp())
    midnight = end - (end + 8 * 3600) % DAY
    shop = Shop(midnight - (days - 1) * DAY, end)
    web = Web(shop, seed)
    web.run()
    leads(shop, seed, web)
    landing(shop, web.newcomer("direct"), end, "/lp/store")
    shared_device(shop, seed)
    town_orders(shop, seed)
    overseas_orders(shop, seed)
    refunds(shop, seed)
    voices(shop, seed)
    messages(shop, seed)
    shop.hits.sort(key=lambda h: (h.ts, h.key))
    shop.orders.sort(key=lambda o: (o.ts, o.order_id))
    shop.leads.sort(key=lambda x: (x.ts, x.lead_id))
    return shop
