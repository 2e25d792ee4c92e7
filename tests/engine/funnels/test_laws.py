"""Answers agree with exhaustion: random events, random rules of every kind, in plain Python beside it.

`LOOPTOP_EFFORT=20` has the laws try twenty times as many examples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.expressions import parse
from engine.funnels import answer
from engine.funnels.plan import Plan, plan_of
from engine.questions import FunnelQuery
from engine.workspace.model import Exclusion, Funnel, Step
from tests.effort import effort
from tests.engine.funnels.oracle import Try, best, entries, tries
from tests.engine.funnels.world import Event, workspace_of, world_with_tables

NAMES = ("a", "b", "c", "x")
EPOCH = datetime(1970, 1, 1)
PLACES = {
    "UTC": datetime(2026, 3, 2),
    "Europe/Berlin": datetime(2026, 3, 28, 21),
    "America/Sao_Paulo": datetime(2018, 11, 3, 22),
    "Pacific/Apia": datetime(2011, 12, 29, 8),
}
"""Time zones and a moment (UTC) soon before a clock change: at night, at midnight, one that skips a day."""
WHERE: dict[str, Callable[[Event], bool]] = {
    "product = 'p'": lambda one: one.props["product"] == "p",
    "value > 1": lambda one: one.props["value"] is not None and int(str(one.props["value"])) > 1,
}


@st.composite
def steps(draw: st.DrawFn, first: bool) -> Step:
    """A step: one event, two, or any; with a filter, a limit, optional, first time."""
    events = draw(st.sampled_from([("a",), ("b",), ("c",), ("a", "b"), ("b", "c"), ()]))
    where = draw(st.sampled_from([None, None, None, *WHERE]))
    return Step(
        events,
        parse(where) if where else None,
        optional=not first and draw(st.integers(0, 3)) == 0,
        within_us=draw(st.sampled_from([None, None, None, 3_600_000_000, 7_200_000_000])),
        first_time=draw(st.sampled_from([None, None, None, None, "event", "filtered"])) if events else None,
    )


@st.composite
def funnels(draw: st.DrawFn) -> Funnel:
    """Random rules."""
    count = draw(st.integers(1, 4))
    chain = tuple(draw(steps(number == 0)) for number in range(count))
    natural: Any = draw(st.sampled_from([None, None, None, "same_day", "same_week"]))
    pairs = [(i, j) for i in range(1, count + 1) for j in range(i + 1, count + 1)]
    excluded = draw(st.lists(st.sampled_from(pairs), max_size=2)) if pairs else []
    return Funnel(
        "law",
        chain,
        window_us=draw(st.sampled_from([None, 3_600_000_000, 10_800_000_000, 90_000_000_000])),
        natural_window=natural,
        mode=draw(st.sampled_from(["ordered", "ordered", "strict", "unordered"])),
        exclude=tuple(Exclusion(("x",), None, pair) for pair in excluded),
        on_exclusion=draw(st.sampled_from(["drop", "restart"])),
        hold=draw(st.sampled_from([(), (), (), ("product",)])),
        count=draw(st.sampled_from(["persons", "persons", "attempts", "product"])),
        ties=draw(st.sampled_from(["any", "any", "strict"])),
    )


@dataclass(frozen=True)
class Case:
    """Events, rules and how they are asked."""

    events: Sequence[Event]
    funnel: Funnel
    timezone: str
    week_start: int
    enter: Any
    now: datetime
    breakdown: str

    @property
    def plan(self) -> Plan:
        """The rules as numbers."""
        anywhere = self.enter == "any"
        return plan_of(self.funnel, self.timezone, self.week_start, anywhere=anywhere)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A tiny world: some persons, few moments, so that there are ties."""
    timezone = draw(st.sampled_from(sorted(PLACES)))
    start = PLACES[timezone]
    one = st.builds(
        lambda person, name, half, product, value: Event(
            person, name, start + timedelta(minutes=30 * half), {"product": product, "value": value}
        ),
        st.integers(1, 3),
        st.sampled_from(NAMES),
        st.integers(0, 12) | st.integers(0, 90),
        st.sampled_from(["p", "p", "q", None]),
        st.sampled_from([1, 2, None]),
    )
    return Case(
        draw(st.lists(one, min_size=1, max_size=12)),
        draw(funnels()),
        timezone,
        draw(st.sampled_from([0, 6])),
        draw(st.sampled_from(["first", "first", "any"])),
        start + timedelta(hours=draw(st.integers(0, 60))),
        draw(st.sampled_from(["first_touch", "last_touch", "all_events", "step:1"])),
    )


def meets(one: Event, step: Step | Exclusion) -> bool:
    """Whether an event meets a step's own conditions."""
    return (not step.events or one.event in step.events) and (
        step.where is None or WHERE[step.where.text](one)
    )


