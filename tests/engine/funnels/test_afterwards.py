"""What those who dropped did next, the event that stood in the way, and one person asked for alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.questions import FunnelNext
from engine.workspace.model import Exclusion, Step
from tests.effort import effort
from tests.engine.funnels.test_answer import DAY, EVENTS, HOUR, ask, funnel
from tests.engine.funnels.world import Event, event


def barrier(events: list[Event], rules: Any, **options: Any) -> tuple[str, int] | None:
    """Event and line of what stood in the way of the only person."""
    (person,) = ask(events, rules, persons="all", **options).persons
    return (person.barrier.event, person.barrier.step) if person.barrier else None


def test_the_first_event_after_the_last_step_counts_and_only_in_the_window() -> None:
    events = [
        event(1, "view", 0), event(1, "search", HOUR), event(1, "refund", 2 * HOUR),
        event(2, "view", 0), event(2, "search", 2 * DAY),
        event(3, "view", 0),
        event(4, "view", 0), event(4, "cart", HOUR), event(4, "search", 2 * HOUR),
    ]  # fmt: skip
    rules = funnel()
    assert ask(events, rules, after=2).after == (FunnelNext(None, 2), FunnelNext("search", 1))
    assert ask(events, rules, after=3).after == (FunnelNext("search", 1),)
    assert ask(events, rules, after=1).after == ()


def test_a_step_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="steps 1 to 3, not of 4"):
        ask([], funnel(), after=4)


@settings(max_examples=effort(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(EVENTS, st.sampled_from(["ordered", "strict", "unordered"]), st.sampled_from(["persons", "attempts"]))
def test_what_they_did_next_sums_to_the_dropped(events: list[Event], mode: str, count: str) -> None:
    for step in (2, 3):
        found = ask(events, funnel(mode=mode, count=count), after=step)
        assert sum(each.persons for each in found.after) == found.steps[step - 1].dropped


def test_the_event_that_excluded_came_too_late_or_stood_between_is_named() -> None:
    view, cart = event(1, "view", 0), event(1, "cart", HOUR)
    without = funnel(exclude=(Exclusion(("refund",), None, (1, 2)),))
    excluded = [view, event(1, "refund", 60), cart]
    assert barrier(excluded, without, which="excluded") == ("refund", 0)
    assert barrier([view, event(1, "cart", 2 * DAY)], funnel()) == ("cart", 0)
    quick = funnel(steps=(Step(("view",)), Step(("cart",), within_us=60_000_000)))
    assert barrier([view, cart], quick) == ("cart", 0)
    assert barrier([view, event(1, "search", 60), cart], funnel(mode="strict")) == ("search", 0)
    assert barrier([view], funnel()) is None


def test_one_person_is_found_whatever_became_of_it() -> None:
    rules = funnel(exclude=(Exclusion(("refund",), None, (1, 2)),))
    events = [
        event(1, "view", 0), event(2, "view", 0), event(2, "cart", HOUR), event(2, "order", 2 * HOUR),
        event(3, "view", 0), event(3, "refund", 60), event(3, "cart", HOUR),
    ]  # fmt: skip
    everybody = ask(events, rules, persons="all").persons
    everybody += ask(events, rules, persons="all", which="excluded").persons
    for one in everybody:
        (found,) = ask(events, rules, persons="all", only=(one.key,), limit=1).persons
        assert found == one


@settings(max_examples=effort(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.builds(
            event,
            st.integers(1, 4),
            st.sampled_from(["view", "cart", "order"]),
            st.integers(0, 8).map(lambda n: n * 6 * HOUR),
            channel=st.sampled_from(["red", "meta", None]),
        ),
        max_size=12,
    ),
    st.sampled_from(["first_touch", "last_touch", "step:1"]),
)
def test_a_group_asked_for_alone_has_the_numbers_of_its_row(events: list[Event], breakdown: str) -> None:
    rules = funnel()
    for group in ask(events, rules, by="channel", breakdown=breakdown).groups:
        alone = ask(events, rules, breakdown=breakdown, member=("channel", group.value))
        assert [step.persons for step in alone.steps] == [step.persons for step in group.steps]
        assert (alone.excluded, alone.open) == (group.excluded, group.open)
