"""`looptop rules`: how rules stand and why they are quiet."""

from __future__ import annotations

from tests.contract.place import Place

TOML = """
[[source]]
name = "media"
files = ["media*.csv"]
table = "spend"
columns = { ts = "day", channel = "channel", clicks = "clicks" }
[alert.low]
when = "clicks < 100"
by = ["channel"]
notify = ["ops"]
[notify.ops]
url_env = "LOOPTOP_OPS"
"""


def test_rules_say_where_they_stand_what_they_judged_and_what_was_edited(place: Place) -> None:
    place.put(
        "media.csv", 'day,channel,clicks\n2026-03-02,"=a\x1b[31m",130\n2026-03-02,b,90\n2026-03-03,b,95\n'
    )
    place.toml(TOML)
    place.ask("alerts")
    place.toml(TOML.replace("100", "94"))
    found = place.ask("rules")
    (low,) = (one for one in found["rules"] if one["name"] == "low")
    assert (low["state"], low["open"], low["last_fired"], low["line"]) == ("firing", 1, "2026-03-02", 11)
    assert low["edited"]["en"] == "when clicks < 100 → clicks < 94: 0 ended, 1 went on, 0 new"
    quiet = low["quiet"]
    assert (quiet["period"], quiet["members"], quiet["breach"], quiet["clear"]) == ("2026-03-02", 2, 1, 1)
    assert quiet["nearest"] == {"labels": {"channel": "=a\x1b[31m"}, "value": 130, "limit": 94}
    assert quiet["sources"] == ["media"]
    code, out, err = place.say("rules")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert "clicks < 94" in out
    assert "looptop rules test FILE" in place.refusal("rules", "test.toml")


def test_a_rule_by_more_dimensions_than_two_is_a_fault_of_its_line(place: Place) -> None:
    place.put("media.csv", "day,channel,clicks\n2026-03-02,b,90\n")
    place.toml(TOML.replace('by = ["channel"]', 'by = ["channel", "campaign", "device"]'))
    assert "alert.low.by: " in place.refusal("alerts")
