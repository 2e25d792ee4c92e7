"""The shipped grouping of events by utm_*, click ids and referrer, against a plain reading of its rules."""

from __future__ import annotations

import csv
import io
import tempfile
import tomllib
from importlib import resources
from pathlib import Path
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expressions import evaluate, parse
from tests.effort import effort
from tests.engine.ingest.workspaces import columns, read, source
from tests.material import DATA

pytestmark = pytest.mark.slow

HOW = source(columns=columns(ts="ts"), event="visit")
SITES = tomllib.loads(
    resources.files("engine.expressions").joinpath("referrers.toml").read_text(encoding="utf-8")
)["medium"]
TWO = ("com", "co", "net", "org", "gov", "edu", "ac", "ne", "or", "go", "gob")

SAID = {
    "email": {"email", "e-mail", "e_mail", "mail", "edm", "newsletter", "邮件"},
    "push": {"push", "mobile", "notification", "app_push", "推送"},
    "affiliates": {"affiliate", "affiliates", "cps", "联盟", "分销"},
    "audio": {"audio"},
    "paid search": {
        *("sem", "paid_search", "paidsearch", "paid-search", "paid search", "竞价", "搜索推广", "付费搜索"),
    },
    "paid social": {
        *("paid_social", "paidsocial", "paid-social", "paid social", "social_paid"),
        *("feed", "feeds", "infeed", "信息流", "付费社交"),
    },
    "paid video": {"paid_video", "paidvideo", "paid-video", "paid video", "cpv"},
    "display": {
        *("display", "banner", "expandable", "interstitial", "cpm", "programmatic", "dsp", "展示", "横幅"),
    },
    "paid other": {
        *("ppc", "cpc", "cpa", "ocpc", "ocpm", "ocpx", "cpt", "cpd", "cpi", "cpl"),
        *("retargeting", "remarketing", "ads", "ad"),
    },
    "organic search": {"organic", "seo", "自然搜索"},
    "organic social": {
        *("social", "social-network", "social-media", "sm", "social network", "social media", "social_media"),
        *("social_network", "organic_social", "organic-social", "kol", "社交", "社媒"),
    },
    "organic video": {"video", "organic_video", "视频"},
}  # fmt: skip
CLICKS = {
    "paid search": ("gclid", "gbraid", "wbraid", "msclkid", "yclid", "bd_vid", "qhclickid", "sg_vid"),
    "display": ("dclid",),
    "paid social": (
        *("ttclid", "qz_gdt", "gdt_vid", "twclid", "li_fat_id", "sccid", "rdt_cid", "xhs_click_id"),
        "track_id",
    ),
}  # fmt: skip
ORGANIC = {
    "search": "organic search", "social": "organic social", "video": "organic video",
    "shopping": "organic shopping", "email": "email", "ai": "ai assistant", "referral": "referral",
}  # fmt: skip


def host(address: str | None) -> str | None:
    """The host of an address or of a bare host; None where there is no dot in it."""
    text = (address or "").lower()
    found = urlsplit(text).hostname if "//" in text else text.split("/")[0].split("?")[0].split(":")[0]
    found = (found or "").removeprefix("www.")
    return found if "." in found and " " not in found else None


def site(address: str | None) -> str | None:
    """What somebody owns of a host: two names, three under com.cn and its like."""
    names = (host(address) or "").split(".")
    country = len(names) > 2 and names[-2] in TWO and len(names[-1]) == 2
    return ".".join(names[-3 if country else -2 :]) or None


def knows(listed: str, there: str) -> bool:
    """Whether a host of the table is this one, a parent of it, or the same under another country."""
    name = listed.removesuffix(".*")
    if not listed.endswith(".*"):
        return there == name or there.endswith(f".{name}")
    for cut in range(len(there)):
        if (cut == 0 or there[cut - 1] == ".") and there.startswith(f"{name}.", cut):
            ending = there[cut + len(name) + 1 :].split(".")
            if len(ending) == 1 or (len(ending) == 2 and ending[0] in ("com", "co", "net", "org")):
                return True
    return False


