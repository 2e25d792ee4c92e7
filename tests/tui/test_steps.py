"""Steps of colour: by size, from 0 to 1, whatever the numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.views.regions import GRID, NAMES, province
from tui.views.steps import move_of, step_of

VALUES = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=12)


@given(VALUES)
def test_a_step_is_a_share_and_keeps_the_order(values: list[float]) -> None:
    steps = [step_of(value, values) for value in sorted(values)]
    assert all(0 <= step <= 1 for step in steps)
    assert steps == sorted(steps)


@given(VALUES)
def test_the_largest_move_up_or_down_is_the_darkest(values: list[float]) -> None:
    moves = [move_of(value, values) for value in values]
    assert max(moves) in (0.0, 1.0)
    assert all(0 <= move <= 1 for move in moves)


def test_counts_begin_at_zero_and_rates_that_lie_close_at_their_lowest() -> None:
    assert step_of(5.0, [5.0, 20.0]) == 0.25
    assert step_of(0.90, [0.90, 0.95]) == 0.0


def test_every_province_has_one_place_and_is_known_by_its_full_name() -> None:
    assert len(NAMES) == 34 == sum(name != "-" for row in GRID for name in row.split())
    assert {len(row.split()) for row in GRID} == {8}
    assert [province(name) for name in ("广东省", "广西壮族自治区", "香港特别行政区", "北京市", "海外")] == [
        "广东", "广西", "香港", "北京", "",
    ]  # fmt: skip
