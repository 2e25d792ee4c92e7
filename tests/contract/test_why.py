"""`looptop why`: its JSON, its text, and what it refuses."""

from __future__ import annotations

import pytest

from tests.contract.place import Place

SOURCE = """
[[source]]
name = "media"
files = ["media*.csv"]
table = "spend"
columns = { ts = "day", channel = "channel", creative = "creative", clicks = "clicks", impressions = "shown" }
"""
MEDIA = """
day,channel,creative,shown,clicks
2026-03-02,feed,Y,40000,1200
2026-03-02,feed,Z,20000,500
2026-03-02,search,"=A\x1b[31m",10000,600
2026-03-03,feed,Y,41000,369
2026-03-03,feed,Z,20500,508
2026-03-03,search,"=A\x1b[31m",10100,604
2026-03-04,feed,Y,10,1
"""
KEYS = ["base", "now", "total_change", "by", "causes", "members", "tree", "verdict", "sentence"]


@pytest.fixture
def media(place: Place) -> Place:
    place.put("media.csv", MEDIA)
    place.toml(SOURCE, language="en")
    return place


def test_the_answer_has_every_key_and_adds_up(media: Place) -> None:
    found = media.ask(
        "why", "ctr", "--period", "2026-03-03", "--compare", "previous", "--by", "channel,creative"
    )
    assert [key for key in found if key in KEYS] == KEYS
    assert found["by"] == ["channel", "creative"]
    assert found["verdict"] == "cause"
    (cause,) = found["causes"]
    assert list(cause) == ["element", "effect", "share", "ratio", "llr", "factor", "factor_effect"]
    assert cause["element"] == {"channel": "feed", "creative": "Y"}
    for each in found["members"]:
        assert list(each) == ["member", "effect", "share", "rate_effect", "mix_effect"]
        assert set(each["member"]) == {"channel", "creative"}
    assert sum(each["effect"] for each in found["members"]) == pytest.approx(found["total_change"])
    assert sum(found["tree"]["effects"].values()) == pytest.approx(found["total_change"])
    one = media.ask("why", "clicks", "--period", "2026-03-03", "--by", "channel")
    assert {each["member"]: each["effect"] for each in one["members"]} == {"feed": -823, "search": 4}
    assert {each["rate_effect"] for each in one["members"]} == {None}


def test_without_a_period_it_is_the_newest_whole_day(media: Place) -> None:
    assert media.ask("why", "clicks")["period"] == "2026-03-03"
    days = media.ask("why", "clicks", "--from", "2026-03-03", "--to", "2026-03-03")
    assert (days["period"], days["base"], days["now"]) == (None, 2300, 1481)


def test_a_filter_a_method_and_a_language(media: Place) -> None:
    words = ("why", "ctr", "--period", "2026-03-03", "--where", "channel = 'search'")
    assert media.ask(*words)["base"] == pytest.approx(0.06)
    assert media.ask(*words, "--method", "shapley")["tree"]["method"] == "shapley"
    assert "点击率" in media.ask(*words, "--lang", "zh")["sentence"]


def test_as_text_no_name_of_a_file_reaches_the_terminal_as_it_is(media: Place) -> None:
    code, out, err = media.say("why", "clicks", "--period", "2026-03-03", "--by", "creative")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert "Almost certainly" in out
    assert "creative Y" in out


def test_what_is_unknown_is_refused_with_the_nearest_name(media: Place) -> None:
    assert "ctr" in media.refusal("why", "ctrr")
    assert "channel" in media.refusal("why", "ctr", "--by", "chanel")
    assert "period" in media.refusal("why", "ctr", "--period", "yesterday")
    assert "lmdi" in media.refusal("why", "ctr", "--method", "lmid")
    assert "column" in media.refusal("why", "ctr", "--where", "chan = 'x'")


def test_an_empty_directory_has_nothing_to_compare(place: Place) -> None:
    found = place.ask("why", "revenue")
    assert (found["total_change"], found["causes"], found["verdict"]) == (None, [], "none") or (
        found["base"] == found["now"] == 0
    )