def masks(history: Sequence[Event], funnel: Funnel) -> list[int]:
    """Bits of steps and exclusions of each event of an entity; first-time steps over its whole history."""
    found = []
    conditions: tuple[Step | Exclusion, ...] = (*funnel.steps, *funnel.exclude)
    for one in history:
        bits = 0
        for number, each in enumerate(conditions):
            if meets(one, each) and _first(one, each, history):
                bits |= 1 << number
        found.append(bits)
    return found


def _first(one: Event, each: Step | Exclusion, history: Sequence[Event]) -> bool:
    if not isinstance(each, Step) or each.first_time is None:
        return True
    named = [other for other in history if other.event in each.events]
    seen = named if each.first_time == "event" else [other for other in named if meets(other, each)]
    return one.ts == min(other.ts for other in seen)


def expected(case: Case) -> dict[object, list[tuple[Try, bool]]]:
    """What counts, by entity: attempts and whether each is excluded."""
    funnel, plan = case.funnel, case.plan
    histories: dict[object, list[Event]] = defaultdict(list)
    for one in case.events:
        who = one.props["product"] if funnel.count == "product" else one.person
        if who is not None:
            histories[who].append(one)
    found: dict[object, list[tuple[Try, bool]]] = {}
    for who, history in histories.items():
        units: dict[object, list[tuple[int, int]]] = defaultdict(list)
        for one, mask in zip(history, masks(history, funnel), strict=True):
            unit = tuple(one.props[name] for name in funnel.hold)
            if None not in unit and (mask or plan.mode == "strict"):
                units[unit].append((round((one.ts - EPOCH).total_seconds()) * 1_000_000, mask))
        held = [each for facts in units.values() for each in tries(facts, plan)]
        if held:
            found[who] = entries(held, plan) if funnel.count == "attempts" else [best(held, plan)]
            found[who] = [(replaced, excluded) for replaced, excluded in found[who]]
    return found


def numbers(case: Case, counted: Mapping[object, list[tuple[Try, bool]]]) -> dict[str, object]:
    """Persons per step, excluded, and levels, by exhaustion."""
    plan = case.plan
    kept = [one for each in counted.values() for one, excluded in each if not excluded]
    levels = sorted(
        (str(who), plan.required[one.count - 1] + 1)
        for who, each in counted.items()
        for one, excluded in each
        if not excluded
    )
    steps_ = range(plan.steps)
    took = {
        step: [
            (one.times[step] or 0) - (one.times[before] or 0)
            for one in kept
            if one.reaches(step, plan) and one.reaches(before, plan)
        ]
        for step in steps_
        if (before := plan.previous(step)) is not None
    }
    return {
        "persons": [sum(one.reaches(step, plan) for one in kept) for step in steps_],
        "excluded": sum(excluded for each in counted.values() for _, excluded in each),
        "avg": [
            None if not took.get(step) else sum(took[step]) / len(took[step]) / 1_000_000 for step in steps_
        ],
        "levels": levels,
    }


def asked(case: Case, **options: Any) -> dict[str, object]:
    """The same from the engine."""
    workspace = workspace_of(case.funnel, timezone=case.timezone, week_start=case.week_start)
    world = world_with_tables(case.events, workspace)
    query = FunnelQuery("law", enter=case.enter, persons="all", **options)
    listed = answer(world, workspace, query, case.now)
    plain = answer(world, workspace, FunnelQuery("law", enter=case.enter), case.now)
    parted = FunnelQuery(
        "law", enter=case.enter, by="product", breakdown=case.breakdown, grain="day", cohorts="day"
    )
    divided = answer(world, workspace, parted, case.now)
    assert plain.checks == listed.checks == divided.checks == ()
    assert divided.steps == plain.steps
    assert [row.entered for row in divided.cohorts] == [point.entered for point in divided.trend]
    assert (plain.steps, plain.excluded, plain.open) == (listed.steps, listed.excluded, listed.open)
    return {
        "persons": [step.persons for step in listed.steps],
        "excluded": listed.excluded,
        "avg": [step.avg_seconds for step in listed.steps],
        "levels": sorted((str(one.key or one.person), one.level) for one in listed.persons),
    }


@settings(max_examples=effort(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_answers_are_those_of_exhaustion(case: Case) -> None:
    """In all modes, with exclusions dropped and restarted, ties, limits per hop, optional and first-time
    steps, several events per step, held columns, persons, attempts or a column, open, natural windows."""
    assert asked(case) == numbers(case, expected(case))


def test_the_moments_of_the_laws_lie_before_clock_changes() -> None:
    for name, start in PLACES.items():
        zone = ZoneInfo(name)
        offsets = {
            (start + timedelta(hours=n)).replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).utcoffset()
            for n in range(48)
        }
        assert len(offsets) == (1 if name == "UTC" else 2)
