"""[[channel]] and [traffic]: where events came from, and which of them no visitor made."""

from __future__ import annotations

import pytest

from tests.contract.place import Place
from tests.material import DATA

WEB = """
[[source]]
name = "web"
files = ["web*.csv"]
table = "events"
event = "visit"
columns = { ts = "ts", cookie = "cookie", channel = "channel", campaign = "campaign", creative = "creative" }
"""


def found(place: Place, *names: str) -> list[tuple[object, ...]]:
    """Some columns of the rows, in the order of their lines."""
    rows = sorted(place.rows("events"), key=lambda row: (row["file"], row["line"]))
    return [tuple(row[name] for name in names) for row in rows]


def test_own_rules_come_first_and_in_their_order_and_a_name_no_file_has_is_null(place: Place) -> None:
    place.toml(
        WEB + '[[channel]]\nwhen = "utm_medium = \'cpc\' and partner is not null"\nchannel = "partners"\n'
        "[[channel]]\nwhen = \"utm_source in ('baidu', 'sogou')\"\nchannel = \"sem\"\n"
        '[[channel]]\nwhen = "utm_medium = \'cpc\' or nobody_has_it = 1"\nchannel = "paid"\n'
    )
    place.put(
        "web.csv",
        """
        ts,cookie,utm_source,utm_medium,partner
        2026-11-01T10:00:00,a,baidu,cpc,p1
        2026-11-01T10:00:00,b,baidu,cpc,
        2026-11-01T10:00:00,c,google,cpc,
        2026-11-01T10:00:00,d,google,email,
        2026-11-01T10:00:00,e,,,
        """,
    )
    assert found(place, "channel") == [("partners",), ("sem",), ("paid",), ("email",), (None,)]


def test_an_event_with_a_channel_keeps_it_and_campaign_and_creative_are_filled_alone(place: Place) -> None:
    place.toml(WEB)
    place.put(
        "web.csv",
        """
        ts,cookie,channel,campaign,utm_source,utm_medium,utm_campaign,utm_content
        2026-11-01T10:00:00,a,shop,,google,cpc,双11,red
        2026-11-01T10:00:00,b,,own,google,cpc,双11,
        2026-11-01T10:00:00,c,,,google,organic,,
        """,
    )
    assert found(place, "channel", "campaign", "creative") == [
        ("shop", "双11", "red"), ("paid search", "own", None), ("organic search", None, None),
    ]  # fmt: skip


def test_the_address_says_what_no_column_says(place: Place) -> None:
    place.toml(WEB)
    place.put(
        "web.csv",
        """
        ts,cookie,page_url,referrer
        2026-11-01T10:00:00,a,https://a.cn/p?UTM_Source=Baidu&utm_medium=CPC&utm_campaign=%E5%8F%8C11+%E5%A4%A7,
        2026-11-01T10:00:00,b,https://a.cn/p?x=1&GCLID=abc#top,https://www.google.com/
        2026-11-01T10:00:00,c,https://a.cn/p?utm_source=&gclid=,https://weibo.com/u/1
        2026-11-01T10:00:00,d,https://a.cn/p?xgclid=1,https://m.a.cn/before
        2026-11-01T10:00:00,e,/p?utm_medium=edm,
        """,
    )
    assert found(place, "channel", "campaign") == [
        ("paid search", "双11 大"), ("paid search", None), ("organic social", None), (None, None),
        ("email", None),
    ]  # fmt: skip


def test_the_workspaces_own_sites_are_no_referrers(place: Place) -> None:
    text = (
        "ts,cookie,referrer\n2026-11-01T10:00:00,a,https://www.a.cn/x\n2026-11-01T10:00:00,b,https://b.cn\n"
    )
    place.put("web.csv", text)
    place.toml(WEB)
    assert found(place, "channel") == [("referral",), ("referral",)]
    place.toml(WEB + '[traffic]\nsites = ["www.a.cn"]\n')
    assert found(place, "channel") == [(None,), ("referral",)]


def test_a_file_that_grows_is_grouped_like_one_that_was_whole(place: Place) -> None:
    head = "ts,cookie,utm_source,utm_medium,url\n"
    rows = [f"2026-11-01T10:{n:02d}:00,c{n},{('google', 'fb', '')[n % 3]},{('cpc', '')[n % 2]},/?gclid={n}\n"
            for n in range(12)]  # fmt: skip
    place.toml(WEB)
    place.put("web.csv", head)
    for row in rows:
        with (place.root / "web.csv").open("a", encoding="utf-8") as file:
            file.write(row)
        place.ask("status")
    grown = found(place, "channel")
    place.put("web.csv", "")
    place.put("web_b.csv", head + "".join(rows))
    assert found(place, "channel") == grown
    assert {channel for (channel,) in grown} == {
        "paid search", "paid social", "organic search", "organic social", "paid other",
    }  # fmt: skip


