"""Every check of the repository, in one command: `python -m tests [pytest arguments]`.

Each check prints what it found; a failure stops none of the others, and the exit code says whether all
passed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile

ROOT = Path(__file__).resolve().parent.parent
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff", ("-m", "ruff", "check", ".")),
    ("format", ("-m", "ruff", "format", "--check", ".")),
    ("imports", ("-c", "from importlinter.cli import lint_imports_command as run; run()")),
)
"""Name and arguments of the interpreter, the quick ones."""
TYPES = ("-m", "mypy")
"""Half a minute of one core where nothing is remembered: it runs beside the tests and speaks after them."""

WORKERS = max(2, (os.cpu_count() or 1) * 3 // 2)
"""Tests wait now and then, for a process or a frame: half as many again as there are cores."""
SPREAD = ("-n", str(WORKERS), "--dist", "loadfile", "--no-loadscope-reorder")
"""Those of one file run together: they share what the file sets up."""


def run(name: str, arguments: tuple[str, ...]) -> bool:
    """Run one check in the repository, print its name, outcome and time; True where it passed."""
    print(f"── {name}", flush=True)
    began = time.monotonic()
    code = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, check=False
    ).returncode
    print(f"── {name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - began:.1f} s", flush=True)
    return code == 0


def main() -> int:
    """Run all checks and the tests; the last lines say what passed."""
    began = time.monotonic()
    with TemporaryFile() as said:
        types = subprocess.Popen(
            [sys.executable, *TYPES],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        passed = {name: run(name, arguments) for name, arguments in CHECKS}
        passed["tests"] = run("tests", ("-m", "pytest", "-q", *SPREAD, *sys.argv[1:]))
        passed["types"] = types.wait() == 0
        said.seek(0)
        print(f"── types\n{said.read().decode(errors='replace').rstrip()}")
    for name, well in passed.items():
        print(f"── {name}: {'passed' if well else 'FAILED'}")
    print(f"── {time.monotonic() - began:.0f} s")
    return int(not all(passed.values()))


if __name__ == "__main__":
    sys.exit(main())
