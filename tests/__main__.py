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

ROOT = Path(__file__).resolve().parent.parent
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff", ("-m", "ruff", "check", ".")),
    ("format", ("-m", "ruff", "format", "--check", ".")),
    ("types", ("-m", "mypy")),
    ("imports", ("-c", "from importlinter.cli import lint_imports_command as run; run()")),
)
"""Name and arguments of the interpreter; pytest comes after them, so that its summary is the last line."""

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
    """Run all checks, then the tests."""
    passed = [run(name, arguments) for name, arguments in CHECKS]
    print("── tests", flush=True)
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *SPREAD, *sys.argv[1:]],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode
    return tests or int(not all(passed))


if __name__ == "__main__":
    sys.exit(main())
