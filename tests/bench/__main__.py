"""`python -m tests.bench [--events N …] [--terminal] [--keep DIR]`: ratios of one run, as a Markdown table.

The first size is compared with the last. Nothing is asserted; where the numbers of the script and of looptop
differ, both are printed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import shop

ROOT = Path(__file__).resolve().parents[2]
TURNS = 3


@dataclass(frozen=True, slots=True)
class Run:
    """One size: seconds of the script and of looptop, gigabytes at most."""

    events: int
    script: float
    nothing: float
    cached: float
    newest: float
    late: float
    script_gigabytes: float
    gigabytes: float


def ask(module: str, *words: str | Path) -> Any:
    """Run a module of the bench in a process of its own; the JSON on its last line."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{module} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(folder: Path, events: int) -> Run:
    """Build a shop of that size in `folder` and measure both programs over it."""
    root, state, later, none = (folder / name for name in ("shop", "state", "later", "none"))
    print(f"building {events:,} events", file=sys.stderr)
    shop.build(root, events)
    none.mkdir()
    scripts = [ask("script", root) for _ in range(TURNS)]
    nothing = ask("console", root, state, none)
    compare(events, scripts[0]["numbers"], nothing["numbers"])
    later.mkdir()
    for turn in range(TURNS):
        shop.newest(later / f"a_newest_{turn}.parquet", events, turn)
        shop.late(later / f"b_late_{turn}.parquet", events, turn)
    cached = ask("console", root, state, later)
    scripts.append(ask("script", root))
    compare(events, scripts[-1]["numbers"], cached["numbers"])
    after: dict[str, float] = cached["after"]
    return Run(
        events=events,
        script=median(one["seconds"] for one in scripts),
        nothing=nothing["seconds"],
        cached=cached["seconds"],
        newest=median(seconds for name, seconds in after.items() if "newest" in name),
        late=median(seconds for name, seconds in after.items() if "late" in name),
        script_gigabytes=max(one["gigabytes"] for one in scripts),
        gigabytes=max(nothing["gigabytes"], cached["gigabytes"]),
    )


def compare(events: int, script: dict[str, float], console: dict[str, float | None]) -> None:
    """Say where the two programs do not agree."""
    for name, value in script.items():
        other = console.get(name)
        if other is None or abs(value - other) > 1e-6 * max(1.0, abs(value)):
            print(f"{events:,}: {name} is {value} for the script and {other} for looptop", file=sys.stderr)


def table(runs: list[Run]) -> str:
    """The Markdown table: seconds and, in brackets, what part of the script's time that is."""
    heads = ["", *(f"{run.events:,} events" for run in runs)]
    lines = [heads, ["---", *("---:" for _ in runs)]]
    lines.append(["the script, from nothing", *(f"{run.script:.2f} s" for run in runs)])
    for name, words in (
        ("nothing", "looptop from nothing"),
        ("cached", "looptop with its cache"),
        ("newest", f"a file of {shop.MORE:,} rows of the newest day"),
        ("late", f"a file of {shop.MORE:,} late rows over all days"),
    ):
        cells = []
        for run in runs:
            seconds = getattr(run, name)
            slower = seconds / run.script
            cells.append(
                f"{seconds:.2f} s ({slower:.2f} ×)"
                if slower > 0.5
                else f"{seconds:.2f} s (1/{1 / slower:.0f})"
            )
        lines.append([words, *cells])
    lines.append(
        ["memory at most (script)", *(f"{run.gigabytes:.2f} GB ({run.script_gigabytes:.2f})" for run in runs)]
    )
    if len(runs) > 1:
        growth = runs[-1].newest / runs[0].newest
        lines.append(["newest day, last size ÷ first", *("" for _ in runs[1:]), f"{growth:.2f} ×"])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> int:
    """Measure each size and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--events", type=int, nargs="+", default=[1_000_000], help="sizes; 1000000 10000000 for both"
    )
    parser.add_argument("--terminal", action="store_true", help="the budgets of the screen as well")
    parser.add_argument("--no-data", action="store_true", help="only the screen")
    parser.add_argument(
        "--keep", type=Path, help="where the shops are built; default a directory that is removed"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="looptop-bench-", dir=arguments.keep) as folder:
        if not arguments.no_data:
            runs = [measure(Path(folder, str(events)), events) for events in arguments.events]
            print(table(runs))
    if arguments.terminal or arguments.no_data:
        from tests.bench import terminal

        print()
        print(terminal.table())
    return 0


if __name__ == "__main__":
    sys.exit(main())
