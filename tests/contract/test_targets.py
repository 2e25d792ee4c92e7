"""Files of targets: what a metric should be, by period and member."""

from __future__ import annotations

import polars as pl
import pytest

from tests.contract.place import Place

SOURCES = """
[[source]]
name = "ads"
files = ["ads.csv"]
table = "spend"
[[source]]
name = "plan"
files = ["targets*"]
table = "targets"
"""
ADS = """
day,channel,campaign,region,cost,clicks
2026-10-05,baidu,A,north,10,1
2026-11-02,baidu,A,north,10,1
2026-11-03,douyin,B,south,20,2
2026-11-09,,C,,30,3
"""


@pytest.fixture
def shop(place: Place) -> Place:
    place.put("ads.csv", ADS)
    place.toml(SOURCES)
    return place


def aimed(place: Place, *words: str, key: str = "period", metric: str = "cost") -> dict[object, float]:
    """Targets beside the rows of a metric, of those rows that have one."""
    rows = place.ask("metrics", metric, *words)["rows"]
    return {row[key]: row["target"] for row in rows if row["target"] is not None}


WRITTEN = (
    ("day", "2026-11-03", "cost", "2026-11-03"), ("day", "2026年11月3日", "clicks", "2026-11-03"),
    ("day", "2026/11/3", "cpc", "2026-11-03"), ("day", "20261103", "impressions", "2026-11-03"),
    ("day", "2026-11-02", "cost", "2026-11-02"), ("week", "2026-11-02", "cost", "2026-11-02"),
    ("month", "2026-11", "cost", "2026-11"), ("month", "2026年11月", "clicks", "2026-11"),
    ("month", "2026/11", "cpc", "2026-11"), ("month", "202611", "impressions", "2026-11"),
    ("quarter", "2026-Q4", "cost", "2026-Q4"), ("quarter", "2026年第四季度", "clicks", "2026-Q4"),
    ("year", "2026", "cost", "2026"), ("year", "2026年", "clicks", "2026"),
)  # fmt: skip
"""Grain, how a file writes the period, a metric, its name."""


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_a_target_stands_beside_the_row_of_its_period(shop: Place, grain: str) -> None:
    mine = [one for one in WRITTEN if one[0] == grain]
    lines = "".join(f"{period},{metric},{at}\n" for at, (_, period, metric, _) in enumerate(mine, 100))
    shop.put("targets.csv", f"period,metric,value\n{lines}")
    rows = shop.ask("metrics", *dict.fromkeys(one[2] for one in mine), "--grain", grain)["rows"]
    found = {(row["metric"], row["period"]): row["target"] for row in rows if row["target"] is not None}
    assert found == {(metric, name): at for at, (_, _, metric, name) in enumerate(mine, 100)}


@pytest.mark.parametrize("period", ["2026-11-03T13:00+08:00", "2026-11-03T13:00", "2026-11-03T05:00Z"])
def test_a_target_of_an_hour(shop: Place, period: str) -> None:
    shop.toml(SOURCES, timezone="Asia/Shanghai")
    shop.put("targets.csv", f"period,metric,value\n{period},cost,7\n")
    assert aimed(shop, "--grain", "hour") == {"2026-11-03T13:00+08:00": 7}
    assert aimed(shop, "--grain", "day") == {}
    assert aimed(shop) == {}


def test_weekly_targets_are_of_weeks_and_daily_ones_of_days(shop: Place) -> None:
    shop.put("targets.csv", "period,metric,value\n2026-11-02,cost,70\n2026-11-09,cost,80\n")
    assert aimed(shop, "--grain", "week") == {"2026-11-02": 70, "2026-11-09": 80}
    assert aimed(shop, "--grain", "day") == {}
    shop.put("targets.csv", "period,metric,value\n2026-11-02,cost,70\n2026-11-03,cost,80\n")
    assert aimed(shop, "--grain", "day") == {"2026-11-02": 70, "2026-11-03": 80}
    assert aimed(shop, "--grain", "week") == {}


def test_a_target_of_members_stands_beside_them_and_one_without_beside_the_whole(shop: Place) -> None:
    shop.put(
        "targets.csv",
        """
        period,metric,value,channel,region
        2026-11,cost,100,,
        2026-11,cost,40,baidu,
        2026-11,cost,60,douyin,
        2026-11,cost,15,baidu,north
        2026-11,clicks,5,,south
        """,
    )
    month = ("--grain", "month", "--from", "2026-11-01")
    assert aimed(shop, *month) == {"2026-11": 100}
    assert aimed(shop, *month, "--by", "channel", key="channel") == {"baidu": 40, "douyin": 60}
    pairs = shop.ask("metrics", "cost", *month, "--by", "channel,region")["rows"]
    assert {(row["channel"], row["region"]): row["target"] for row in pairs} == {
        ("baidu", "north"): 15, ("douyin", "south"): None, (None, None): None,
    }  # fmt: skip
    assert aimed(shop, *month, "--by", "region", key="region", metric="clicks") == {"south": 5}


