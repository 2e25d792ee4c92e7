"""What is true of the sample data, counted from the facts and not by looptop: `truth.toml`.

Money is CNY as decimal text; shares are fractions rounded to six places; months and days are the shop's.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sample_data import catalogue as cat
from sample_data import hostile
from sample_data.files import File, Record, local, month
from sample_data.reports import Row
from sample_data.shop import DAY, Hit, Lead, Message, Order, Person, Refund, Shop, Voice, day_of
from sample_data.town import TABLET, TILL_PHONE

Table = Mapping[str, Any]
RATE = {name: Decimal(rate) for name, rate in cat.RATES.items()}
USD_REPORTS = ("google", "meta")


def toml(shop: Shop, files: Sequence[File], spend: Sequence[Row]) -> str:
    """The whole of truth.toml."""
    return "".join(
        [
            "# Written by sample_data/make.py: what is true of these files, counted without looptop.\n\n",
            _table("shop", _shop(shop)),
            *(_table(f"files.{json.dumps(path)}", counts) for path, counts in _files(shop, files)),
            *(_table(f"sources.{name}", counts) for name, counts in _sources(shop, files)),
            _table("events", _events(shop)),
            *(_table(f"months.{json.dumps(m)}", row) for m, row in _months(shop)),
            *(_table("spend", row, many=True) for row in _spend(spend)),
            _table("collapse", _collapse(spend)),
            *(_table("collapse.daily", row, many=True) for row in _collapse_days(shop, spend)),
            _table("form_bug", {"page": cat.FORM_BUG[1], "since": cat.FORM_BUG[0]}),
            *(_table("form_bug.page_leads", row, many=True) for row in _pages(shop)),
            _table("few_deals", {"channel": "meta"}),
            *(_table("few_deals.channel_leads", row, many=True) for row in _lead_channels(shop)),
            _table("repurchase", {"comes_back": "wechat", "does_not": "kuaishou"}),
            *(_table("repurchase.channel_buyers", row, many=True) for row in _buyers(shop)),
            _table("stop", _stop(shop)),
            _table("duplicates", _duplicates(shop, files)),
            _table("persons", _persons(shop)),
            *(_table("persons.example", row, many=True) for row in _examples(shop)),
            _table("shared_device", _shared(shop)),
            _table("broken", {"file": "broken/orders_broken.csv", "torn_last_line": hostile.TORN}),
            *(_table("broken.reject", row, many=True) for row in hostile.rejects()),
        ]
    )


def _table(name: str, values: Table, *, many: bool = False) -> str:
    head = f"[[{name}]]" if many else f"[{name}]"
    return f"{head}\n" + "".join(f"{k} = {_value(v)}\n" for k, v in values.items()) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f'"{value.normalize():f}"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def share(part: int, whole: int) -> float | str:
    """Part of whole, or "null" for 0/0."""
    return round(part / whole, 6) if whole else "null"


def iso(ts: int) -> str:
    return local(ts, "%Y-%m-%dT%H:%M:%S+08:00")


def _shop(shop: Shop) -> Table:
    return {
        "title": "枫家居 Maple Home",
        "timezone": "Asia/Shanghai",
        "currency": "CNY",
        "first": iso(shop.start),
        "as_of": iso(shop.end),
        "days": len(shop.days()),
        "promotion": list(cat.PROMOTION),
        "holiday": list(cat.HOLIDAY),
    }


def _files(shop: Shop, files: Sequence[File]) -> Iterable[tuple[str, Table]]:
    """Rows of each file. Which of two equal rows is the duplicate is judged over a source: see sources."""
    for file in files:
        if file.shown(shop.end):
            yield file.path, {"source": file.source, "rows": file.counts(shop.end)["rows"]}


def _sources(shop: Shop, files: Sequence[File]) -> Iterable[tuple[str, Table]]:
    for name in dict.fromkeys(f.source for f in files):
        mine = [f for f in files if f.source == name and f.shown(shop.end)]
        total: Counter[str] = Counter()
        for file in mine:
            total.update(file.counts(shop.end))
        newest = max((_newest(r, shop.end) for f in mine for r in f.shown(shop.end)), default=0)
        counts = {k: total[k] for k in ("rows", "accepted", "rejected", "duplicates", "filtered")}
        yield name, {"files": len(mine), **counts, **({"last_ts": iso(newest)} if newest else {})}


def _newest(record: Record, end: int) -> int:
    """The moment of a record's newest fact; 0 for a record without one."""
    match record.cells:
        case Row() as r:
            return int(datetime.fromisoformat(f"{r.day}T{max(r.hour, 0):02d}:00:00+08:00").timestamp())
        case Lead() as x:
            return max(t for t in (x.ts, x.mql, x.deal) if t <= end)
        case Message() as m:
            return max(t for t in (m.ts, m.opened) if t <= end)
        case Order() as o:
            return 0 if record.verdict == "filtered" else o.ts - (o.ts % 60 if o.store == "hk" else 0)
        case Voice() as v:
            return v.ts - v.ts % 60
        case Hit() | Refund() as h:
            return h.ts
        case Person() as p:
            return p.signup
        case (str() as line, "accepted") if "," in line:
            return max(int(datetime.fromisoformat(f"{t}+08:00").timestamp()) for t in _times(line))
    return 0


