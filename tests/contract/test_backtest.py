"""`looptop backtest`: what a rule would have done, without leaving a trace."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.contract.place import Place

SOURCE = """
[[source]]
name = "media"
files = ["media*.csv"]
table = "spend"
columns = { ts = "day", channel = "channel", clicks = "clicks", cost = "cost" }
"""
RULE = """
[alert.low]
when = "clicks < 100"
by = ["channel"]
notify = ["ops", "owner"]
owner = "li"
[people.li]
[notify.ops]
url_env = "LOOPTOP_OPS"
"""
LINES = {"a": [200, 90, 120, 80, 70, 150, 150, 40], "b": [150, 95, 94, 150, 150, 150, 150, 150]}


@pytest.fixture
def media(place: Place) -> Place:
    rows = ["day,channel,cost,clicks"]
    for channel, clicks in LINES.items():
        rows += [f"2026-03-{day:02},{channel},5,{count}" for day, count in enumerate(clicks, 2)]
    place.put("media.csv", "\n".join([*rows, "2026-03-10,a,1,1000"]))
    place.toml(SOURCE + RULE, language="en")
    return place


def alone(transitions: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    keys = ("id", "rule", "period", "event", "severity", "reason", "partial", "active_at")
    return sorted((str(one["labels"]), *(str(one[key]) for key in keys)) for one in transitions)


def test_it_says_what_the_history_says(media: Place) -> None:
    found = media.ask("backtest", "low")
    assert (found["episodes"], found["precision"]) == (4, None)
    assert alone(found["transitions"]) == alone(media.ask("alerts", "--history")["transitions"])
    assert [one["period"] for one in found["transitions"]] == sorted(
        one["period"] for one in found["transitions"]
    )
    # To each: both on the 3rd, a again on the 5th, all over on the 7th, a on the 9th.
    assert found["messages"] == 2 * 4
    assert found["load"] == {"ops": 4, "li": 4}
    assert found["days"] == {"2026-03-03": 2, "2026-03-05": 1, "2026-03-09": 1}


def test_it_leaves_no_trace(media: Place) -> None:
    media.ask("alerts")
    ledger = sqlite3.connect(media.state / "ledger.db")
    before = list(ledger.iterdump())
    media.ask("backtest", "low", "--threshold", "130")
    assert list(ledger.iterdump()) == before
    ledger.close()


def test_another_condition_threshold_and_range(media: Place) -> None:
    assert media.ask("backtest", "low", "--when", "clicks < 50")["episodes"] == 1
    higher = media.ask("backtest", "low", "--threshold", "130")
    assert (higher["episodes"], higher["threshold"]) == (3, 130)
    assert media.ask("backtest", "low", "--when", "clicks > 100", "--threshold=-1")["threshold"] == -1
    part = media.ask("backtest", "low", "--from", "2026-03-04", "--to", "2026-03-06")
    assert (part["first"], part["last"], part["periods"], part["episodes"]) == (
        "2026-03-04",
        "2026-03-06",
        3,
        1,
    )
    assert {one["period"] for one in part["transitions"]} <= {"2026-03-04", "2026-03-05", "2026-03-06"}


def test_steps_stand_around_the_threshold_where_the_outcome_changes(media: Place) -> None:
    steps = media.ask("backtest", "low")["steps"]
    assert steps == sorted(steps)
    assert 100 in steps
    counts = [media.ask("backtest", "low", "--threshold", str(each))["episodes"] for each in (30, 50, 80)]
    assert counts == [0, 1, 2]


def test_precision_is_of_the_reviewed_episodes_it_would_find_again(media: Place) -> None:
    fired = [one for one in media.ask("alerts", "--history")["transitions"] if one["event"] == "firing"]
    ledger = sqlite3.connect(media.state / "ledger.db")
    said = {("a", "2026-03-03"): "false", ("b", "2026-03-03"): "true", ("a", "2026-03-09"): "true"}
    for one in fired:
        if label := said.get((one["labels"]["channel"], one["period"])):
            ledger.execute(
                "INSERT INTO alert_reviews (episode, rule, member, label, author, note, at)"
                " VALUES (?, 'low', '', ?, 'li', '', '2026-03-10T00:00:00')",
                (one["id"], label),
            )
    ledger.commit()
    ledger.close()
    found = media.ask("backtest", "low")
    assert (found["reviewed"], found["precision"], found["missed"]) == (3, pytest.approx(2 / 3), 0)
    fewer = media.ask("backtest", "low", "--threshold", "50")
    assert (fewer["reviewed"], fewer["precision"], fewer["missed"]) == (1, 1.0, 1)


def test_as_text_and_what_is_refused(media: Place) -> None:
    code, out, err = media.say("backtest", "low")
    assert (code, err) == (0, "")
    assert "channel=a" in out
    assert "low" in media.refusal("backtest", "lo")
    assert "clicks" in media.refusal("backtest", "low", "--when", "clickz < 5")
    assert "position" in media.refusal("backtest", "low", "--when", "clicks <")
    assert "--from" in media.refusal("backtest", "low", "--from", "2026-03-06", "--to", "2026-03-04")
    assert "--when" in media.refusal("backtest", "low", "--when", "clicks < cost", "--threshold", "3")


def test_without_data_there_is_nothing_to_say(place: Place) -> None:
    place.toml('[alert.low]\nwhen = "clicks < 5"\n')
    found = place.ask("backtest", "low")
    assert (found["episodes"], found["messages"], found["transitions"]) == (0, 0, [])
