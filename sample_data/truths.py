"""What is true of the sample data, counted from the facts and not by looptop: `truth.toml`.

Money is CNY as decimal text; shares are fractions rounded to six places; months and days are the shop's.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sample_data import catalogue as cat
from sample_data import hostile, records, stories
from sample_data.files import File, Record, month
from sample_data.media import Row
from sample_data.shop import Hit, Lead, Message, Order, Person, Refund, Shop, Voice
from sample_data.stories import Table

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
            _table("collapse", stories.collapse(spend)),
            *(_table("collapse.daily", row, many=True) for row in stories.collapse_days(shop, spend)),
            _table("form_bug", {"page": cat.FORM_BUG[1], "since": cat.FORM_BUG[0]}),
            *(_table("form_bug.page_leads", row, many=True) for row in stories.pages(shop)),
            _table("few_deals", {"channel": "meta"}),
            *(_table("few_deals.channel_leads", row, many=True) for row in stories.lead_channels(shop)),
            _table("repurchase", {"comes_back": "wechat", "does_not": "kuaishou"}),
            *(_table("repurchase.channel_buyers", row, many=True) for row in stories.buyers(shop)),
            _table("stop", stories.stop(shop)),
            _table("duplicates", _duplicates(shop, files)),
            _table("drift", _drift()),
            _table("new_value", stories.new_value(shop)),
            _table("persons", stories.persons(shop)),
            *(_table("persons.example", row, many=True) for row in stories.examples(shop)),
            _table("shared_device", stories.shared_device(shop)),
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


def _shop(shop: Shop) -> Table:
    return {
        "title": "枫家居 Maple Home",
        "timezone": "Asia/Shanghai",
        "currency": "CNY",
        "first": stories.iso(shop.start),
        "as_of": stories.iso(shop.end),
        "days": len(shop.days()),
        "promotion": list(cat.PROMOTION),
        "holiday": list(cat.HOLIDAY),
    }


def _drift() -> Table:
    """The tracker's clock changes its form; device ids are on one tablet alone, too rare to be a drift."""
    first = datetime.fromisoformat(f"{records.MILLISECONDS_FROM}T00:00:00+08:00")
    file = records.web_file(records.web_key(int(first.timestamp())))
    return {"source": "web", "file": file, "column": "ts", "was": "text", "now": "number"}


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
        yield name, {"files": len(mine), **counts, **({"last_ts": stories.iso(newest)} if newest else {})}


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
    count["order"] = len(stories.kept_orders(shop)) + len(_broken_orders())
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
    for o in stories.kept_orders(shop):
        rows[month(o.ts)]["orders"] += 1
        rows[month(o.ts)]["revenue"] += stories.worth(o.cents, o.currency)
    for key, amount in _broken_orders():
        rows[key]["orders"] += 1
        rows[key]["revenue"] += amount or 0
    for ts, cents in [(r.ts, r.cents) for r in shop.refunds] + [(o.ts, o.cents) for o in _returns(shop)]:
        rows[month(ts)]["refunds"] += 1
        rows[month(ts)]["refunded"] += stories.worth(cents, "CNY")
    for h in shop.hits:
        rows[month(h.ts)]["visit_events"] += h.event == "visit"
    for x in shop.leads:
        if 0 < x.deal <= shop.end:
            rows[month(x.deal)]["deals"] += 1
            rows[month(x.deal)]["deal_value"] += stories.worth(x.cents, "CNY")
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
            **stories.media(rows),
            "cost": sum((stories.worth(r.cents, currency) for r in rows), Decimal(0)),
        }


def _duplicates(shop: Shop, files: Sequence[File]) -> Table:
    found = {name: counts["duplicates"] for name, counts in _sources(shop, files) if counts["duplicates"]}
    return {"sources": found, "rows": sum(found.values())}
