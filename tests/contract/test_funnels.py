"""`looptop funnel` beyond one funnel as it stands: open, cohorts, other rules, side by side, drivers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.contract.place import Place

TOML = """
[[source]]
name = "web"
files = ["events.csv"]
table = "events"
event = { column = "event" }
columns = { ts = "ts", member_id = "member", channel = "channel" }

[[source]]
name = "members"
files = ["members.csv"]
table = "profiles"
columns = { member_id = "member", gender = "gender" }

[funnel.buy]
steps = ["visit", "view", "order"]
window = "2d"
"""


def visit(member: int, day: int, last: str, channel: str = "web") -> Iterator[str]:
    """What a member does on a day, as far as `last`."""
    for minute, name in enumerate(("visit", "view", "order")):
        yield f"2026-03-{day:02} 10:{minute:02}:00,{name},m{member},{channel}"
        if name == last:
            return


@pytest.fixture
def shop(place: Place) -> Place:
    """Two weeks: of 40 members 20, 30 and 10 stop at each step in the first, more go on in the second."""
    place.toml(TOML)
    lines = ["ts,event,member,channel"]
    for member in range(60):
        last = "visit" if member < 30 else "view" if member < 50 else "order"
        lines += visit(member, 2 + member % 5, last, "ad" if member % 2 else "web")
    for member in range(60):
        last = "visit" if member < 10 else "view" if member < 50 else "order"
        lines += visit(member, 9 + member % 5, last, "ad" if member % 2 else "web")
    lines.append("2026-03-20 00:00:00,search,m999,web")
    place.put("events.csv", "\n".join(lines) + "\n")
    members = (f"m{member},{'f' if member % 3 else 'm'}" for member in range(60))
    place.put("members.csv", "member,gender\n" + "\n".join(members) + "\n")
    return place


WEEKS = ("--from", "2026-03-09", "--to", "2026-03-15")


def test_two_periods_side_by_side_name_the_step_that_moved_and_who_moves(shop: Place) -> None:
    found = shop.ask("funnel", "buy", *WEEKS, "--beside", "previous")
    assert [(step["a"], step["b"]) for step in found["steps"]] == [(60, 60), (30, 50), (10, 10)]
    assert found["steps"][1]["difference"] == pytest.approx(1 / 3)
    assert 0 < found["steps"][1]["low"] < 1 / 3 < found["steps"][1]["high"]
    assert found["moved"] == 2
    assert found["moves"] == [{"a": 1, "b": 2, "persons": 20}]
    assert {(one["a"], one["b"]) for one in found["persons"]} == {(1, 2)}
    assert found == shop.ask("funnel", "buy", *WEEKS, "--beside", "2026-03-02..2026-03-08")


def test_two_segments_and_two_rule_sets_side_by_side(shop: Place) -> None:
    channels = shop.ask("funnel", "buy", "--where", "channel = 'ad'", "--where-b", "channel = 'web'")
    assert [(step["a"], step["b"]) for step in channels["steps"]] == [(30, 30), (25, 25), (5, 5)]
    assert (channels["moved"], sum(one["persons"] for one in channels["moves"])) == (None, 60)
    rules = '[funnel.buy]\nsteps = ["visit", "order", "view"]\nmode = "strict"\nwindow = "1h"'
    other = shop.ask("funnel", "buy", "--rules-b", rules)
    assert [(step["a"], step["b"]) for step in other["steps"]] == [(60, 60), (50, 0), (10, 0)]
    assert other["moves"] == [{"a": 2, "b": 1, "persons": 40}, {"a": 3, "b": 1, "persons": 10}]


def test_rules_for_one_question_are_checked_like_the_file(shop: Place, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[funnel.quick]\nsteps = ["visit", "order"]\nwindow = "1m"\n', encoding="utf-8")
    found = shop.ask("funnel", "quick", "--rules", str(rules))
    assert [step["persons"] for step in found["steps"]] == [60, 0]
    assert "nearest: window" in shop.refusal("funnel", "buy", "--rules", '[funnel.buy]\nwindw = "1d"')
    assert "cannot be read" in shop.refusal("funnel", "buy", "--rules", str(tmp_path / "none.toml"))


def test_an_open_funnel_is_entered_at_any_step(place: Place) -> None:
    place.toml(TOML)
    lines = [*visit(1, 2, "order"), "2026-03-02 10:00:00,view,m2,web", "2026-03-02 11:00:00,order,m2,web"]
    lines += ["2026-03-02 10:00:00,order,m3,web", *visit(4, 2, "visit"), "2026-03-20 00:00:00,search,m5,web"]
    place.put("events.csv", "ts,event,member,channel\n" + "\n".join(lines) + "\n")
    found = place.ask("funnel", "buy", "--enter", "any")
    assert [(step["persons"], step["entered"]) for step in found["steps"]] == [(2, 2), (2, 1), (3, 1)]
    assert [step["of_previous"] for step in found["steps"]] == [None, 0.5, 1.0]
    assert [step["of_first"] for step in found["steps"]] == [0.5, 0.5, 0.75]
    assert (found["observed_rate"], found["enter"], found["checks"]) == (0.75, "any", [])
    closed = place.ask("funnel", "buy")
    assert [step["persons"] for step in closed["steps"]] == [2, 1, 1]


def test_cohorts_tell_who_had_converted_by_the_end_of_each_period(place: Place) -> None:
    place.toml(TOML)
    lines = ["ts,event,member,channel"]
    for member, day in enumerate((2, 3, 3, 4)):
        lines += visit(member, day, "view")
    lines += ["2026-03-02 23:00:00,order,m0,web", "2026-03-04 09:00:00,order,m1,web"]
    place.put("events.csv", "\n".join(lines) + "\n")
    found = place.ask("funnel", "buy", "--cohorts", "day")["cohorts"]
    assert found == [
        {"period": "2026-03-02", "entered": 1, "converted": [1, 1]},
        {"period": "2026-03-03", "entered": 2, "converted": [0, None]},
        {"period": "2026-03-04", "entered": 1, "converted": [None, None]},
    ]


def test_drivers_are_what_goes_with_converting_and_came_before_it(place: Place) -> None:
    random, lines = Random(7), ["ts,event,member,channel"]
    for member in range(600):
        keen = member % 3 == 0
        if keen:
            lines.append(f"2026-03-01 09:00:00,favourite,m{member},")
        if random.random() < 0.5:
            lines.append(f"2026-03-01 09:30:00,search,m{member},")
        won = random.random() < (0.6 if keen else 0.1)
        lines += visit(member, 2, "order" if won else "visit", random.choice(["ad", "web"]))
        if won:
            lines.append(f"2026-03-02 12:00:00,rating,m{member},")
    lines.append("2026-03-20 00:00:00,login,m9999,")
    place.toml(TOML)
    place.put("events.csv", "\n".join(lines) + "\n")
    found = place.ask("funnel", "buy", "--drivers")
    assert [(one["kind"], one["name"]) for one in found["drivers"]] == [("event", "favourite")]
    (one,) = found["drivers"]
    assert one["with"] == 200 and one["without"] == 400
    assert 4 < one["low"] < one["odds"] < one["high"] < 40 and one["q"] < 1e-9
    assert (found["entered"], found["tested"]) == (600, 3)
    assert "from 1 to 3 in order" in place.refusal("funnel", "buy", "--drivers", "3,2")


def test_texts_of_the_commands_hold_their_numbers(shop: Place) -> None:
    code, text, _ = shop.say("funnel", "buy", *WEEKS, "--beside", "previous")
    assert code == 0 and "view ← moved" in text and "+33.3" in text
    code, text, _ = shop.say("funnel", "buy", "--cohorts", "week", "--grain", "week")
    assert code == 0 and "mature rate" in text and "+0" in text
    code, text, _ = shop.say("funnel", "buy", "--drivers")
    assert code == 0 and "tested" in text
    assert "needs --from and --to" in shop.refusal("funnel", "buy", "--beside", "previous")
    assert "is no period" in shop.refusal("funnel", "buy", "--beside", "2026-01..x")
