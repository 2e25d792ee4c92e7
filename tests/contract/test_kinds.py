"""Cumulative, conversion and funnel metrics, targets and definitions, asked only through the commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.place import Place

EVENTS = """
    time,member,what,channel,paid
    2026-11-01T08:00,m1,visit,a,
    2026-11-01T09:00,m1,order,,10
    2026-11-01T10:00,m2,visit,b,
    2026-11-02T10:00,m2,visit,a,
    2026-11-03T10:00,m2,order,,30
    2026-11-03T11:00,m3,visit,b,
    2026-11-04T12:00,m3,view,b,
"""
TOML = """
    [[source]]
    name = "web"
    files = ["web*.csv"]
    table = "events"
    event = { column = "what", others = "pass" }
    columns = { ts = "time", member_id = "member", value = "paid" }
    late = "2d"
    [funnel.buy]
    steps = ["visit", "order"]
    window = "2d"
    [metric.taken]
    kind = "cumulative"
    metric = "revenue"
    grain_to_date = "month"
    owner = "li"
    since = "2026-10-01"
    changes = [{ date = "2026-10-01", text = "by month" }]
    [metric.buy_rate]
    kind = "funnel"
    funnel = "buy"
    [[metric.buy_rate.target]]
    period = "2026-11-01"
    value = 0.4
    [metric.seconds]
    kind = "funnel"
    funnel = "buy"
    measure = "avg_seconds"
    [metric.won]
    kind = "conversion"
    base = "visit"
    conversion = { metric = "orders" }
    window = "1d"
    per = "events"
    [metric.twice]
    kind = "derived"
    expr = "taken * 2"
    [alert.few]
    when = "buy_rate < 10%"
    evidence = "point"
"""
DAYS = ("--from", "2026-11-01", "--to", "2026-11-04", "--grain", "day")


@pytest.fixture
def shop(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.put("web.csv", EVENTS)
    place.toml(TOML)
    return place


def day(number: int) -> str:
    return f"2026-11-{number:02d}"


def test_every_kind_is_asked_like_any_metric(shop: Place) -> None:
    found = shop.values("taken", "twice", "buy_rate", "seconds", "won", *DAYS, key="metric,period")
    assert [found["taken", day(n)] for n in (1, 2, 3, 4)] == [10, 10, 40, 40]
    assert [found["buy_rate", day(n)] for n in (1, 2, 3, 4)] == [1, 1, 0, None]
    assert (found["twice", day(4)], found["seconds", day(1)]) == (80, (3600 + 48 * 3600) / 2)
    assert [found["won", day(n)] for n in (1, 2, 3, 4)] == [0.5, 1, 0, None]
    assert shop.values("buy_rate", "--by", "channel,weekday", key="channel,weekday") == {
        ("a", "7"): 1, ("b", "1"): 1, ("b", "2"): 0
    }  # fmt: skip


def test_a_number_over_a_funnel_or_over_days_has_a_trace(shop: Place) -> None:
    found = shop.ask("trace", "buy_rate", "--period", day(1))
    assert found["value"] == 1
    assert [each["metric"] for each in found["operands"]] == ["funnel:buy", "funnel:buy"]
    assert shop.ask("trace", "taken", "--period", day(3))["operands"][0]["value"] == 40


def test_targets_late_days_and_alerts_hold_for_them(shop: Place) -> None:
    rows = {row["period"]: row for row in shop.ask("metrics", "buy_rate", *DAYS)["rows"]}
    first = rows[day(1)]
    assert (first["target"], first["pace"], first["status"], first["pace_by"]) == (
        0.4,
        2.5,
        "ahead",
        "calendar",
    )
    assert rows[day(2)]["status"] == "unknown"
    assert [row["provisional"] for row in shop.ask("metrics", "revenue", *DAYS)["rows"]] == [
        False, False, True, True
    ]  # fmt: skip
    (alert,) = shop.ask("alerts")["alerts"]
    assert (alert["rule"], alert["state"], alert["value"]) == ("few", "firing", 0)


def test_a_dimension_or_filter_that_events_lack_is_refused_with_the_nearest(shop: Place) -> None:
    for words in (
        ("buy_rate", "--by", "chanel"),
        ("won", "--where", "chanel = 'a'"),
        ("taken", "--by", "chanel"),
    ):
        assert "channel" in shop.refusal("metrics", *words)


def test_the_dictionary_says_who_since_when_and_what_changed(shop: Place) -> None:
    def told(name: str) -> dict[str, object]:
        return next(one for one in shop.ask("metrics", "--list")["metrics"] if one["name"] == name)

    first = told("taken")
    assert (first["owner"], first["since"], first["additive"]) == ("li", "2026-10-01", "semi")
    assert first["changes"] == [{"date": "2026-10-01", "text": "by month", "definition": None}]
    before = told("won")
    shop.toml(TOML.replace('window = "1d"', 'window = "3d"'))
    after = told("won")
    assert after["definition"] != before["definition"]
    assert [each["definition"] for each in after["changes"]] == [after["definition"]]  # type: ignore[attr-defined]
    assert told("taken")["changes"] == first["changes"]
    code, out, _ = shop.say("metrics", "--list")
    assert code == 0 and str(after["definition"]) in out and "by month" in out