def medium(text: str | None) -> str | None:
    """The medium of the first group of the table that knows the host or the name."""
    there, name = host(text), (text or "").lower()
    for group in SITES:
        if there is not None and any(knows(each, there) for each in group["hosts"]):
            return str(group["name"])
        for each in group["names"] if there is None else ():
            rest = name.removeprefix(each)
            if name.startswith(each) and (rest in ("", "ad", "ads") or rest[0] in " _-"):
                return str(group["name"])
    return "referral" if there is not None else None


def grouped(said: dict[str, str | None]) -> str | None:
    """The channel of utm_source, utm_medium, click ids and referrer, as the table of rules says it."""
    utm_medium, utm_source = said.get("utm_medium"), said.get("utm_source")
    how, who, of_source = (utm_medium or "").lower(), (utm_source or "").lower(), medium(utm_source)
    if how in SAID["email"] or (not how and of_source == "email"):
        return "email"
    if how in ("sms", "短信") or who in ("sms", "短信"):
        return "sms"
    if how in SAID["push"] or how.endswith("push") or who == "firebase":
        return "push"
    for channel in ("affiliates", "audio", "paid search", "paid social", "paid video"):
        if how in SAID[channel]:
            return channel
    paid = "cp" in how or how.startswith("paid") or how in ("ppc", "retargeting", "remarketing", "ads", "ad")
    named = of_source in ("social", "video", "shopping") or (of_source == "search" and how != "cpm")
    if paid and named:
        return f"paid {of_source}"
    if how in SAID["display"]:
        return "display"
    if how in SAID["paid other"] or how.startswith("paid"):
        return "paid other"
    for channel in ("organic search", "organic social", "organic video"):
        if how in SAID[channel]:
            return channel
    return (None if how or who else clicked(said)) or came(said, how, of_source)


def clicked(said: dict[str, str | None]) -> str | None:
    """The channel of an address that a platform marked."""
    for channel, names in CLICKS.items():
        if any(said.get(name) for name in names):
            return channel
    callback = said.get("callback") or ""
    if len(said.get("clickid") or "") >= 8 or (len(callback) >= 8 and "/" not in callback):
        return "paid social"
    return "organic social" if said.get("fbclid") or said.get("epik") else None


def came(said: dict[str, str | None], how: str, of_source: str | None) -> str | None:
    """The channel of what is neither said nor marked: the source's, else the referrer's."""
    if how in ("referral", "link", "app", "外链") and of_source in (None, "referral"):
        return "referral"
    referrer = said.get("referrer")
    inside = site(referrer) is not None and site(referrer) == site(said.get("url"))
    found = of_source or (None if inside else medium(referrer))
    return ORGANIC[found] if found else None


MEDIUMS = sorted(
    {"CPC", "Email", "none", "(none)", "web_push", "referral", "link", "paid_x", "cpm", "scp", "whatever"}
    | {word for words in SAID.values() for word in words}
)
SOURCES = [
    "google",
    "Google_Ads",
    "baidu",
    "百度",
    "weibo",
    "fb",
    "FBads",
    "youtube",
    "taobao",
    "edm",
    "chatgpt",
]
SOURCES += [
    "partner.example.com",
    "m.facebook.com",
    "nobody",
    "sms",
    "firebase",
    "x",
    "xy",
    "so",
    "soon",
    "mail",
]
PLACES = [
    "https://www.google.com.hk/search?q=a",
    "https://mail.google.com/",
    "http://m.weibo.cn/u/1",
    "/inside",
]
PLACES += [
    "https://shop.example.com/cart",
    "https://www.shop.example.com",
    "android-app://com.google.android.gm/",
]
PLACES += [
    "https://example.com.cn/x",
    "t.co",
    "https://chat.deepseek.com/",
    "http://blog.partner.de:8080/a?b=c",
]
PLACES += ["https://search.yahoo.co.jp/", "http://google.evil.com/", "https://v.qq.com/x", "about:blank"]
IDS = [name for names in CLICKS.values() for name in names] + ["fbclid", "epik", "clickid", "callback"]

