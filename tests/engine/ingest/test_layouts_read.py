"""What layouts make of files: numbers of real exports, units, moments, currencies, days in names."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.ingest import preset_names
from engine.ingest.digest import mapping_digest
from engine.ingest.layout import keyed
from engine.ingest.recognition import near_of, recognise
from engine.workspace import load
from engine.workspace.model import Preset
from tests.engine.ingest.workspaces import Reading, equation, lines, read, source, workspace
from tests.material import DATA

needs_material = pytest.mark.skipif(not DATA.is_dir(), reason="the real exports are not here")


def taken(tmp: Path, name: str, text: str | bytes, layout: str, table: Any = "spend") -> Reading:
    """A file read with a layout."""
    found = read(tmp, text, keyed(source(table, preset=layout)), name)
    assert equation(found.state) and found.state.layout == layout
    return found


SEEDS = {
    "google_ads (campaign_stats, cost_micros/1e6)": ("google_ads_campaign_stats_data", "google_ads_stats"),
    "microsoft_ads (campaign_performance_daily_report)": (
        "microsoft_ads_campaign_performance_daily_report_data",
        "microsoft_ads_daily",
    ),
    "facebook_ads (basic_ad, clicks=inline_link_clicks)": ("facebook_ads_basic_ad_data", "meta_ads_basic"),
    "linkedin (ad_analytics_by_campaign, cost_in_usd)": (
        "linkedin_ad_analytics_by_campaign_data",
        "linkedin_ads_api",
    ),
    "reddit (campaign_report, spend micros/1e6)": ("reddit_ads_campaign_report_data", "reddit_ads_api"),
    "snapchat (campaign_hourly, spend micros/1e6, clicks=swipes)": (
        "snapchat_campaign_hourly_report_data",
        "snapchat_ads_api",
    ),
    "twitter (campaign_report, billed_charge_local_micro/1e6)": (
        "twitter_campaign_report_data",
        "x_ads_api",
    ),
    "tiktok (campaign_report_hourly)": ("tiktok_campaign_report_hourly_data", "tiktok_ads_api"),
    "amazon_ads (campaign_level_report)": ("amazon_ads_campaign_level_report_data", "amazon_ads_api"),
    "apple_search (campaign_report, clicks=taps)": ("apple_search_campaign_report_data", "apple_search_api"),
    "pinterest": ("pinterest_campaign_report_data", "pinterest_ads_api"),
}
"""Key of the known sums → (file, layout)."""


def known_sums() -> dict[str, Any]:
    numbers = json.loads((DATA / "fivetran_ad_seeds" / "truth.json").read_text("utf-8"))["numbers"]
    return {**numbers["campaign_totals"]["value"], "pinterest": numbers["pinterest_campaign_totals"]["value"]}


@needs_material
def test_every_platform_with_known_sums_is_read() -> None:
    assert set(known_sums()) == set(SEEDS)


@needs_material
@pytest.mark.parametrize("key", SEEDS)
def test_a_platforms_impressions_clicks_and_spend_add_up(tmp_path: Path, key: str) -> None:
    file, layout = SEEDS[key]
    known = known_sums()[key]
    text = (DATA / "fivetran_ad_seeds" / "ads" / f"{file}.csv").read_bytes()
    found = taken(tmp_path, f"{file}.csv", text, layout)
    assert (found.state.accepted, found.state.rejected) == (known["rows"], 0)
    sums = {name: float(found.facts[name].sum()) for name in ("impressions", "clicks", "cost")}
    # The known spend has ten digits.
    want = {"impressions": known["impressions"], "clicks": known["clicks"], "cost": known["spend"]}
    assert sums == pytest.approx(want, rel=1e-9)


@needs_material
def test_months_of_spend_add_up(tmp_path: Path) -> None:
    numbers = json.loads((DATA / "fivetran_ad_seeds" / "truth.json").read_text("utf-8"))["numbers"]
    file = "microsoft_ads_campaign_performance_daily_report_data.csv"
    text = (DATA / "fivetran_ad_seeds" / "ads" / file).read_bytes()
    found = taken(tmp_path, file, text, "microsoft_ads_daily")
    months: dict[str, float] = {}
    for ts, cost in zip(found["ts"], found["cost"], strict=True):
        months[f"{ts:%Y-%m}"] = months.get(f"{ts:%Y-%m}", 0) + float(cost)
    assert months == pytest.approx(numbers["microsoft_spend_by_month"]["value"])
    idle = sum(1 for shown in found["impressions"] if shown == 0)
    assert idle == numbers["microsoft_rows_zero_impressions"]["value"]


@needs_material
@pytest.mark.parametrize(
    ("name", "layout"),
    [("example-alipay-records.csv", "alipay_bill"), ("example-wechat-records.csv", "wechat_bill")],
)
def test_money_in_is_an_order_and_money_out_is_not(tmp_path: Path, name: str, layout: str) -> None:
    known = json.loads((DATA / "cn_bill_exports" / "truth.json").read_text("utf-8"))["numbers"][name]["value"]
    found = taken(tmp_path, name, (DATA / "cn_bill_exports" / name).read_bytes(), layout, "events")
    assert (found.state.accepted, found.state.rejected) == (known["data_rows"], 0)
    sums: Counter[str] = Counter()
    for event, value in zip(found["event"], found["value"], strict=True):
        sums[event] += value
    assert float(sums["order"]) == pytest.approx(known["amount_by_direction"]["收入"])
    assert "refund" not in sums


@needs_material
def test_months_of_linkedin_are_their_first_days(tmp_path: Path) -> None:
    file = "linkedin_monthly_ad_analytics_by_member_country_data.csv"
    text = (DATA / "fivetran_ad_seeds" / "ads" / file).read_bytes()
    found = taken(tmp_path, file, text, "linkedin_ads_monthly")
    assert found.state.rejected == 0
    assert {ts.day for ts in found["ts"]} == {1} and set(found["currency"]) == {"USD"}


def test_the_money_of_tencents_api_is_in_fen_and_that_of_its_files_is_not(tmp_path: Path) -> None:
    api = lines("date,account_id,view_count,valid_click_count,cost", "2026-11-01,7,100,10,12345")
    file = lines("日期,账户ID,曝光,点击量,消费", "2026-11-01,7,100,10,123.45")
    costs = [
        taken(tmp_path / layout, "a.csv", text, layout)["cost"]
        for layout, text in (("tencent_api", api), ("tencent_daily", file))
    ]
    assert costs == [[Decimal("123.45")], [Decimal("123.45")]]


def test_shares_stay_as_they_are_written_and_reach_is_no_impression(tmp_path: Path) -> None:
    text = lines(
        "时间-天,素材名称,消耗,展示数,平均千次展现费用(元),点击数,点击率%,转化数,转化率%",
        "2026-11-01,sofa,12.5,1000,12.5,20,2.00,-,-",
    )
    found = taken(tmp_path, "a.csv", text, "oceanengine_report")
    assert (found["p.点击率%"], found["conversions"], found["creative"]) == ([2.0], [None], ["sofa"])
    meta = lines(
        "Campaign name,Day,Amount spent (USD),Impressions,Reach,Frequency", "x,2026-11-01,5,90,30,3.0"
    )
    found = taken(tmp_path / "m", "a.csv", meta, "meta_ads")
    assert (found["reach"], found["impressions"], found["p.Frequency"]) == ([30], [90], [3.0])


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("Amount spent (USD)", "USD"),
        ("Amount spent (JPY)", "JPY"),
        ("Amount spent（EUR）", "EUR"),
        ("Amount spent", None),
    ],
)
def test_a_currency_in_a_header_is_that_of_the_row(tmp_path: Path, head: str, code: str | None) -> None:
    text = lines(f"Campaign name,Day,{head},Impressions", "x,2026-11-01,5,90")
    found = taken(tmp_path, "a.csv", text, "meta_ads")
    assert (found["cost"], found["currency"]) == ([5], [code])
    (guess,) = recognise(tmp_path / "data")
    assert guess.constants.get("currency") == code


def test_a_column_of_currencies_goes_before_the_header(tmp_path: Path) -> None:
    text = lines("Campaign name,Day,Amount spent (USD),Currency", "x,2026-11-01,5,EUR")
    assert taken(tmp_path, "a.csv", text, "meta_ads")["currency"] == ["EUR"]


def test_a_day_stands_in_the_name_only_where_no_column_has_one(tmp_path: Path) -> None:
    one = lines("推广计划,展现,点击,消费,下载,安装,激活", "a,10,2,3.5,0,0,0")
    found = taken(tmp_path / "1", "wm_20261103.csv", one, "baidu_network")
    assert f"{found['ts'][0]:%Y-%m-%d}" == "2026-11-03"
    two = lines("时间-天,消耗,展示数,点击数", "2026-11-01,3.5,10,2")
    found = taken(tmp_path / "2", "jl_2026-11-09.csv", two, "oceanengine")
    assert f"{found['ts'][0]:%Y-%m-%d}" == "2026-11-01"
    three = read(tmp_path / "3", one, source("spend", preset="baidu_network"), "wm.csv")
    assert "its name no day" in str(three.state.error)


def test_a_file_read_again_under_another_name_has_the_other_day(tmp_path: Path) -> None:
    text = lines("推广计划,展现,点击,消费,下载,安装,激活", "a,10,2,3.5,0,0,0")
    first = taken(tmp_path, "wm_20261103.csv", text, "baidu_network")
    second = taken(tmp_path, "wm_20261104.csv", text, "baidu_network")
    assert first["ts"] != second["ts"]


def test_an_order_is_a_checkout_and_what_became_of_it(tmp_path: Path) -> None:
    text = lines(
        "订单编号,买家会员名,买家实际支付金额,订单状态,联系手机,订单创建时间,订单付款时间,宝贝标题",
        "1,a,100.00,交易成功,13811112222,2026-11-01 10:00:00,2026-11-01 10:05:00,sofa",
        "2,b,0.00,等待买家付款,13811113333,2026-11-01 11:00:00,,sofa",
        "3,c,50.00,交易关闭,13811114444,2026-11-01 12:00:00,2026-11-01 12:01:00,lamp",
    )
    found = taken(tmp_path, "a.csv", text, "taobao_orders", "events")
    events = Counter(zip(found["order_id"], found["event"], strict=True))
    assert sorted(events.elements()) == [
        ("1", "checkout"), ("1", "order"), ("2", "checkout"), ("3", "checkout"), ("3", "order"),
        ("3", "refund"),
    ]  # fmt: skip
    assert (found.state.rows, found.state.accepted) == (3, 3)


def test_lines_of_an_order_are_not_orders(tmp_path: Path) -> None:
    text = lines(
        "Name,Email,Financial Status,Paid at,Currency,Total,Created at,Lineitem quantity,Lineitem name,"
        "Refunded Amount",
        "#1,a@x.com,paid,2026-03-12 09:14:02 +0000,EUR,30.00,2026-03-12 09:14:00 +0000,1,cup,0.00",
        "#1,a@x.com,,,,,2026-03-12 09:14:00 +0000,2,plate,",
        "#2,b@x.com,partially_refunded,2026-03-13 09:14:02 +0000,EUR,20.00,2026-03-13 09:14:00 +0000,1,cup,5",
    )
    found = taken(tmp_path, "a.csv", text, "shopify_orders", "events")
    money = [
        (event, value)
        for event, value in zip(found["event"], found["value"], strict=True)
        if event != "checkout"
    ]
    assert money == [("order", 30), ("order", 20), ("refund", 5)]
    assert found.filtered == {"where": 1}


def test_a_buyers_bill_has_an_order_and_a_refund_in_one_amount(tmp_path: Path) -> None:
    text = lines(
        "交易时间,商户名称,交易说明,金额,收/付款方式,交易状态,收/支,交易分类,交易订单号,商家订单号,备注",
        "2026-11-01 10:00:00,京东,sofa,131.77(已退款89.84),卡,交易成功,支出,家居,9001\t,1\t,,",
    )
    found = taken(tmp_path, "a.csv", text, "jd_bill", "events")
    assert sorted(zip(found["event"], found["value"], strict=True)) == [
        ("order", Decimal("131.77")),
        ("refund", Decimal("89.84")),
    ]


def test_a_deal_is_won_when_its_stage_says_so(tmp_path: Path) -> None:
    text = lines(
        "Record ID,Deal Name,Deal Stage,Close Date,Amount,Create Date",
        "1,x,Closed Won,2026-10-05,1000,2026-09-01",
        "2,y,Closed Lost,2026-10-06,500,2026-09-02",
        "3,z,Qualified,,700,2026-09-03",
    )
    found = taken(tmp_path, "a.csv", text, "hubspot_deals", "events")
    told = sorted(zip(found["order_id"], found["event"], strict=True))
    assert told == [
        ("1", "deal"), ("1", "opportunity"), ("2", "lost"), ("2", "opportunity"), ("3", "opportunity"),
    ]  # fmt: skip


def test_a_near_miss_names_the_columns_that_differ(tmp_path: Path) -> None:
    text = lines("时间-天,消耗金额,展示数,点击数", "2026-11-01,3.5,10,2")
    found = read(tmp_path, text, source("spend", preset="generic_spend"))
    assert ("almost", "oceanengine: no column 消耗 (has 消耗金额)") in found.state.evidence
    found = read(tmp_path, text, source("spend", preset="oceanengine"), "b.csv")
    assert ("almost", "oceanengine: no column 消耗 (has 消耗金额)") in found.state.evidence


def test_an_unmapped_file_is_told_what_it_almost_is(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("动账时间,动账方向,动账总金额,动账场景\n2026-11-01,入账,5,货款\n")
    assert recognise(tmp_path) == ()
    assert list(near_of(tmp_path, "c.csv")) == ["douyin_shop_settlement: no column 动账金额 (has 动账总金额)"]
    (tmp_path / "Queries.csv").write_text("Top queries,Clicks,Impressions,CTR,Position\nx,1,2,50%,3\n")
    assert any("says the day" in words for words in near_of(tmp_path, "Queries.csv"))


OWN = """
[[layout]]
name = "shop_tv"
table = "spend"
label = { en = "Shop TV" }
needs = ["Sendetag", "Kosten (¤)"]
constants = { channel = "tv" }
null_values = ["k. A."]
[layout.columns]
ts = "Sendetag"
cost = ["Kosten (¤)", "Kosten"]
impressions = { expr = '"Kontakte" * 1000' }

