"""Hours: a day's and a week's shape, falls that last, spikes; what recurs is no anomaly for long."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.anomaly import Floats, HourLine, Past, forward
from tests.effort import effort

DAYS = 42


def shop(seed: int) -> Floats:
    """Orders by hour: quiet nights and weekends, noise that carries over."""
    rng = np.random.default_rng(seed)
    hours = np.arange(24 * DAYS)
    noise = np.zeros(len(hours))
    for i in range(1, len(hours)):
        noise[i] = 0.6 * noise[i - 1] + rng.normal(0, 0.05)
    shape = np.exp(0.9 * np.sin(2 * np.pi * (hours % 24 - 9) / 24))
    weekend = np.where(hours // 24 % 7 >= 5, 0.7, 1.0)
    return 800 * shape * weekend * np.exp(noise)


def line_of(values: Floats, days: tuple[int, int] = (21, 28)) -> tuple[HourLine, list[float | None]]:
    count = len(values)
    x = [None if math.isnan(each) else each for each in forward("counts", values).tolist()]
    past = Past("counts", [i % 24 for i in range(count)], x, [0.0] * count, np.abs(values).tolist(), {50})
    return HourLine(past, [i // 24 % 7 for i in range(count)], days=days), x


def scores(values: Floats, threshold: float = 3.6) -> list[float]:
    """Scores, those beyond the threshold left out of the past."""
    line, x = line_of(values)
    out: dict[int, bool] = {}
    found = []
    for i, each in enumerate(x):
        usual = line.at(i, out)
        score = None if usual is None or each is None else usual.score(each)
        if score is not None and abs(score) > threshold:
            out[i] = True
        found.append(0.0 if score is None else score)
    return found


@pytest.mark.parametrize(
    ("first", "length", "factor", "within"),
    [(24 * 35 + 11, 1, 3.0, 1), (24 * 36 + 9, 8, 0.6, 8), (24 * 33, 24, 0.7, 24)],
)
def test_spikes_falls_and_small_falls_that_last_are_found(
    first: int, length: int, factor: float, within: int
) -> None:
    for seed in range(3):
        values = shop(seed)
        values[first : first + length] *= factor
        found = [score for score in scores(values)[first : first + within] if abs(score) > 3.6]
        assert found and all((score > 0) == (factor > 1) for score in found)


def test_quiet_hours_are_quiet() -> None:
    beyond = [abs(score) > 3.6 for seed in range(4) for score in scores(shop(seed))[24 * 21 :]]
    assert sum(beyond) <= 2


def test_what_comes_every_week_is_no_anomaly_for_long() -> None:
    values = shop(1)
    for week in (3, 4, 5):
        values[24 * (7 * week + 2) + 20] *= 1.6
    found = scores(values)
    first, second, third = (found[24 * (7 * week + 2) + 20] for week in (3, 4, 5))
    assert first > 6 > second > third


def test_a_series_that_never_varies_has_no_anomaly_until_it_does() -> None:
    values = np.full(24 * 24, 45.0)
    assert not any(scores(values))
    values[560] = 60.0
    assert scores(values)[560] > 3.6


@settings(max_examples=effort(8), deadline=None)
@given(st.lists(st.sets(st.integers(80, 500), max_size=5), min_size=2, max_size=3), st.integers(0, 9))
def test_periods_left_out_and_taken_back_in_leave_no_trace(turns: list[set[int]], seed: int) -> None:
    values = shop(seed)[:520]
    values[[90, 300]] = math.nan
    line, _ = line_of(values, (3, 4))
    for out in turns:
        marks = dict.fromkeys(out, True)
        fresh, _ = line_of(values, (3, 4))
        for i in (519, 200, 360):
            assert line.at(i, marks) == fresh.at(i, marks)


def test_the_bound_of_a_score_has_that_score() -> None:
    line, _ = line_of(shop(2))
    usual = line.at(900, {})
    assert usual is not None
    for z in (-3.5, 3.5):
        value = usual.bound(z)
        assert usual.score(math.log1p(value)) == pytest.approx(z)