def _times(line: str) -> list[str]:
    return [
        cell for cell in line.replace("\n", ",").split(",") if cell.startswith("2026-") and len(cell) == 19
    ]


def worth(cents: int, currency: str) -> Decimal:
    """CNY of an amount."""
    return Decimal(cents) / 100 * RATE[currency]


def _kept(shop: Shop) -> list[Order]:
    return [o for o in shop.orders if o.status not in ("已取消", "void", "return")]


def _returns(shop: Shop) -> list[Order]:
    return [o for o in shop.orders if o.status == "return"]


def _broken_orders() -> list[tuple[str, Decimal | None]]:
    """(month, amount) of the readable rows of the broken file."""
    found = []
    for line, verdict, _, _ in hostile.ROWS:
        if verdict == "accepted":
            amount = line.split(",")[-3]
            found.append((_times(line)[0][:7], None if amount == "--" else Decimal(amount)))
    return found


def _events(shop: Shop) -> Table:
    count = Counter(h.event for h in shop.hits)
    count["order"] = len(_kept(shop)) + len(_broken_orders())
    count["refund"] = len(_returns(shop)) + len(shop.refunds)
    count["lead"] = len(shop.leads)
    count["mql"] = sum(0 < x.mql <= shop.end for x in shop.leads)
    count["deal"] = sum(0 < x.deal <= shop.end for x in shop.leads)
    count.update(v.event for v in shop.voices)
    count["message_sent"] = len(shop.messages)
    count["message_open"] = sum(0 < m.opened <= shop.end for m in shop.messages)
    return dict(sorted(count.items()))


def _months(shop: Shop) -> Iterable[tuple[str, Table]]:
    """Orders, revenue, refunds and visits (events `visit`) of each month."""
    rows: dict[str, dict[str, Any]] = defaultdict(
        lambda: {
            "orders": 0,
            "revenue": Decimal(0),
            "refunds": 0,
            "refunded": Decimal(0),
            "visit_events": 0,
            "deals": 0,
            "deal_value": Decimal(0),
        }
    )
    for day in shop.days():
        _ = rows[day.strftime("%Y-%m")]
    for o in _kept(shop):
        rows[month(o.ts)]["orders"] += 1
        rows[month(o.ts)]["revenue"] += worth(o.cents, o.currency)
    for key, amount in _broken_orders():
        rows[key]["orders"] += 1
        rows[key]["revenue"] += amount or 0
    for ts, cents in [(r.ts, r.cents) for r in shop.refunds] + [(o.ts, o.cents) for o in _returns(shop)]:
        rows[month(ts)]["refunds"] += 1
        rows[month(ts)]["refunded"] += worth(cents, "CNY")
    for h in shop.hits:
        rows[month(h.ts)]["visit_events"] += h.event == "visit"
    for x in shop.leads:
        if 0 < x.deal <= shop.end:
            rows[month(x.deal)]["deals"] += 1
            rows[month(x.deal)]["deal_value"] += worth(x.cents, "CNY")
    return sorted(rows.items())


