"""Every command over a tiny shop: JSON with all its keys, text without escapes, decisions that last."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.commands.conftest import Say
from tui.cli import main

STATUS = {"as_of", "tables", "persons", "conflicts", "unconverted", "sources", "files", "unmapped"}
FILE = {"file", "source", "layout", "encoding", "rows", "accepted", "rejected", "duplicates", "filtered"}
READING = (
    ("status",), ("metrics", "cost", "ctr", "--by", "channel"), ("metrics", "--list"), ("funnel", "buy"),
    ("rows", "events"), ("rows", "spend", "--csv"), ("rejects",), ("persons",), ("conflicts",),
    ("alerts", "--all"), ("alerts", "--history"), ("outbox",), ("check",),
    ("sql", "SELECT event, count(*) FROM events GROUP BY ALL"), ("sql", "--tables"),
)  # fmt: skip


def test_status_has_every_key_and_its_rows_add_up(say: Say) -> None:
    status = json.loads(say("status", "--json"))
    assert set(status) == STATUS
    assert all(set(file) == FILE for file in status["files"])
    assert [(file["rows"], file["accepted"], file["rejected"]) for file in status["files"]] == [
        (3, 2, 1),
        (3, 3, 0),
    ]
    assert status["tables"] == {"events": 3, "spend": 2, "profiles": 0}
    assert status["as_of"] == "2026-11-03T09:00:00+08:00"


def test_metrics_answer_by_dimension(say: Say) -> None:
    rows = json.loads(say("metrics", "cost", "--by", "channel", "--grain", "day", "--json"))["rows"]
    assert [(row["period"], row["channel"], row["value"]) for row in rows if row["value"]] == [
        ("2026-11-01", "a", 40),
        ("2026-11-02", "a", 60),
    ]


def test_a_funnel_is_an_object_and_several_are_an_array(say: Say) -> None:
    one = json.loads(say("funnel", "buy", "--json"))
    assert [step["persons"] for step in one["steps"]] == [2, 1]
    assert json.loads(say("funnel", "buy", "buy", "--json")) == [one, one]


def test_a_reject_names_its_cell(say: Say) -> None:
    (reject,) = json.loads(say("rejects", "--json"))["rejects"]
    assert (reject["file"], reject["line"], reject["column"], reject["value"]) == (
        "ads.csv",
        4,
        "impressions",
        "x",
    )


def test_rows_lead_back_to_their_line(say: Say) -> None:
    rows = json.loads(say("rows", "events", "--where", "event = 'order'", "--json"))["rows"]
    assert [(row["value"], row["file"], row["line"]) for row in rows] == [(100, "web/1.ndjson", 2)]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_text_is_harmless(say: Say, words: tuple[str, ...]) -> None:
    text = say(*words)
    assert text.strip()
    assert "\x1b" not in text


def test_words_come_in_both_languages(say: Say) -> None:
    assert "rejected" in say("status", "--lang", "en")
    assert "拒绝" in say("status", "--lang", "zh")


@pytest.mark.parametrize("words", [words for words in READING if "--csv" not in words], ids=" ".join)
def test_json_is_all_that_is_printed(say: Say, words: tuple[str, ...]) -> None:
    assert isinstance(json.loads(say(*words, "--json")), dict)


def test_an_alert_is_acked_and_stays_so(say: Say) -> None:
    (alert,) = json.loads(say("alerts", "--all", "--json"))["alerts"]
    say("ack", alert["id"], "--by", "wang", "--note", "seen")
    (after,) = json.loads(say("alerts", "--all", "--json"))["alerts"]
    assert (alert["acked_by"], after["acked_by"], after["id"]) == (None, "wang", alert["id"])


def test_a_silence_needs_a_reason_and_an_end(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["silence", str(shop), "e_0", "--state", str(tmp_path / "state")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_strict_check_fails_on_a_reject(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["check", str(shop), "--state", str(tmp_path / "state")]
    assert (main(words), main([*words, "--strict"])) == (0, 1)
    assert "impressions" in capsys.readouterr().out


def test_all_faults_of_a_configuration_are_one_message(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "looptop.toml").write_text('[console]\ntimezon = "UTC"\n[alert.a]\nwhen = "cst > 1"\n', "utf-8")
    assert main(["status", str(shop), "--state", str(tmp_path / "state")]) == 2
    err = capsys.readouterr().err
    assert "looptop.toml:2" in err
    assert "looptop.toml:4" in err


def test_init_writes_what_it_guessed_and_never_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ads.csv").write_text("日期,展现,点击,消费\n2026-11-01,10,1,5\n", "utf-8")
    state = str(tmp_path.parent / f"{tmp_path.name}-state")
    assert main(["init", str(tmp_path), "--state", state]) == 0
    written = (tmp_path / "looptop.toml").read_text("utf-8")
    assert main(["init", str(tmp_path), "--state", state]) == 2
    assert (tmp_path / "looptop.toml").read_text("utf-8") == written
    assert main(["metrics", str(tmp_path), "cost", "--json", "--state", state]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["rows"][0]["value"] == 5


def test_init_of_an_industry_keeps_what_the_directory_has_and_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leads = "ts,event,lead_id,channel\n2026-11-01,visit,a,sem\n2026-11-01,lead,a,sem\n2026-11-02,deal,a,sem\n"
    (tmp_path / "leads.csv").write_text(leads, "utf-8")
    state = ["--state", str(tmp_path.parent / f"{tmp_path.name}-state")]
    assert main(["init", str(tmp_path), "--template", "educaton", *state]) == 2
    assert "nearest: education" in capsys.readouterr().err
    assert not (tmp_path / "looptop.toml").exists()
    assert main(["init", str(tmp_path), "--template", "education", "--lang", "zh", *state]) == 0
    text = (tmp_path / "looptop.toml").read_text("utf-8")
    assert "# 文件中还没有“mql”事件\n# [metric.mql_rate]" in text
    assert main(["check", str(tmp_path), *state]) == 0
    capsys.readouterr()
    assert main(["funnel", str(tmp_path), "enrolment", "--json", *state]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert [(step["label"], step["persons"]) for step in steps] == [
        ("visit", 1),
        ("lead", 1),
        ("enrolled", 1),
    ]


def test_the_templates_are_listed_with_their_benchmarks_and_sources(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["init", "--list-templates", "--lang", "en"]) == 0
    assert "benchmark 29.80% for purchase: order (Baymard Institute 2024" in capsys.readouterr().out
    assert main(["init", "--list-templates", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["templates"]
    assert [len(one["stages"]) for one in found] == [5] * 7


def test_watching_tells_each_change_in_a_line_and_ends_on_sigterm(shop: Path, tmp_path: Path) -> None:
    words = ["watch", str(shop), "--headless", "--json", "--state", str(tmp_path / "state")]
    with subprocess.Popen(
        [sys.executable, "-m", "tui.cli", *words], stdout=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        assert process.stdout is not None
        start = json.loads(process.stdout.readline())
        with (shop / "ads.csv").open("a", encoding="utf-8") as file:
            file.write("2026-11-03,a,1000,10,7\n")
        change = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert (start["refresh"], start["trigger"], start["rows_added"]) == (1, "start", 5)
    assert (change["trigger"], change["files"], change["rows_added"]) == ("change", ["ads.csv"], 1)
    assert set(change["seconds"]) == {"ingest", "identity", "derive", "alerts", "total"}


TRACE = {
    *("metric", "period", "value", "definition", "definition_hash", "watermark", "as_of", "timezone"),
    *("hops", "lines", "total_lines", "operands"),
}


def test_a_trace_goes_from_the_number_to_the_line_and_its_touch(say: Say) -> None:
    found = json.loads(
        say("trace", "revenue", "--period", "2026-11-01", "--where", "channel = 'a'", "--json")
    )
    assert set(found) == TRACE
    assert (found["value"], found["total_lines"]) == (100, 1)
    (line,) = found["lines"]
    assert (line["file"], line["line"], line["value"], line["touch"]["line"]) == ("web/1.ndjson", 2, 100, 1)
    metrics = json.loads(say("metrics", "revenue", "--json"))
    assert metrics["definition"] == {"revenue": found["definition_hash"]}
    assert metrics["watermark"] == found["watermark"]
    assert found["watermark"] in say("rows", "events", "--csv").splitlines()[1]
    assert json.loads(say("funnel", "buy", "--json"))["watermark"] == found["watermark"]


def test_a_trace_as_text_names_files_and_lines_in_both_languages(say: Say) -> None:
    assert "web/1.ndjson:2  100" in say("trace", "revenue")
    assert "− 1 被拒绝" in say("trace", "cost", "--lang", "zh")
    assert "ads.csv:2  40" in say("trace", "cpc")


def test_a_trace_of_a_step_names_who_reached_it(say: Say) -> None:
    found = json.loads(say("trace", "funnel:buy", "--step", "2", "--json"))
    assert (found["value"], [line["line"] for line in found["lines"]]) == (1, [1, 2])


def test_a_link_makes_one_person_and_taken_back_two_again(say: Say) -> None:
    linked = json.loads(say("link", "member_id:m1", "member_id:m2", "--reason", "told", "--json"))
    assert (linked["verdict"], linked["by"], len(set(linked["persons"]))) == ("always", "li", 1)
    parted = json.loads(say("link", "member_id:m1", "member_id:m2", "--forget", "--json"))
    assert (parted["verdict"], len(set(parted["persons"]))) == ("forget", 2)


def test_unlinked_identifiers_stay_two_persons(say: Say) -> None:
    assert "kept apart" in say("unlink", "member_id:m1", "member_id:m2", "--lang", "en")
    persons = json.loads(say("persons", "--json"))["persons"]
    assert len(persons) == 2


def test_sql_prints_rows_and_tables(say: Say) -> None:
    found = json.loads(say("sql", "SELECT channel, sum(cost) AS c FROM spend GROUP BY 1", "--json"))
    assert (found["rows"], [each["name"] for each in found["columns"]]) == ([["a", 100]], ["channel", "c"])
    assert say("sql", "SELECT 1 AS a, '=1+1' AS b", "--csv").splitlines()[1].startswith("1,'=1+1,")
    assert {one["name"] for one in json.loads(say("sql", "--tables", "--json"))["tables"]} >= {"events"}
