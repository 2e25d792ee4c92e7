"""The web shop, day by day: who comes, who comes back, and what a visit leads to."""

from __future__ import annotations

import heapq
from datetime import datetime
from random import Random

from sample_data import catalogue as cat
from sample_data.shop import DAY, Hit, Order, Person, Quota, Shop, day_of, moment, name_of, phone_of, pick


class Web:
    """The web shop, day by day: first visits, people who come back, and what a visit leads to."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.rng = Random(f"{seed}:web")
        self.quota = Quota(Random(f"{seed}:quota"))
        self.due: list[tuple[int, int]] = []
        self.keys = 0

    def run(self) -> None:
        for day in self.shop.days():
            midnight = int(day.timestamp())
            age = cat.DAYS - 1 - (cat.END.date() - day.date()).days
            level = 60 * cat.season(day.strftime("%Y-%m-%d"), day.weekday(), age)
            while self.due and self.due[0][0] < midnight + DAY:
                ts, number = heapq.heappop(self.due)
                self.visit(self.shop.people[number], ts, first=False)
            for channel in cat.CHANNELS:
                self.first_visits(channel, midnight, level)

    def first_visits(self, channel: cat.Channel, midnight: int, level: float) -> None:
        ads = channel.ads or (("", "", 1.0),)
        for campaign, creative, weight in ads:
            want = level * channel.share * weight * (0.94 + 0.12 * self.rng.random())
            if collapsed(day_of(midnight), creative):
                want *= 2.0
            count = int(want) + self.quota(want - int(want), "first", channel.name, campaign, creative)
            for _ in range(count):
                person = self.newcomer(channel.name, campaign, creative)
                self.visit(person, moment(self.rng, midnight), first=True)

    def newcomer(self, channel: str, campaign: str = "", creative: str = "") -> Person:
        number = len(self.shop.people)
        region, city = pick(self.rng, [((r, c), w) for r, c, w in cat.REGIONS])
        device = pick(self.rng, cat.DEVICES)
        person = Person(number, channel, campaign, creative, [f"c{number:05x}"], device, region, city)
        self.shop.people.append(person)
        return person

    def visit(self, person: Person, ts: int, *, first: bool) -> None:
        if ts > self.shop.end:
            return
        channel, campaign, creative = person.channel, person.campaign, person.creative
        if not first:
            channel, campaign, creative = self.way_back(person)
        session = Session(self, person, ts, (channel, campaign, creative))
        session.play(first=first, loyal=person.channel == "wechat")
        at = datetime.fromtimestamp(ts, cat.ZONE)
        key = (at.strftime("%Y-%m-%d"), at.hour, channel, campaign, creative)
        self.shop.clicks[key] = self.shop.clicks.get(key, 0) + 1
        self.shop.bought[key] = self.shop.bought.get(key, 0) + session.ordered
        self.come_back(person, ts)

    def way_back(self, person: Person) -> tuple[str, str, str]:
        roll = self.rng.random()
        if roll < (0.6 if person.channel == "wechat" else 0.2 if person.member_id else 0):
            return "wechat", "", ""
        if roll < 0.45 and person.channel not in ("direct", "wechat"):
            return person.channel, person.campaign, person.creative
        return "direct", "", ""

    def come_back(self, person: Person, ts: int) -> None:
        channel = cat.BY_NAME[person.channel]
        chance = channel.again if person.orders else channel.back
        if self.quota(chance, "back", channel.name, person.orders > 0):
            gap = 1 + self.rng.expovariate(1 / (14.0 if person.orders else 4.0))
            again = ts - ts % DAY + int(gap) * DAY
            midnight = again - (again + 8 * 3600) % DAY
            heapq.heappush(self.due, (max(ts + 3600, moment(self.rng, midnight)), person.number))

    def join(self, person: Person, ts: int) -> None:
        number = person.number
        person.member_id = f"m_{100_000 + number}"
        person.phone = phone_of(number)
        person.name = name_of(self.rng)
        person.signup = ts
        if self.rng.random() < 0.4:
            person.email = f"u{number}@mail.example.com"
        if person.channel == "wechat" or self.rng.random() < 0.5:
            person.unionid = f"oW{number * 7919 % 0xFFFFFF:06x}{number:05x}"


def collapsed(day: str, creative: str) -> bool:
    """Whether the collapse has reached this creative on this day."""
    return creative == cat.COLLAPSE[3] and day >= cat.COLLAPSE[0]


class Session:
    """One visit: its events, and perhaps an order."""

    def __init__(self, web: Web, person: Person, ts: int, source: tuple[str, str, str]) -> None:
        self.web, self.person, self.ts, self.source = web, person, ts, source
        self.rng = web.rng
        self.ordered = 0
        self.cookie = person.cookies[0]
        self.device = person.device

    def play(self, *, first: bool, loyal: bool) -> None:
        person, channel = self.person, self.source[0]
        known = "" if not person.logged_in else person.member_id
        if not first and person.member_id and self.rng.random() < 0.14:
            self.other_device()
            known = ""
        product = pick(self.rng, [(p[0], p[3]) for p in cat.PRODUCTS])
        if self.source[2].startswith("sofa_"):
            product = self.source[2].replace("_", "-")
        self.hit("visit", known, page="/" if self.rng.random() < 0.5 else f"/p/{product}", touch=True)
        known = self.sign_in(known, first=first)
        bad = collapsed(day_of(self.ts), self.source[2])
        kind = (channel, bad)
        if not self.web.quota(0.42 if bad else 0.74 if first else 0.86, "view", *kind):
            return
        if self.rng.random() < 0.12:
            self.hit("search", known, page="/search")
        for _ in range(1 + (self.rng.random() < 0.35)):
            self.hit("view", known, page=f"/p/{product}", product=product)
        if self.rng.random() < 0.05:
            self.hit("favourite" if self.rng.random() < 0.7 else "share", known, product=product)
        cart = cat.BY_NAME[person.channel].cart * (1 if first else 1.35 + 0.25 * loyal)
        if self.web.quota(cart * (0.05 if bad else 1), "cart", *kind):
            self.hit("add_to_cart", known, product=product)
            self.buy(known, product, kind)

    def buy(self, known: str, product: str, kind: tuple[object, ...]) -> None:
        if not self.web.quota(0.6, "checkout", *kind):
            return
        known = known or self.enter()
        self.hit("checkout", known, page="/checkout", product=product, touch=True)
        if self.web.quota(0.66, "order", *kind):
            self.order(product)

    def sign_in(self, known: str, *, first: bool) -> str:
        if known:
            return known
        member = bool(self.person.member_id)
        if self.rng.random() < (0.55 if member else 0.10 if first else 0.3):
            return self.enter()
        return ""

    def enter(self) -> str:
        person = self.person
        event = "login"
        if not person.member_id:
            self.web.join(person, self.ts)
            event = "register"
        person.logged_in = True
        self.hit(event, person.member_id, page="/account", touch=True)
        return person.member_id

    def other_device(self) -> None:
        person = self.person
        if len(person.cookies) == 1:
            person.cookies.append(f"d{person.number:05x}")
        self.cookie, self.device = person.cookies[1], "pc" if person.device != "pc" else "ios"

    def hit(self, event: str, member: str, page: str = "", product: str = "", *, touch: bool = False) -> None:
        web = self.web
        source = self.source if touch and self.source[0] != "direct" else ("", "", "")
        if self.ts <= web.shop.end:
            web.keys += 1
            key = f"e{web.keys:x}"
            web.shop.hits.append(
                Hit(self.ts, key, event, self.cookie, member, self.device, page, product, *source)
            )
        self.ts += 6 + int(self.rng.expovariate(1 / 45.0))

    def order(self, product: str) -> None:
        person, shop = self.person, self.web.shop
        if self.ts > shop.end:
            return
        quantity = (
            1 if cat.PRICE[product] > 250 else 1 + (self.rng.random() < 0.25) + (self.rng.random() < 0.08)
        )
        off = 12 if cat.PROMOTION[0] <= day_of(self.ts) <= cat.PROMOTION[1] else 0
        cents = cat.PRICE[product] * quantity * (100 - off)
        cancelled = self.rng.random() < 0.03
        status = "已取消" if cancelled else "已完成" if self.rng.random() < 0.8 else "已支付"
        order_id = f"W{len(shop.orders) + 260_000_001}"
        shop.orders.append(
            Order(
                self.ts,
                order_id,
                "web",
                person.number,
                person.member_id,
                person.phone,
                person.email,
                self.cookie,
                product,
                quantity,
                cents,
                "CNY",
                person.region,
                status,
            )
        )
        if not cancelled:
            person.orders += 1
            self.ordered = 1