maybe = st.one_of(st.none(), st.none(), st.sampled_from(IDS))
ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.sampled_from(SOURCES)),
        st.one_of(st.none(), st.sampled_from(MEDIUMS)),
        st.one_of(st.none(), st.sampled_from(PLACES)),
        st.tuples(maybe, maybe, st.sampled_from(["abc", "abcdefgh1", "https://a.cn/b"])),
        st.booleans(),
    ),
    min_size=5,
    max_size=40,
)


def written(rows: list[dict[str, str | None]]) -> str:
    """A CSV of these rows."""
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def channels(rows: list[dict[str, str | None]]) -> list[str | None]:
    """The channels that ingest gives to rows."""
    at: dict[str, str | None] = {"ts": "2026-11-01T10:00:00"}
    with tempfile.TemporaryDirectory() as folder:
        return read(Path(folder), written([at | row for row in rows]), HOW)["channel"]


@settings(max_examples=effort(8))
@given(ROWS)
def test_the_shipped_grouping_is_its_table_read_plainly(
    rows: list[tuple[str | None, str | None, str | None, tuple[str | None, str | None, str], bool]],
) -> None:
    files, expected = [], []
    for who, how, place, (one, other, value), in_address in rows:
        said = {"utm_source": who, "utm_medium": how, **{name: value for name in (one, other) if name}}
        given = {name: text for name, text in said.items() if text}
        asked = "&".join(f"{name}={quote_plus(text)}" for name, text in given.items()) if in_address else ""
        url = f"https://www.example.com/p?{asked}" if asked else "https://www.example.com/p"
        cells: dict[str, str | None] = dict.fromkeys(["utm_source", "utm_medium", *IDS])
        cells |= {} if in_address else given
        files.append({**cells, "url": url, "referrer": place})
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        expected.append(grouped({**cells, **query, "url": url, "referrer": place}))
    assert channels(files) == expected


@pytest.mark.parametrize(
    ("said", "channel"),
    [
        ({"utm_source": "google", "utm_medium": "cpc"}, "paid search"),
        ({"utm_source": "baidu", "utm_medium": "CPM"}, "display"),
        ({"utm_source": "weibo", "utm_medium": "cpc"}, "paid social"),
        ({"utm_source": "nobody", "utm_medium": "cpc"}, "paid other"),
        ({"utm_source": "newsletter", "utm_medium": None}, "email"),
        ({"utm_source": "wechat", "utm_medium": "社媒"}, "organic social"),
        ({"referrer": "https://www.baidu.com/link?url=x"}, "organic search"),
        ({"referrer": "https://blog.partner.com/"}, "referral"),
        ({"referrer": "https://kimi.com/chat"}, "ai assistant"),
        ({"url": "https://a.cn/?gclid=1"}, "paid search"),
        ({"url": "https://a.cn/?fbclid=1"}, "organic social"),
        ({"url": "https://a.cn/?clickid=12345678"}, "paid social"),
        ({"url": "https://a.cn/?callback=https%3A%2F%2Fa.cn%2Fback"}, None),
        ({"url": "https://a.cn/", "referrer": "https://m.a.cn/x"}, None),
        ({"url": "https://a.cn/", "referrer": None}, None),
    ],
)
def test_a_visit_is_grouped(said: dict[str, str | None], channel: str | None) -> None:
    assert channels([said]) == [channel]


@pytest.mark.skipif(not (DATA / "segment_pages").is_dir(), reason="the referrer table is not here")
def test_hosts_that_a_public_table_knows_have_the_medium_that_it_gives_them() -> None:
    """Where both know a host they agree; the portals, of which ours knows the parts, are few."""
    at = DATA / "segment_pages" / "referrer_mapping.csv"
    with at.open(encoding="utf-8", newline="") as file:
        table = {row["host"]: row["medium"] for row in csv.DictReader(file) if row["medium"] != "unknown"}
    asked = parse("referrer_medium(host)")
    ours = {name: evaluate(asked, {"host": name}) for name in table}
    both = {name: (table[name], found) for name, found in ours.items() if found not in (None, "referral")}
    differ = [name for name, (one, other) in both.items() if one != other]
    assert len(both) > len(table) / 2
    assert len(differ) <= len(both) / 100
    for kind in ("search", "social", "email"):
        known = [other for one, other in both.values() if one == kind]
        assert known.count(kind) >= 0.9 * len(known) > 0
