"""Laws of the core: what is split sums to the change, and the scan is that of the reference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.causes import Leaves, split
from engine.causes.factors import Product, lmdi, shapley, shares
from tests.effort import effort
from tests.engine.causes import cubes, oracle

DIMS = ("channel", "device", "region")
EXAMPLES = settings(max_examples=effort(40), deadline=None)

MEMBERS = st.tuples(*(st.sampled_from((None, "a", "b", "c")) for _ in DIMS))
AMOUNTS = st.integers(0, 400).map(float)
SUMS = st.dictionaries(MEMBERS, st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=14)
DENS = st.integers(0, 300).map(float)
RATES = st.dictionaries(MEMBERS, st.tuples(DENS, DENS, DENS, DENS), min_size=1, max_size=10)


def leaves(rows: Mapping[Any, tuple[float, ...]], counts: bool = True) -> Leaves:
    rate = len(next(iter(rows.values()))) == 4
    names = ("num_base", "num_now", "den_base", "den_now")[: 4 if rate else 2]
    kinds = {**dict.fromkeys(DIMS, pl.String), **dict.fromkeys(names, pl.Float64)}
    table = [(*members, *values) for members, values in rows.items()]
    return Leaves(pl.DataFrame(table, schema=kinds, orient="row"), DIMS, rate, counts)


@EXAMPLES
@given(SUMS, st.booleans())
def test_the_scan_is_that_of_the_reference(rows: dict[Any, tuple[float, float]], counts: bool) -> None:
    expected = oracle.scan(DIMS, [(members, f, a) for members, (f, a) in rows.items()], counts)
    found = split(leaves(rows, counts)).causes
    assert [cause.llr for cause in found] == [pytest.approx(g, rel=1e-9) for _, g in expected]
    for cause, (element, _) in zip(found, expected, strict=True):
        alike = [g for _, g in expected if g == pytest.approx(cause.llr, rel=1e-9)]
        assert dict(cause.element) == element or len(alike) > 1 or cause.llr < 12


@EXAMPLES
@given(SUMS | RATES, st.randoms())
def test_no_order_of_rows_shows(rows: dict[Any, tuple[float, ...]], rng: Any) -> None:
    shuffled = list(rows.items())
    rng.shuffle(shuffled)
    assert split(leaves(dict(shuffled))) == split(leaves(rows))


@EXAMPLES
@given(SUMS | RATES, st.sampled_from((DIMS, DIMS[:1], DIMS[1:], ())))
def test_members_sum_to_the_change(rows: dict[Any, tuple[float, ...]], listed: tuple[str, ...]) -> None:
    """Also where a member comes or goes, or has a numerator without a denominator."""
    held = leaves(rows)
    found = split(held, listed).members
    if held.change is None:
        assert found == ()
        return
    size = max(1.0, abs(held.base or 0), abs(held.now or 0))
    assert math.fsum(each.effect for each in found) == pytest.approx(held.change, abs=1e-9 * size)
    for each in found:
        if held.rate:
            assert each.rate_effect is not None
            assert each.mix_effect is not None
            assert each.effect == pytest.approx(each.rate_effect + each.mix_effect, abs=1e-12 * size)


VALUES = st.floats(0.001, 1000) | st.just(0.0)
POWERS = st.lists(st.sampled_from((1, 1, 1, -1)), min_size=1, max_size=4)


@EXAMPLES
@given(POWERS, st.lists(st.tuples(VALUES, VALUES), min_size=4, max_size=4), st.sampled_from((1.0, -2.5)))
def test_factors_sum_to_the_change_of_their_product(
    powers: list[int], pairs: list[tuple[float, float]], coefficient: float
) -> None:
    names = [f"x{at}" for at, _ in enumerate(powers)]
    product = Product(coefficient, tuple(zip(names, powers, strict=True)))
    base, now = ({name: pair[at] for name, pair in zip(names, pairs, strict=False)} for at in (0, 1))
    for method in (lmdi, shapley):
        effects = method(product, base, now)
        if effects is not None:
            before, after = product.of(base), product.of(now)
            assert before is not None
            assert after is not None
            near = 1e-9 * max(1.0, abs(before), abs(after), *(abs(each) for each in effects.values()))
            assert math.fsum(effects.values()) == pytest.approx(after - before, abs=near)
    divided_by_zero = any(power < 0 and 0 in pair for power, pair in zip(powers, pairs, strict=False))
    assert (shares((product,), base, now, None) is None) <= divided_by_zero


def test_a_factor_that_did_not_move_has_no_effect() -> None:
    product = Product(1.0, (("a", 1), ("b", 1), ("c", -1)))
    base, now = {"a": 2.0, "b": 3.0, "c": 4.0}, {"a": 2.0, "b": 6.0, "c": 4.0}
    for method in (lmdi, shapley):
        effects = method(product, base, now)
        assert effects is not None
        assert (effects["a"], effects["c"]) == (0, 0)
        assert effects["b"] == pytest.approx(1.5)


def test_everything_that_falls_alike_is_all() -> None:
    rows = {(a, b, None): (500.0, 400.0) for a in "abc" for b in "abc"}
    found = split(leaves(rows))
    assert found.verdict == "all"
    assert [cause.element for cause in found.causes] == [()]


def test_noise_alone_names_nothing() -> None:
    rows = {(a, b, c): (100.0, 100.0 + (hash_ % 7 - 4)) for hash_, (a, b, c) in enumerate(_cube())}
    found = split(leaves(rows))
    assert (found.causes, found.verdict) == ((), "none")


def _cube() -> list[tuple[str, str, str]]:
    return [(a, b, c) for a in "abc" for b in "abc" for c in "abc"]


def test_a_cause_may_be_more_than_the_whole_change() -> None:
    rows = {(a, b, None): (200.0, 80.0 if a == "a" else 230.0) for a in "abc" for b in "abc"}
    cause = split(leaves(rows)).causes[0]
    assert dict(cause.element) == {"channel": "a"}
    assert cause.effect / -180 == pytest.approx(2.0)


def test_a_member_that_is_gone_and_one_that_is_new() -> None:
    rows = {("a", "x", None): (300.0, 0.0), ("b", "x", None): (0.0, 90.0), ("c", "x", None): (500.0, 505.0)}
    found = split(leaves(rows))
    assert [dict(cause.element)["channel"] for cause in found.causes] == ["a"]
    assert found.causes[0].ratio == 0
    assert {dict(each.member)["channel"]: each.effect for each in found.members} == {
        "a": -300,
        "b": 90,
        "c": 5,
    }
    risen = split(leaves({("a", "x", None): (0.0, 300.0), ("b", "x", None): (500.0, 505.0)}))
    assert dict(risen.causes[0].element)["channel"] == "a"
    assert risen.causes[0].ratio is None


def test_a_small_member_with_a_low_rate_is_not_expected_to_reach_the_whole() -> None:
    """Eight orders of a cheap product in 16 regions: nothing about them changed."""
    rows = {
        (product, None, f"r{at}"): (price * size, price * (size + moved), size, size + moved)
        for product, price, size, moved in (("cheap", 20.0, 4.0, 0.0), ("dear", 500.0, 40.0, -8.0))
        for at in range(16)
    }
    found = split(leaves(rows, counts=False))
    assert all(dict(cause.element).get("channel") != "cheap" for cause in found.causes)


@pytest.mark.parametrize("rate", [False, True])
def test_planted_causes_are_found_again(rate: bool) -> None:
    """`python -m tests.bench.causes` scores more cubes, fresh ones, and beside another method."""
    assert cubes.score(cubes.cube(seed, rate) for seed in range(6))["f1"] >= 0.9
