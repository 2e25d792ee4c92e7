"""What the console does with changes of its directory: none is lost between the first look and the watch."""

from __future__ import annotations

import queue
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from engine.ingest.watch import Change
from engine.questions import Activity, Delivery, View
from tests.tui.fake_session import FakeSession
from tui import hearing
from tui.commands.watch import undelivered
from tui.feed import Feed, Published, Said
from tui.jobs import Refresh
from tui.run_loop import take_batch
from tui.watching import Watch

SECONDS = 15.0


@contextmanager
def watched(root: Path) -> Iterator[queue.Queue[Change]]:
    seen: queue.Queue[Change] = queue.Queue()
    watch = Watch(root, seen.put)
    watch.start()
    yield seen
    watch.stop()
    watch.join(5)


def test_as_soon_as_the_watch_is_up_everything_is_looked_at_once_more(tmp_path: Path) -> None:
    with watched(tmp_path) as seen:
        first = seen.get(timeout=SECONDS)
        assert (first.paths, first.gone) == (frozenset(), False)


def test_after_a_directory_has_come_back_everything_is_looked_at(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    with watched(root) as seen:
        seen.get(timeout=SECONDS)
        shutil.rmtree(root)
        while not seen.get(timeout=SECONDS).gone:
            pass
        root.mkdir()
        assert not seen.get(timeout=SECONDS).gone


def handed(change: Change, root: Path, gone: str = "") -> object:
    """What a change becomes: a job of the feed, or a sentence."""
    out: list[object] = []
    app = SimpleNamespace(root=root, gone=gone, feed=SimpleNamespace(do=out.append), _post=out.append)
    take_batch(app, change)  # type: ignore[arg-type]
    return out[0]


def test_a_change_that_names_files_is_always_published_and_dated(tmp_path: Path) -> None:
    job = handed(Change(frozenset({"b.csv", "a.csv"}), began=7.0), tmp_path)
    assert job == Refresh("change", ("a.csv", "b.csv"), 7.0)


def test_a_look_is_published_only_if_it_finds_something(tmp_path: Path) -> None:
    assert handed(Change(began=7.0), tmp_path) == Refresh("change", (), 0.0, quiet=True)
    assert handed(Change(began=7.0), tmp_path, gone="gone since 14:32") == Refresh("change")


def test_a_directory_that_is_gone_is_said(tmp_path: Path) -> None:
    said = handed(Change(gone=True), tmp_path / "none")
    assert isinstance(said, Said)
    assert said.word == "directory_gone"


class Quiet(FakeSession):
    """Every look after the first finds nothing."""

    def refresh(self, trigger: str = "start", files: tuple[str, ...] = ()) -> Activity:
        found = ("a.csv",) if trigger == "start" else ()
        self.current = replace(
            self.current, activity=Activity(trigger=trigger, files=found, rows_added=len(found))
        )
        return self.current.activity


def test_a_look_that_finds_nothing_leaves_what_was_added_last_on_the_screen() -> None:
    seen: queue.Queue[object] = queue.Queue()
    feed = Feed(lambda _: Quiet(), seen.put, View())  # type: ignore[arg-type, return-value]
    feed.start()
    assert isinstance(seen.get(timeout=SECONDS), Published)
    feed.do(Refresh("change", quiet=True))
    feed.do(Refresh("change"))
    again = seen.get(timeout=SECONDS)
    feed.stop()
    feed.join(SECONDS)
    assert isinstance(again, Published)
    assert again.snapshot.activity.rows_added == 1
    assert seen.empty()


class Sending(Quiet):
    """Rings when it is asked to send."""

    def deliver(self, environment: object, language: str, bell: object = None) -> None:
        assert callable(bell) and bell()


class Rung:
    """As much of the console as a bell needs."""

    rang = 0
    frame = SimpleNamespace(rung=float("-inf"))

    def __init__(self) -> None:
        self.frame = SimpleNamespace(rung=float("-inf"))

    def bell(self) -> None:
        self.rang += 1


def test_a_message_for_the_bell_rings_the_console_and_says_nothing() -> None:
    seen: queue.Queue[object] = queue.Queue()
    feed = Feed(lambda _: Sending(), seen.put, View())  # type: ignore[arg-type, return-value]
    feed.start()
    first = seen.get(timeout=SECONDS)
    feed.stop()
    feed.join(SECONDS)
    assert isinstance(first, Said)
    app = Rung()
    hearing.said(app, first)  # type: ignore[arg-type]
    hearing.said(app, first)  # type: ignore[arg-type]
    assert app.rang == 1  # what comes at once with it rings with it


def test_what_keeps_messages_from_people_is_said() -> None:
    assert undelivered(Delivery(True, 3, 0)) == ""
    assert undelivered(Delivery(True, 3, 0, "disk full")) == "messages wait: disk full"
    assert "2; last answer: HTTP 404" in undelivered(Delivery(True, 0, 2, last_error="HTTP 404"))
