"""The fast search agrees with exhaustion on random events, in every mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.funnels.attempts import find, timed
from engine.funnels.plan import Plan
from engine.funnels.represent import representatives
from tests.effort import effort
from tests.engine.funnels.oracle import Facts, verdict

Mode = Literal["ordered", "strict", "unordered"]
CHAINS: tuple[Mode, ...] = ("ordered", "strict")
LIMITS = st.sampled_from([None, None, 1, 2, 4])


def plan(mode: Mode = "ordered", steps: int = 3, **changes: Any) -> Plan:
    """A plan of required steps without limits, with changes."""
    given_: dict[str, Any] = {
        "steps": steps, "required": tuple(range(steps)), "optional": (), "mode": mode, "window_us": None,
        "natural": None, "hops": (None,) * steps, "exclusions": (), "restart": mode == "unordered",
        "distinct_ties": False, "timezone": "UTC", "week_start": 0,
    }  # fmt: skip
    return Plan(**given_ | changes)


@st.composite
def plans(
    draw: st.DrawFn, mode: Mode, hops: bool = False, exclude: bool = False, optional: bool = False
) -> Plan:
    """Random rules of one mode."""
    steps = draw(st.integers(1, 4))
    skipped = tuple(k for k in range(1, steps) if optional and draw(st.booleans()))
    pairs = [(i, j) for i in range(steps) for j in range(i + 1, steps)]
    return plan(
        mode, steps, required=tuple(k for k in range(steps) if k not in skipped), optional=skipped,
        window_us=draw(LIMITS), hops=(None, *(draw(LIMITS) if hops else None for _ in range(steps - 1))),
        exclusions=tuple(draw(st.lists(st.sampled_from(pairs), max_size=2)) if exclude and pairs else ()),
        restart=mode == "unordered" or draw(st.booleans()),
        distinct_ties=mode != "unordered" and draw(st.booleans()),
    )  # fmt: skip


def people(rules: Plan, distinct: bool = False) -> st.SearchStrategy[list[Facts]]:
    """Some persons' events; few moments, so that there are ties, unless `distinct`."""
    bits = rules.steps + len(rules.exclusions)
    masks = st.one_of(st.sampled_from([1 << k for k in range(bits)]), st.integers(0, (1 << bits) - 1))
    times = st.integers(0, 9 if distinct else 5)
    facts = st.lists(
        st.tuples(times, masks), max_size=6, unique_by=(lambda one: one[0]) if distinct else None
    )
    return st.lists(facts, min_size=1, max_size=4)


Verdict = tuple[int, tuple[int | None, ...], bool]
"""Required steps done, times by step, excluded."""


def frame(persons: list[Facts]) -> pl.DataFrame:
    """The search's input."""
    rows = [(who, ts, mask) for who, facts in enumerate(persons) for ts, mask in facts]
    schema = {"who": pl.UInt64, "ts": pl.Int64, "mask": pl.UInt32}
    return pl.DataFrame(rows, schema=schema, orient="row")


def found(persons: list[Facts], rules: Plan) -> dict[int, Verdict]:
    """The engine's verdict per person, in the oracle's form."""
    rows, attempts = find(frame(persons), rules)
    chosen = timed(representatives(attempts, rules), rows, rules)
    times = [f"t{k + 1}" for k in range(rules.steps)]
    return {
        row["who"]: (row["count"], tuple(row[name] for name in times), row["excluded"])
        for row in chosen.iter_rows(named=True)
    }


def agree(persons: list[Facts], rules: Plan) -> None:
    """Raises AssertionError where engine and exhaustion differ."""
    wanted = {who: verdict(facts, rules) for who, facts in enumerate(persons)}
    assert found(persons, rules) == {who: one for who, one in wanted.items() if one is not None}


def _law(runs: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return settings(max_examples=effort(runs), deadline=None, suppress_health_check=list(HealthCheck))


@_law(40)
@given(st.data())
def test_ordered_funnels_with_ties_and_events_that_meet_several_steps(data: st.DataObject) -> None:
    rules = data.draw(plans("ordered"))
    agree(data.draw(people(rules)), rules)


@_law(40)
@given(st.data())
def test_ordered_funnels_with_limits_per_hop(data: st.DataObject) -> None:
    rules = data.draw(plans("ordered", hops=True))
    agree(data.draw(people(rules)), rules)


@_law(33)
@given(st.data())
def test_strict_funnels(data: st.DataObject) -> None:
    rules = data.draw(plans("strict", hops=True))
    agree(data.draw(people(rules)), rules)


@_law(26)
@given(st.data())
def test_unordered_funnels(data: st.DataObject) -> None:
    rules = data.draw(plans("unordered", hops=True, exclude=True))
    agree(data.draw(people(rules)), rules)


@_law(33)
@given(st.data())
def test_exclusions(data: st.DataObject) -> None:
    rules = data.draw(plans(data.draw(st.sampled_from(CHAINS)), hops=True, exclude=True))
    agree(data.draw(people(rules)), rules)


@_law(33)
@given(st.data())
def test_optional_steps_take_what_required_steps_leave(data: st.DataObject) -> None:
    mode: Mode = data.draw(st.sampled_from(CHAINS))
    rules = data.draw(plans(mode, hops=True, exclude=True, optional=True))
    agree(data.draw(people(rules, distinct=True)), rules)


def test_a_limit_per_hop_may_need_the_later_match() -> None:
    rules = plan(hops=(None, None, 4))
    assert found([[(0, 1), (1, 2), (5, 2), (8, 4)]], rules) == {0: (3, (0, 5, 8), False)}


def test_a_second_entry_may_get_further_than_the_first() -> None:
    rules = plan(window_us=3)
    assert found([[(0, 1), (5, 1), (6, 2), (7, 4)]], rules) == {0: (3, (5, 6, 7), False)}


def test_the_window_ends_with_its_last_microsecond() -> None:
    rules = plan(steps=2, window_us=10)
    assert found([[(0, 1), (10, 2)], [(0, 1), (11, 2)]], rules) == {
        0: (2, (0, 10), False),
        1: (1, (0, None), False),
    }


def test_a_day_window_ends_at_local_midnight() -> None:
    rules = plan(steps=2, natural="same_day", timezone="Asia/Shanghai")
    hour = 3_600_000_000
    assert found([[(15 * hour, 1), (16 * hour - 1, 2)]], rules)[0] == (2, (15 * hour, 16 * hour - 1), False)
    assert found([[(15 * hour, 1), (16 * hour, 2)]], rules)[0] == (1, (15 * hour, None), False)
