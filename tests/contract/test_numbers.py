"""Metrics against numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

import pytest

from tests.contract.place import Place

SOURCE = """
[[source]]
name = "e"
files = ["e*.csv"]
table = "events"
columns = { ts = "ts", event = "event", value = "v", member_id = "m", channel = "ch", product = "p" }
[[source]]
name = "ads"
files = ["ads*.csv"]
table = "spend"
columns = { ts = "ts", cost = "cost", channel = "ch", impressions = "imp", clicks = "clk" }
"""
START = datetime(2026, 1, 1)
Fact = dict[str, Any]


def facts(seed: int, count: int = 220) -> list[Fact]:
    """Events of a few persons over ten weeks."""
    dice = Random(seed)
    names = ["visit", "view", "order", "refund", "register", "lead", "ad_click"]
    return [
        {
            "ts": START + timedelta(minutes=dice.randrange(70 * 24 * 60)),
            "event": dice.choices(names, [6, 5, 4, 1, 1, 1, 2])[0],
            "v": dice.choice([None, 1.25, 10, 99.99, 3]),
            "m": f"u{dice.randrange(14)}",
            "ch": dice.choice([None, None, "baidu", "douyin", "direct"]),
            "p": dice.choice([None, "红", "蓝"]),
            "k": dice.randrange(5),
        }
        for _ in range(count)
    ]


def written(rows: list[Fact]) -> str:
    text = "ts,event,v,m,ch,p,等级\n"
    for row in rows:
        cells = [row[k] for k in ("ts", "event", "v", "m", "ch", "p", "k")]
        text += ",".join("" if cell is None else str(cell) for cell in cells) + "\n"
    return text


def own(*lines: str) -> str:
    return SOURCE + "\n".join(lines)


AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "count": len,
    "count_distinct": lambda vs: len(set(vs)),
    "avg": lambda vs: sum(vs) / len(vs),
    "min": min,
    "max": max,
    "median": median,
}


def test_every_aggregate_by_one_and_two_dimensions(place: Place) -> None:
    rows = facts(1)
    place.put("e.csv", written(rows))
    shared = 'table = "events"\ncolumn = "value"\nwhere = "event = \'order\'"'
    place.toml(own(*(f'[metric.m_{agg}]\nagg = "{agg}"\n{shared}' for agg in AGGREGATES)))
    for dims in ([], ["product"], ["channel", "product"]):
        short = {"channel": "ch", "product": "p"}
        groups: dict[Any, list[float]] = {}
        for row in rows:
            if row["event"] == "order":
                key = tuple(row[short[dim]] for dim in dims)
                groups.setdefault(key, []).extend([] if row["v"] is None else [row["v"]])
        for agg, of in AGGREGATES.items():
            words = ["--by", ",".join(dims)] if dims else []
            got = place.ask("metrics", f"m_{agg}", *words)["rows"]
            seen = {tuple(row[dim] for dim in dims): row["value"] for row in got}
            empty = 0 if agg in ("sum", "count", "count_distinct") else None
            want = {key: of(values) if values else empty for key, values in groups.items()}
            assert seen == pytest.approx(want), (agg, dims)


def test_null_members_come_last(place: Place) -> None:
    place.put("e.csv", written(facts(2)))
    place.toml(own('[metric.n]\ntable = "events"'))
    assert [r["product"] for r in place.ask("metrics", "n", "--by", "product")["rows"]] == ["红", "蓝", None]


GRAINS: dict[str, Callable[[datetime], str]] = {
    "hour": lambda t: t.strftime("%Y-%m-%dT%H:00+00:00"),
    "day": lambda t: t.strftime("%Y-%m-%d"),
    "week": lambda t: (t - timedelta(days=t.weekday())).strftime("%Y-%m-%d"),
    "month": lambda t: t.strftime("%Y-%m"),
    "quarter": lambda t: f"{t.year}-Q{(t.month + 2) // 3}",
    "year": lambda t: str(t.year),
}


def test_every_grain(place: Place) -> None:
    rows = facts(3, 60)
    place.put("e.csv", written(rows))
    place.toml(own('[metric.n]\ntable = "events"'))
    for grain, name in GRAINS.items():
        want: dict[str, int] = {}
        for row in rows:
            want[name(row["ts"])] = want.get(name(row["ts"]), 0) + 1
        got = place.values("n", "--grain", grain)
        assert {k: v for k, v in got.items() if v} == want
        assert list(got) == sorted(got)


def day(n: int) -> date:
    return date(2026, 1, 1) + timedelta(days=n)


def daily(place: Place, last: str = "2026-04-30T23:59:59") -> None:
    """One order a day from the first of January, worth 1, 2, 3 …"""
    text = "ts,event,v,m,ch,p,等级\n" + "".join(f"{day(n)} 12:00:00,order,{n + 1},u,,,\n" for n in range(119))
    place.put("e.csv", text + f"{last},order,120,u,,,\n")
    place.toml(SOURCE)


def test_comparisons_at_day_week_and_month_grain(place: Place) -> None:
    daily(place)
    (row,) = place.ask(
        "metrics",
        "revenue",
        "--grain",
        "day",
        "--from",
        "2026-03-31",
        "--to",
        "2026-03-31",
        "--compare",
        "previous,week,month,year",
    )["rows"]
    assert row["value"] == 90
    assert row["previous"] == {"previous": 89, "week": 83, "month": 59, "year": 0}
    assert row["change"]["week"] == pytest.approx(90 / 83 - 1)
    (row,) = place.ask(
        "metrics",
        "revenue",
        "--grain",
        "month",
        "--from",
        "2026-03-01",
        "--to",
        "2026-03-31",
        "--compare",
        "previous",
    )["rows"]
    assert (row["period"], row["value"], row["previous"]) == (
        "2026-03",
        sum(range(60, 91)),
        sum(range(32, 60)),
    )
    assert row["change"] == pytest.approx(sum(range(60, 91)) / sum(range(32, 60)) - 1)
    (row,) = place.ask(
        "metrics", "revenue", "--from", "2026-03-11", "--to", "2026-03-20", "--compare", "previous"
    )["rows"]
    assert (row["value"], row["previous"]) == (sum(range(70, 80)), sum(range(60, 70)))


def test_a_cut_period_is_partial(place: Place) -> None:
    daily(place)
    rows = place.ask("metrics", "revenue", "--grain", "month", "--from", "2026-01-10")["rows"]
    assert [(r["period"], r["partial"]) for r in rows][:3] == [
        ("2026-01", True),
        ("2026-02", False),
        ("2026-03", False),
    ]


def test_a_running_period_is_compared_with_the_same_elapsed_part(place: Place) -> None:
    text = "ts,event,v,m,ch,p,等级\n"
    for n, hour, value in [(0, 8, 1), (0, 20, 10), (1, 8, 2), (1, 20, 20), (2, 8, 3), (2, 10, 4)]:
        text += f"{day(n)} {hour:02}:00:00,order,{value},u,,,\n"
    place.put("e.csv", text)
    place.toml(SOURCE)
    rows = {
        r["period"]: r
        for r in place.ask("metrics", "revenue", "--grain", "day", "--compare", "previous")["rows"]
    }
    last = rows["2026-01-03"]
    assert (last["value"], last["previous"], last["partial"]) == (7, 2, True)
    assert rows["2026-01-02"]["previous"] == 11


def test_ratio_and_derived_are_quotients_of_sums(place: Place) -> None:
    place.put(
        "ads.csv",
        "ts,ch,cost,imp,clk\n2026-01-01,a,10,1000,10\n2026-01-02,a,30,1000,50\n2026-01-02,b,5,0,0\n",
    )
    place.put("e.csv", "ts,event,v,m,ch,p,等级\n2026-01-02,order,100,u,a,,\n")
    place.toml(
        own(
            '[metric.d]\nkind = "derived"\nexpr = "(revenue - cost) / cost"',
            '[metric.r]\nkind = "ratio"\nnum = "clicks"\nden = "impressions"',
        )
    )
    (row,) = place.ask("metrics", "r")["rows"]
    assert (row["value"], row["num"], row["den"]) == (0.03, 60, 2000)
    assert place.values("ctr", "r", "d", "--by", "channel", key="metric,channel") == pytest.approx(
        {
            ("ctr", "a"): 0.03,
            ("ctr", "b"): None,
            ("r", "a"): 0.03,
            ("r", "b"): None,
            ("d", "a"): 1.5,
            ("d", "b"): -1.0,
        }
    )
    assert place.values("roi", "roas", "cpc", "cpm", key="metric") == pytest.approx(
        {"roi": 55 / 45, "roas": 100 / 45, "cpc": 45 / 60, "cpm": 22.5}
    )


def test_targets_from_the_configuration_and_a_file(place: Place) -> None:
    place.put("ads.csv", "ts,ch,cost,imp,clk\n2026-01-01,a,10,1,1\n2026-01-02,b,30,1,1\n2026-02-01,a,1,1,1\n")
    place.put(
        "t.csv", "period,metric,value,channel\n2026-01,cost,100,\n2026-01,cost,70,a\n2026-02,clicks,9,\n"
    )
    place.toml(
        own(
            '[[source]]\nname = "t"\nfiles = ["t.csv"]\ntable = "targets"',
            '[[metric.mine.target]]\nperiod = "2026-01"\nvalue = 5\nby = { channel = "b" }',
            '[metric.mine]\ntable = "spend"\nagg = "sum"\ncolumn = "clicks"',
        )
    )
    assert [(r["period"], r["target"]) for r in place.ask("metrics", "cost", "--grain", "month")["rows"]] == [
        ("2026-01", 100),
        ("2026-02", None),
    ]
    got = place.ask("metrics", "cost", "mine", "--by", "channel", "--grain", "month")["rows"]
    assert {
        (r["metric"], r["period"], r["channel"]): r["target"] for r in got if r["target"] is not None
    } == {("cost", "2026-01", "a"): 70, ("mine", "2026-01", "b"): 5}


def test_top_and_where(place: Place) -> None:
    rows = facts(4)
    place.put("e.csv", written(rows))
    place.toml(own('[metric.n]\ntable = "events"'))
    got = place.ask("metrics", "n", "--by", "等级", "--top", "2")["rows"]
    counts = {str(k): sum(r["k"] == k for r in rows) for k in range(5)}
    best = sorted(counts.items(), key=lambda item: -item[1])[:2]
    assert sorted(r["value"] for r in got)[-2:] == sorted(v for _, v in best)
    want = sum(r["k"] > 2 and r["p"] == "红" for r in rows)
    assert place.values("n", "--where", "\"等级\" > 2 and product = '红'") == {None: want}
    assert len(place.rows("events", "--where", "\"等级\" > 2 and product = '红'")) == want


def test_gaps_are_nought_or_null(place: Place) -> None:
    place.put(
        "e.csv",
        "ts,event,v,m,ch,p,等级\n2026-01-01,order,1,u,,,\n2026-01-03,order,,u,,,\n2026-01-04,order,2,u,,,\n",
    )
    place.toml(
        own(
            '[metric.a]\ntable = "events"\nagg = "sum"\ncolumn = "value"',
            '[metric.b]\ntable = "events"\nagg = "sum"\ncolumn = "value"\ngap = "null"',
            '[metric.c]\ntable = "events"\nagg = "avg"\ncolumn = "value"',
            '[metric.d]\ntable = "events"\nagg = "max"\ncolumn = "value"\ngap = 0',
        )
    )
    assert list(place.values("a", "--grain", "day").values()) == [1, 0, 0, 2]
    assert list(place.values("b", "--grain", "day").values()) == [1, None, None, 2]
    assert list(place.values("c", "--grain", "day").values()) == [1, None, None, 2]
    assert list(place.values("d", "--grain", "day").values()) == [1, 0, 0, 2]


def tally(names: list[Any]) -> dict[Any, int]:
    return {name: names.count(name) for name in names}


def touched(rows: list[Fact]) -> list[str]:
    """Oracle of last_touch: the channel of each order in the order of the rows."""
    out = []
    for row in rows:
        if row["event"] != "order":
            continue
        past = [
            t
            for t in rows
            if t["m"] == row["m"]
            and t["ch"] not in (None, "direct")
            and row["ts"] - timedelta(days=30) <= t["ts"] < row["ts"]
        ]
        last = max(past, key=lambda t: t["ts"], default=None)
        out.append(row["ch"] or (last["ch"] if last else "direct"))
    return out


@pytest.mark.parametrize("seed", [5])
def test_credit_goes_to_the_last_touch_or_stays_own(place: Place, seed: int) -> None:
    rows = facts(seed)
    place.put("e.csv", written(rows))
    place.toml(
        own(
            '[metric.n]\ntable = "events"\nwhere = "event = \'order\'"',
            '[metric.l]\ntable = "events"\nwhere = "event = \'order\'"\ncredit = "last_touch"',
        )
    )
    orders = [r for r in rows if r["event"] == "order"]
    assert place.values("n", "--by", "channel", key="channel") == tally([r["ch"] for r in orders])
    assert place.values("l", "--by", "channel", key="channel") == tally(touched(rows))
    assert place.values("orders", "--by", "channel", key="channel") == tally(touched(rows))
    some = place.values("orders", "--by", "channel", "--where", "channel = 'baidu'", key="channel")
    assert some == {"baidu": touched(rows).count("baidu")}


@pytest.mark.parametrize("seed", [7])
def test_built_in_metrics_against_a_hand_count(place: Place, seed: int) -> None:
    rows = sorted(facts(seed), key=lambda r: r["ts"])
    place.put("e.csv", written(rows))
    place.toml(SOURCE)
    orders = [r for r in rows if r["event"] == "order"]
    firsts: dict[str, datetime] = {}
    for row in orders:
        firsts.setdefault(row["m"], row["ts"])
    visits = 0
    last: dict[str, datetime] = {}
    for row in rows:
        if row["event"] in ("visit", "view", "register"):
            before = last.get(row["m"])
            visits += before is None or row["ts"] - before > timedelta(minutes=30)
            last[row["m"]] = row["ts"]
    money = sum(r["v"] or 0 for r in orders)
    back = sum(r["v"] or 0 for r in rows if r["event"] == "refund")
    buyers = {r["m"] for r in orders}
    got = place.values(
        "orders",
        "buyers",
        "revenue",
        "refunds",
        "net_revenue",
        "aov",
        "new_customers",
        "registrations",
        "leads",
        key="metric",
    )
    assert got == pytest.approx(
        {
            "orders": len(orders),
            "buyers": len(buyers),
            "revenue": money,
            "refunds": back,
            "net_revenue": money - back,
            "aov": money / len(orders),
            "new_customers": len(firsts),
            "registrations": sum(r["event"] == "register" for r in rows),
            "leads": sum(r["event"] == "lead" for r in rows),
        }
    )
    by_day = place.values("new_customers", "--grain", "day")
    want: dict[str, int] = {}
    for ts in firsts.values():
        want[str(ts.date())] = want.get(str(ts.date()), 0) + 1
    assert {k: v for k, v in by_day.items() if v} == want
    both = place.values("visits", "conversion_rate", key="metric")
    assert both["conversion_rate"] == pytest.approx(len(orders) / both["visits"])
    (row,) = place.ask("metrics", "conversion_rate")["rows"]
    assert (row["num"], row["den"]) == (len(orders), both["visits"])
    assert both["visits"] == visits


def test_quantile_and_distinct_persons(place: Place) -> None:
    rows = facts(9)
    place.put("e.csv", written(rows))
    place.toml(
        own(
            '[metric.q]\ntable = "events"\nagg = "quantile"\nquantile = 0.9\ncolumn = "value"',
            '[metric.p]\ntable = "events"\nagg = "count_distinct"\ncolumn = "person"',
            '[metric.k]\ntable = "events"\nagg = "sum"\ncolumn = "等级"',
        )
    )
    values = sorted(r["v"] for r in rows if r["v"] is not None)
    at = 0.9 * (len(values) - 1)
    want = values[int(at)] + (values[min(int(at) + 1, len(values) - 1)] - values[int(at)]) * (at % 1)
    assert place.values("q", "p", "k", key="metric") == pytest.approx(
        {"q": want, "p": len({r["m"] for r in rows}), "k": sum(r["k"] for r in rows)}
    )


def test_money_in_other_currencies(place: Place) -> None:
    place.put(
        "e.csv",
        "ts,event,v,m,cur\n2026-01-01,order,10,u,USD\n2026-01-02,order,10,u,eur\n"
        "2026-01-03,order,10,u,\n2026-01-04,order,7,u,GBP\n2026-01-05,order,10,u,EUR\n",
    )
    place.put("fx.csv", "day,currency,rate\n2026-01-01,EUR,8\n2026-01-04,EUR,9\n")
    place.toml("""
        [currency]
        USD = 7.12
        file = "fx.csv"
        [[source]]
        name = "e"
        files = ["e.csv"]
        table = "events"
        columns = { ts = "ts", event = "event", value = "v", member_id = "m", currency = "cur" }
        """)
    status = place.ask("status")
    assert status["unconverted"] == 1
    assert status["unmapped"] == []
    assert list(place.values("revenue", "--grain", "day").values()) == [71.2, 80, 10, 0, 90]
    assert [r["value"] for r in place.rows()] == [71.2, 80, 10, None, 90]
    assert [r["line"] for r in place.rows("events", "--where", "value > 75")] == [3, 6]
    assert place.values("orders") == {None: 5}


def test_metrics_of_profiles_go_by_the_day_of_signup(place: Place) -> None:
    place.put("p.csv", "id,signup,income\n1,2026-01-03,5\n2,2026-02-03,6\n4,2026-02-05,\n")
    place.toml("""
        [[source]]
        name = "p"
        files = ["*.csv"]
        table = "profiles"
        columns = { member_id = "id", signup_ts = "signup" }
        [metric.n]
        table = "profiles"
        [metric.income]
        table = "profiles"
        agg = "sum"
        column = "income"
        """)
    assert place.values("n", "income", key="metric") == {"n": 3, "income": 11}
    assert place.values("n", "--grain", "month") == {"2026-01": 1, "2026-02": 2}
    assert place.values("n", "--where", "income > 5") == {None: 1}


def test_periods_begin_where_the_workspace_says(place: Place) -> None:
    days = {"2026-01-04": 1, "2026-01-05": 2, "2025-12-31": 4, "2025-01-06": 16, "2024-02-29": 32}
    facts = "".join(f"{day} 00:30:00,order,{value},a,,,\n" for day, value in days.items())
    place.put("e.csv", "ts,event,v,m,ch,p,等级\n" + facts)
    place.toml(SOURCE, timezone="Asia/Shanghai", week_start="sunday")
    weeks = {name: value for name, value in place.values("revenue", "--grain", "week").items() if value}
    assert weeks == {"2024-02-25": 32, "2025-01-05": 16, "2025-12-28": 4, "2026-01-04": 3}
    day = ["--grain", "day", "--from", "2026-01-05", "--to", "2026-01-05", "--compare", "year"]
    assert place.ask("metrics", "revenue", *day)["rows"][0]["previous"] == 16
    last = ["--grain", "day", "--from", "2024-03-31", "--to", "2024-03-31", "--compare", "month"]
    assert place.ask("metrics", "revenue", *last)["rows"][0]["previous"] == 32


def test_a_day_of_the_clock_change_has_23_hours(place: Place) -> None:
    facts = "".join(f"2026-03-29T{hour:02}:00:00Z,order,1,a,,,\n" for hour in range(24))
    place.put("e.csv", "ts,event,v,m,ch,p,等级\n2026-03-28T23:30:00Z,order,1,a,,,\n" + facts)
    place.toml(SOURCE, timezone="Europe/Berlin")
    assert place.values("orders", "--grain", "day") == {"2026-03-29": 23, "2026-03-30": 2}
    hours = list(place.values("orders", "--grain", "hour", "--to", "2026-03-29"))
    assert (len(hours), hours[1:3]) == (23, ["2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"])
