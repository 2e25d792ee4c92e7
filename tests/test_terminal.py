"""The console in a real terminal: it starts, shows, listens, sees a change, and goes when it must."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import sample_data
from tests.terminal import Terminal

pytestmark = pytest.mark.slow
SMALL = (
    "ads/baidu", "orders/web_2026-10.csv", "web/events_2026-10-29.ndjson", "looptop.toml", "calendar.csv",
)  # fmt: skip
"""A part of the shop that is read in a moment."""
NEW_VISIT = (
    '{"id":"new","ts":1793255521000,"event":"visit","cookie":"cnew","device":"ios","page":"/lp/store"}\n'
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small directory of real exports with its configuration."""
    root = tmp_path / "shop"
    for name in SMALL:
        source, target = sample_data.path() / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return root


@pytest.fixture
def console(shop: Path, tmp_path: Path) -> Iterator[Terminal]:
    """The console on the small shop, past its first data."""
    with Terminal([str(shop), "--lang", "en"], env={"XDG_STATE_HOME": str(tmp_path / "state")}) as terminal:
        terminal.wait("live", 60)
        yield terminal


def test_it_shows_the_overview_switches_screens_and_quits(console: Terminal) -> None:
    console.wait("Revenue")
    console.press("2")
    console.wait("[2 Funnel]")
    console.press("1")
    console.wait("[1 Overview]")
    console.press("qq")
    assert console.end() == 0


def test_a_line_appended_to_a_file_is_seen(console: Terminal, shop: Path) -> None:
    path = shop / "web" / "events_2026-10-29.ndjson"
    with path.open("a", encoding="utf-8") as file:
        file.write(NEW_VISIT)
    console.wait("+1 row")


def test_a_cut_line_ends_it(console: Terminal) -> None:
    console.hang_up()
    assert console.end() != 0


def test_every_size_is_survived(console: Terminal) -> None:
    for columns, rows in ((80, 24), (40, 15), (1, 1), (200, 50)):
        console.resize(columns, rows)
        console.quiet()
    console.wait("Revenue")


def test_without_a_terminal_the_overview_is_printed_once(shop: Path, tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "dumb"}
    with Terminal([str(shop), "--lang", "en"], env=env) as terminal:
        assert terminal.end(60) == 0
        assert "\x1b" not in terminal.text()


def test_a_missing_directory_is_one_clear_message() -> None:
    with Terminal(["no/such/shop"]) as terminal:
        assert terminal.end() == 2
        assert "no directory no/such/shop" in terminal.text()
