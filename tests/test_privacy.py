"""Personal data: masked unless revealed, every reveal in a log that only grows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.place import Place
from tui.cli import main

TOML = """
[[source]]
name = "orders"
files = ["*.csv"]
table = "events"
event = "order"
columns = { ts = "ts", phone = "phone", value = "amount", channel = "channel" }
"""
ROWS = """
ts,phone,amount,channel
2026-10-01T10:00:00,13811112222,10,baidu
2026-10-02T10:00:00,13811113333,20,douyin
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path)
    found.toml(TOML)
    found.put("a.csv", ROWS)
    return found


def printed(place: Place, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main([words[0], str(place.root), *words[1:], "--state", str(place.state)]) == 0
    return capsys.readouterr().out


def test_a_reveal_is_logged_with_its_reason_and_without_the_identifier(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert json.loads(printed(place, capsys, "audit", "--json")) == {"audit": []}
    assert "13811112222" in printed(place, capsys, "persons", "--reveal", "--reason", "asked by 13811112222")
    assert "13811112222" in printed(place, capsys, "persons", "phone:+8613811112222", "--reveal")
    found = json.loads(printed(place, capsys, "audit", "--json"))["audit"]
    assert [(one["kind"], one["asked"], one["reason"]) for one in found] == [
        ("reveal", "persons", "asked by 138****2222"),
        ("reveal", "persons id=phone:138****2222", ""),
    ]


def test_a_reveal_that_cannot_be_logged_is_said_on_standard_error(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.state.parent.mkdir(parents=True, exist_ok=True)
    place.state.write_text("in the way")
    assert main(["persons", str(place.root), "--reveal", "--state", str(place.state)]) == 0
    out, err = capsys.readouterr()
    assert "13811112222" in out and "was not logged" in err


def test_the_log_only_grows(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    printed(place, capsys, "persons", "--reveal")
    script = (
        "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\n"
        "for sql in ('DELETE FROM audit', \"UPDATE audit SET author = 'x'\"):\n"
        "    try: db.execute(sql)\n"
        "    except sqlite3.IntegrityError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(place.state / "ledger.db")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "the audit only grows\n" * 2
