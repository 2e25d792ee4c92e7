"""online_ads_performance: 15,408 rows of one report without years.

Every number of its truth.json stands here; nothing is left out.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.truth.truths import Truth, metrics, near, needed, ratios

pytestmark = needed
SOURCE = """
[[source]]
name = "ads"
files = ["*.csv"]
table = "spend"
year = 2020
columns.ts = ["month", "day"]
columns.campaign = "campaign_number"
columns.impressions = "displays"
columns.conversions = "post_click_conversions"
null_values = ["#N/A"]
"""
EXTRA = metrics(
    "spend",
    report_rows="?true",
    ad_revenue="revenue",
    sales="post_click_sales_amount",
    impossible="?clicks > impressions",
    many="?conversions > clicks",
    unplaced="?placement is null",
) + ratios(
    conversions_per_click=("platform_conversions", "clicks"),
    roas_revenue=("ad_revenue", "cost"),
    sales_per_cost=("sales", "cost"),
)
ONCE = """
[[source]]
name = "clicks"
files = ["*.csv"]
table = "events"
event = "ad_click"
year = 2020
columns = { ts = ["month", "day"] }
dedupe = [
  "month", "day", "campaign_number", "user_engagement", "banner", "placement", "displays", "cost", "clicks",
  "revenue", "post_click_conversions", "post_click_sales_amount",
]
"""
SAME = ("cost", "clicks", "ctr", "cpc", "conversions_per_click", "roas_revenue", "sales_per_cost")
NAMES = {
    "report_rows": "rows", "impressions": "displays", "ad_revenue": "revenue", "cpm": "ecpm",
    "platform_conversions": "post_click_conversions", "sales": "post_click_sales_amount",
    "cpa": "cost_per_conversion", **dict(zip(SAME, SAME, strict=True)),
}  # fmt: skip


@pytest.fixture(scope="module")
def ads(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return Truth(tmp_path_factory.mktemp("ads"), "online_ads_performance", SOURCE + EXTRA)


def renamed(found: dict[str, float]) -> dict[str, float]:
    return {NAMES[name]: value for name, value in found.items()}


def test_the_totals_and_the_rows_that_cannot_be(ads: Truth) -> None:
    found = ads.total(*NAMES, "impossible", "many", "unplaced")
    strange = [found.pop(name) for name in ("impossible", "many", "unplaced")]
    assert renamed(found) == near(ads["overall"])
    names = ("rows_more_clicks_than_displays", "rows_conversions_more_than_clicks", "missing_placement")
    assert strange == [ads[name] for name in names]


@pytest.mark.parametrize(
    ("dimension", "name"),
    [
        ("campaign", "by_campaign_number"),
        ("banner", "by_banner"),
        ("placement", "by_placement"),
        ("user_engagement", "by_user_engagement"),
    ],
)
def test_every_group_of_every_dimension(ads: Truth, dimension: str, name: str) -> None:
    found = ads.table(dimension, *NAMES)
    wanted = {None if member == "(missing)" else member: row for member, row in ads[name].items()}
    assert {member: renamed(row) for member, row in found.items()} == {
        member: near(row) for member, row in wanted.items()
    }


def test_months_and_days_of_a_report_without_a_year(ads: Truth) -> None:
    months = {"April": "2020-04", "May": "2020-05", "June": "2020-06"}
    found = ads.table(None, *NAMES, "--grain", "month")
    assert {months[name]: near(row) for name, row in ads["by_month"].items()} == {
        period: renamed(row) for period, row in found.items()
    }
    days = {day: row["cost"] for day, row in ads.table(None, "cost", "--grain", "day").items()}
    assert days == near(ads["cost_by_day"]) and len(days) == ads["days"]


def test_the_last_day_of_each_campaign(ads: Truth) -> None:
    last: dict[str, str] = {}
    for row in ads.ask("metrics", "impressions", "--by", "campaign", "--grain", "day")["rows"]:
        if row["value"]:
            last[row["campaign"]] = max(row["period"], last.get(row["campaign"], ""))
    assert last == ads["campaign_last_day"]


def test_rows_that_are_there_twice_are_kept_unless_a_key_says_otherwise(tmp_path: Path, ads: Truth) -> None:
    (counts,) = ads.counts().values()
    assert counts == (ads["overall"]["rows"], ads["overall"]["rows"], 0, 0, 0)
    once = Truth(tmp_path, "online_ads_performance", ONCE)
    assert [numbers[3] for numbers in once.counts().values()] == [ads["exact_duplicate_rows"]]


def test_why_names_the_campaign_that_went_dark(ads: Truth) -> None:
    """Camp 2 stops with April: all of its clicks are its part of the fall of May, and shares sum to 1."""
    months, campaigns = ads["by_month"], ads["by_campaign_number"]
    found = ads.ask("why", "clicks", "--period", "2020-05", "--by", "campaign")
    change = months["May"]["clicks"] - months["April"]["clicks"]
    assert found["total_change"] == change
    effects = {each["member"]: each["effect"] for each in found["members"]}
    assert effects["camp 2"] == -campaigns["camp 2"]["clicks"]
    assert sum(effects.values()) == change
    assert found["causes"][0]["element"] == {"campaign": "camp 2"}
    assert found["causes"][0]["ratio"] == 0


def test_why_splits_a_rate_into_rate_and_mix(ads: Truth) -> None:
    months = ads["by_month"]
    found = ads.ask("why", "ctr", "--period", "2020-05", "--by", "campaign")
    change = months["May"]["ctr"] - months["April"]["ctr"]
    assert found["total_change"] == pytest.approx(change, rel=1e-6)
    for part in ("rate_effect", "mix_effect"):
        assert all(each[part] is not None for each in found["members"])
    parts = [each["rate_effect"] + each["mix_effect"] for each in found["members"]]
    assert sum(parts) == pytest.approx(change, rel=1e-6)
    gone = next(each for each in found["members"] if each["member"] == "camp 2")
    assert gone["rate_effect"] == pytest.approx(0, abs=1e-15), "it went whole: all mix"
