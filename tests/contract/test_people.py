"""What people do about alerts, through the command line: silences, ticks, incidents, review."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import material
from tui.cli import main

CONFIGURATION = """
[console]
timezone = "Asia/Shanghai"
clock = "data"
user = "li"
[[source]]
name = "ads"
files = ["ads.csv"]
table = "spend"
[people.li]
hours = "Mon-Fri 09:00-19:00"
[alert.costly]
when = "cost > 500"
by = ["channel"]
owner = "li"
notify = ["owner"]
sop = ["Open the account", "Lower the bid"]
[alert.total]
when = "cost > 600"
owner = "li"
notify = ["owner"]
"""
HEAD = "ts,channel,campaign,impressions,clicks,cost\n"
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command over the shop; its JSON, or its text where `text` says so."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "looptop.toml").write_text(CONFIGURATION, "utf-8")
    rows = []
    for day in range(40):
        for number, campaign in enumerate("xyzuvw"):
            high = campaign == "x" and (day % 5 == 4 or day == 38)
            rows.append(
                f"{date(2026, 10, 1) + timedelta(day)},a,{campaign},1000,10,{400 if high else 40 + number}"
            )
        rows.append(f"{date(2026, 10, 1) + timedelta(day)},b,x,1000,10,40")
    (root / "ads.csv").write_text(HEAD + "\n".join(rows) + "\n", "utf-8")

    def call(command: str, *words: str, text: bool = False, code: int = 0) -> Any:
        state = ("--state", str(tmp_path / "state"))
        assert main([command, str(root), *words, *state, *(() if text else ("--json",))]) == code
        out, err = capsys.readouterr()
        return err if code else out if text else json.loads(out)

    return call


def test_an_alert_comes_with_its_cause_and_its_incident(run: Run) -> None:
    found = {each["rule"]: each for each in run("alerts")["alerts"]}
    assert found["costly"]["causes"][0]["element"] == {"campaign": "x"}
    assert "x: +360" in found["costly"]["causes"][0]["sentence"]
    assert "x: +360" in found["costly"]["why"]
    assert found["costly"]["incident"] == found["total"]["id"]
    opened = run("alerts", found["costly"]["id"])
    assert [each["rule"] for each in opened["alerts"]] == ["costly", "total"]
    assert {"firing", "cause"} <= {each["word"] for each in opened["timeline"]}
    assert opened["why"]["causes"]
    (message,) = run("outbox")["messages"]
    assert (message["rule"], message["new"], message["total"]) == ("total", 2, 2)
    text = run("alerts", found["costly"]["id"], text=True)
    assert "[ ] 1. Open the account" in text
    assert "nearest" in run("alerts", found["costly"]["id"][:-1], code=2)


def test_steps_are_ticked_by_number(run: Run) -> None:
    episode = next(each["id"] for each in run("alerts")["alerts"] if each["rule"] == "costly")
    (ticked,) = run("tick", episode, "2", "--by", "wang")["alerts"]
    assert [(each["step"], each["by"]) for each in ticked["ticks"]] == [(2, "wang")]
    assert "not a step 3" in run("tick", episode, "3", code=2)
    (undone,) = run("tick", episode, "2", "--undo")["alerts"]
    assert undone["ticks"] == []


def test_a_silence_by_labels_is_listed_and_ended(run: Run) -> None:
    end = ("--until", "2026-12-01", "--reason", "sale")
    (made,) = run("silence", "--rule", "costly", "--match", "channel=a", *end)["silences"]
    assert (made["rule"], made["labels"], made["by"]) == ("costly", {"channel": "a"}, "li")
    assert made["until"] == "2026-12-01T00:00:00+08:00"
    silenced = {each["rule"]: each["silenced_until"] for each in run("alerts")["alerts"]}
    assert silenced == {"costly": made["until"], "total": None}
    assert "nearest: costly" in run("silence", "--rule", "costl", *end, code=2)
    assert "chanel" in run("silence", "--rule", "costly", "--match", "chanel=a", *end, code=2)
    assert run("unsilence", made["id"])["silences"] == []
    assert run("silence", "--list")["silences"] == []


def test_labels_give_precision_and_coverage_and_wait_in_a_queue(run: Run) -> None:
    waiting = [each for each in run("review")["queue"] if each["rule"] == "costly"]
    assert len(waiting) == 7
    for each, label in zip(waiting, ("true", "false", "duplicate", "expected"), strict=False):
        found = run("review", each["id"], "--label", label, "--note", "seen")
    costly = next(each for each in found["rules"] if each["rule"] == "costly")
    assert (costly["episodes"], costly["reviewed"]) == (8, 4)
    assert costly["coverage"] == pytest.approx(4 / 7)
    assert costly["precision"] == pytest.approx(1 / 3)
    assert sorted(each["label"] for each in found["done"]) == ["duplicate", "expected", "false", "true"]
    run("ack", waiting[0]["id"], "--by", "wang", "--note", "mine")
    opened = run("alerts", waiting[0]["id"])
    assert opened["alerts"][0]["label"] == "true"
    told = [(each["deed"], each["word"], each["by"]) for each in opened["timeline"]]
    assert told == [
        ("transition", "firing", None), ("transition", "resolved", None),
        ("ack", "ack", "wang"), ("label", "true", "li"),
    ]  # fmt: skip
    run("review", "2026-11-03", "--missed", "costly", "--match", "channel=b")
    (costly, _) = run("review")["rules"]
    assert costly["recall"] == 0.5
    assert "add --label" in run("review", waiting[0]["id"], code=2)
    assert "wait for a label" in run("review", text=True)


STALE = """
[console]
timezone = "Asia/Shanghai"
clock = "data"
[[source]]
name = "ads"
files = ["ads.csv"]
table = "spend"
[[source]]
name = "web"
files = ["web.csv"]
table = "events"
event = "visit"
columns = { ts = "ts", member_id = "who" }
[people.li]
[alert.no_ads]
when = "age(ads) > 30"
notify = ["li"]
[alert.cheap]
when = "cost < 10"
notify = ["li"]
[alert.empty]
when = "visits < 1"
notify = ["li"]
"""


def test_an_alert_about_a_source_quiets_those_that_read_it_until_it_is_over(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    (root / "looptop.toml").write_text(STALE, "utf-8")

    def write(ads: int, web: int) -> None:
        days = [f"2026-11-{day:02}" for day in range(1, 20)]
        (root / "ads.csv").write_text(HEAD + "".join(f"{d},a,x,9,9,{50}\n" for d in days[:ads]), "utf-8")
        lines = "".join(f"{d}T23:30:00+08:00,m1\n" for d in days[:web])
        (root / "web.csv").write_text("ts,who\n" + lines, "utf-8")

    def seen() -> tuple[dict[str, int], list[str]]:
        alerts = {each["rule"]: len(each["inhibited_by"]) for each in run("alerts")["alerts"]}
        return alerts, [f"{each['kind']} {each['rule']}" for each in run("outbox")["messages"]]

    write(ads=3, web=3)
    assert seen() == ({}, [])
    write(ads=3, web=6)
    assert seen() == ({"no_ads": 0, "cheap": 1}, ["firing no_ads"])
    write(ads=9, web=9)
    assert seen()[1][1:] in (["resolved no_ads"], ["retracted no_ads"])


CASES = material.VECTORS / "alerts.json"


@pytest.mark.skipif(not CASES.exists(), reason="the worked examples are not here")
def test_the_worked_example_of_a_review() -> None:
    from engine.review import precision

    (case,) = [each for each in json.loads(CASES.read_text("utf-8"))["cases"] if each["id"] == "J01"]
    labels = [each for each in case["labels"] if each != "unreviewed"]
    reviewed, share, low, high = precision(labels)
    want = case["expect"]
    assert (reviewed, share) == (want["reviewed"], want["precision"])
    assert [round(low or 0, 4), round(high or 0, 4)] == want["wilson_two_sided_95"]
    assert round(reviewed / len(case["labels"]), 4) == want["coverage"]
