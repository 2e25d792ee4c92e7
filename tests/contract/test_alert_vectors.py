"""The worked examples of alerts through the command line, over directories made for them.

All series stand in one directory and end on one day, a rule and metrics of its own for each.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests import material
from tests.contract.place import Place
from tests.engine.alerts.test_vectors import KEPT, condition

VECTORS = material.VECTORS / "alerts.json"
CASES: list[dict[str, Any]] = (
    json.loads(VECTORS.read_text(encoding="utf-8"))["cases"] if VECTORS.exists() else []
)
SERIES = [case for case in CASES if case["kind"] == "series"]
pytestmark = pytest.mark.skipif(not CASES, reason="the worked examples are not here")
LAST, FIRST = date(2026, 6, 28), date(2026, 3, 2)
SOURCE = """
[[source]]
name = "points"
files = ["*.csv"]
table = "events"
columns = { ts = "ts", event = "event", channel = "channel", value = "value" }
"""
PEOPLE = "\n".join(f"[people.{name}]" for name in ("li", "wang", "lead", "owner", "director"))


def case_of(name: str) -> dict[str, Any]:
    return next(case for case in CASES if case["id"] == name)


def metric(name: str, rate: bool) -> str:
    """TOML of one metric: a sum of its points, or a ratio of two."""
    parts = (f"{name}_num", f"{name}_den") if rate else (name,)
    sums = [
        f'[metric.{part}]\ntable = "events"\nagg = "sum"\ncolumn = "value"\ngap = "null"\n'
        f"where = \"event = '{part}'\"\n"
        for part in parts
    ]
    own = f'[metric.{name}]\nkind = "ratio"\nnum = "{name}_num"\nden = "{name}_den"\nunit = "percent"\n'
    return "".join(sums) + (own if rate else "")


def rule(name: str, given: Mapping[str, Any], prefix: str) -> str:
    """TOML of one rule; numbers and lists are written alike in JSON."""
    when = given.get("when", {"type": "threshold", "op": "<", "value": 0.02})
    keys: dict[str, object] = {"when": condition(when).replace("m_", prefix), "by": ["channel"]}
    keys |= {key: given[key] for key in (*KEPT, "on_incomplete", "group_by") if key in given}
    keys |= {key: when[key] for key in ("min_history",) if key in when}
    keys |= {"evidence": when.get("evidence", "point")}
    return f"[alert.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())


def facts(metric_name: str, channel: str, line: Iterable[Any], first: date) -> list[str]:
    """CSV lines of a series; nothing where nothing is there."""
    out = []
    for p, value in enumerate(line):
        day = f"{first + timedelta(days=p)}T12:00:00"
        if isinstance(value, dict):
            out += [f"{day},{metric_name}_{part},{channel},{value[part]}" for part in ("num", "den")]
        elif value is not None:
            out.append(f"{day},{metric_name},{channel},{value}")
    return out


def put(place: Place, lines: Sequence[str]) -> None:
    place.put("points.csv", "\n".join(["ts,event,channel,value", *lines]))


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Every series of the examples."""
    place, toml, lines = Place(tmp_path_factory.mktemp("series")), [SOURCE], list[str]()
    for case in SERIES:
        names = {name for each in case["members"].values() for name in each}
        for name in sorted(names):
            rate = any(isinstance(v, dict) for each in case["members"].values() for v in each.get(name, ()))
            toml.append(metric(f"{case['id'].lower()}_{name}", rate))
        toml.append(rule(case["id"], case["rule"], f"{case['id'].lower()}_"))
        length = max(len(line) for each in case["members"].values() for line in each.values())
        first = LAST - timedelta(days=length - 1)
        for member, each in case["members"].items():
            for name, line in each.items():
                lines += facts(f"{case['id'].lower()}_{name}", member, line, first)
    put(place, lines)
    place.toml("\n".join(toml))
    return place


def as_of(moment: date | datetime) -> tuple[str, str]:
    return ("--as-of", moment.isoformat())


