"""The worked examples of identity, asked through the commands as their README says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import material
from tests.contract.place import Place

FILE = material.VECTORS / "identity.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
CASES: list[dict[str, Any]] = VECTORS.get("cases", [])
TYPES: list[str] = VECTORS.get("default_config", {}).get("priority", [])

pytestmark = pytest.mark.skipif(not CASES, reason="the worked examples are not here")

Case = dict[str, Any]


def toml_of(case: Case) -> str:
    """looptop.toml of a case, below [console]."""
    columns = ", ".join(f"{name} = {name!r}".replace("'", '"') for name in TYPES)
    override = case.get("config_override") or {}
    lines = ["[identity]"]
    for key in ("priority", "limit", "fanout"):
        if key in override:
            lines.append(f"{key} = {_inline(override[key])}")
    if "blocked" in override:
        blocked = dict(override["blocked"])
        made: dict[str, Any] = {}
        if "any_exact" in blocked:
            made["any"] = blocked.pop("any_exact")
        if "any_regex" in blocked:
            made["regex"] = {"any": blocked.pop("any_regex")}
        lines.append(f"blocked = {_inline({**made, **blocked})}")
    for key in ("always_link", "never_link"):
        if case.get(key):
            lines.append(f"{key} = {_inline(case[key])}")
    source = f"""
[[source]]
name = "observations"
files = ["obs/*.ndjson"]
table = "events"
event = "visit"
dedupe = ["event_id"]
columns = {{ ts = "ts", event_id = "obs_id", {columns} }}
"""
    return source + "\n".join(lines) + "\n"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def line_of(observation: Case) -> str:
    """One record; a type that is absent is null."""
    ids = observation["ids"]
    record = {"obs_id": observation["obs_id"], "ts": observation["ts"], **{n: ids.get(n) for n in TYPES}}
    return json.dumps(record, ensure_ascii=False) + "\n"


def told(place: Place) -> Case:
    """What the commands say, in the form of the examples."""
    persons = place.ask("persons", "--reveal")
    canonical = {one["person"]: one["canonical"] for one in persons["persons"]}
    rows = place.rows("events", "--reveal")
    return {
        "people": {(one["canonical"], frozenset(one["identifiers"])) for one in persons["persons"]},
        "shared": set(persons["shared"]),
        "conflicts": {_conflict(one) for one in place.ask("conflicts", "--reveal")["conflicts"]},
        "attribution": {row["event_id"]: canonical.get(row["person"]) for row in rows},
        "aliases": {alias: one["canonical"] for one in persons["persons"] for alias in one["aliases"]},
        "rows": len(rows),
    }


def _conflict(one: Case) -> tuple[object, str]:
    a, b = one["a"], one["b"]
    same = a.partition(":")[0] == b.partition(":")[0]
    return (frozenset((a, b)) if same else (a, b)), one["reason"]


def wanted(expected: Case) -> Case:
    """The same form from an example."""
    made: Case = {}
    for key, value in expected.items():
        if key == "people":
            made[key] = {(one["canonical"], frozenset(one["ids"])) for one in value}
        elif key == "shared":
            made[key] = set(value)
        elif key == "conflicts":
            made[key] = {_conflict(one) for one in value}
        else:
            made[key] = value
    return made


def compare(found: Case, expected: Case) -> None:
    want = wanted(expected)
    assert {key: found[key] for key in want} == want
    if "attribution" in want:
        assert found["rows"] == len(want["attribution"])


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_each_batch_gives_the_persons_of_the_example(case: Case, tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.toml(toml_of(case), language="en")
    for number, (batch, expected) in enumerate(
        zip(case["batches"], case["expected_after_each_batch"], strict=True), start=1
    ):
        place.put(f"obs/{number}.ndjson", "".join(map(line_of, batch)))
        compare(told(place), expected)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_all_at_once_and_backwards_gives_the_same(case: Case, tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.toml(toml_of(case), language="en")
    lines = [line_of(one) for batch in case["batches"] for one in batch]
    place.put("obs/1.ndjson", "".join(reversed(lines)))
    last = {key: value for key, value in case["expected_after_each_batch"][-1].items() if key != "aliases"}
    compare(told(place), last)


def test_every_raw_value_is_normalised_or_identifies_nobody(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.toml(toml_of({}), language="en")
    cases = VECTORS["normalisation"]
    lines = [
        {"obs_id": f"n{at}", "ts": "2026-03-01T00:00:00", "ids": {case["type"]: case["raw"]}}
        for at, case in enumerate(cases)
    ]
    place.put("obs/1.ndjson", "".join(map(line_of, lines)))
    held = {one["person"]: one["identifiers"] for one in place.ask("persons", "--reveal")["persons"]}
    rows = {row["event_id"]: row["person"] for row in place.rows("events", "--reveal")}
    for at, case in enumerate(cases):
        person = rows[f"n{at}"]
        want = None if case["expected"] is None else [f"{case['type']}:{case['expected']}"]
        assert (held[person] if person else None) == want, case
