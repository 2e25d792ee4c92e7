"""The budgets of the screen, measured over a pseudo terminal of 200x50 with the sample shop on it."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import sample_data
from tests.terminal import Terminal

COLUMNS, ROWS = 200, 50
IDLE = 5.0
NEW_VISIT = (
    '{"id":"new","ts":1793255521000,"event":"visit","cookie":"cnew","device":"ios","page":"/lp/store"}\n'
)
STOCK = (sys.executable, "-m", "tests.bench.stock")


def table() -> str:
    """The Markdown table: what, looptop, the wall of stock widgets."""
    with tempfile.TemporaryDirectory(prefix="looptop-bench-") as folder:
        ours = looptop(Path(folder))
    theirs = stock()
    lines = [["at 200x50", "looptop", "stock widgets"], ["---", "---:", "---:"]]
    lines += [[name, value, theirs.get(name, "–")] for name, value in ours.items()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def looptop(folder: Path) -> dict[str, str]:
    """First paint, keys, bytes of a refresh, and what it costs to do nothing."""
    shop = folder / "shop"
    shutil.copytree(sample_data.path(), shop, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    env = {"XDG_STATE_HOME": str(folder / "state")}
    with Terminal([str(shop)], COLUMNS, ROWS, env) as terminal:
        found = _first_paint(terminal, "looptop")
        terminal.wait("live", 60)
        found["first start to data"] = f"{time.monotonic() - terminal.started:.2f} s"
        terminal.quiet(1)
    with Terminal([str(shop)], COLUMNS, ROWS, env) as terminal:
        terminal.wait("live", 60)
        found["start to data with the cache"] = f"{time.monotonic() - terminal.started:.2f} s"
        terminal.quiet(1)
        found["key to paint, cursor, p95"] = _p95([_react(terminal, key) for key in "jk" * 20])
        found["key to paint with its answers, screen, p95"] = _p95(
            [_react(terminal, key) for key in "2357" * 5 + "1"]
        )
        found |= _refresh(terminal, shop) | _idle(terminal)
        terminal.press("qq")
    return found


def stock() -> dict[str, str]:
    """The same of the wall of stock widgets, as far as it has it."""
    with Terminal([], COLUMNS, ROWS, program=STOCK) as terminal:
        found = _first_paint(terminal, "stock wall")
        before, cpu = terminal.written, terminal.cpu()
        time.sleep(IDLE)
        found["bytes of a refresh"] = f"{(terminal.written - before) / IDLE / 1000:.1f} kB"
        found["processor time of a refresh, engine and all"] = f"{(terminal.cpu() - cpu) / IDLE:.2f} s"
        terminal.press("q")
    return found


def _first_paint(terminal: Terminal, title: str) -> dict[str, str]:
    terminal.wait(lambda rows: title in rows[0])
    seconds = time.monotonic() - terminal.started
    terminal.quiet(0.2, 2)
    return {
        "start to first paint": f"{seconds:.2f} s",
        "bytes of the first paint": f"{terminal.written / 1000:.0f} kB",
    }


def _react(terminal: Terminal, key: str) -> float | None:
    """Seconds from a key to the last byte of what it draws; None where it draws nothing."""
    before, pressed = terminal.written, time.monotonic()
    terminal.press(key)
    if not terminal.drew(before, 2):
        return None
    terminal.quiet(0.08, 2)
    return terminal.last - pressed


def _p95(all_seconds: list[float | None]) -> str:
    seconds = sorted(one for one in all_seconds if one is not None)
    return f"{seconds[int(len(seconds) * 0.95)] * 1000:.0f} ms of {len(seconds)}" if seconds else "–"


def _refresh(terminal: Terminal, shop: Path) -> dict[str, str]:
    """Append a visit to the newest web file and see what is drawn."""
    path = max((shop / "web").glob("events_2026-10-*.ndjson"))
    before, cpu, began = terminal.written, terminal.cpu(), time.monotonic()
    with path.open("a", encoding="utf-8") as file:
        file.write(NEW_VISIT)
    terminal.wait(lambda _: terminal.written > before, 20)
    seconds = time.monotonic() - began
    terminal.quiet(1.5, 5)
    return {
        "changed file to screen": f"{seconds:.2f} s",
        "bytes of a refresh": f"{(terminal.written - before) / 1000:.1f} kB",
        "processor time of a refresh, engine and all": f"{terminal.cpu() - cpu:.2f} s",
    }


def _idle(terminal: Terminal) -> dict[str, str]:
    before, cpu = terminal.written, terminal.cpu()
    time.sleep(IDLE)
    return {
        "bytes a second, idle": f"{(terminal.written - before) / IDLE:.0f} B",
        "processor, idle": f"{(terminal.cpu() - cpu) / IDLE * 100:.1f} %",
        "memory": f"{terminal.megabytes():.0f} MB",
    }
