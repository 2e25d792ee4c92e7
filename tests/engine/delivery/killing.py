"""A process that sends, killed again and again: `python -m tests.engine.delivery.killing`, see `main`.

Rounds of runs over one directory with as many alerts as it has channels: each run evaluates and sends, and is
killed at a deed (a statement or fsync of the ledger, a request) or a moment; the last run of a round ends by
itself, and must leave the ledger that an uninterrupted one leaves. What arrived is for the receiver to judge:
every round posts to a path of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.killing import Plug, child

WALL = datetime(2026, 11, 1)
REQUESTS = frozenset({"socket.connect", "http.client.connect", "http.client.send"})
TOGETHER = 40
"""At most so many kills before a run may end."""


class Cable(Plug):
    """A plug that sees requests as well; `sending`: it counts from when messages are sent."""

    def __init__(self, state: Path, at: int | None, sending: bool = False) -> None:
        super().__init__(state, None if sending else at)
        self.then, self.before = at, 0

    def begin(self) -> None:
        """Messages are sent from now on."""
        self.before, self.seen, self.at = self.seen, 0, self.then if self.at is None else self.at - self.seen

    def _event(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in REQUESTS:
            self._deed()
        super()._event(name, arguments)


def run(root: Path, state: Path, url: str, tell: int, begin: Callable[[], None] = lambda: None) -> None:
    """Evaluate, send until nothing waits, and say how the ledger stands."""
    from engine.session import Session

    session = Session.open(root, state=state, clock=lambda: WALL)
    session.refresh()
    begin()
    session.deliver({"HOOK": url}, "en")
    while session.delivery().queued:
        time.sleep(0.01)
    rows = session.pipeline.ledger.rows
    said = {
        "outbox": rows("SELECT key, kind, episodes, recipients, payload, state FROM outbox ORDER BY key"),
        "history": sorted(map(repr, session.history())),
        "alerts": [(each.id, each.state) for each in session.alerts(all=True).alerts],
    }
    session.close()
    with os.fdopen(tell, "w", encoding="utf-8") as file:
        file.write(json.dumps(said) + "\n")
    os._exit(0)


def whole(root: Path, state: Path, url: str) -> tuple[int, int, float, str]:
    """Deeds before and while messages are sent, seconds, and what is left by a run that nobody kills.

    What it imported is imported here.
    """

    def counted(tell: int) -> None:
        plug, real, told = Cable(state, None), os._exit, os.dup(tell)
        plug.put_in()

        def out(code: int) -> None:
            os.write(told, json.dumps([plug.before, plug.seen, sorted(sys.modules)]).encode())
            real(code)

        os._exit = out  # type: ignore[assignment]
        run(root, state, url, tell, plug.begin)

    status, told = child(counted)
    if status:
        raise RuntimeError(f"a run that nobody killed failed with {status}")
    said, learned = told.split("\n", 1)
    before, sending, modules = json.loads(learned)
    for name in modules:
        with contextlib.suppress(ImportError):  # names that a plug-in of apprise gives itself
            import_module(name)
    began = time.monotonic()
    child(lambda tell: run(root, state.with_name("second"), url + "/again", tell))
    return before, sending, time.monotonic() - began, said


def main() -> int:
    """In: a place, a seed, how many kills, where to post. Out: kills by round as JSON."""
    place, chance, kills, url = Path(sys.argv[1]), random.Random(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    root, state = place / "data", place / "state"
    before, sending, seconds, wanted = whole(root, place / "first", f"{url}/whole")
    landed: list[int] = []
    while sum(landed) < kills:
        shutil.rmtree(state, ignore_errors=True)
        here, done = f"{url}/round{len(landed)}", 0
        landed.append(0)
        for _ in range(min(TOGETHER, kills)):
            late = chance.random() < 0.8
            most = sending // chance.randint(2, 60) if late else before + sending // 10
            plug = Cable(state, chance.randint(1, most), late)
            delay = chance.uniform(0, seconds / 2) if chance.random() < 0.2 else None

            def killed(
                tell: int, plug: Cable = plug, plugged: bool = delay is None, here: str = here
            ) -> None:
                if plugged:
                    plug.put_in()
                run(root, state, here, tell, plug.begin if plugged else lambda: None)

            status, _ = child(killed, delay)
            done = int(not status)
            landed[-1] += int(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL)
            if done:
                break
        status, told = child(lambda tell, here=here: run(root, state, here, tell))  # type: ignore[misc]
        if status or told.strip() != wanted:
            said, should = json.loads(told or "{}"), json.loads(wanted)
            differ = [name for name in should if said.get(name) != should[name]]
            raise RuntimeError(f"round {len(landed) - 1}, {landed[-1]} kills, status {status}: {differ}")
    sys.stdout.write(json.dumps({"deeds": [before, sending], "kills": landed}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