def _spend(spend: Sequence[Row]) -> Iterable[Table]:
    """Impressions, clicks and cost by month and channel."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for r in spend:
        groups[(r.day[:7], r.channel)].append(r)
    for (key, channel), rows in sorted(groups.items()):
        currency = "USD" if channel in USD_REPORTS else "CNY"
        yield {
            "month": key,
            "channel": channel,
            **_media(rows),
            "cost": sum((worth(r.cents, currency) for r in rows), Decimal(0)),
        }


def _media(rows: Sequence[Row]) -> dict[str, Any]:
    impressions, clicks = sum(r.impressions for r in rows), sum(r.clicks for r in rows)
    return {"impressions": impressions, "clicks": clicks, "ctr": share(clicks, impressions)}


def _collapse(spend: Sequence[Row]) -> Table:
    day, channel, campaign, creative = cat.COLLAPSE
    mine = [r for r in spend if r.creative == creative]
    return {
        "day": day,
        "channel": channel,
        "campaign": campaign,
        "creative": creative,
        "ctr_before": _media([r for r in mine if r.day < day])["ctr"],
        "ctr_since": _media([r for r in mine if r.day >= day])["ctr"],
    }


def _collapse_days(shop: Shop, spend: Sequence[Row]) -> Iterable[Table]:
    """The last twelve days of the creative and of its channel; orders are those placed in the visit."""
    for day in [d.strftime("%Y-%m-%d") for d in shop.days()][-12:]:
        mine = [r for r in spend if r.creative == cat.COLLAPSE[3] and r.day == day]
        row: dict[str, Any] = {"day": day, **_media(mine), "cost": worth(sum(r.cents for r in mine), "CNY")}
        for label, place, name in (("creative", 4, cat.COLLAPSE[3]), ("channel", 2, cat.COLLAPSE[1])):
            row[f"{label}_visits"] = sum(
                n for k, n in shop.clicks.items() if k[0] == day and k[place] == name
            )
            row[f"{label}_orders"] = sum(
                n for k, n in shop.bought.items() if k[0] == day and k[place] == name
            )
        yield row


def _pages(shop: Shop) -> Iterable[Table]:
    for page in ("/lp/design", "/lp/quote", "/lp/store"):
        for label, late in (("before", False), ("since", True)):
            mine = [x for x in shop.leads if x.page == page and (day_of(x.ts) >= cat.FORM_BUG[0]) == late]
            valid = sum(x.valid for x in mine)
            yield {
                "page": page,
                "when": label,
                "leads": len(mine),
                "valid": valid,
                "share": share(valid, len(mine)),
            }


def _lead_channels(shop: Shop) -> Iterable[Table]:
    for channel in sorted(cat.BY_NAME):
        mine = [x for x in shop.leads if x.channel == channel]
        deals = sum(0 < x.deal <= shop.end for x in mine)
        yield {
            "channel": channel,
            "leads": len(mine),
            "valid": sum(x.valid for x in mine),
            "mqls": sum(0 < x.mql <= shop.end for x in mine),
            "deals": deals,
            "deal_share": share(deals, len(mine)),
        }


def _buyers(shop: Shop) -> Iterable[Table]:
    """Members whose first order is at least 30 days old, by the channel of their first visit."""
    orders: dict[int, int] = Counter()
    first: dict[int, int] = {}
    for o in _kept(shop):
        if o.person >= 0:
            orders[o.person] += 1
            first.setdefault(o.person, o.ts)
    for channel in sorted(cat.BY_NAME):
        mine = [
            n for n, ts in first.items() if shop.people[n].channel == channel and ts <= shop.end - 30 * DAY
        ]
        again = sum(orders[n] > 1 for n in mine)
        yield {"channel": channel, "buyers": len(mine), "again": again, "share": share(again, len(mine))}


def _stop(shop: Shop) -> Table:
    last = int(cat.STOP[1].timestamp())
    return {
        "source": cat.STOP[0],
        "last_ts": iso(last),
        "hours_before_end": round((shop.end - last) / 3600, 2),
    }


def _duplicates(shop: Shop, files: Sequence[File]) -> Table:
    found = {name: counts["duplicates"] for name, counts in _sources(shop, files) if counts["duplicates"]}
    return {"sources": found, "rows": sum(found.values())}


def _cookies(shop: Shop) -> dict[str, set[str]]:
    """Member → cookies that were seen with the member id."""
    found: dict[str, set[str]] = defaultdict(set)
    seen = [(h.member_id, h.cookie) for h in shop.hits]
    seen += [(o.member_id, o.cookie) for o in shop.orders if o.store == "web" and o.status != "已取消"]
    for member, cookie in seen:
        if member and cookie:
            found[member].add(cookie)
    return found


def _persons(shop: Shop) -> Table:
    cookies = _cookies(shop)
    members = [p for p in shop.people if p.member_id and p.signup <= shop.end]
    return {
        "members": len(members),
        "members_with_two_cookies": sum(len(c) > 1 for c in cookies.values()),
        "members_with_unionid": sum(bool(p.unionid) for p in members),
        "members_with_email": sum(bool(p.email) for p in members),
        "blocked_phone": TILL_PHONE,
        "rows_with_blocked_phone": sum(o.phone == TILL_PHONE and o.status != "void" for o in shop.orders),
    }


def _examples(shop: Shop) -> Iterable[Table]:
    """The first five members known by a member id, a phone, a unionid, an e-mail address and two cookies."""
    cookies = _cookies(shop)
    shared = set(_shared(shop)["members"])
    rich = [
        p
        for p in shop.people
        if p.member_id not in shared
        and p.email
        and p.unionid
        and len(cookies[p.member_id]) > 1
        and p.signup <= shop.end
    ]
    for p in rich[:5]:
        yield {
            "identifiers": [
                f"member_id:{p.member_id}",
                f"phone:+86{p.phone}",
                f"unionid:{p.unionid}",
                f"email:{p.email}",
                *(f"cookie:{c}" for c in sorted(cookies[p.member_id])),
            ]
        }


def _shared(shop: Shop) -> dict[str, Any]:
    members = sorted({h.member_id for h in shop.hits if h.device_id == TABLET})
    return {"identifier": f"device_id:{TABLET}", "members": members}
