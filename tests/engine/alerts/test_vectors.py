"""The worked examples of alerts, where they are present: series, restarts, groups, owners, escalation."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.alerts import Ledger, evaluate
from engine.workspace.model import Rule, Workspace
from tests.engine.alerts.points import START, Points, Value, end, rule, workspace

VECTORS = Path(os.environ.get("LOOPTOP_VECTORS", "../shared/vectors")) / "alerts.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"] if VECTORS.exists() else []
SERIES = [case for case in CASES if case["kind"] == "series"]
KEPT = ("for_periods", "recover_periods", "cooldown_periods", "nodata", "nodata_periods", "member_ttl_periods",
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
    points = {m: {name: [value_of(v) for v in line] for name, line in each.items()} for m, each in members.items()}
    rates = {name for each in points.values() for name, line in each.items() if any(isinstance(v, tuple) for v in line)}
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
