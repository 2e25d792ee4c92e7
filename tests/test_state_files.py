"""What stands in a state directory: for the owner alone, whole, and no more of it than is used."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from engine.held import abandoned, clear_aside, hold
from engine.ingest.write import write_aside, write_once
from engine.state import State
from tests.contract.place import Place

TOML = """
[[source]]
name = "orders"
files = ["*.csv"]
table = "events"
event = "order"
columns = { ts = "ts", phone = "phone", value = "amount", channel = "channel" }
[funnel.buy]
steps = ["visit", "order"]
[alert.little]
when = "revenue < 15"
"""
ROWS = """
ts,phone,amount,channel
2026-10-01T10:00:00,13811112222,10,baidu
2026-10-02T10:00:00,13811113333,20,douyin
2026-10-03T10:00:00,13811113333,twenty,douyin
2026-10-04T10:00:00,13811113333,12,douyin
"""
EVERY_COMMAND = """
import os, sys
os.umask(0)
from tui.cli import main
root, state = sys.argv[1:]
for words in (
    ["status"], ["metrics", "revenue"], ["funnel", "buy"], ["rows", "events"], ["rejects"], ["persons"],
    ["alerts", "--history"], ["outbox"], ["check"], ["audit"], ["retention"],
    ["erase", "phone:13811112222"],
):
    assert main([words[0], root, *words[1:], "--state", state, "--json"]) == 0, words
sys.stdout.flush()
from datetime import datetime
from pathlib import Path
from engine.session import Session
session = Session.open(Path(root), state=Path(state), clock=lambda: datetime(2026, 11, 1))
session.refresh()
with open(root + "/a.csv", "a") as file:
    file.write("2026-10-05T10:00:00,13811113333,12,douyin\\n")
session.refresh("change")
session.settle()
sys.stderr.write("".join(f"{line}\\n" for line in sorted(str(p) for p in Path(state).rglob("*"))))
for path in [Path(state), *Path(state).rglob("*")]:
    mode = path.lstat().st_mode & 0o7777
    wanted = 0o700 if path.is_dir() else 0o600
    assert mode == wanted, f"{path}: {mode:o}"
os._exit(7)
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path)
    found.toml(TOML)
    found.put("a.csv", ROWS)
    return found


def test_every_file_of_the_state_is_for_its_owner_alone_whatever_the_umask(place: Place) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EVERY_COMMAND, str(place.root), str(place.state)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 7, done.stderr
    for name in ("ledger.db-wal", "ledger.db-shm", "key", "looptop.log", "refresher.lock", "manifest.json"):
        assert f"/{name}\n" in done.stderr, (name, done.stderr)
    assert ".held" in done.stderr and ".parquet" in done.stderr


def test_the_work_of_a_process_goes_with_it_and_that_of_a_killed_one_with_the_next(place: Place) -> None:
    script = (
        "import os, sys; from pathlib import Path; from engine.state import State\n"
        "(State(Path(sys.argv[1])).work / 'scratch').write_text('secret'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(place.state)], check=True)
    left = sorted(path.name for path in (place.state / "cache").rglob("*"))
    assert [name for name in left if name == "scratch"] == ["scratch"]
    living, other = State(place.state), State(place.state)
    (living.work / "mine").touch()
    assert other.work != living.work
    other.close()
    assert (living.work / "mine").exists()
    living.close()
    assert list((place.state / "cache").iterdir()) == []


def test_a_file_aside_is_cleared_away_when_nobody_writes_it_any_more(tmp_path: Path) -> None:
    write_aside(tmp_path / "kept", b"1")
    dead, alive = tmp_path / ".dead.tmp", tmp_path / ".alive.tmp"
    dead.write_bytes(b"half")
    with alive.open("wb") as file:
        assert hold(file.fileno())
        clear_aside(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == [".alive.tmp", "kept"]
    clear_aside(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_who_waits_for_a_file_that_is_being_cleared_away_sees_that_it_is_gone(tmp_path: Path) -> None:
    path = tmp_path / ".x.tmp"
    with path.open("wb") as file:
        handle = abandoned(path)
        assert handle is not None and abandoned(path) is None
        path.unlink()
        os.close(handle)
        assert not hold(file.fileno())


def test_the_key_is_written_once_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "state" / "key"
    assert write_once(path, b"first") and not write_once(path, b"second")
    assert path.read_bytes() == b"first" and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["key"]


@pytest.mark.parametrize("damage", [b"", b"PAR1 and then nothing that Parquet is PAR1"])
def test_derived_tables_that_cannot_be_read_are_derived_anew(place: Place, damage: bytes) -> None:
    known = place.values("revenue", "--by", "channel", key="channel")
    derived = place.state / "cache" / "derived"
    files = sorted(derived.rglob("*.parquet"))
    assert files
    for path in files:
        path.write_bytes(damage)
    assert place.values("revenue", "--by", "channel", key="channel") == known
    assert {path.read_bytes()[:20] for path in files} != {damage[:20]}
    files[0].unlink()
    assert place.values("revenue", "--by", "channel", key="channel") == known
    assert sorted(derived.rglob("*.parquet")) == files
