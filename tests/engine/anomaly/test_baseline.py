"""Baselines: equal to a slow reading of the recursion, one period or all at once, and good on fresh seeds."""

from __future__ import annotations

import math
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.anomaly import (
    Baseline,
    Floats,
    Past,
    Scale,
    SmoothLine,
    false_per_week,
    forward,
    judge,
    stretch,
    threshold_for,
)
from tests.effort import effort
from tests.engine.anomaly.generator import World, record, world

VALUES = st.one_of(st.none(), st.integers(0, 3000).map(float))


def slowly(values: list[float | None], phases: int, left_out: set[int]) -> list[float | None]:
    """z of each day of one series of counts, as reference alerts section 4.1 writes it down."""
    level = spread = size = None
    empty = 0.0
    season: dict[int, float] = {}
    known: list[tuple[int, float]] = []
    out: list[float | None] = []
    for i, y in enumerate(values):
        phase, x = i % phases, None if y is None else math.log(y + 1)
        if 3 * phases <= len(known) and (len(known) <= 4 * phases or level is None):
            level, season, spread = start(known[: 4 * phases])
        s = None
        if spread is not None:
            s = max(spread, 0.02, 0.5 / math.sqrt((size or 0) + 1))
        z = None
        expected = level + season[phase] if level is not None and phase in season else None
        if x is not None and level is not None and s is not None and phase in season:
            z = (x - level - season[phase]) / s
            if len(known) < 28:
                v = max(1, len(known) - phases)
                z = math.copysign(math.sqrt(v * math.log(1 + z * z / v)) * (8 * v + 1) / (8 * v + 3), z)
        often = empty > 0.08 and (size or 0) > 3
        out.append(None if often else z)
        if y is None or x is None or i in left_out:
            continue
        if level is not None and s is not None and len(known) >= 4 * phases:
            if phase in season:
                e = min(max(x - level - season[phase], -2.5 * s), 2.5 * s)
                spread = 0.97 * s + 0.03 * 1.25 * abs(e)
                level += 0.15 * e
                season[phase] += 0.15 * 0.85 * e
            else:
                season[phase] = x - level
        size = y if size is None else size + 0.15 * (y - size)
        empty += 0.05 * (((y == 0) != (expected is not None and expected < 0.7)) - empty)
        known.append((phase, x))
    return out


def start(known: list[tuple[int, float]]) -> tuple[float, dict[int, float], float]:
    level = median(x for _, x in known)
    season = {p: median(x - level for q, x in known if q == p) for p in {p for p, _ in known}}
    return level, season, 2.5 * median(abs(x - level - season[p]) for p, x in known)


@settings(max_examples=effort(30), deadline=None)
@given(
    st.lists(st.lists(VALUES, min_size=45, max_size=45), min_size=1, max_size=4),
    st.sampled_from([1, 7]),
    st.sets(st.integers(0, 44), max_size=8),
)
def test_the_baseline_is_the_recursion_of_its_source(
    rows: list[list[float | None]], phases: int, left_out: set[int]
) -> None:
    values = np.array(rows, dtype=np.float64).T
    marks = np.zeros(values.shape, np.bool_)
    marks[list(left_out)] = True
    found = judge(values, [i % phases for i in range(45)], "counts", left_out=marks).score
    for at, series in enumerate(rows):
        want = slowly(series, phases, left_out)
        said = [None if math.isnan(z) else z for z in found[:, at].tolist()]
        assert said == [None if z is None else pytest.approx(z, rel=1e-9, abs=1e-9) for z in want]


@settings(max_examples=effort(10), deadline=None)
@given(st.lists(st.lists(VALUES, min_size=40, max_size=40), min_size=2, max_size=3))
def test_a_day_at_a_time_and_series_alone_or_together_give_the_same(rows: list[list[float | None]]) -> None:
    values = np.array(rows, dtype=np.float64).T
    phases = [i % 7 for i in range(40)]
    together = judge(values, phases, "counts").score
    baseline = Baseline(1, "counts", 7)
    alone = [baseline.judge(phase, values[i, :1])[0] for i, phase in enumerate(phases)]
    assert np.array_equal(np.stack(alone)[:, 0], together[:, 0], equal_nan=True)


def judged(made: World) -> Floats:
    """Scores of a world whose promo days the calendar takes out."""
    out = np.broadcast_to(made.promo[:, None], made.values.shape)
    found = judge(made.values, [i % 7 for i in range(len(made.values))], "counts", left_out=out).score
    found[made.promo] = np.nan
    return found


