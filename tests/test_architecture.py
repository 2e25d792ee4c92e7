"""The shape of the code: who imports whom, what is loaded when, how long a module may be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 300
LONGER: dict[str, str] = {}
"""Modules that may be longer, each with its reason."""
HEAVY = frozenset(
    {"textual", "rich", "duckdb", "polars", "pydantic", "sqlglot", "babel", "watchfiles", "fastexcel"}
)


def loaded_after(code: str, tmp_path: Path) -> set[str]:
    """Names of the top-level modules that a fresh interpreter has loaded after running `code`."""
    tell = "import json, sys\nprint('\\n' + json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    script = f"{code}\n{tell}"
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def command(*words: str) -> str:
    """Code that runs one command of the command line to its end."""
    return f"from tui.cli import main\nassert main({list(words)!r}) == 0"


def test_imports_keep_to_the_ranks() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr


def test_the_version_loads_nothing_heavy(tmp_path: Path) -> None:
    assert not loaded_after(command("--version"), tmp_path) & (HEAVY | {"asyncio", "argparse"})


@pytest.mark.parametrize("module", ["tui.cli", "engine", "engine.questions", "engine.errors"])
def test_a_door_loads_nothing_heavy(module: str, tmp_path: Path) -> None:
    assert not loaded_after(f"import {module}", tmp_path) & HEAVY


def test_the_console_paints_before_the_engine_is_loaded(tmp_path: Path) -> None:
    assert not loaded_after("import tui.app", tmp_path) & {"duckdb", "polars", "pydantic", "sqlglot"}


def test_a_headless_command_never_loads_textual_nor_what_sends(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    loaded = loaded_after(command("status", str(tmp_path / "empty"), "--json"), tmp_path)
    assert not loaded & {"textual", "apprise", "requests"}


def modules() -> list[Path]:
    """Every Python file of the product."""
    return sorted(path for room in ("engine", "tui", "sample_data") for path in (ROOT / room).rglob("*.py"))


def test_modules_are_short() -> None:
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in modules()
    }
    long = {name for name, count in lines.items() if count > LONGEST_MODULE}
    assert long == set(LONGER), {name: lines.get(name) for name in long ^ set(LONGER)}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path
        for path in modules()
        if path.name != "__init__.py" and not path.read_text("utf-8").startswith('"""')
    ]
    assert silent == []


def test_names_say_what_a_module_holds() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "data"}
    assert not vague & {path.stem for path in modules()}
