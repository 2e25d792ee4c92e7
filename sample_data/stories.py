"""The planted truths as numbers: what looptop should find, counted from the facts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sample_data import catalogue as cat
from sample_data.files import local
from sample_data.media import Row
from sample_data.shop import DAY, Order, Shop, day_of
from sample_data.town import TABLET, TILL_PHONE

Table = Mapping[str, Any]
RATE = {name: Decimal(rate) for name, rate in cat.RATES.items()}


def share(part: int, whole: int) -> float | str:
    """Part of whole, or "null" for 0/0."""
    return round(part / whole, 6) if whole else "null"


def iso(ts: int) -> str:
    return local(ts, "%Y-%m-%dT%H:%M:%S+08:00")


def worth(cents: int, currency: str) -> Decimal:
    """CNY of an amount."""
    return Decimal(cents) / 100 * RATE[currency]


def kept_orders(shop: Shop) -> list[Order]:
    return [o for o in shop.orders if o.status not in ("已取消", "void", "return")]


def media(rows: Sequence[Row]) -> dict[str, Any]:
    impressions, clicks = sum(r.impressions for r in rows), sum(r.clicks for r in rows)
    return {"impressions": impressions, "clicks": clicks, "ctr": share(clicks, impressions)}


def collapse(spend: Sequence[Row]) -> Table:
    day, channel, campaign, creative = cat.COLLAPSE
    mine = [r for r in spend if r.creative == creative]
    return {
        "day": day,
        "channel": channel,
        "campaign": campaign,
        "creative": creative,
        "ctr_before": media([r for r in mine if r.day < day])["ctr"],
        "ctr_since": media([r for r in mine if r.day >= day])["ctr"],
    }


def collapse_days(shop: Shop, spend: Sequence[Row]) -> Iterable[Table]:
    """The last twelve days of the creative and of its channel; orders are those placed in the visit."""
    for day in [d.strftime("%Y-%m-%d") for d in shop.days()][-12:]:
        mine = [r for r in spend if r.creative == cat.COLLAPSE[3] and r.day == day]
        row: dict[str, Any] = {"day": day, **media(mine), "cost": worth(sum(r.cents for r in mine), "CNY")}
        for label, place, name in (("creative", 4, cat.COLLAPSE[3]), ("channel", 2, cat.COLLAPSE[1])):
            row[f"{label}_visits"] = sum(
                n for k, n in shop.clicks.items() if k[0] == day and k[place] == name
            )
            row[f"{label}_orders"] = sum(
                n for k, n in shop.bought.items() if k[0] == day and k[place] == name
            )
        yield row


def pages(shop: Shop) -> Iterable[Table]:
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


def lead_channels(shop: Shop) -> Iterable[Table]:
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


def buyers(shop: Shop) -> Iterable[Table]:
    """Members whose first order is at least 30 days old, by the channel of their first visit."""
    orders: dict[int, int] = Counter()
    first: dict[int, int] = {}
    for o in kept_orders(shop):
        if o.person >= 0:
            orders[o.person] += 1
            first.setdefault(o.person, o.ts)
    for channel in sorted(cat.BY_NAME):
        mine = [
            n for n, ts in first.items() if shop.people[n].channel == channel and ts <= shop.end - 30 * DAY
        ]
        again = sum(orders[n] > 1 for n in mine)
        yield {"channel": channel, "buyers": len(mine), "again": again, "share": share(again, len(mine))}


def stop(shop: Shop) -> Table:
    last = int(cat.STOP[1].timestamp())
    return {
        "source": cat.STOP[0],
        "last_ts": iso(last),
        "hours_before_end": round((shop.end - last) / 3600, 2),
    }


def new_value(shop: Shop) -> Table:
    """The message of the last day has a campaign that was not there before."""
    last = max(shop.messages, key=lambda m: m.ts).campaign
    rows = sum(m.campaign == last for m in shop.messages)
    return {"source": "wecom", "column": "活动", "value": last, "rows": rows}


def cookies(shop: Shop) -> dict[str, set[str]]:
    """Member → cookies that were seen with the member id."""
    found: dict[str, set[str]] = defaultdict(set)
    seen = [(h.member_id, h.cookie) for h in shop.hits]
    seen += [(o.member_id, o.cookie) for o in shop.orders if o.store == "web" and o.status != "已取消"]
    for member, cookie in seen:
        if member and cookie:
            found[member].add(cookie)
    return found


def persons(shop: Shop) -> Table:
    known = cookies(shop)
    members = [p for p in shop.people if p.member_id and p.signup <= shop.end]
    return {
        "members": len(members),
        "members_with_two_cookies": sum(len(c) > 1 for c in known.values()),
        "members_with_unionid": sum(bool(p.unionid) for p in members),
        "members_with_email": sum(bool(p.email) for p in members),
        "blocked_phone": TILL_PHONE,
        "rows_with_blocked_phone": sum(o.phone == TILL_PHONE and o.status != "void" for o in shop.orders),
    }


def examples(shop: Shop) -> Iterable[Table]:
    """The first five members known by a member id, a phone, a unionid, an e-mail address and two cookies."""
    known = cookies(shop)
    shared = set(shared_device(shop)["members"])
    rich = [
        p
        for p in shop.people
        if p.member_id not in shared
        and p.email
        and p.unionid
        and len(known[p.member_id]) > 1
        and p.signup <= shop.end
    ]
    for p in rich[:5]:
        yield {
            "identifiers": [
                f"member_id:{p.member_id}",
                f"phone:+86{p.phone}",
                f"unionid:{p.unionid}",
                f"email:{p.email}",
                *(f"cookie:{c}" for c in sorted(known[p.member_id])),
            ]
        }


def shared_device(shop: Shop) -> dict[str, Any]:
    members = sorted({h.member_id for h in shop.hits if h.device_id == TABLET})
    return {"identifier": f"device_id:{TABLET}", "members": members}
