"""The worked examples of alerts, where they are present: series, restarts, groups, owners, escalation."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.alerts import Ledger, evaluate
from engine.workspace.model import Rule, Workspace
from tests import material
from tests.engine.alerts.points import START, Points, Value, end, rule, workspace

VECTORS = material.VECTORS / "alerts.json"
CASES: list[dict[str, Any]] = (
    json.loads(VECTORS.read_text(encoding="utf-8"))["cases"] if VECTORS.exists() else []
)
SERIES = [case for case in CASES if case["kind"] == "series"]
KEPT = ("for_periods", "recover_periods", "cooldown_periods", "nodata", "nodata_periods",
        "member_ttl_periods",
        "min_den", "min_base", "min_history")  # fmt: skip
pytestmark = pytest.mark.skipif(not CASES, reason="the worked examples are not here")


def condition(when: dict[str, Any]) -> str:
    metric = f"m_{when.get('metric', 'value')}"
    if when["type"] in ("any", "all"):
        return "(" + {"any": " or ", "all": " and "}[when["type"]].join(map(condition, when["of"])) + ")"
    if when["type"] == "threshold":
        return f"{metric} {when['op']} {when['value']}"
    if when["type"] == "pop":
        base = {"prev": "previous", "year_day": "year"}.get(when["baseline"], when["baseline"])
        limit = f"< -{when['drop_pct']}%" if "drop_pct" in when else f"> {when['rise_pct']}%"
        return f"change({metric}, {base}) {limit}"
    if when["type"] == "vs_mean":
        limit = f"< -{when['below_pct']}%" if "below_pct" in when else f"> {when['above_pct']}%"
        return f"{metric} / mean({metric}, {when['window']}) - 1 {limit}"
    sign = f"< -{when['k']}" if when["direction"] == "down" else f"> {when['k']}"
    return f"deviation({metric}, {when['weeks']}) {sign}"


def rule_of(given: dict[str, Any], **more: object) -> Rule:
    kept = {key: value for key, value in given.items() if key in KEPT}
    when = given.get("when", {"type": "threshold", "op": "<", "value": 0.02})
    kept |= {key: when[key] for key in ("min_history",) if key in when}
    by = tuple(given.get("labels", ()))
    return rule(condition(when), by=by, evidence=when.get("evidence", "point"), **kept, **more)


def value_of(raw: Any) -> Value:
    return (raw["num"], raw["den"]) if isinstance(raw, dict) else raw


def shop(rules: Rule, members: dict[str, dict[str, list[Any]]], start: date) -> tuple[Points, Workspace]:
    points = {
        m: {name: [value_of(v) for v in line] for name, line in each.items()} for m, each in members.items()
    }
    rates = {
        name
        for each in points.values()
        for name, line in each.items()
        if any(isinstance(v, tuple) for v in line)
    }
    return Points(points, start), workspace(rules, rates=rates)


@pytest.mark.parametrize("case", SERIES, ids=lambda case: case["id"])
def test_a_series_gives_the_transitions_and_states_of_its_example(case: dict[str, Any]) -> None:
    start = date.fromisoformat(case.get("start", START.isoformat())[:10])
    points, work = shop(rule_of(case["rule"]), case["members"], start)
    last = max(len(line) for each in case["members"].values() for line in each.values()) - 1
    ledger = Ledger(None)
    now = end(last, start)
    answer = evaluate(points, work, ledger, now, detected_at=now, answer=points.answer)
    alone = next(iter(case["members"]))
    assert transitions(ledger, start, alone) == {m: t for m, t in case["expect"]["transitions"].items() if t}
    states = {next(iter(each.labels.values()), alone): each.state for each in answer.alerts}
    for member, state in case["expect"]["final_state"].items():
        assert states.get(member, "ok") == state


def transitions(ledger: Ledger, start: date, alone: str) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {}
    for each in ledger.history():
        p = (date.fromisoformat(each.period) - start).days
        member = next(iter(each.labels.values()), alone) or ""
        out.setdefault(member, []).append({"p": p, "event": each.event})
    return out


class Console:
    """A workspace that is looked at again and again, each time by a new process."""

    def __init__(self, rules: Rule, path: Path) -> None:
        self.work, self.path = workspace(rules, rates=()), path
        self.seen = (0, 0)

    def run(self, points: Points, now: datetime) -> tuple[list[Any], list[Any], tuple[Any, ...]]:
        """New transitions, new messages and all alerts."""
        ledger = Ledger(self.path)
        answer = evaluate(points, self.work, ledger, now, detected_at=now, answer=points.answer)
        history, outbox = sorted(ledger.history(), key=lambda t: t.detected_at), ledger.outbox()
        new = (history[self.seen[0] :], list(outbox[self.seen[1] :]))
        self.seen = (len(history), len(outbox))
        ledger.close()
        return *new, answer.alerts


def case_of(name: str) -> dict[str, Any]:
    return next((case for case in CASES if case["id"] == name), {})


def short(new: list[Any], *keys: str) -> list[dict[str, Any]]:
    return [{"p": (date.fromisoformat(t.period) - START).days, "event": t.event}
            | {key: getattr(t, key) for key in keys}
            for t in new]  # fmt: skip


@pytest.mark.parametrize("name", [case["id"] for case in SERIES if "notifications" in case["expect"]])
def test_messages_of_a_series_come_in_their_period(name: str, tmp_path: Path) -> None:
    case, found = case_of(name), []
    points, work = shop(rule_of(case["rule"]), case["members"], START)
    console = Console(rule_of(case["rule"]), tmp_path / "ledger.db")
    console.work = work
    for p in range(len(next(iter(next(iter(case["members"].values())).values())))):
        upto = {m: {s: line[: p + 1] for s, line in each.items()} for m, each in points.values.items()}
        _, messages, _ = console.run(Points(upto, START), end(p))
        found += [{"p": p, "kind": message.kind} for message in messages]
    assert found == case["expect"]["notifications"]


@pytest.mark.parametrize("name", ["F03", "G01", "G04"])
def test_loads_and_revisions_give_the_steps_of_their_example(name: str, tmp_path: Path) -> None:
    case = case_of(name)
    given = case.get("rule") or case["steps"][0]["rule"]
    console = Console(rule_of(given), tmp_path / "ledger.db")
    values: list[Any] = []
    episodes = deliveries = 0
    alerts: tuple[Any, ...] = ()
    for step in (step for step in case["steps"] if step["op"] != "kill"):
        values = list(step.get("value", values))
        for p, value in step.get("set", {}).items():
            values[int(p)] = value
        now = datetime.fromisoformat(step["at"]) if "at" in step else end(len(values) - 1)
        new: list[Any] = []
        messages: list[Any] = []
        for _ in range(step.get("repeat", 1)):
            more, told, alerts = console.run(Points({"all": {"value": values}}, START), now)
            new, messages = new + more, messages + told
        if "expect_transitions" in step:
            keys = {key for each in step["expect_transitions"] for key in each} - {"p", "event"}
            assert short(new, *keys) == step["expect_transitions"]
        assert [m.kind for m in messages] == step.get("expect_notifications", [m.kind for m in messages])
        if "expect_detected_at" in step:
            assert new[0].detected_at == datetime.fromisoformat(step["expect_detected_at"])
        fired = [each for each in new if each.event == "firing"]
        episodes, deliveries = episodes + len(fired), deliveries + len(messages)
    want = case["expect"]
    assert alerts[0].state == want.get("final_state", alerts[0].state)
    assert (episodes, deliveries) == (want.get("episodes", episodes), want.get("deliveries", deliveries))
    active = (
        (START + timedelta(days=want["active_at"])).isoformat()
        if "active_at" in want
        else alerts[0].active_at
    )
    assert alerts[0].active_at == active


def test_members_that_fire_together_are_one_message(tmp_path: Path) -> None:
    case = case_of("H01")
    steps, names = case["steps"], sorted({m for step in case["steps"] for m in step["firing"]})
    console = Console(rule_of(case["rule"]), tmp_path / "ledger.db")
    for k, step in enumerate(steps):
        values = {
            m: {"value": [0.01 if m in each["firing"] else 0.03 for each in steps[: k + 1]]} for m in names
        }
        _, messages, _ = console.run(Points(values, START), end(k))
        found = [{"kind": m.kind, "new": m.new, "total": m.total} for m in messages]
        want = step["expect_messages"]
        assert [{key: each[key] for key in w} for each, w in zip(found, want, strict=True)] == want


def test_nobody_is_escalated_to_after_the_ack(tmp_path: Path) -> None:
    more: dict[str, Any] = {
        "owner": "p_owner",
        "notify": ("owner",),
        "escalation": ((30, ("p_lead",)), (60, ("p_director",))),
    }
    console = Console(rule("m_value < 0.02", **more), tmp_path / "ledger.db")
    points, first, told = Points({"all": {"value": [0.01]}}, START), end(0), []
    for minutes in (0, 30, 45, 60, 120):
        now = first + timedelta(minutes=minutes)
        _, messages, alerts = console.run(points, now)
        told += [{"at_min": minutes, "to": m.recipients[0].removeprefix("p_")} for m in messages]
        if minutes == 45:
            Ledger(console.path).act("ack", alerts[0].id, "p_owner", now)
    assert told == case_of("H04")["expect"]["messages"]


def test_each_member_goes_to_its_owner(tmp_path: Path) -> None:
    owners = {"a": "li", "b": "wang"}
    given = rule("m_value < 0.02", by=("channel",), owner="lead", owners=owners, notify=("owner",))
    console = Console(given, tmp_path / "ledger.db")
    values = {m: {"value": [0.01]} for m in "abc"}
    _, messages, alerts = console.run(Points(values, START), end(0))
    want = case_of("H07")["expect"]["recipients"]
    assert {each.labels["channel"]: each.owner for each in alerts} == want
    assert sorted(m.recipients for m in messages) == sorted((who,) for who in want.values())
