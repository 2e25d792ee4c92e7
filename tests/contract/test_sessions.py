"""Visits: a person's behaviour without a gap of more than 30 minutes, and where it came from."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.contract.place import Place
from tests.effort import effort

WEB = """
[[source]]
name = "web"
files = ["web*.csv"]
table = "events"
columns = { ts = "ts", event = "event", cookie = "cookie", member_id = "member", channel = "channel" }
"""
HEAD = "ts,event,cookie,member,channel,campaign,region\n"


def visits(place: Place, *words: str, key: str = "channel") -> dict[Any, Any]:
    return place.values("visits", *words, key=key)


def shop(place: Place, rows: str, **console: str) -> Place:
    place.toml(WEB, **console)
    lines = [line.strip() for line in rows.strip().splitlines()]
    place.put("web.csv", HEAD + "".join(f"{line}{',' * (6 - line.count(','))}\n" for line in lines))
    return place


def test_a_gap_of_exactly_30_minutes_goes_on_and_a_moment_more_begins_another_visit(place: Place) -> None:
    shop(place, """
        2026-11-01T10:00:00,visit,a
        2026-11-01T10:30:00,view,a
        2026-11-01T11:00:00,view,a
        2026-11-01T11:30:01,view,a
        2026-11-01T10:00:00,visit,b
        2026-11-01T10:30:00.000001,view,b
    """)  # fmt: skip
    assert visits(place, "--by", "channel") == {"direct": 4}


def test_midnight_does_not_cut_and_the_visit_counts_on_the_day_it_began(place: Place) -> None:
    shop(place, """
        2026-11-01T15:50:00Z,visit,a
        2026-11-01T16:10:00Z,view,a
        2026-11-01T16:35:00Z,view,a
    """, timezone="Asia/Shanghai")  # fmt: skip
    assert visits(place, "--grain", "day", "--from", "2026-11-01", "--to", "2026-11-02", key="period") == {
        "2026-11-01": 1, "2026-11-02": 0,
    }  # fmt: skip
    assert place.values("avg_dwell") == {None: 45 * 60}


def test_another_campaign_within_30_minutes_is_the_same_visit_of_the_first_one(place: Place) -> None:
    shop(place, """
        2026-11-01T10:00:00,visit,a,,,,华东
        2026-11-01T10:05:00,view,a,,baidu,one
        2026-11-01T10:10:00,view,a,,douyin,two
        2026-11-01T11:00:00,visit,a,,douyin,two
    """)  # fmt: skip
    assert visits(place, "--by", "channel") == {"baidu": 1, "douyin": 1}
    assert visits(place, "--by", "campaign", key="campaign") == {"one": 1, "two": 1}
    assert visits(place, "--by", "region", key="region") == {"华东": 1, None: 1}


def test_only_behaviour_makes_and_prolongs_a_visit(place: Place) -> None:
    shop(place, """
        2026-11-01T10:00:00,visit,a
        2026-11-01T10:20:00,order,a
        2026-11-01T10:20:00,message_open,a,,mail
        2026-11-01T10:40:00,view,a
        2026-11-01T12:00:00,complaint,b
    """)  # fmt: skip
    assert visits(place, "--by", "channel") == {"direct": 2}


def test_what_identifies_nobody_is_a_page_view_and_no_visit(place: Place) -> None:
    shop(place, """
        2026-11-01T10:00:00,view,
        2026-11-01T10:00:00,view,unknown
        2026-11-01T10:00:00,view,a
    """)  # fmt: skip
    assert place.values("visits", "pv", "uv", key="metric") == {"visits": 1, "pv": 3, "uv": 1}


def test_two_cookies_that_a_login_joins_share_their_visits(place: Place) -> None:
    text = """
        2026-11-01T10:00:00,visit,phone,,douyin
        2026-11-01T10:10:00,visit,desk,,baidu
        2026-11-01T10:20:00,view,phone
        2026-11-01T12:00:00,visit,desk
    """
    shop(place, text)
    assert visits(place, "--by", "channel") == {"douyin": 1, "baidu": 1, "direct": 1}
    shop(place, text + "2026-11-02T09:00:00,login,phone,m1\n2026-11-03T09:00:00,login,desk,m1\n")
    assert visits(place, "--by", "channel", "--to", "2026-11-01") == {"douyin": 1, "direct": 1}


def test_a_visit_of_one_page_is_a_bounce_even_with_other_facts_of_the_person_around(place: Place) -> None:
    shop(place, """
        2026-11-01T10:00:00,visit,a
        2026-11-01T10:01:00,order,a
        2026-11-01T12:00:00,visit,a
        2026-11-01T12:00:00,view,a
    """)  # fmt: skip
    assert place.values("visits", "bounce_rate", key="metric") == {"visits": 2, "bounce_rate": 0.5}


ROWS = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.sampled_from([0, 1, 29 * 60, 30 * 60, 30 * 60 + 1, 3600, 11 * 3600]),
        st.sampled_from(["visit", "view", "search", "order", "message_open", "scroll"]),
        st.sampled_from([None, None, "baidu", "douyin"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)
END = datetime(2027, 1, 1)
BEHAVIOUR = {"visit", "view", "search", "scroll", "login"}


def expected(facts: list[tuple[datetime, str, str, str | None]]) -> Counter[tuple[str, str]]:
    """Visits by day and channel of (moment, person, event, channel), read plainly."""
    by_person: dict[str, list[tuple[datetime, str | None]]] = defaultdict(list)
    for moment, person, event, channel in facts:
        if person and event in BEHAVIOUR:
            by_person[person].append((moment, channel))
    found: Counter[tuple[str, str]] = Counter()
    for theirs in by_person.values():
        theirs.sort(key=lambda one: one[0])
        visit: list[tuple[datetime, str | None]] = []
        for one in [*theirs, (END, None)]:
            if visit and one[0] - visit[-1][0] > timedelta(minutes=30):
                named = sorted((at, channel) for at, channel in visit if channel)
                found[f"{visit[0][0] + timedelta(hours=8):%Y-%m-%d}", named[0][1] if named else "direct"] += 1
                visit = []
            visit.append(one)
    return found


@settings(max_examples=effort(2), phases=(Phase.explicit, Phase.generate))
@given(ROWS, st.sets(st.sampled_from([(0, 1), (2, 3)])))
def test_visits_by_day_and_channel_are_those_counted_plainly(
    rows: list[tuple[int, int, str, str | None, bool]], joined: set[tuple[int, int]]
) -> None:
    """Cookies 0 … 5, 6 is nobody; a login may join 0 with 1 and 2 with 3."""
    same = {other: one for one, other in joined}
    moment, facts, first, second = datetime(2026, 10, 1, 12), [], [HEAD], [HEAD]
    for cookie, gap, event, channel, late in rows:
        moment += timedelta(seconds=gap)
        person = "" if cookie == 6 else f"c{same.get(cookie, cookie)}"
        facts.append((moment, person, event, channel))
        line = f"{moment.isoformat()}Z,{event},{'' if cookie == 6 else f'c{cookie}'},,{channel or ''},,\n"
        (second if late else first).append(line)
    for pair in joined:
        for at, cookie in enumerate(pair):
            login = datetime(2026, 10, 20) + timedelta(days=at)
            facts.append((login, f"c{pair[0]}", "login", None))
            second.append(f"{login.isoformat()}Z,login,c{cookie},m{pair[0]},,,\n")
    with TemporaryDirectory() as folder:
        place = Place(Path(folder))
        place.toml(WEB, timezone="Asia/Shanghai", clock="data")
        place.put("web.csv", "".join(first))
        place.ask("status")
        place.put("web_late.csv", "".join(second))
        rows_of = place.ask("metrics", "visits", "--by", "channel", "--grain", "day")["rows"]
        found = {(row["period"], row["channel"]): row["value"] for row in rows_of if row["value"]}
        counted = expected(facts)
        assert found == counted
        assert sum(place.values("visits").values() or [0]) == counted.total()
        assert sum(visits(place, "--by", "channel").values()) == counted.total()
