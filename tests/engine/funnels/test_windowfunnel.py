"""ClickHouse's windowFunnel, which lets an event fill one step at most, finds the same levels."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import effort
from tests.engine.funnels.oracle import Facts
from tests.engine.funnels.test_search import found, plan

chdb = pytest.importorskip("chdb", reason="chdb is not installed: pip install 'looptop[chdb]'")

PERSONS = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 7)), min_size=1, max_size=7), min_size=1, max_size=30
)


def levels(persons: Sequence[Facts], window: int) -> dict[int, int]:
    """Level of each person by `windowFunnel(…, 'strict_once')`; events that meet several steps among them."""
    rows = ",".join(f"({who},{ts},{mask})" for who, facts in enumerate(persons) for ts, mask in facts)
    steps = ", ".join(f"bitAnd(mask, {1 << k}) != 0" for k in range(3))
    sql = (
        f"SELECT who, windowFunnel({window}, 'strict_once')(toUInt64(ts), {steps}) "
        f"FROM values('who UInt64, ts UInt64, mask UInt32', {rows}) GROUP BY who"
    )
    lines = (line.split(",") for line in str(chdb.query(sql, "CSV")).split())
    return {int(who): int(level) for who, level in lines if int(level)}


@settings(max_examples=effort(10), deadline=None, suppress_health_check=list(HealthCheck))
@given(PERSONS, st.integers(1, 9))
def test_ordered_levels_are_those_of_windowfunnel(persons: list[Facts], window: int) -> None:
    ours = {who: one[0] for who, one in found(persons, plan(window_us=window)).items()}
    assert ours == levels(persons, window)
