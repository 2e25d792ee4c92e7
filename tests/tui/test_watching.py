"""Watching a directory: changes, replaced files, a directory that goes and comes back."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from tui.watching import Batch, batches


class Seen:
    """Batches of a thread, and an event for each kind."""

    def __init__(self, root: Path, **options: object) -> None:
        self.stop = threading.Event()
        self.found: list[Batch] = []
        self.arrived = threading.Condition()
        self.thread = threading.Thread(target=self._run, args=(root, options), daemon=True)
        self.thread.start()

    def _run(self, root: Path, options: dict[str, object]) -> None:
        for batch in batches(root, self.stop, **options):  # type: ignore[arg-type]
            with self.arrived:
                self.found.append(batch)
                self.arrived.notify_all()

    def wait(self, kind: str, name: str = "", seconds: float = 15.0) -> bool:
        """Until a batch of that kind has come, with that file among its own."""

        def there() -> bool:
            return any(b.kind == kind and (not name or name in b.files) for b in self.found)

        with self.arrived:
            return self.arrived.wait_for(there, timeout=seconds)

    def close(self) -> None:
        """End the thread."""
        self.stop.set()
        self.thread.join(5)


@pytest.mark.parametrize("poll", [False, True])
def test_a_file_replaced_at_once_is_seen_under_its_name(tmp_path: Path, poll: bool) -> None:
    seen = Seen(tmp_path, poll=poll)
    for turn in range(30):
        (tmp_path / "a.csv.tmp").write_text("1" * turn, "utf-8")
        (tmp_path / "a.csv.tmp").replace(tmp_path / "a.csv")
        if seen.wait("change", "a.csv", 0.5):
            break
    assert seen.wait("change", "a.csv", 0.0)
    seen.close()


def test_a_directory_that_goes_and_comes_back_is_said_and_watched_again(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    seen = Seen(root)
    shutil.rmtree(root)
    assert seen.wait("gone")
    root.mkdir()
    assert seen.wait("back")
    seen.close()


def test_a_configuration_elsewhere_is_watched_too(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    config = tmp_path / "my.toml"
    config.write_text("", "utf-8")
    seen = Seen(tmp_path / "shop", config=config)
    config.write_text("[console]\n", "utf-8")
    assert seen.wait("config", "my.toml")
    seen.close()