[[layout]]
name = "oceanengine"
like = "oceanengine"
constants = { channel = "bytedance" }
"""


def test_a_workspaces_own_layout_is_recognised_and_replaces_a_shipped_one(tmp_path: Path) -> None:
    root = tmp_path / "data"
    root.mkdir()
    (root / "looptop.toml").write_text(OWN, "utf-8")
    (root / "tv.csv").write_text("Sendetag,Kosten (EUR),Kontakte\n2026-11-01,50,1.5\n")
    (root / "jl.csv").write_text("时间-天,消耗,展示数,点击数\n2026-11-01,3.5,10,2\n")
    own = load(root, presets=preset_names).layouts
    found = {guess.name: guess for guess in recognise(root, own)}
    assert {name: guess.preset for name, guess in found.items()} == {"tv": "shop_tv", "jl": "oceanengine"}
    tv = read(tmp_path / "tv", (root / "tv.csv").read_text(), replace(found["tv"], files=("*",)))
    assert (tv["cost"], tv["currency"], tv["impressions"]) == ([50], ["EUR"], [1500])
    jl = read(tmp_path / "jl", (root / "jl.csv").read_text(), replace(found["jl"], files=("*",)))
    assert (jl["channel"], jl["cost"]) == (["bytedance"], [Decimal("3.5")])
    assert "oceanengine (looptop.toml), 4 of 4 columns" in dict(jl.state.evidence)["layout"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[[layout]]\nname = "a"\nlike = "oceanengin"', 'unknown layout "oceanengin"'),
        ('[[layout]]\nname = "a"\nneeds = ["x"]', '"table" is required'),
        ('[[layout]]\nname = "a"\ntable = "spend"', "needs or header"),
        ('[[layout]]\nname = "a"\nlike = "b"\n[[layout]]\nname = "b"\nlike = "a"', "stands on itself"),
        ('[[layout]]\nname = "a"\nlike = "orders"\ncolumns = { vlaue = "x" }', 'unknown column "vlaue"'),
        ('[[layout]]\nname = "a"\nlike = "orders"\ncolumns = { value = ["= 1 +"] }', "cannot be read"),
        ('[[layout]]\nname = "a"\nlike = "orders"\nwhere = "lower(x"', "cannot be read"),
        (
            '[[source]]\nname = "a"\nfiles = ["*"]\ntable = "spend"\npreset = "baidu"',
            'unknown preset "baidu"',
        ),
    ],
)
def test_what_is_wrong_with_a_layout_is_said_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    from engine.errors import ConfigurationError

    (tmp_path / "looptop.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, presets=preset_names)
    assert any(fault in str(each.message) and each.line for each in caught.value.faults)


def test_another_layout_changes_what_uses_it_and_nothing_else(tmp_path: Path) -> None:
    def digests(*own: Preset) -> dict[str, str]:
        sources = {
            "named": source("spend", preset="baidu_feed"),
            "mapped": source("spend", columns=source("spend").columns, constants={"channel": "x"}),
            "own": source("spend", preset="mine"),
        }
        space = workspace(tmp_path)
        with_layouts = {
            name: replace(each, layouts=own if each.preset in (None, "mine") else ())
            for name, each in sources.items()
        }
        return {name: mapping_digest(space, each, "a.csv") for name, each in with_layouts.items()}

    mine = Preset("mine", "spend", needs=("a",), own=True)
    before, after = digests(mine), digests(replace(mine, needs=("a", "b")))
    assert before["named"] == after["named"]
    assert before["own"] != after["own"] and before["mapped"] != after["mapped"]


def test_names_are_asked_for_only_where_a_preset_is_named(tmp_path: Path) -> None:
    asked: list[int] = []

    def names() -> tuple[str, ...]:
        asked.append(1)
        return preset_names()

    (tmp_path / "looptop.toml").write_text('[[source]]\nname = "a"\nfiles = ["*"]\ntable = "spend"\n')
    load(tmp_path, presets=names)
    assert not asked
    (tmp_path / "looptop.toml").write_text(
        '[[source]]\nname = "a"\nfiles = ["*"]\ntable = "spend"\npreset = "baidu_search"\n'
    )
    assert load(tmp_path, presets=names).sources[0].preset == "baidu_search" and asked