@pytest.fixture(scope="module")
def said(series: Place) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Transitions and alerts of all of them."""
    end = as_of(LAST + timedelta(days=1))
    alerts = series.ask("alerts", "--all", *end)["alerts"]
    return series.ask("alerts", "--history", *end)["transitions"], alerts


@pytest.mark.parametrize("case", SERIES, ids=lambda case: case["id"])
def test_a_series_gives_the_transitions_and_states_of_its_example(
    said: tuple[list[dict[str, Any]], list[dict[str, Any]]], case: dict[str, Any]
) -> None:
    history, alerts = said
    length = max(len(line) for each in case["members"].values() for line in each.values())
    first = LAST - timedelta(days=length - 1)
    found: dict[str, list[dict[str, Any]]] = {member: [] for member in case["members"]}
    for one in history:
        if one["rule"] == case["id"]:
            p = (date.fromisoformat(one["period"]) - first).days
            found[one["labels"]["channel"]].append({"p": p, "event": one["event"]})
    assert found == case["expect"]["transitions"]
    states = {one["labels"]["channel"]: one["state"] for one in alerts if one["rule"] == case["id"]}
    assert states == case["expect"]["final_state"]


def test_a_back_test_of_an_example_says_the_same(
    series: Place, said: tuple[list[dict[str, Any]], list[dict[str, Any]]]
) -> None:
    keys = ("id", "labels", "period", "event", "severity", "reason", "active_at")
    for name in ("A01", "B10"):
        found = series.ask("backtest", name, *as_of(LAST + timedelta(days=1)))["transitions"]
        want = [one for one in said[0] if one["rule"] == name]
        assert [[one[key] for key in keys] for one in found] == [[one[key] for key in keys] for one in want]


class Told:
    """A directory that is asked again and again, each time by a process of its own."""

    def __init__(self, place: Place, given: Mapping[str, Any], more: str = 'notify = ["li"]\n') -> None:
        self.place, self.seen = place, [0, 0]
        place.toml("\n".join([SOURCE, metric("m_value", False), rule("r", given, "m_") + more, PEOPLE]))

    def look(self, now: date | datetime) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """New transitions, new messages."""
        history = self.place.ask("alerts", "--history", *as_of(now))["transitions"]
        messages = self.place.ask("outbox", *as_of(now))["messages"]
        new = (history[self.seen[0] :], messages[self.seen[1] :])
        self.seen = [len(history), len(messages)]
        return new


@pytest.mark.parametrize("name", ["F03", "G01", "G04"])
def test_loads_and_revisions_give_the_steps_of_their_example(place: Place, name: str) -> None:
    case = case_of(name)
    console = Told(place, case.get("rule") or case["steps"][0]["rule"])
    values: list[Any] = []
    fired = delivered = 0
    for step in (step for step in case["steps"] if step["op"] != "kill"):
        values = list(step.get("value", values))
        for p, value in step.get("set", {}).items():
            values[int(p)] = value
        put(place, facts("m_value", "all", values, FIRST))
        now = datetime.fromisoformat(step["at"]) if "at" in step else FIRST + timedelta(days=len(values))
        looks = [console.look(now) for _ in range(step.get("repeat", 1))]
        history, messages = ([one for look in looks for one in look[k]] for k in (0, 1))
        fired += sum(one["event"] == "firing" for one in history)
        delivered += len(messages)
        for one, want in zip(history, step.get("expect_transitions", history), strict=True):
            p = (date.fromisoformat(one["period"]) - FIRST).days
            assert {"p": p, **one}.items() >= want.items() if want is not one else True
        kinds = [one["kind"] for one in messages]
        assert kinds == step.get("expect_notifications", kinds)
        if "expect_detected_at" in step:
            assert history[0]["detected_at"].startswith(step["expect_detected_at"])
    want = case["expect"]
    (alert,) = place.ask("alerts", *as_of(now))["alerts"]
    assert alert["state"] == want.get("final_state", alert["state"])
    assert (fired, delivered) == (want.get("episodes", fired), want.get("deliveries", delivered))


def test_a_running_day_is_compared_with_the_same_part_of_the_day_before(place: Place) -> None:
    case = case_of("F06")
    console = Told(place, case["rule"])
    yesterday = [f"2026-03-03T{h:02}:30:00,m_value,all,{v}" for h, v in enumerate(case["hourly_yesterday"])]
    before = [f"2026-03-02T12:00:00,m_value,all,{sum(case['hourly_yesterday'])}"]
    for step in case["steps"]:
        today = [f"2026-03-04T{h:02}:30:00,m_value,all,{v}" for h, v in enumerate(step["hourly_today"])]
        put(place, [*before, *yesterday, *today])
        history, messages = console.look(datetime.fromisoformat(step["at"]))
        keys = {"p": "period", "event": "event", "partial": "partial"}
        found = [{key: one[name] for key, name in keys.items()} for one in history]
        assert found == step["expect_transitions"]
        assert [one["kind"] for one in messages] == step["expect_notifications"]
    (alert,) = place.ask("alerts", *as_of(datetime.fromisoformat(step["at"])))["alerts"]
    want = (case["expect"]["current_elapsed_sum"], case["expect"]["baseline_elapsed_sum"])
    assert (alert["value"], alert["expected"]) == want


def test_members_that_fire_together_are_one_message(place: Place) -> None:
    case = case_of("H01")
    console, steps = Told(place, case["rule"]), case["steps"]
    names = sorted({member for step in steps for member in step["firing"]})
    for k, step in enumerate(steps):
        lines = []
        for name in names:
            line = [0.01 if name in each["firing"] else 0.03 for each in steps[: k + 1]]
            lines += facts("m_value", name, line, FIRST)
        put(place, lines)
        _, messages = console.look(FIRST + timedelta(days=k + 1))
        want = step["expect_messages"]
        assert [{key: one[key] for key in w} for one, w in zip(messages, want, strict=True)] == want


def test_nobody_is_escalated_to_after_the_ack(place: Place) -> None:
    steps = ('{ after_minutes = 30, notify = ["lead"] }', '{ after_minutes = 60, notify = ["director"] }')
    console = Told(place, {}, f'owner = "owner"\nnotify = ["owner"]\nescalation = [{", ".join(steps)}]\n')
    put(place, facts("m_value", "all", [0.01], FIRST))
    begun, told = datetime.combine(FIRST + timedelta(days=1), datetime.min.time()), []
    for minutes in (0, 30, 45, 60, 120):
        now = begun + timedelta(minutes=minutes)
        if minutes == 45:
            (alert,) = place.ask("alerts", *as_of(now))["alerts"]
            place.ask("ack", alert["id"], "--by", "owner", *as_of(now))
        _, messages = console.look(now)
        told += [{"at_min": minutes, "to": one["recipients"][0]} for one in messages]
    assert told == case_of("H04")["expect"]["messages"]


def test_each_member_goes_to_its_owner(place: Place) -> None:
    case = case_of("H07")
    said = ", ".join(f'{member} = "{who}"' for member, who in case["owners"]["channel"].items())
    head = case["owners"]["rule"]
    console = Told(place, {}, f'owner = "{head}"\nowners = {{ {said} }}\nnotify = ["owner"]\n')
    put(place, [line for name in "abc" for line in facts("m_value", name, [0.01], FIRST)])
    now = FIRST + timedelta(days=1)
    _, messages = console.look(now)
    want = case["expect"]["recipients"]
    assert sorted(one["recipients"] for one in messages) == sorted([who] for who in want.values())
    alerts = place.ask("alerts", *as_of(now))["alerts"]
    assert {one["labels"]["channel"]: one["owner"] for one in alerts} == want


def test_the_review_of_an_example(place: Place) -> None:
    case = case_of("J01")
    Told(place, {"when": {"type": "threshold", "op": ">", "value": 10}})
    put(place, facts("m_value", "all", [11, 1] * len(case["labels"]), FIRST))
    now = FIRST + timedelta(days=2 * len(case["labels"]))
    history = place.ask("alerts", "--history", *as_of(now))["transitions"]
    fired = [one["id"] for one in history if one["event"] == "firing"]
    labels = [(one, label) for one, label in zip(fired, case["labels"], strict=True) if label != "unreviewed"]
    kinds = {label: one for one, label in labels}
    for label, one in kinds.items():
        place.ask("review", one, "--label", label, "--by", "li", *as_of(now))
    ledger = sqlite3.connect(place.state / "ledger.db")
    copied = (
        "INSERT INTO alert_reviews (episode, rule, member, label, author, note, at)"
        " SELECT ?, rule, member, label, author, note, at FROM alert_reviews WHERE label = ? LIMIT 1"
    )
    ledger.executemany(copied, [(one, label) for one, label in labels if kinds[label] != one])
    ledger.commit()
    ledger.close()
    (found,) = place.ask("review", *as_of(now))["rules"]
    want = case["expect"]
    low, high = want["wilson_two_sided_95"]
    assert (found["reviewed"], found["precision"]) == (want["reviewed"], pytest.approx(want["precision"]))
    assert (found["low"], found["high"]) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert found["coverage"] == pytest.approx(want["coverage"], abs=5e-5)
