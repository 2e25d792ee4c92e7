"""The documents say what the code does."""

from __future__ import annotations

import tomllib
from pathlib import Path

from engine import __version__
from tui.commands.grammar import COMMANDS
from tui.reference import filled

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_reference_in_the_readme_is_current() -> None:
    assert filled(README) == README, "run: python -m tui.reference README.md"


def test_ci_runs_the_second_command_of_the_readme() -> None:
    steps = [line for line in README.splitlines() if line.endswith("-m tests")]
    assert len(steps) == 1
    assert steps[0] in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == __version__
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_links_and_pictures_of_the_readme_are_there() -> None:
    targets = [part.split(")")[0] for part in README.split("](")[1:]]
    missing = [
        name
        for name in targets
        if "://" not in name and not name.startswith("#") and not (ROOT / name).exists()
    ]
    assert missing == []


def test_every_command_has_a_module() -> None:
    modules = {path.stem for path in (ROOT / "tui" / "commands").glob("*.py")}
    assert {command.module for command in COMMANDS} <= modules
