"""Packed keys, persons in parts, checks, metrics over funnels, chance: each by what it promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.funnels import Measuring, Span, Wanted, answer, drivers, measure, parting
from engine.funnels.checks import checks
from engine.funnels.packed import fields_of, fit, pack, unpack
from engine.funnels.plan import plan_of
from engine.questions import DriversQuery, FunnelCohort, FunnelGroup, FunnelQuery
from engine.workspace.model import Funnel, Step
from tests.effort import effort
from tests.engine.funnels.world import Event, event, workspace_of, world_with_tables

BUY = Funnel("buy", (Step(("view",)), Step(("cart",)), Step(("order",))), window_us=86_400_000_000)
NOW = datetime(2026, 3, 20)
EVENTS = st.lists(
    st.builds(
        event,
        st.integers(1, 5),
        st.sampled_from(["view", "cart", "order"]),
        st.integers(0, 9).map(lambda n: n * 9000),
    ),
    max_size=16,
)


@settings(max_examples=effort(40), deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2**64 - 1), st.integers(-(2**40), 2**44), st.integers(0, 200)), max_size=9
    )
)
def test_packed_keys_sort_like_their_columns_and_give_them_back(rows: list[tuple[int, int, int]]) -> None:
    schema = {"who": pl.UInt64, "ts": pl.Int64, "n": pl.UInt8}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    fields = fields_of(frame, ["who", "ts", "n"], ["ts"])
    assert fit(fields)
    ordered = frame.sort(["who", "ts", "n"], descending=[False, True, False])
    assert unpack(pack(frame, fields).sort(), fields).rows() == ordered.rows()


@settings(max_examples=effort(6), deadline=None)
@given(EVENTS)
def test_persons_in_parts_give_the_same_answer(events: list[Event]) -> None:
    workspace = workspace_of(BUY)
    world, query = (
        world_with_tables(events, workspace),
        FunnelQuery("buy", where="event = event", grain="day"),
    )
    whole = answer(world, workspace, query, NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parting, "ROWS_TO_PART", 0)
        assert answer(world, workspace, query, NOW) == whole


@settings(max_examples=effort(6), deadline=None)
@given(EVENTS)
def test_a_metric_over_a_funnel_is_the_ratio_that_the_funnel_tells(events: list[Event]) -> None:
    workspace = workspace_of(BUY)
    world = world_with_tables(events, workspace)
    days = Span(0, date(2026, 3, 1), date(2026, 3, 9))
    asked = Wanted(1, 3, "persons")
    found = measure(world, workspace, Measuring(BUY, [days]), [asked])[asked].get((0, ()), (0, 0))
    told = answer(world, workspace, FunnelQuery("buy"), NOW)
    assert found == (told.steps[2].persons, told.steps[0].persons)
    assert told.checks == ()


def test_what_does_not_add_up_is_said() -> None:
    workspace = workspace_of(BUY)
    events = [event(1, "view", 0), event(1, "cart", 9), event(2, "view", 0)]
    told = answer(world_with_tables(events, workspace), workspace, FunnelQuery("buy"), NOW)
    plan = plan_of(BUY, "UTC", 0)
    assert checks(told, plan, "first_touch") == ()
    grown = replace(told, steps=(told.steps[0], replace(told.steps[1], persons=5), told.steps[2]))
    assert checks(grown, plan, "first_touch") == ("step 2 has 5 and step 1 only 2",)
    half = replace(told, groups=(FunnelGroup("a", told.steps[:1] + told.steps[2:] + told.steps[2:], 1),))
    assert checks(half, plan, "first_touch") == (
        "the groups of step 2 add up to 0, and the whole has 1",
        "the groups exclude 1, and the whole 0",
    )
    (rate,) = checks(replace(told, observed_rate=0.5), plan, "first_touch")
    assert rate == "the rate is 0.5, and 0 of 2 is 0.0"
    shrunk = replace(told, cohorts=(FunnelCohort("2026-03-02", 2, (2, 1)),))
    assert len(checks(shrunk, plan, "first_touch")) == 1


def test_what_has_nothing_to_do_with_converting_is_no_driver() -> None:
    """Forty columns and an event that happens all the time, of persons that convert by lot: none is named."""
    random, events = Random(3), []
    for person in range(400):
        props: dict[str, object] = {f"p_{n}": random.choice("xyz") for n in range(40)}
        start, won = random.randrange(1000), random.random() < 0.4
        events.append(event(person, "view", start, **props))
        events += [event(person, "scroll", start + random.randrange(86_000)) for _ in range(3)]
        if won:
            events += [
                event(person, "cart", start + 60),
                event(person, "order", start + random.randrange(61, 5000)),
            ]
    workspace = workspace_of(BUY)
    found = drivers(world_with_tables(events, workspace), workspace, DriversQuery(FunnelQuery("buy")), NOW)
    assert found.tested > 100
    assert [(one.name, one.value) for one in found.drivers] == []
