"""The worked examples of funnel semantics, where they are present."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.expressions import parse
from engine.funnels import answer
from engine.questions import FunnelAnswer, FunnelQuery, Range
from engine.workspace.model import Exclusion, Funnel, Step
from tests import material
from tests.engine.funnels.world import Event, workspace_of, world_with_tables

VECTORS = material.VECTORS / "funnels.json"
CASES = json.loads(VECTORS.read_text("utf-8"))["vectors"] if VECTORS.exists() else []
USED = [case for case in CASES if "clickhouse_only_mode" not in case.get("tags", [])]

pytestmark = pytest.mark.skipif(not CASES, reason="the worked examples are not here")


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _condition(name: str, value: object) -> str:
    column = f"p_{name}"
    if not isinstance(value, dict):
        return f"{column} = {_literal(value)}"
    if "is_null" in value:
        return f"{column} is {'' if value['is_null'] else 'not '}null"
    if "in" in value:
        return f"{column} in ({', '.join(map(_literal, value['in']))})"
    return f"contains({column}, {_literal(value['contains'])})"


def _where(values: Mapping[str, object] | None) -> Any:
    return parse(" and ".join(_condition(*pair) for pair in values.items())) if values else None


def _names(step: Any) -> tuple[str, ...]:
    if isinstance(step, str):
        return (step,)
    return tuple(step["event_in"]) if "event_in" in step else () if step.get("any") else (step["event"],)


def _step(step: Any, hop: float | None) -> Step:
    keys: Mapping[str, Any] = {} if isinstance(step, str) else step
    first = {"event": "event", "event+filters": "filtered"}.get(keys.get("first_time", ""))
    within = None if hop is None else round(hop * 1_000_000)
    return Step(
        events=_names(step), where=_where(keys.get("where")), optional=keys.get("optional", False),
        within_us=within, first_time=first,  # type: ignore[arg-type]
    )  # fmt: skip


def _exclusion(given: Mapping[str, Any]) -> Exclusion:
    inner = given["event"] if isinstance(given["event"], dict) else given
    return Exclusion((inner["event"],), _where(inner.get("where")), (given["from"], given["to"]))


def _funnel(case: Mapping[str, Any], name: str, count: str) -> Funnel:
    hops = case.get("hop_seconds") or [None] * len(case["steps"])
    window = case["window_seconds"]
    return Funnel(
        name=name,
        steps=tuple(_step(step, hop) for step, hop in zip(case["steps"], hops, strict=True)),
        window_us=None if window is None else round(window * 1_000_000),
        mode=case["mode"],
        exclude=tuple(_exclusion(each) for each in case["exclusions"]),
        where=_where(case.get("filter")),
        hold=tuple(f"p_{each}" for each in case.get("hold", [])),
        count=count,
        ties="strict" if case.get("strict_increase") else "any",
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


class Case:
    """One example as a world, its questions and the users behind the persons."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.case = case
        entity = f"p_{case['entity']}" if case.get("entity") else "persons"
        self.workspace = workspace_of(_funnel(case, "case", entity), _funnel(case, "totals", "attempts"))
        identity = case.get("identity", {})
        people: dict[str, int] = {}
        self.users: dict[int, set[str]] = {}
        events = []
        for user, name, ts, props in case["events"]:
            key = people.setdefault(identity.get(user, f"u-{user}"), len(people) + 1)
            self.users.setdefault(key, set()).add(user)
            events.append(Event(key, name, _time(ts), {f"p_{k}": v for k, v in props.items()}))
        self.world = world_with_tables(events, self.workspace)
        self.now = max(one.ts for one in events)

    def ask(self, funnel: str = "case", **options: Any) -> FunnelAnswer:
        days = [_time(text).date() for text in self.case.get("date_range", [])]
        query = FunnelQuery(funnel, range=Range(*days), **options)
        return answer(self.world, self.workspace, query, self.now)

    def persons(self, **options: Any) -> dict[str, int]:
        """User → level of the listed persons."""
        found = self.ask(**options).persons
        return {user: one.level for one in found for user in self.users[one.key]}


def _counts(steps: Any) -> list[int]:
    return [step.persons for step in steps]


def _check_times(name: str, wanted: list[float | None], steps: Any) -> None:
    for value, step in zip(wanted, steps, strict=True):
        if value is not None:
            assert getattr(step, f"{name}_seconds") == pytest.approx(value)


def _wanted(case: Mapping[str, Any]) -> dict[str, Any]:
    ours = case["results"].get("ours") or {}
    return dict(ours) if "ours_differs" in case.get("tags", []) else {**case["expected"], **ours}


def check(case: Mapping[str, Any]) -> None:
    """Raises AssertionError where an answer is not the example's."""
    world, want = Case(case), _wanted(case)
    if "counts" in want:
        assert _counts(world.ask().steps) == want["counts"]
        assert _counts(world.ask(where="event = event").steps) == want["counts"], "from events"
    for name in ("avg", "median"):
        if name in want:
            _check_times(name, want[name], world.ask().steps)
    if "excluded" in want:
        assert set(world.persons(persons="all", which="excluded")) == set(want["excluded"])
        assert world.ask().excluded == len(want["excluded"])
    if "levels" in want:
        assert world.persons(persons="all") == {
            user: level for user, level in want["levels"].items() if level
        }
    for step, users in want.get("actors", {}).items():
        assert set(world.persons(persons=step)) == set(users)
    if "bins" in want:
        found = world.ask(hist=tuple(case["bins_of"])).histogram
        assert [list(entry) for entry in found] == want["bins"]
    if "breakdown" in want:
        _check_breakdown(world, want["breakdown"])
    if "trend" in want:
        given = want["trend"]
        points = world.ask(grain=given["interval"], steps=(given["from_step"], given["to_step"])).trend
        assert [[one.period, one.entered, one.converted] for one in points] == given["rows"]
    if "totals" in want:
        assert _counts(world.ask("totals").steps) == want["totals"]


def _check_breakdown(world: Case, want: Mapping[str, Any]) -> None:
    groups = world.ask(by=f"p_{want['by']}", breakdown=want["attribution"]).groups
    assert {one.value or "": _counts(one.steps) for one in groups} == want["counts"]
    for one in groups:
        _check_times(
            "avg", want.get("avg", {}).get(one.value or "", []) or [None] * len(one.steps), one.steps
        )


@pytest.mark.parametrize("case", USED, ids=[case["name"] for case in USED])
def test_a_worked_example_holds(case: Mapping[str, Any]) -> None:
    check(case)