def test_dimensions_may_have_other_headers_and_their_values_another_spelling(shop: Place) -> None:
    shop.toml(
        SOURCES + 'columns = { period = "月份", metric = "指标", value = "目标", channel = "渠道" }\n'
        'constants = { region = "north" }\n'
        'values = { channel = { "百度" = "baidu" }, metric = { "消耗" = "cost" } }\n'
    )
    shop.put("targets.csv", "月份,指标,目标,渠道\n2026年11月,消耗,3.2万,百度\n")
    rows = shop.ask("metrics", "cost", "--grain", "month", "--by", "channel,region")["rows"]
    assert [row["target"] for row in rows if row["channel"] == "baidu"] == [None, 32000]
    assert shop.ask("check")["faults"] == []


def test_of_two_values_of_one_target_the_last_by_file_and_line_holds_and_it_is_told(shop: Place) -> None:
    head = "period,metric,value,channel\n"
    shop.put("targets_b.csv", head + "2026-11,cost,3,\n2026年11月,cost,4,\n")
    shop.put("targets_a.csv", head + "2026-11,cost,2,\n2026-11,cost,2,\n2026-11,cost,9,baidu\n")
    assert aimed(shop, "--grain", "month") == {"2026-11": 4}
    assert shop.ask("check")["faults"] == [
        "targets_b.csv:2 value: cost of 2026-11 has another value in targets_a.csv:3; this one holds",
        "targets_b.csv:3 value: cost of 2026-11 has another value in targets_b.csv:2; this one holds",
    ]
    shop.toml(SOURCES + '[[metric.cost.target]]\nperiod = "2026-11"\nvalue = 1\n')
    assert aimed(shop, "--grain", "month") == {"2026-11": 4}
    (shop.root / "targets_b.csv").unlink()
    assert aimed(shop, "--grain", "month") == {"2026-11": 2}
    (shop.root / "targets_a.csv").unlink()
    assert aimed(shop, "--grain", "month") == {"2026-11": 1}


def test_a_metric_or_dimension_that_is_not_there_is_told_with_the_nearest_and_blocks_nothing(
    shop: Place,
) -> None:
    shop.put(
        "targets.csv",
        "period,metric,value,chanel\n2026-11,cots,5,\n2026-12,cots,5,\n2026-11,cost,6,\n2026-11,cost,7,baidu\n",
    )
    assert shop.ask("check")["faults"] == [
        'targets.csv:2 metric: no metric "cots": such targets count nowhere; nearest: cost',
        'targets.csv:5 by: no dimension "chanel": such targets count nowhere; nearest: channel',
    ]
    assert aimed(shop, "--grain", "month") == {"2026-11": 6}
    assert shop.counts()["targets.csv"] == (4, 4, 0, 0, 0)
    assert shop.say("check", "--strict")[0] == 1


def test_a_row_that_cannot_be_read_is_a_reject_with_its_reason(shop: Place) -> None:
    shop.put(
        "targets.csv",
        """
        period,metric,value
        soon,cost,5
        2026-02-30,cost,5
        2026-11,cost,much
        2026-11,,5
        ,cost,5
        2026-11,cost,
        2026-11,cost,8
        """,
    )
    assert shop.counts()["targets.csv"] == (7, 1, 6, 0, 0)
    told = [(one["line"], one["column"], one["value"]) for one in shop.ask("rejects")["rejects"]]
    assert told[:3] == [(2, "period", "soon"), (3, "period", "2026-02-30"), (4, "value", "much")]
    assert aimed(shop, "--grain", "month") == {"2026-11": 8}


def test_a_changed_file_of_targets_is_read_again(shop: Place) -> None:
    text = "period,metric,value\n2026-11,cost,5\n"
    shop.put("targets.csv", text)
    assert aimed(shop, "--grain", "month") == {"2026-11": 5}
    shop.put("targets.csv", text + "2026-10,cost,6\n")
    assert aimed(shop, "--grain", "month") == {"2026-10": 6, "2026-11": 5}
    shop.put("targets.csv", text.replace("5", "7"))
    assert aimed(shop, "--grain", "month") == {"2026-11": 7}


def test_a_budget_paces_the_cost(shop: Place) -> None:
    shop.put("targets.csv", "period,metric,value,channel\n2026-11,cost,120,\n2026-11,cost,40,baidu\n")
    at = ("--grain", "month", "--from", "2026-11-01", "--as-of", "2026-11-16T00:00:00Z")
    assert shop.values("budget_pace", *at) == {"2026-11": pytest.approx((60 / 120) / 0.5)}
    by = shop.values("budget_pace", *at, "--by", "channel", key="channel")
    assert by["baidu"] == pytest.approx((10 / 40) / 0.5) and by["douyin"] is None


def test_a_workbook_and_a_parquet_file_say_the_same(shop: Place) -> None:
    frame = pl.DataFrame({"period": ["2026-11"], "metric": ["cost"], "value": [12.5], "channel": ["baidu"]})
    for suffix, write in (("xlsx", frame.write_excel), ("parquet", frame.write_parquet)):
        write(shop.root / f"targets.{suffix}")
        assert aimed(shop, "--grain", "month", "--by", "channel", key="channel") == {"baidu": 12.5}
        (shop.root / f"targets.{suffix}").unlink()
