"""The plug is pulled: whatever moment `kill -9` hits, the next run says what an uninterrupted one says.

Kills of forked runs, at deeds (a rename, an fsync, a statement of the ledger) and at moments,
over a directory whose files grow, come and go; and a few of a real `looptop watch`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.contract.place import Place
from tests.laws.shop import CONFIGURATION, FIRST, KINDS
from tests.material import ROOT

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("LOOPTOP_KILLS", "8"))
"""How many: `LOOPTOP_KILLS=200 python -m pytest tests/test_kill.py` takes three minutes on two cores."""
SOURCES = CONFIGURATION.split("[funnel.buy]", maxsplit=1)[0]
MORE = """
[[source]]
name = "books"
files = ["books/*"]
table = "events"
event = "order"
columns = { ts = "day", phone = "phone", value = "amount" }
[notify.ops]
url_env = "LOOPTOP_OPS"
[alert.small]
when = "revenue < 80"
notify = ["ops"]
"""


def lines(kind: str, seed: int, count: int) -> str:
    """Rows of a kind of the shop's files, among them some that cannot be read."""
    chance = random.Random(f"{kind} {seed}")
    draw = [
        (chance.randrange(24 * 40), chance.randrange(12), chance.randrange(3), chance.randrange(13))
        for _ in range(count)
    ]
    return "".join(map(KINDS[kind][2], draw)) + ("" if kind == "web" else "2026-13-01,x,y,z\n")


def books(path: Path, seed: int) -> None:
    """A Parquet file or a workbook of orders."""
    moments = [(FIRST + timedelta(days=i * seed)).isoformat() for i in range(20)]
    frame = pl.DataFrame(
        {
            "day": moments,
            "phone": [f"1381111{2000 + i}" for i in range(20)],
            "amount": [f"{i}.5" for i in range(20)],
        }
    )
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_excel(path)


def laid_out(place: Path) -> Path:
    """A directory with eight files in five formats, and what comes later."""
    data = place / "data"
    for kind, (suffix, head, _) in KINDS.items():
        (data / kind).mkdir(parents=True)
        for seed, name in enumerate("ab"):
            (data / kind / f"{name}.{suffix}").write_text(head + lines(kind, seed, 30), "utf-8")
    (data / "books").mkdir()
    books(data / "books" / "one.parquet", 1)
    books(data / "books" / "two.xlsx", 2)
    (data / "looptop.toml").write_text(SOURCES + MORE, "utf-8")
    for phase in (1, 2):
        later = place / "later" / str(phase)
        for kind, (suffix, head, _) in KINDS.items():
            (later / kind).mkdir(parents=True)
            (later / kind / f"a.{suffix}").write_text(lines(kind, 10 + phase, 12), "utf-8")
            (later / kind / f"new{phase}.{suffix}").write_text(head + lines(kind, 20 + phase, 9), "utf-8")
    (place / "later" / "2" / "books").mkdir()
    (place / "later" / "2" / "books" / "one.parquet").touch()
    return place


# Many of them: half on each of two cores; on a busy machine it takes what it takes.
@pytest.mark.timeout(900)
def test_kills_at_any_point_leave_what_an_uninterrupted_run_leaves(tmp_path: Path) -> None:
    places = [laid_out(tmp_path / name) for name in (("one", "two") if KILLS > 30 else ("one",))]
    each_one = -(-KILLS // len(places))
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.killing", str(one), str(seed), str(each_one)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for seed, one in enumerate(places)
    ]  # fmt: skip
    landed = 0
    try:
        for each in running:
            out, err = each.communicate()
            assert each.returncode == 0, err[-3000:]
            report = json.loads(out.splitlines()[-1])
            assert min(report["points"]) > 40 and min(report["kills"].values()) > each_one // 10, report
            landed += sum(report["kills"].values())
    finally:
        for each in running:
            each.kill()
            each.communicate()
    assert landed >= KILLS


def test_a_watch_that_is_killed_while_a_file_grows_is_followed_by_one_that_knows_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOPTOP_KEY", "key")
    place, other = Place(tmp_path), tmp_path / "other"
    place.put("looptop.toml", CONFIGURATION)
    web = place.put("web/a.ndjson", lines("web", 0, 40))
    chance = random.Random(7)
    for round_ in range(min(4, KILLS // 4)):
        command = [sys.executable, "-m", "tui.cli", "watch", str(place.root), "--headless", "--json"]
        watch = subprocess.Popen(
            [*command, "--state", str(place.state)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert watch.stdout is not None
        assert json.loads(watch.stdout.readline())["trigger"] == "start"
        with web.open("a", encoding="utf-8") as file:
            file.write(lines("web", 30 + round_, 20))
        time.sleep(chance.uniform(0, 0.8))
        watch.send_signal(signal.SIGKILL)
        watch.wait()
        watch.stdout.close()
    said = {}
    for name, state in (("killed", place.state), ("whole", other)):
        place.state = state
        commands = (["status"], ["rows", "events"], ["rejects"], ["persons"], ["outbox"])
        said[name] = [place.ask(*words) for words in commands]
        for one in said[name][3]["persons"]:
            del one["aliases"]  # a state remembers who was canonical before; a fresh one cannot
    assert said["killed"] == said["whole"]
