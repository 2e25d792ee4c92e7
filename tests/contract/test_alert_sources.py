"""Alerts over sources: how old they are by the hour, whom they quiet; budgets over several days."""

from __future__ import annotations

from typing import Any

from tests.contract.place import Place

TWO = """
[[source]]
name = "one"
files = ["one.csv"]
table = "spend"
constants = { channel = "a" }
stale_after = "24h"
[[source]]
name = "two"
files = ["two.csv"]
table = "spend"
constants = { channel = "b" }
[alert.dear]
when = "cost > 5"
by = ["channel"]
[alert.all_dear]
when = "cost > 5"
"""
HEAD = "day,cost\n"


def days(first: int, *costs: float) -> str:
    return HEAD + "".join(f"2026-10-{first + n:02},{cost}\n" for n, cost in enumerate(costs))


def quieted(place: Place) -> dict[str, bool]:
    """Rule and channel → whether an alert about a source explains it."""
    found: list[dict[str, Any]] = place.ask("alerts")["alerts"]
    return {" ".join([one["rule"], *one["labels"].values()]): bool(one["inhibited_by"]) for one in found}


def test_a_late_source_quiets_what_can_hold_its_facts_and_a_notice_nothing(place: Place) -> None:
    place.put("one.csv", days(1, 9, 9, 9))
    place.put("two.csv", days(1, 9, 9, 9, 9, 9, 9))
    late = '[alert.late]\nwhen = "age(one) > 36"\n'
    for severity, quiet in (("warning", True), ("info", False)):
        place.toml(TWO + late + f'severity = "{severity}"\n')
        assert quieted(place) == {"dear a": quiet, "dear b": False, "all_dear": quiet, "late": False}


def test_the_age_of_a_source_goes_by_the_hour(place: Place) -> None:
    hours = (1, 2, 9, 10, 11, 12)
    place.put("web.csv", "ts,event,cookie\n" + "".join(f"2026-10-01T{n:02}:00:00,visit,c\n" for n in hours))
    place.toml(
        '[[source]]\nname = "web"\nfiles = ["web.csv"]\ntable = "events"\n'
        '[alert.silent]\nwhen = "age(web) > 3"\ngrain = "hour"\n'
    )
    found = place.ask("alerts", "--history")["transitions"]
    assert [(one["period"][11:13], one["event"]) for one in found] == [("05", "firing"), ("08", "resolved")]


def test_several_days_stand_against_their_share_of_a_month(place: Place) -> None:
    place.put("one.csv", days(1, 10, 10, 10, 20, 20, 20, 10, 10))
    place.put("plan.csv", "period,metric,value\n2026-10,cost,310\n")
    place.toml(
        '[[source]]\nname = "one"\nfiles = ["one.csv"]\ntable = "spend"\n'
        '[[source]]\nname = "plan"\nfiles = ["plan.csv"]\ntable = "targets"\n'
        '[alert.burns]\nwhen = "pace(cost, 3) > 1.5 and pace(cost) > 1.5"\n'
    )
    found = place.ask("alerts", "--history")["transitions"]
    assert [(one["period"], one["event"]) for one in found] == [
        ("2026-10-05", "firing"), ("2026-10-07", "resolved"),
    ]  # fmt: skip
