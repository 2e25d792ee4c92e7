"""Real exports, where they are, mapped as an analyst would: the numbers of metrics against plain Python."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.place import Place
from tests.material import DATA

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real exports are not here")


def at(place: Place, folder: str, toml: str) -> None:
    """The exports of a folder as the place's data, its configuration beside them."""
    place.toml(toml)
    for path in (DATA / folder).iterdir():
        (place.root / path.name).write_bytes(path.read_bytes())


def truth(folder: str, name: str) -> Any:
    return json.loads((DATA / folder / "truth.json").read_text("utf-8"))["numbers"][name]["value"]


def records(path: str) -> list[dict[str, str]]:
    with (DATA / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_ad_reports_without_a_year(place: Place) -> None:
    at(
        place,
        "online_ads_performance",
        """
        [[source]]
        name = "ads"
        files = ["*.csv"]
        table = "spend"
        year = 2020
        columns = { ts = ["month", "day"], campaign = "campaign_number", impressions = "displays" }
        """,
    )
    banner, expected = next(iter(truth("online_ads_performance", "by_banner").items()))
    got = place.values("cost", "ctr", "--where", f"banner = '{banner}'", key="metric")
    assert got == pytest.approx({"cost": expected["cost"], "ctr": expected["ctr"]})
    months = place.values("cost", "--grain", "month")
    known = truth("online_ads_performance", "by_month")
    assert list(months.values()) == pytest.approx([known[name]["cost"] for name in ("April", "May", "June")])


def test_leads_by_their_origin(place: Place) -> None:
    at(
        place,
        "x_education_leads",
        """
        [[source]]
        name = "leads"
        files = ["Leads.csv"]
        table = "events"
        event = "lead"
        constants = { ts = "2019-01-01" }
        null_values = ["Select"]
        columns = { lead_id = "Prospect ID", channel = "Lead Source" }
        values = { channel = { Google = "google" } }
        [metric.won]
        table = "events"
        where = "Converted = 1"
        """,
    )
    by_origin = truth("x_education_leads", "by_lead_origin")
    got = place.values("leads", "won", "--by", "Lead Origin", key="metric,Lead Origin")
    assert got == {("leads", name): one["leads"] for name, one in by_origin.items()} | {
        ("won", name): one["converted"] for name, one in by_origin.items()
    }


def test_credit_for_conversions(place: Place) -> None:
    at(
        place,
        "attribution_playbook",
        """
        [[source]]
        name = "sessions"
        files = ["sessions.csv"]
        table = "events"
        event = "visit"
        columns = { ts = "started_at", member_id = "customer_id", channel = "utm_source" }
        [[source]]
        name = "orders"
        files = ["customer_conversions.csv"]
        table = "events"
        event = "order"
        columns = { ts = "converted_at", member_id = "customer_id", value = "revenue" }
        """,
    )
    visits = records("attribution_playbook/sessions.csv")
    want: dict[str, Decimal] = defaultdict(Decimal)
    for order in records("attribution_playbook/customer_conversions.csv"):
        end = datetime.fromisoformat(_padded(order["converted_at"]))
        past = [
            (moment, visit["utm_source"])
            for visit in visits
            if visit["customer_id"] == order["customer_id"] and visit["utm_source"] not in ("", "direct")
            if end - timedelta(days=30)
            <= (moment := datetime.fromisoformat(_padded(visit["started_at"])))
            <= end
        ]
        want[max(past)[1] if past else "direct"] += Decimal(order["revenue"])
    assert place.values("revenue", "--by", "channel", key="channel") == {k: float(v) for k, v in want.items()}


def _padded(text: str) -> str:
    day, clock = text.split(" ")
    return f"{day} {clock:0>8}"