@pytest.mark.skipif(not (DATA / "segment_pages").is_dir(), reason="the page calls are not here")
def test_page_calls_say_their_campaign_and_channel(place: Place) -> None:
    place.put("pages.csv", (DATA / "segment_pages" / "example_segment_pages.csv").read_bytes())
    place.toml('[[source]]\nname = "pages"\nfiles = ["pages.csv"]\ntable = "events"\nevent = "view"\n'
               'columns = { ts = "timestamp", cookie = "anonymous_id", page = "path" }\n')  # fmt: skip
    (row,) = place.rows("events")
    told = (row["channel"], row["campaign"], row["creative"], row["page"])
    assert told == ("organic social", "autumn_collection_2015", "bar", "/product")
    assert place.counts() == {"pages.csv": (1, 1, 0, 0, 0)}


VISITS = """
ts,cookie,user_agent,ip,staff
2026-11-01T10:00:00,a,Mozilla/5.0 (iPhone) Safari/604.1,1.1.1.1,
2026-11-01T10:01:00,b,Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html),2.2.2.2,
2026-11-01T10:02:00,c,Mozilla/5.0 (Linux; CUBOT X30) Chrome/90,3.3.3.3,
2026-11-01T10:03:00,d,Mozilla/5.0 (Macintosh) Chrome/90,10.0.0.7,
2026-11-01T10:04:00,e,OurChecker 1.0,4.4.4.4,
2026-11-01T10:05:00,f,,5.5.5.5,yes
not a time,g,Mozilla/5.0,6.6.6.6,
not a time,h,curl/8.0,7.7.7.7,
"""


def test_programs_and_own_people_are_filtered_and_counted(place: Place) -> None:
    place.put("web.csv", VISITS)
    place.toml(WEB)
    assert place.counts() == {"web.csv": (8, 5, 1, 0, 2)}
    assert found(place, "line") == [(2,), (4,), (5,), (6,), (7,)]
    place.toml(WEB + "[traffic]\nbots = false\n")
    assert place.counts() == {"web.csv": (8, 6, 2, 0, 0)}
    place.toml(WEB + '[traffic]\nuser_agents = ["ourchecker"]\nbot_column = "staff"\n')
    assert place.counts() == {"web.csv": (8, 3, 1, 0, 4)}
    place.toml(WEB + "[traffic]\ninternal = [\"starts_with(ip, '10.')\", \"staff = 'yes'\"]\n")
    assert place.counts() == {"web.csv": (8, 3, 1, 0, 4)}
    assert found(place, "line") == [(2,), (4,), (6,)]


def test_duplicates_are_judged_among_what_visitors_made(place: Place) -> None:
    place.put("web.csv", VISITS)
    place.put("web_more.csv", VISITS)
    place.toml(WEB + 'dedupe = ["cookie"]\n')
    counts = place.counts()
    assert [counts[name][0] for name in counts] == [8, 8]
    assert sorted(numbers[3] for numbers in counts.values()) == [0, 5]
    assert [numbers[4] for numbers in counts.values()] == [2, 2]


def test_a_fault_in_a_rule_is_told_with_its_place_and_blocks_the_configuration(place: Place) -> None:
    place.put("web.csv", VISITS)
    place.toml(WEB + '[traffic]\ninternal = ["ip in (", "starts_wit(ip, \'1\')"]\n'
               '[[channel]]\nwhen = "utm_source = "\nchannel = "x"\n')  # fmt: skip
    told = place.refusal("status")
    assert "traffic.internal[0]" in told
    assert "traffic.internal[1]" in told and "nearest: starts_with" in told
    assert "channel[0].when" in told


def test_a_changed_rule_groups_the_files_again(place: Place) -> None:
    place.put("web.csv", "ts,cookie,utm_source\n2026-11-01T10:00:00,a,google\n")
    place.toml(WEB)
    assert place.values("visits", "--by", "channel", key="channel") == {"organic search": 1}
    place.toml(WEB + '[[channel]]\nwhen = "utm_source = \'google\'"\nchannel = "g"\n')
    assert place.values("visits", "--by", "channel", key="channel") == {"g": 1}
