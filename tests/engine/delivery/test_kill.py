"""`kill -9` while messages are sent: none lost, at most one repeat a kill, every repeat with its key."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from engine.alerts import Ledger
from tests.engine.delivery.office import put
from tests.engine.delivery.receiver import Receiver, receiving
from tests.material import ROOT

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("LOOPTOP_KILLS", "4"))
"""How many: `LOOPTOP_KILLS=200` with 300 alerts is the full run."""
ALERTS = 300 if KILLS >= 100 else 12
CONFIGURATION = """
[console]
timezone = "UTC"
clock = "data"
[[source]]
name = "spend"
files = ["*.csv"]
table = "spend"
columns = { ts = "date", channel = "channel", clicks = "clicks" }
[notify.hook]
url_env = "HOOK"
[alert.few]
when = "clicks < 50"
by = ["channel"]
group_by = ["channel"]
notify = ["hook"]
"""


def laid_out(place: Path, alerts: int) -> Path:
    """A directory in which so many channels have too few clicks."""
    (place / "data").mkdir(parents=True)
    (place / "data" / "looptop.toml").write_text(CONFIGURATION, "utf-8")
    lines = [f"2026-03-0{day},c{i},{100 if day < 3 else 7}\n" for day in (1, 2, 3, 4) for i in range(alerts)]
    (place / "data" / "spend.csv").write_text("date,channel,clicks\n" + "".join(lines), "utf-8")
    return place


@pytest.mark.timeout(1800)
def test_kills_while_messages_are_sent_lose_none_and_repeat_few(tmp_path: Path) -> None:
    place = laid_out(tmp_path / "place", ALERTS)
    with receiving() as receiver:
        command = [sys.executable, "-m", "tests.engine.delivery.killing", str(place), "7", str(KILLS)]
        done = subprocess.run(
            [*command, f"json://{receiver.place}"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        report = json.loads(done.stdout.splitlines()[-1])
        rounds: dict[str, Counter[str]] = {}
        bodies: dict[tuple[str, str], set[bytes]] = {}
        for post in receiver.posts:
            rounds.setdefault(post.path, Counter())[post.key] += 1
            bodies.setdefault((post.path, post.key), set()).add(post.body)
    whole = rounds.pop("/whole")
    rounds.pop("/whole/again")
    assert set(whole.values()) == {1} and len(whole) == ALERTS
    repeats = {path: sum(counts.values()) - ALERTS for path, counts in rounds.items()}
    for number, kills in enumerate(report["kills"]):
        counts = rounds[f"/round{number}"]
        assert counts.keys() == whole.keys()  # none lost, none under another key
        assert 0 <= repeats[f"/round{number}"] <= kills
    assert all(len(each) == 1 for each in bodies.values())
    assert sum(report["kills"]) >= KILLS
    print(f"\n{report}\nrepeats: {sum(repeats.values())}")  # noqa: T201 - for who asks for the full run


def watch(place: Path, receiver: Receiver) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tui.cli", "watch", str(place / "data"), "--headless", "--json"]
    environment = {**os.environ, "HOOK": f"json://{receiver.place}/"}
    found = subprocess.Popen(
        [*command, "--state", str(place / "state")],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert found.stdout is not None
    assert json.loads(found.stdout.readline())["trigger"] == "start"
    return found


def arrived(receiver: Receiver, count: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while len(receiver.posts) < count and time.monotonic() < end:
        time.sleep(0.05)
    return len(receiver.posts) == count


@pytest.mark.timeout(300)
def test_of_two_processes_one_notifies_and_the_other_takes_over_within_seconds(tmp_path: Path) -> None:
    place = laid_out(tmp_path / "place", 3)
    with receiving() as receiver:
        first = watch(place, receiver)
        second = watch(place, receiver)
        try:
            assert arrived(receiver, 3, 60)
            ledger = Ledger(place / "state" / "ledger.db")
            time.sleep(1)
            first.send_signal(signal.SIGKILL)
            killed = time.monotonic()
            first.wait()
            put(ledger, "another")
            assert arrived(receiver, 4, 60)
            took = time.monotonic() - killed
            time.sleep(0.7)
            assert len({post.key for post in receiver.posts}) == len(receiver.posts) == 4
            ledger.close()
            assert took <= 5, took
        finally:
            for each in (first, second):
                each.kill()
                each.wait()
                assert each.stdout is not None
                each.stdout.close()
