"""`looptop quality`: every key, exit code 1 with `--fail`, and a dispute decided from the command line."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from engine.questions import QualityAnswer, SourceQuality
from tests.tui.commands.conftest import CONFIGURATION, Say
from tui.cli import main

RULE = '[[quality]]\nname = "cheap"\nsource = "ads"\ncheck = "cost < 50"\nseverity = "error"\n'


def test_json_has_every_field_of_the_answer(say: Say) -> None:
    found = json.loads(say("quality", "--json"))
    assert set(found) == {each.name for each in fields(QualityAnswer)}
    assert [set(one) for one in found["sources"]] == [{each.name for each in fields(SourceQuality)}] * 2
    assert [one["rejected_share"] for one in found["sources"]] == [1 / 3, 0]


def test_one_column_has_the_lines_behind_its_numbers(say: Say) -> None:
    found = json.loads(say("quality", "--source", "ads", "--column", "impressions", "--json"))
    assert [(one["file"], one["line"], one["value"]) for one in found["lines"]] == [("ads.csv", 4, "x")]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_has_no_escapes(say: Say, lang: str) -> None:
    assert "\x1b" not in say("quality", "--source", "web", "--lang", lang)


def test_fail_is_one_where_an_error_failed(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["quality", str(shop), "--state", str(tmp_path / "state"), "--fail"]
    assert main(words) == 0
    (shop / "looptop.toml").write_text(CONFIGURATION + RULE, "utf-8")
    assert main(words) == 1
    out = capsys.readouterr().out
    assert "cheap" in out and "ads.csv:3" in out


def test_a_dispute_is_decided_from_the_command_line(say: Say, shop: Path) -> None:
    text = CONFIGURATION.replace('files = ["ads.csv"]', 'files = ["*.csv"]\noverlap = "conflict"')
    (shop / "looptop.toml").write_text(text, "utf-8")
    (shop / "ads2.csv").write_text("ts,channel,impressions,clicks,cost\n2026-11-01,a,1000,10,41\n", "utf-8")
    (dispute,) = json.loads(say("quality", "--json"))["disputes"]
    say("quality", "--decide", dispute["id"], "--take", "ads.csv", "--by", "wang")
    (decided,) = json.loads(say("quality", "--json"))["disputes"]
    assert (decided["decision"]["take"], decided["decision"]["by"]) == ("ads.csv", "wang")
    assert [copy["counts"] for copy in decided["copies"] if copy["file"] == "ads.csv"] == [True]


def test_status_says_how_fresh_and_how_good_a_source_is(say: Say) -> None:
    (ads, _) = json.loads(say("status", "--json"))["sources"]
    assert set(ads["freshness"]) == {"age_seconds", "usual_seconds", "limit_seconds", "overdue", "basis"}
    assert ads["quality"] == {"unreadable": 0, "disputed": 0, "violations": {}}
