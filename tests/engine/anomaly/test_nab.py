"""The score of the Numenta Anomaly Benchmark, by examples whose score the rule says."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.bench import nab


def file(*windows: tuple[int, int], count: int = 1000) -> nab.File:
    begin = datetime(2026, 3, 2)
    moments = tuple(begin + timedelta(hours=i) for i in range(count))
    return nab.File("a/b.csv", moments, (1.0,) * count, windows)


def test_silence_is_nothing_and_the_first_point_of_every_window_all() -> None:
    files = [file((200, 299), (500, 520)), file((400, 410))]
    assert nab.score(files, [[], []])["standard"] == 0
    assert nab.score(files, [[200, 500], [400]])["standard"] == pytest.approx(100)
    assert nab.hits(files, [[200, 500, 700], [400]]) == (3, 3, 1)


def test_late_is_less_and_only_the_first_of_a_window_counts() -> None:
    one = [file((200, 299))]
    early, middle, edge = (nab.score(one, [[i]])["standard"] for i in (210, 250, 299))
    assert early > middle > edge > 50
    assert nab.score(one, [[210, 250]])["standard"] == early


def test_false_points_cost_the_more_the_farther_they_are_behind() -> None:
    one = [file((200, 299))]
    near, far, before = (nab.value(one[0], [200, i], 0.11, 1.0) for i in (305, 600, 170))
    assert near > far
    assert far == pytest.approx(1 - 0.11, abs=1e-3)
    assert before == pytest.approx(1 - 0.11)


def test_a_corpus_is_read_and_a_spike_in_it_found(tmp_path: Path) -> None:
    (tmp_path / "data" / "a").mkdir(parents=True)
    (tmp_path / "labels").mkdir()
    begin = datetime(2026, 3, 2)
    rows = [
        f"{begin + timedelta(hours=i)},{100 + i % 24 + (i * 37 % 7) / 7 + (i == 400) * 80}"
        for i in range(480)
    ]
    (tmp_path / "data" / "a" / "b.csv").write_text("timestamp,value\n" + "\n".join(rows) + "\n")
    window = [f"{begin + timedelta(hours=i)}.000000" for i in (390, 410)]
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps({"a/b.csv": [window]}))
    (found,) = nab.corpus(tmp_path)
    assert found.windows == ((390, 410),)
    assert nab.detections(found, 3.6) == [400]
