"""A run of looptop killed again and again: `python -m tests.killing PLACE SEED KILLS`.

One interpreter that has imported everything is forked for each run, so that a kill costs a run and not a
start. It touches no frame and no database itself: what it forks has no threads to miss. The place holds
`data` and, in `later/1`, `later/2` …, what comes on top of it from phase to phase: a file that is there
already grows by the bytes, an empty one goes.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

WALL = datetime(2026, 11, 1)
POINTS = frozenset(("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "tempfile.mkstemp"))
"""Events of the interpreter after any of which the plug may be pulled; the first argument is a path."""
TOGETHER = 12
"""At most so many kills one after another before a run may end."""


class Plug:
    """Counts what a process does to its state directory, and kills it at the `at`-th deed."""

    def __init__(self, state: Path, at: int | None) -> None:
        self.state, self.at, self.seen = str(state), at, 0

    def put_in(self) -> None:
        """Listen to the interpreter, to every fsync and to every statement of SQLite."""
        sys.addaudithook(self._event)
        real = os.fsync

        def fsync(fd: Any) -> None:
            real(fd)
            self._deed()

        connected = sqlite3.connect

        def connect(*arguments: Any, **more: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connected(*arguments, **more)
            connection.set_trace_callback(lambda _: self._deed())
            return connection

        os.fsync, sqlite3.connect = fsync, connect  # type: ignore[assignment]

    def _event(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in POINTS and isinstance(arguments[0], str) and arguments[0].startswith(self.state):
            self._deed()

    def _deed(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def run(root: Path, state: Path, tell: int) -> None:
    """The command that is killed."""
    from tui.cli import main

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    code = main(["status", str(root), "--state", str(state), "--json"])
    os.write(tell, json.dumps(sorted(sys.modules)).encode())
    os._exit(code)


def answer(root: Path, state: Path, tell: int) -> None:
    """A run that ends: everything that looptop says about the directory."""
    from engine.session import Session

    session = Session.open(root, state=state, clock=lambda: WALL)
    session.refresh()
    said = {
        "status": repr(session.status()),
        "events": repr(session.rows("events", reveal=True)),
        "spend": repr(session.rows("spend")),
        "rejects": repr(session.rejects()),
        "persons": repr(session.persons(reveal=True)),
        "conflicts": repr(session.conflicts()),
        "history": repr(session.history()),
        "outbox": repr(session.outbox()),
    }
    session.settle()
    session.close()
    with os.fdopen(tell, "w", encoding="utf-8") as file:
        json.dump(said, file)
    os._exit(0)


def child(what: Callable[[int], None], delay: float | None = None) -> tuple[int, str]:
    """Fork, do it there, kill it after the delay (None: let it end); its wait status and what it told."""
    ear, mouth = os.pipe()
    if not (pid := os.fork()):
        os.close(ear)
        try:
            what(mouth)
        finally:
            os._exit(99)
    os.close(mouth)
    if delay is not None:
        time.sleep(delay)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(ear, encoding="utf-8") as file:
        told = file.read()
    return os.waitpid(pid, 0)[1], told


def tree(state: Path) -> dict[str, str]:
    """Every file of a state by its path, with a hash of what must be the same to the last byte."""
    exact = ("cache/parts/", "cache/files/", "key")
    names = (path.relative_to(state).as_posix() for path in state.rglob("*") if path.is_file())
    return {
        name: hashlib.sha256((state / name).read_bytes()).hexdigest() if name.startswith(exact) else ""
        for name in names
        if not name.startswith(("ledger.db-", "refresher.lock"))
    }


@dataclass
class Torture:
    """One place and how far it has come: `base` is the state before a phase, `state` the one killed."""

    place: Path
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    points: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root, self.base, self.state = self.place / "data", self.place / "base", self.place / "state"
        self.base.mkdir()

    def reset(self) -> None:
        """The state as it was when the phase began."""
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.copytree(self.base, self.state)

    def grow(self, phase: int) -> None:
        """What comes on top in a phase."""
        more = self.place / "later" / str(phase)
        for path in sorted(more.rglob("*")) if more.exists() else ():
            target = self.root / path.relative_to(more)
            if path.is_file() and not path.stat().st_size:
                target.unlink()
            elif path.is_file():
                with target.open("ab") as file:
                    file.write(path.read_bytes())

    def whole(self) -> tuple[dict[str, str], dict[str, str]]:
        """What a run that nobody kills says of the state as it is, and leaves there."""
        status, told = child(lambda tell: answer(self.root, self.state, tell))
        if status:
            raise RuntimeError(f"a run after a kill failed with {status}")
        found: dict[str, str] = json.loads(told)
        return found, tree(self.state)

    def phase(self, number: int, kills: int) -> None:
        """One phase: the uninterrupted run, then kills and runs that must come to the same."""
        self.grow(number)
        self.reset()
        points, seconds = self.measure()
        self.points.append(points)
        self.reset()
        wanted = self.whole()
        if min(len(text) for name, text in wanted[0].items() if name != "conflicts") < len("(Reject("):
            raise RuntimeError(f"too little happens: {wanted[0]}")
        done = 0
        while done < kills:
            self.reset()
            for _ in range(self.chance.randint(1, TOGETHER)):
                done += self.kill(points, seconds)
            found = self.whole()
            for what, was, now in zip(("said", "left"), wanted, found, strict=True):
                differ = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
                if differ:
                    shown = "".join(f"\n{n}\n  {was.get(n)}\n  {now.get(n)}" for n in differ[:3])
                    raise RuntimeError(f"phase {number}, after {done} kills, {what}: {differ}{shown}")
        shutil.rmtree(self.base)
        shutil.copytree(self.state, self.base)

    def measure(self) -> tuple[int, float]:
        """How many deeds and seconds a run of the phase has."""

        def counted(tell: int) -> None:
            from tui.cli import main

            plug = Plug(self.state, None)
            plug.put_in()
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            main(["status", str(self.root), "--state", str(self.state), "--json"])
            os.write(tell, str(plug.seen).encode())
            os._exit(0)

        began = time.monotonic()
        told = child(counted)[1]
        return int(told), time.monotonic() - began

    def kill(self, points: int, seconds: float) -> int:
        """One run killed at a deed or a moment; 1 where the kill came before its end."""
        if by_time := self.chance.random() < 0.25:
            status, _ = child(
                lambda tell: run(self.root, self.state, tell), self.chance.uniform(0, seconds * 0.7)
            )
        else:
            plug = Plug(self.state, self.chance.randint(1, points))

            def plugged(tell: int) -> None:
                plug.put_in()
                run(self.root, self.state, tell)

            status, _ = child(plugged)
        landed = int(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL)
        self.kills["time" if by_time else "deed"] += landed
        return landed


def prepare(place: Path) -> None:
    """Import what a run imports, learned from one that ends; give every installation the same key."""
    import secrets

    _, told = child(lambda tell: run(place / "data", place / "first", tell))
    for name in json.loads(told):
        if name not in sys.modules:
            import_module(name)
    secrets.token_hex = lambda nbytes=None: "5e" * (nbytes or 32)


def main() -> int:
    """Torture one place; the counts as JSON."""
    place, seed, kills = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    prepare(place)
    phases = 1 + len(list((place / "later").iterdir()))
    torture = Torture(place, random.Random(seed))
    for number in range(phases):
        torture.phase(number, -(-kills // phases))
    sys.stdout.write(json.dumps({"kills": dict(torture.kills), "points": torture.points}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
