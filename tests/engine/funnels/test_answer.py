"""What a question about a funnel gets: numbers, groups, trend, persons and their reasons."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import UnknownName, UsageError
from engine.expressions import parse
from engine.funnels import answer, tables, to_json
from engine.questions import FunnelAnswer, FunnelQuery, Range
from engine.workspace.model import Exclusion, Funnel, Step
from tests.effort import effort
from tests.engine.funnels.world import Event, event, workspace_of, world_with_tables

HOUR, DAY = 3_600, 86_400
NOW = datetime(2026, 3, 20)
STEPS = (Step(("view",)), Step(("cart",)), Step(("order",)))


def funnel(**changes: Any) -> Funnel:
    """view → cart → order within a day, with changes."""
    given_: dict[str, Any] = {"name": "buy", "steps": STEPS, "window_us": DAY * 1_000_000}
    return Funnel(**given_ | changes)


def ask(
    events: list[Event],
    rules: Funnel,
    now: datetime = NOW,
    timezone: str = "UTC",
    language: str = "en",
    **options: Any,
) -> FunnelAnswer:
    """The answer over these events; the attempts table is there."""
    workspace = workspace_of(rules, timezone=timezone, language=language)
    query = FunnelQuery(rules.name, **options)
    return answer(world_with_tables(events, workspace), workspace, query, now)


def counts(found: FunnelAnswer) -> list[int]:
    """Persons per step."""
    return [step.persons for step in found.steps]


def why(events: list[Event], rules: Funnel, **options: Any) -> str | None:
    """The reason of the only listed person."""
    (person,) = ask(events, rules, persons="all", **options).persons
    return person.why_not


EVENTS = st.lists(
    st.builds(
        event,
        st.integers(1, 4),
        st.sampled_from(["view", "cart", "order", "refund"]),
        st.integers(0, 8).map(lambda n: n * 6 * HOUR),
    ),
    max_size=14,
)


@settings(max_examples=effort(10), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    EVENTS,
    st.sampled_from(["ordered", "strict", "unordered"]),
    st.booleans(),
    st.sampled_from(["persons", "attempts"]),
)
def test_the_kept_attempts_answer_like_the_events(
    events: list[Event], mode: str, exclude: bool, count: str
) -> None:
    exclusions = (Exclusion(("refund",), None, (1, 3)),) if exclude else ()
    rules = funnel(mode=mode, exclude=exclusions, count=count)
    options: dict[str, Any] = {
        "range": Range(date(2026, 3, 2), date(2026, 3, 3)),
        "grain": "day",
        "hist": (1, 2),
    }
    kept = ask(events, rules, now=datetime(2026, 3, 4), **options)
    assert kept == ask(events, rules, now=datetime(2026, 3, 4), where="event = event", **options)


@settings(max_examples=effort(8), deadline=None, suppress_health_check=list(HealthCheck))
@given(EVENTS, st.sampled_from(["first_touch", "last_touch", "step:1"]))
def test_groups_partition_the_persons(events: list[Event], breakdown: str) -> None:
    valued = [
        Event(one.person, one.event, one.ts, {"channel": [None, "a", "b"][n % 3]})
        for n, one in enumerate(events)
    ]
    found = ask(valued, funnel(), by="channel", breakdown=breakdown)
    sums = [sum(group.steps[k].persons for group in found.groups) for k in range(3)]
    assert sums == counts(found)


def test_every_listed_person_is_in_a_count_and_the_other_way() -> None:
    events = [event(1, "view", 0), event(1, "cart", 5), event(2, "view", 0), event(3, "cart", 0)]
    found = ask(events, funnel(), persons="1")
    assert {one.key for one in found.persons} == {1, 2}
    assert {one.key for one in ask(events, funnel(), persons="3", which="dropped").persons} == {1}
    assert ask(events, funnel(), persons="all", limit=1).persons[0].level in (1, 2)


def test_a_path_names_the_rows_that_fill_the_steps() -> None:
    events = [event(7, "view", 0), event(7, "view", 60), event(7, "cart", 90)]
    (person,) = ask(events, funnel(), persons="all").persons
    assert [(one.step, one.event, one.file, one.line) for one in person.path] == [
        (1, "view", "events/1.ndjson", 2),
        (2, "cart", "events/1.ndjson", 3),
    ]


@pytest.mark.parametrize(
    ("events", "rules", "sentence"),
    [
        ([("view", 0)], {}, 'step 2 "cart" did not happen'),
        ([("cart", 0), ("view", 5)], {}, 'step 2 "cart" happened only before step 1 "view"'),
        ([("view", 0), ("cart", 2 * DAY)], {},
         'step 2 "cart" came 2d after step 1: the window of 1d had expired'),
        ([("view", 0), ("search", 1), ("cart", 2)], {"mode": "strict"},
         '"search" came between step 1 "view" and step 2 "cart"'),
        ([("view", 0), ("order", 2)], {"mode": "unordered"}, 'step 2 "cart" did not happen'),
        ([("view", 0), ("cart", 5 * HOUR)], {"steps": (STEPS[0], Step(("cart",), within_us=60_000_000))},
         'step 2 "cart" came 5h after step 1 "view": more than 1m'),
    ],
)  # fmt: skip
def test_a_reason_says_what_was_missing(
    events: list[tuple[str, float]], rules: dict[str, Any], sentence: str
) -> None:
    assert why([event(1, *one) for one in events], funnel(**rules)) == sentence


def test_an_excluded_person_is_listed_with_the_event_that_excluded_them() -> None:
    rules = funnel(exclude=(Exclusion(("refund",), None, (1, 2)),))
    events = [event(1, "view", 0), event(1, "refund", 1), event(1, "cart", 2)]
    assert ask(events, rules).excluded == 1
    assert ask(events, rules, persons="all").persons == ()
    said = why(events, rules, which="excluded")
    assert said == 'excluded: "refund" came between step 1 "view" and step 2 "cart"'


def test_reasons_are_said_in_chinese_too() -> None:
    assert why([event(1, "view", 0)], funnel(), language="zh") == "第 2 步“cart”没有发生"


def test_an_open_window_is_neither_a_loss_nor_mature() -> None:
    events = [
        event(1, "view", 0),
        event(1, "cart", 1),
        event(1, "order", 2),
        event(2, "view", 0),
        event(3, "view", 2 * DAY),
    ]
    found = ask(events, funnel(), now=datetime(2026, 3, 4, 12))
    assert (found.open, found.mature_rate) == (1, 0.5)
    assert why(events[-1:], funnel(), now=datetime(2026, 3, 4, 12)) == (
        'step 2 "cart" has not happened yet: the window is open until 2026-03-05 00:00'
    )


def test_times_and_rates_are_against_the_required_step_before() -> None:
    steps = (STEPS[0], Step(("cart",), optional=True), STEPS[2])
    events = [
        event(1, "view", 0),
        event(1, "cart", 10),
        event(1, "order", 30),
        event(2, "view", 0),
        event(2, "order", 50),
    ]
    one, two, three = ask(events, funnel(steps=steps)).steps
    assert (one.of_first, one.of_previous, one.avg_seconds, one.dropped) == (1.0, None, None, 0)
    assert (two.persons, two.of_previous, two.median_seconds) == (1, 0.5, 10)
    assert (three.persons, three.of_previous, three.avg_seconds, three.median_seconds) == (2, 1.0, 40, 40)
    assert three.p90_seconds == pytest.approx(48)


def test_the_bottleneck_is_furthest_below_its_target() -> None:
    steps = (STEPS[0], Step(("cart",), target=0.5), Step(("order",), target=0.9))
    events = [event(p, "view", 0) for p in range(1, 5)] + [
        event(1, "cart", 1),
        event(2, "cart", 1),
        event(1, "order", 2),
    ]
    assert ask(events, funnel(steps=steps)).bottleneck == 3
    assert ask(events, funnel()).bottleneck == 2
    assert ask(events, funnel(steps=STEPS[:1])).bottleneck is None


def test_days_without_entrants_are_listed_with_zero() -> None:
    events = [event(1, "view", 0), event(1, "cart", HOUR), event(2, "view", 2 * DAY)]
    points = ask(events, funnel(), grain="day", steps=(1, 2)).trend
    assert [(one.period, one.entered, one.converted, one.rate) for one in points] == [
        ("2026-03-02", 1, 1, 1.0),
        ("2026-03-03", 0, 0, None),
        ("2026-03-04", 1, 0, 0.0),
    ]
    (week,) = ask(events, funnel(), grain="week").trend
    assert (week.period, week.entered) == ("2026-03-02", 2)


def test_days_are_local_and_windows_are_elapsed_time() -> None:
    events = [event(1, "view", 17 * HOUR), event(1, "cart", 18 * HOUR)]
    span = Range(date(2026, 3, 3), date(2026, 3, 3))
    assert counts(ask(events, funnel(), timezone="Asia/Shanghai", range=span)) == [1, 1, 0]
    assert counts(ask(events, funnel(), range=span)) == [0, 0, 0]


def test_the_range_bounds_the_first_step_alone() -> None:
    events = [event(1, "view", 23 * HOUR), event(1, "cart", 25 * HOUR)]
    span = Range(date(2026, 3, 2), date(2026, 3, 2))
    assert counts(ask(events, funnel(), range=span)) == [1, 1, 0]
    assert counts(ask(events, funnel(), range=span, where="event = event")) == [1, 1, 0]


def test_a_held_property_stays_equal_through_an_attempt() -> None:
    events = [
        event(1, "view", 0, product="a"),
        event(1, "view", 1, product="b"),
        event(1, "cart", 2, product="b"),
    ]
    mixed = [*events[:1], event(1, "cart", 2, product="b")]
    rules = funnel(hold=("product",))
    assert counts(ask(events, rules)) == [1, 1, 0]
    assert counts(ask(mixed, rules)) == [1, 0, 0]
    assert counts(ask(mixed, rules, by="product")) == [1, 0, 0]


@pytest.mark.parametrize(("first_time", "wanted"), [("event", 0), ("filtered", 1)])
def test_first_time_is_judged_over_the_whole_history(first_time: Any, wanted: int) -> None:
    steps = (Step(("view",), where=parse("channel = 'ad'"), first_time=first_time),)
    events = [event(1, "view", 0, channel="mail"), event(1, "view", DAY, channel="ad")]
    assert counts(ask(events, funnel(steps=steps), range=Range(date(2026, 3, 3)))) == [wanted]


def test_two_entries_of_a_person_are_two_attempts() -> None:
    events = [
        event(1, "view", 0),
        event(1, "view", 2 * DAY),
        event(1, "cart", 2 * DAY + 1),
        event(1, "order", 2 * DAY + 2),
    ]
    assert counts(ask(events, funnel(count="attempts"))) == [2, 1, 1]
    assert counts(ask(events, funnel())) == [1, 1, 1]


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ([("view", 0), ("view", 1), ("cart", 2)], [1, 1]),
        ([("view", 0), ("cart", 2), ("view", 3), ("cart", 4)], [2, 2]),
        ([("view", 0), ("cart", 2), ("cart", 3)], [1, 1]),
        ([("view", 0), ("view", HOUR), ("view", 2 * DAY)], [2, 0]),
        ([("view", 0), ("refund", 1), ("view", 2), ("cart", 3)], [1, 1]),
    ],
)
def test_an_attempt_ends_by_completion_expiry_or_exclusion(
    events: list[tuple[str, float]], wanted: list[int]
) -> None:
    rules = funnel(steps=STEPS[:2], count="attempts", exclude=(Exclusion(("refund",), None, (1, 2)),))
    assert counts(ask([event(1, *one) for one in events], rules)) == wanted


@settings(max_examples=effort(8), deadline=None, suppress_health_check=list(HealthCheck))
@given(EVENTS)
def test_attempts_convert_at_least_as_often_as_persons(events: list[Event]) -> None:
    attempts, persons = counts(ask(events, funnel(count="attempts"))), counts(ask(events, funnel()))
    assert attempts[-1] >= persons[-1]
    assert attempts == sorted(attempts, reverse=True)


def test_counting_a_column_drops_events_without_it() -> None:
    events = [event(1, "view", 0, product="a"), event(2, "cart", 1, product="a"), event(3, "view", 2)]
    found = ask(events, funnel(count="product"), persons="all")
    assert counts(found) == [1, 1, 0]
    assert [(one.person, one.identifiers) for one in found.persons] == [("a", ())]


def test_a_moved_event_changes_the_kept_attempts_of_its_persons() -> None:
    events = [event(1, "view", 0), event(2, "cart", 5)]
    merged = [event(1, "view", 0), event(1, "cart", 5)]
    assert counts(ask(events, funnel())) == [1, 0, 0]
    assert counts(ask(merged, funnel())) == [1, 1, 0]


def test_no_events_give_zeros_and_no_rates() -> None:
    found = ask([], funnel(), by="channel", persons="all", grain="day", hist=(1, 2))
    assert (counts(found), found.steps[1].of_previous, found.bottleneck) == ([0, 0, 0], None, None)
    assert (found.groups, found.trend, found.histogram, found.mature_rate) == ((), (), (), None)


def test_the_json_has_every_key_and_local_times() -> None:
    found = ask([event(1, "view", 0)], funnel(), persons="all")
    shown: Any = to_json(found, "Asia/Shanghai")
    assert list(shown) == [
        "funnel", "mode", "window_seconds", "steps", "excluded", "open", "mature_rate", "bottleneck",
        "groups", "trend", "histogram", "persons", "observed_rate", "enter", "cohorts", "after", "checks",
        "definition", "watermark",
    ]  # fmt: skip
    assert shown["persons"][0]["path"][0]["ts"] == "2026-03-02T08:00:00+08:00"
    assert shown["window_seconds"] == DAY


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"persons": "9"}, "a step from 1 to 3"),
        ({"steps": (2, 1)}, "--steps takes two steps"),
        ({"breakdown": "first"}, "--breakdown takes first_touch"),
        ({"by": "chanel"}, 'no column of events "chanel"; nearest: channel'),
    ],
)
def test_a_wrong_option_is_one_clear_message(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ask([event(1, "view", 0)], funnel(), **options)


def test_an_unknown_funnel_names_the_nearest() -> None:
    workspace = workspace_of(funnel())
    with pytest.raises(UnknownName, match="nearest: buy"):
        answer(world_with_tables([], workspace), workspace, FunnelQuery("buyy"), NOW)


def test_only_funnels_over_held_columns_have_a_table() -> None:
    own = funnel(name="own", where=parse("p_colour = 'red'"))
    workspace = workspace_of(funnel(), own, funnel(name="third", window_us=timedelta(hours=1).seconds))
    assert [table.name for table in tables(workspace)] == ["attempts_1", "attempts_3"]
