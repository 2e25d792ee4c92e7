"""The shop written live ends as the sample data, and every step is one that a real platform could make."""

from __future__ import annotations

from pathlib import Path

import pytest

from sample_data import path
from tui import simulate


def asleep(seconds: float) -> None:
    """Time that costs nothing."""


def test_the_simulated_shop_ends_as_the_sample_data(tmp_path: Path) -> None:
    said = list(simulate.run(tmp_path, speed=7200, days=1, sleep=asleep))
    files = [p for p in tmp_path.rglob("[!.]*") if p.is_file()]
    assert len(files) > 100
    assert [p for p in files if p.read_bytes() != (path() / p.relative_to(tmp_path)).read_bytes()] == []
    assert {line.split()[2] for line in said} >= {"history", "appended", "replaced", "new", "torn"}


def test_an_append_leaves_the_bytes_before_it_alone(tmp_path: Path) -> None:
    before: dict[str, bytes] = {}
    for line in simulate.run(tmp_path, speed=7200, days=1, sleep=asleep):
        name, kind = line.split()[3], line.split()[2]
        if kind in ("appended", "torn"):
            now = (tmp_path / name).read_bytes()
            assert now.startswith(before.get(name, b"")) and len(now) > len(before.get(name, b""))
            before[name] = now


def test_it_waits_between_its_steps(tmp_path: Path) -> None:
    waits: list[float] = []
    for _ in simulate.run(tmp_path, speed=86_400, days=1, sleep=waits.append, step=0.5):
        pass
    assert set(waits) == {0.5} and len(waits) >= 2


def test_it_does_not_touch_a_directory_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("a,b\n")
    with pytest.raises(FileExistsError, match="holds other files"):
        next(simulate.run(tmp_path, sleep=asleep))
    with pytest.raises(FileExistsError, match="sample data itself"):
        next(simulate.run(path(), sleep=asleep))


def test_a_second_run_starts_again_from_the_history(tmp_path: Path) -> None:
    stale = tmp_path / "web/events_2026-10-29.ndjson"
    for _ in simulate.run(tmp_path, speed=86_400, days=1, sleep=asleep):
        pass
    assert stale.exists()
    next(simulate.run(tmp_path, days=1, sleep=asleep))
    assert not stale.exists()


@pytest.mark.parametrize(("speed", "days"), [(0.0, 1), (-1.0, 1), (3600.0, -1), (3600.0, 10_000)])
def test_a_speed_or_a_span_that_cannot_be_is_refused(tmp_path: Path, speed: float, days: int) -> None:
    with pytest.raises(ValueError, match="above 0"):
        next(simulate.run(tmp_path, speed=speed, days=days, sleep=asleep))
