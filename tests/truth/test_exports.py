"""fivetran_ad_seeds, gsc_queries, cn_bill_exports: what platforms export, each in its own way.

Left out: of fivetran_ad_seeds the header cells and row counts of each file (tests/engine/ingest reads all of
them); of gsc_queries nothing; of cn_bill_exports byte order mark, count of CRLF and header cells, which no
command tells; the amounts net of inline refunds are the amounts, as neither excerpt has a refund.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.material import DATA
from tests.truth.truths import Truth, metrics, near, needed, ratios

pytestmark = needed

PLATFORMS: dict[str, tuple[str, str, str, str]] = {
    "google_ads (campaign_stats, cost_micros/1e6)": (
        "google_ads_campaign_stats_data", 'cost = "cost_micros"', 'scale = { cost = "micros" }', "date"
    ),
    "microsoft_ads (campaign_performance_daily_report)": (
        "microsoft_ads_campaign_performance_daily_report_data", 'cost = "spend"', "", "date"
    ),
    "facebook_ads (basic_ad, clicks=inline_link_clicks)": (
        "facebook_ads_basic_ad_data", 'cost = "spend", clicks = "inline_link_clicks"', "", "date"
    ),
    "linkedin (ad_analytics_by_campaign, cost_in_usd)": (
        "linkedin_ad_analytics_by_campaign_data", 'cost = "cost_in_usd"', "", "day"
    ),
    "reddit (campaign_report, spend micros/1e6)": (
        "reddit_ads_campaign_report_data", 'cost = "spend"', 'scale = { cost = "micros" }', "date"
    ),
    "snapchat (campaign_hourly, spend micros/1e6, clicks=swipes)": (
        "snapchat_campaign_hourly_report_data", 'cost = "spend", clicks = "swipes"',
        'scale = { cost = "micros" }', "date",
    ),
    "twitter (campaign_report, billed_charge_local_micro/1e6)": (
        "twitter_campaign_report_data", 'cost = "billed_charge_local_micro"', 'scale = { cost = "micros" }',
        "date",
    ),
    "tiktok (campaign_report_hourly)": (
        "tiktok_campaign_report_hourly_data",
        'cost = "SPEND", clicks = "CLICKS", impressions = "IMPRESSIONS"', 'null_values = ["-"]',
        "STAT_TIME_HOUR",
    ),
    "amazon_ads (campaign_level_report)": (
        "amazon_ads_campaign_level_report_data", 'cost = "cost"', "", "date"
    ),
    "apple_search (campaign_report, clicks=taps)": (
        "apple_search_campaign_report_data", 'cost = "local_spend_amount", clicks = "taps"', "", "date"
    ),
    "pinterest": (
        "pinterest_campaign_report_data",
        'cost = "spend_in_micro_dollar", impressions = { expr = "impression_1 + impression_2" }, '
        'clicks = { expr = "clickthrough_1 + clickthrough_2" }', 'scale = { cost = "micros" }', "date",
    ),
}  # fmt: skip
"""By name in truth.json: file, columns, more keys, column of time."""


def platform(name: str) -> str:
    file, columns, more, ts = PLATFORMS[name]
    return (
        f'[[source]]\nname = "{name.split(maxsplit=1)[0]}"\nfiles = ["{file}.csv"]\ntable = "spend"\n{more}\n'
        f'columns = {{ ts = "{ts}", {columns} }}\nconstants = {{ channel = "{name.split(maxsplit=1)[0]}" }}\n'
    )


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    extra = metrics("spend", lines="?true", unseen="?impressions = 0")
    toml = "".join(map(platform, PLATFORMS)) + extra
    place = Truth(tmp_path_factory.mktemp("seeds"), "fivetran_ad_seeds", toml, "none", currency="USD")
    for file, *_ in PLATFORMS.values():
        name = f"{file}.csv"
        (place.root / name).write_bytes((DATA / "fivetran_ad_seeds" / "ads" / name).read_bytes())
    return place


def test_the_totals_of_every_platform_in_its_own_unit_and_names(seeds: Truth) -> None:
    wanted: dict[str, Any] = {
        name.split()[0]: {key: row[key] for key in ("rows", "spend", "impressions", "clicks")}
        for name, row in seeds["campaign_totals"].items()
    } | {"pinterest": seeds["pinterest_campaign_totals"]}
    names = {"lines": "rows", "cost": "spend", "impressions": "impressions", "clicks": "clicks"}
    found = seeds.table("channel", *names)
    assert {
        channel: {names[name]: value for name, value in row.items()} for channel, row in found.items()
    } == {channel: near(row) for channel, row in wanted.items()}
    assert all(rejected == 0 for _, _, rejected, _, _ in seeds.counts().values())


def test_first_and_last_moment_of_every_platform(seeds: Truth) -> None:
    spans: dict[str, list[str]] = {}
    for row in seeds.rows("spend"):
        spans.setdefault(row["channel"], []).append(row["ts"][:19])
    # The truth sorts TikTok's hours as texts, 10:00 before 4:00, 5:00 and 8:00.
    for name, row in seeds["campaign_totals"].items():
        first, last = (_whole(row[key]) for key in ("first", "last"))
        times = spans[name.split()[0]]
        if name.startswith("tiktok"):
            assert {first, last} <= set(times) and min(times) == "2021-09-15T04:00:00"
        else:
            assert (min(times), max(times)) == (first, last), name


def _whole(text: str) -> str:
    day, _, clock = text.replace("T", " ").partition(" ")
    return f"{day}T{clock or '0:00:00':0>8}"


def test_microsoft_by_month_and_its_rows_without_impressions(seeds: Truth) -> None:
    only = ("--where", "channel = 'microsoft_ads'", "--from", "2018-09-01", "--to", "2019-06-30")
    assert seeds.total("unseen", *only) == {"unseen": seeds["microsoft_rows_zero_impressions"]}
    months = {
        month: row["cost"] for month, row in seeds.table(None, "cost", "--grain", "month", *only).items()
    }
    assert months == near(seeds["microsoft_spend_by_month"])


def test_search_console_rates_of_sums_and_its_best_queries(tmp_path: Path) -> None:
    place = Truth(
        tmp_path,
        "gsc_queries",
        """
        [[source]]
        name = "queries"
        files = ["Queries.csv"]
        table = "spend"
        constants = { ts = "2026-01-01" }
        columns.keyword = "Top queries"
        columns.clicks = "Clicks"
        columns.impressions = "Impressions"
        columns.conversions = "CTR"
        columns.conversion_value = { expr = "Position * Impressions" }
        """
        + metrics("spend", queries="?true", positions="conversion_value")
        + '[metric.mean_ctr]\ntable = "spend"\nagg = "avg"\ncolumn = "conversions"\n'
        + ratios(position=("positions", "impressions")),
    )
    found = place.total("queries", "clicks", "impressions", "ctr", "position", "mean_ctr")
    assert found == {
        "queries": place["rows"], "clicks": place["clicks"], "impressions": place["impressions"],
        "ctr": near(place["ctr_total"]), "position": near(place["position_weighted"]),
        "mean_ctr": near(place["ctr_mean_of_rows"]),
    }  # fmt: skip
    best = place.ask("metrics", "clicks", "--by", "keyword", "--top", "5")["rows"]
    assert {(row["keyword"], row["value"]) for row in best} == {tuple(pair) for pair in place["top5_clicks"]}
    errors = [abs(row["conversions"] - row["clicks"] / row["impressions"]) for row in place.rows("spend")]
    assert max(errors) <= place["max_error_ctr"] + 1e-9


@pytest.mark.parametrize("name", ["alipay-records.csv", "wechat-records.csv", "wechat-records.xlsx"])
def test_bills_of_payments(tmp_path: Path, name: str) -> None:
    amount = "金额" if name.startswith("alipay") else "金额(元)"
    place = Truth(
        tmp_path,
        "cn_bill_exports",
        f"""
        [[source]]
        name = "bills"
        files = ["*"]
        table = "events"
        event = "pay"
        columns = {{ ts = "交易时间", value = "{amount}", order_id = "交易订单号", product = "商品" }}
        """
        + metrics("events", records="?true", paid="value"),
        f"example-{name}",
        timezone="Asia/Shanghai",
    )
    truth = place[f"example-{name}"]
    (file,) = place.ask("status")["files"]
    assert (file["rows"], file["accepted"]) == (truth["data_rows"], truth["data_rows"])
    rows = place.rows()
    if name.endswith("xlsx"):
        assert min(row["line"] for row in rows) == truth["header_row_1based"] + 1
        assert rows[0]["value"] == float(truth["first_amount_cell"].strip("'¥"))
        return
    assert file["encoding"] == truth["encoding"]
    assert min(row["line"] for row in rows) == truth["header_line_number_1based"] + 1
    by = place.table("收/支", "records", "paid")
    assert {side: row["records"] for side, row in by.items()} == truth["rows_by_direction"]
    assert {side: row["paid"] for side, row in by.items()} == near(truth["amount_by_direction"])
    assert all("\t" not in str(value) for row in rows for value in row.values())
