"""The console is on the screen before anything of the engine's libraries is imported."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import tui.console, tui.app, tui.screens, tui.overlays.opening
print(sorted(name for name in ("duckdb", "polars", "sqlglot", "pydantic") if name in sys.modules))
"""


def test_the_console_imports_neither_duckdb_nor_polars() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
