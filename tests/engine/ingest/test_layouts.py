"""Layouts that ship with looptop: each is sound, and each header has at most one."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ingest import preset_names
from engine.ingest.choice import Header, choose, fits
from engine.ingest.layout import column_names, preset, presets, texts
from engine.ingest.recognition import header_of, undated
from engine.ingest.sniff import fold
from engine.schema import COLUMNS
from engine.workspace import load
from engine.workspace.model import Preset
from tests.material import DATA

SPECIAL = sorted(name for name, each in presets().items() if not each.generic)
needs_material = pytest.mark.skipif(not DATA.is_dir(), reason="the real exports are not here")


def named(header: Sequence[str], path: str = "") -> str | None:
    """The name of the layout of a header."""
    found = choose(header, None, path).preset
    return found.name if found else None


def test_the_shipped_files_have_the_keys_of_a_workspaces_own_layouts(tmp_path: Path) -> None:
    text = "".join(f"[[layout]]\n{each}" for each in texts().values())
    (tmp_path / "looptop.toml").write_text(text, "utf-8")
    found = load(tmp_path, presets=preset_names).layouts
    assert [each.name for each in found] == list(presets())
    assert {each.name: preset(each.name, found).needs for each in found} == {
        name: each.needs for name, each in presets().items()
    }


@pytest.mark.parametrize("name", SPECIAL)
def test_a_header_as_the_platform_writes_it_is_recognised(name: str) -> None:
    layout = preset(name)
    assert layout.header and layout.table and {"en", "zh"} == set(layout.label)
    assert named(layout.header) == name
    assert {fold(column) for column in layout.header} <= column_names(layout)
    for need in layout.needs:
        assert Header(layout.header).has(need)


@pytest.mark.parametrize("name", SPECIAL)
def test_no_two_layouts_fit_a_header_alike(name: str) -> None:
    header = Header(preset(name).header)
    fitting = [each for each in presets().values() if not each.generic and fits(each, header)]
    counts = sorted(len(each.needs) for each in fitting)
    assert len(counts) == 1 or counts[-1] > counts[-2]


@pytest.mark.parametrize("name", [name for name in SPECIAL if preset(name).table == "spend"])
def test_a_media_report_says_when_and_what(name: str) -> None:
    layout = preset(name)
    assert "ts" in layout.columns or layout.date_from
    measures = {"impressions", "clicks", "cost", "reach", "conversions"} & set(layout.columns)
    own = any(word in name for word in ("followers", "daily", "analytics", "ga4"))
    assert measures or own
    mapped = {fold(way) for ways in layout.columns.values() for way in ways}
    assert not {way for way in mapped if "率" in way or "frequency" in way or "频次" in way}


def test_what_a_layout_maps_is_canonical() -> None:
    for layout in presets().values():
        assert layout.table is not None
        known = {column.name for column in COLUMNS[layout.table]}
        known |= {"member_id", "phone", "unionid", "email", "device_id", "cookie", "lead_id"}
        assert set(layout.columns) <= known, layout.name


def needed(layout: Preset) -> set[str]:
    header = Header(layout.header)
    parts = (part for need in layout.needs for name in need.split("|") for part in name.split("+"))
    return {there for part in parts if (there := header.find(part)) is not None}


@given(st.sampled_from(SPECIAL), st.randoms(use_true_random=False))
def test_recognition_does_not_hang_on_order_or_on_columns_that_no_need_names(
    name: str, rng: random.Random
) -> None:
    layout = preset(name)
    kept = [column for column in layout.header if column in needed(layout) or rng.random() < 0.5]
    rng.shuffle(kept)
    assert named(kept) == name


@given(st.sampled_from(SPECIAL), st.randoms(use_true_random=False))
def test_recognition_does_not_hang_on_case_width_or_blanks(name: str, rng: random.Random) -> None:
    def written(column: str) -> str:
        column = column.upper() if rng.random() < 0.5 else column.lower()
        if rng.random() < 0.5:
            column = column.replace("(", "（").replace(")", "）").replace("%", "％")
        return rng.choice(["", " ", "\t"]) + column + rng.choice(["", "  ", "\t"])

    assert named([written(column) for column in preset(name).header]) == name


def test_a_path_chooses_between_layouts_that_fit() -> None:
    header = ["时间", "账户", "推广计划", "展现量", "点击量", "消费"]
    assert named(header) == "shenma"
    assert named(header, "ads/百度/day.csv") == named(header, "baidu/day.csv") == "baidu_search"
    assert named(["消耗", "展示数", "点击数", "日期"], "books/day.csv") == "oceanengine"


def test_a_file_of_several_channels_is_no_platforms_own() -> None:
    for name in ("oceanengine", "baidu_search", "tencent_ads", "google_ads"):
        assert named([*preset(name).header, "渠道"]) in ("generic_spend", None)


def test_a_plain_media_report_is_a_generic_one() -> None:
    assert named(["date", "campaign", "impressions", "clicks", "cost"]) == "generic_spend"
    assert named(["date", "channel", "campaign", "impressions", "clicks", "cost"]) == "generic_spend"
    assert named(["ts", "event", "cookie"]) == "web_events"


def test_two_layouts_that_fit_alike_are_none_and_say_so() -> None:
    own = [
        Preset("one", "spend", needs=("day", "money"), own=True),
        Preset("two", "spend", needs=("day", "clicks"), own=True),
    ]
    found = choose(["day", "money", "clicks"], None, "", own)
    assert found.preset is None
    assert found.near == ("one and two fit alike: say which with preset = …",)


LINES: dict[int, tuple[str | None, ...]] = {
    2: ("baidu_search",), 3: ("baidu_search_creative",), 4: ("baidu_search_region",),
    5: ("baidu_search_hour",), 6: ("baidu_search_term",), 7: ("baidu_search_keyword",), 8: ("baidu_feed",),
    9: ("baidu_feed_region",), 10: ("baidu_network",), 11: ("baidu_api", "baidu_api"), 12: ("so360_search",),
    13: ("so360_feed",), 14: ("so360_api",), 15: ("sogou_search",), 16: ("sogou_search_hour",),
    17: ("sogou_galaxy",), 18: ("shenma",), 19: ("shenma_keyword",), 20: ("oceanengine_old",),
    21: ("oceanengine_audience",), 22: ("oceanengine_report",), 23: ("oceanengine_api", "oceanengine_api"),
    24: ("oceanengine_material",), 25: ("douyin_video",), 26: ("qianchuan", "qianchuan"), 27: ("uc_feed",),
    28: ("uc_huichuan",), 29: ("kuaishou_api", "kuaishou_api"), 30: ("tencent_gdt",),
    31: ("tencent_api", "tencent_daily"), 32: ("tencent_channels",), 33: ("plan_report",),
    34: ("xiaohongshu",), 35: ("xiaohongshu_notes",), 36: ("xiaohongshu_shop",), 37: ("bilibili",),
    38: ("vivo_ads", "vivo_ads"), 39: ("wechat_followers",), 40: ("wechat_articles",),
    41: ("xiaohongshu_creator",), 42: ("zhihu_daily",), 43: ("toutiao_creator",), 44: ("taobao_orders",),
    45: ("jd_orders",), 46: ("douyin_shop_orders",), 47: ("douyin_shop_settlement",), 48: ("youzan_orders",),
    49: ("google_analytics",), 50: ("ga4_pages",), 51: ("meta_ads",), 52: ("linkedin_ads",),
    53: ("linkedin_leads",), 54: ("search_console_queries",), 55: ("shopify_orders",),
    56: ("hubspot_contacts",), 57: (None,),
}  # fmt: skip
"""Layout by line of the collection of headers; two where a line has field names and labels."""


def written(text: str) -> list[list[str]]:
    """The headers of a line: `date 日期, cost 消费` has two; what follows `and` is the second sheet."""
    text = re.sub(r"^[^,]+,[^,]+ and ", "", text.replace("\\t", "\t").replace(", ", ","))
    cells = next(csv.reader([text]))
    pairs = [cell.strip().partition(" ") for cell in cells]
    if all(label and field.isascii() and field.replace("_", "").isalnum() for field, _, label in pairs) and (
        not pairs[0][2].isascii()
    ):
        return [[field for field, *_ in pairs], [label for *_, label in pairs]]
    return [cells]


@needs_material
def test_each_header_of_the_collection_has_its_layout() -> None:
    rows = (DATA / "ad_export_headers.tsv").read_text("utf-8").splitlines()
    found = {
        number: tuple(named(header) for header in written(row.split("\t")[3]))
        for number, row in enumerate(rows, 1)
        if number > 1
    }
    assert found == LINES


FILES: dict[str, str | None] = {
    "fivetran_ad_seeds/ads/amazon_ads_*": "amazon_ads_api",
    "fivetran_ad_seeds/ads/apple_search_*": "apple_search_api",
    "fivetran_ad_seeds/ads/facebook_ads_basic_ad_action*": None,
    "fivetran_ad_seeds/ads/facebook_ads_basic_ad_data.csv": "meta_ads_basic",
    "fivetran_ad_seeds/ads/google_ads_*": "google_ads_stats",
    "fivetran_ad_seeds/ads/linkedin_ad_*": "linkedin_ads_api",
    "fivetran_ad_seeds/ads/linkedin_monthly_*": "linkedin_ads_monthly",
    "fivetran_ad_seeds/ads/microsoft_ads_*": "microsoft_ads_daily",
    "fivetran_ad_seeds/ads/pinterest_*": "pinterest_ads_api",
    "fivetran_ad_seeds/ads/reddit_ads_*_conversions*": None,
    "fivetran_ad_seeds/ads/reddit_ads_campaign_country_report_data.csv": "reddit_ads_country",
    "fivetran_ad_seeds/ads/reddit_ads_*_report_data.csv": "reddit_ads_api",
    "fivetran_ad_seeds/ads/snapchat_*": "snapchat_ads_api",
    "fivetran_ad_seeds/ads/tiktok_*": "tiktok_ads_api",
    "fivetran_ad_seeds/ads/twitter_account_*": "x_account",
    "fivetran_ad_seeds/ads/twitter_*": "x_ads_api",
    "fivetran_ad_seeds/crm/contact_data.csv": "hubspot_contacts_api",
    "fivetran_ad_seeds/crm/deal_data.csv": "hubspot_deals_api",
    "fivetran_ad_seeds/crm/email_event_data.csv": "hubspot_email_events",
    "fivetran_ad_seeds/crm/sf_contact_data.csv": "salesforce_contacts_api",
    "fivetran_ad_seeds/crm/sf_lead_data.csv": "salesforce_leads_api",
    "fivetran_ad_seeds/crm/sf_opportunity_data.csv": "salesforce_opportunities_api",
    "fivetran_ad_seeds/crm/*": None,
    "cn_bill_exports/*alipay*.csv": "alipay_bill",
    "cn_bill_exports/*wechat*": "wechat_bill",
    "gsc_queries/*.csv": "search_console_queries",
    "segment_pages/example_segment_pages.csv": "segment_pages",
    "segment_pages/referrer_mapping.csv": None,
    "campaign_ab/*.csv": "generic_spend",
    "online_ads_performance/*.csv": "banner_performance",
    "attribution_playbook/ad_spend.csv": "generic_spend",
    "attribution_playbook/customer_conversions.csv": "conversions",
    "attribution_playbook/sessions.csv": "web_sessions",
}
"""Layout by glob; the first that matches."""


@needs_material
def test_each_real_file_has_its_layout() -> None:
    seen: dict[Path, str | None] = {}
    for glob, layout in FILES.items():
        paths = sorted(path for path in DATA.glob(glob) if path not in seen)
        assert paths, glob
        seen |= dict.fromkeys(paths, layout)
    wrong = {path.name: found for path, want in seen.items() if (found := named(header_of(path))) != want}
    assert wrong == {}


@needs_material
def test_a_report_without_a_day_is_not_guessed_into_one() -> None:
    layout = preset("search_console_queries")
    header = header_of(DATA / "gsc_queries" / "Queries.csv")
    assert undated(layout, header, "Queries.csv")
    assert not undated(layout, header, "Queries_2026-11-02.csv")