def test_fresh_seeds_are_found_early_and_with_few_false_alerts() -> None:
    made = world(20261126, series=200)
    told = record(judged(made), made, 3.0)
    assert told.recall >= 0.85
    assert told.false <= 0.5
    assert told.late <= 0.2


def test_rates_far_from_their_noise_are_no_anomaly_and_real_falls_are() -> None:
    rng = np.random.default_rng(5)
    visits = rng.poisson(400, (200, 60)).astype(np.float64)
    orders = rng.binomial(visits.astype(int), 0.03).astype(np.float64)
    visits[150], orders[150] = 40, 0
    visits[160], orders[160] = 4000, 30
    score = judge(orders, [i % 7 for i in range(200)], "logit", den=visits).score
    assert np.abs(score[150]).max() < 3
    assert (score[160] < -4).mean() > 0.9
    assert np.nanmean(np.abs(score[60:140]) > 3.5) < 0.002


@pytest.mark.parametrize("budget", [0.5, 3.0])
def test_a_budget_of_false_alerts_is_kept_by_the_back_test(budget: float) -> None:
    made = world(7, series=300, quiet=True)
    found = judged(made)
    threshold = threshold_for(budget, 300, "day", found)
    assert false_per_week(threshold, 300, "day", found) == pytest.approx(budget)
    weeks = (400 - 56) / 7
    told = record(found, made, threshold).false / 100 * 300 * 7
    assert abs(told - budget) * weeks < 4 * math.sqrt(budget * weeks) + 3


def test_a_history_that_is_wider_asks_for_a_higher_threshold_but_little_of_it_says_nothing() -> None:
    rng = np.random.default_rng(1)
    wide = rng.standard_t(4, (300, 50))
    assert threshold_for(1, 50, "day", wide) > threshold_for(1, 50, "day") + 0.5
    assert stretch(wide[:5, :2]) == pytest.approx(1, abs=0.1)


SCALES: tuple[Scale, ...] = ("counts", "log", "plain")


@settings(max_examples=effort(30), deadline=None)
@given(
    st.lists(VALUES, min_size=50, max_size=50),
    st.sampled_from(SCALES),
    st.sampled_from([1, 7]),
    st.lists(st.sets(st.integers(0, 49), max_size=6), min_size=1, max_size=4),
)
def test_a_line_is_a_baseline_however_periods_are_left_out_and_taken_back_in(
    values: list[float | None], scale: Scale, phases: int, turns: list[set[int]]
) -> None:
    y = np.array(values, dtype=np.float64)
    at = [i % phases for i in range(50)]
    x = [None if math.isnan(each) else each for each in forward(scale, y).tolist()]
    past = Past(scale, at, x, [0.0] * 50, [abs(v or 0.0) for v in values], {3, 30})
    line = SmoothLine(past, phases)
    for out in turns:
        marks = np.zeros((50, 1), np.bool_)
        marks[list(out | {3, 30})] = True
        want = judge(y[:, None], at, scale, left_out=marks)
        for i in (49, 20, 35):
            usual = line.at(i, dict.fromkeys(out, True) | {7: 7 in out})
            found = None if usual is None or x[i] is None else usual.score(x[i] or 0.0)
            said = want.score[i, 0]
            assert (math.isnan(said) and found is None) or found == said
            assert usual is None or (usual.centre, usual.spread) == (want.centre[i, 0], want.spread[i, 0])


def test_sales_that_are_few_and_far_between_are_no_anomalies_nor_are_days_without() -> None:
    rng = np.random.default_rng(2)
    sold = np.where(rng.random((120, 40)) < 0.25, rng.uniform(200, 900, (120, 40)), 0.0)
    mostly = np.where(rng.random((120, 40)) < 0.8, rng.uniform(200, 900, (120, 40)), 0.0)
    few = rng.poisson(0.4, (120, 40)).astype(np.float64)
    at = [i % 7 for i in range(120)]
    for values, scale in ((sold, "log"), (mostly, "log"), (few, "counts")):
        score = judge(values, at, scale).score  # type: ignore[arg-type]
        assert (np.abs(np.nan_to_num(score)) > 3.5).mean() < 0.01
    dense = rng.uniform(700, 900, (120, 40))
    dense[100] = 0
    assert (judge(dense, at, "log").score[100] < -3.5).all()
    dense[[i for i in range(120) if i % 7 > 4]] = 0
    dense[101], dense[100] = 0, 800
    score = judge(dense, at, "log").score
    assert (score[101] < -3.5).all() and (np.abs(score[103]) < 1).all()
