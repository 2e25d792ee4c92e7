"""Watching: every change is told, whatever happens to the directory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest

from engine.ingest.watch import Change, relative, tells_nothing, watch

Next = Callable[[Callable[[Change], bool]], Change]


@contextmanager
def watching(root: Path, configuration: Path, poll: bool) -> Iterator[Next]:
    """Watches in a thread; gives a function that returns the next change of which something holds."""
    stop, found = threading.Event(), Queue[Change]()

    def run() -> None:
        for change in watch(root, configuration, stop, poll):
            found.put(change)

    def awaited(holds: Callable[[Change], bool]) -> Change:
        while not holds(change := found.get(timeout=20)):
            pass
        return change

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        awaited(lambda change: not change.paths)
        yield awaited
    finally:
        stop.set()
        thread.join(10)


@pytest.mark.parametrize("poll", [False, True])
def test_new_appended_replaced_moved_and_deleted_files_are_told(tmp_path: Path, poll: bool) -> None:
    root = tmp_path / "shop"
    (root / "deep").mkdir(parents=True)
    with watching(root, root / "looptop.toml", poll) as awaited:
        path = root / "deep" / "a.csv"
        path.write_text("a\n1\n", "utf-8")
        awaited(lambda change: "deep/a.csv" in change.paths)
        with path.open("a", encoding="utf-8") as file:
            file.write("2\n")
        awaited(lambda change: "deep/a.csv" in change.paths)
        aside = root / "deep" / ".a.tmp"
        aside.write_text("a\n3\n4\n5\n", "utf-8")
        aside.replace(path)
        awaited(lambda change: "deep/a.csv" in change.paths)
        path.rename(root / "b.csv")
        awaited(lambda change: "b.csv" in change.paths)
        (root / "b.csv").unlink()
        awaited(lambda change: "b.csv" in change.paths)


def test_a_configuration_outside_is_watched_too(tmp_path: Path) -> None:
    root, configuration = tmp_path / "shop", tmp_path / "other.toml"
    root.mkdir()
    with watching(root, configuration, False) as awaited:
        configuration.write_text("[console]\n", "utf-8")
        assert awaited(lambda change: change.configuration).began > 0


def test_a_directory_may_go_and_come_back(tmp_path: Path) -> None:
    root, aside = tmp_path / "shop", tmp_path / "aside"
    root.mkdir()
    with watching(root, root / "looptop.toml", False) as awaited:
        root.rename(aside)
        awaited(lambda change: change.gone)
        aside.rename(root)
        awaited(lambda change: not change.gone and not change.paths)
        (root / "a.csv").write_text("a\n", "utf-8")
        awaited(lambda change: "a.csv" in change.paths)


def test_what_is_no_data_is_not_told() -> None:
    root = Path("/shop")
    assert relative(root, "/shop/web/a.csv") == "web/a.csv"
    for name in (".git/config", "a.tmp", "~$a.xlsx", ".a.csv.swp", "looptop.toml", "../other/a.csv", ""):
        assert relative(root, f"/shop/{name}") == ""


def test_a_network_file_system_is_known_to_tell_nothing(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nhost:/x {tmp_path} nfs4 rw 0 0\n", "utf-8")
    assert tells_nothing(tmp_path / "shop", mounts)
    assert not tells_nothing(Path("/usr"), mounts)
