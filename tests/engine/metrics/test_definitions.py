"""What the dictionary says of definitions: additivity, versions, the change log, and faults."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from engine.alerts import Ledger
from engine.errors import ConfigurationError
from engine.expressions import parse
from engine.metrics import BUILTIN, dictionary
from engine.metrics.additivity import amount
from engine.metrics.dictionary import entry
from engine.publish import register
from engine.workspace import load
from engine.workspace.model import Metric, Workspace
from tests.engine.metrics.shop import simple, workspace

OWN = (
    simple("balance", "sum", "value", additive="semi"),
    simple("careful", "sum", "value", additive="non"),
    Metric("month", "cumulative", base="revenue", grain_to_date="month"),
    Metric("double", "derived", expr=parse("2 * revenue - cost / 3")),
    Metric("mixed", "derived", expr=parse("balance + revenue")),
)


@pytest.mark.parametrize(
    ("name", "additive", "parted"),
    [
        ("revenue", "additive", True), ("net_revenue", "additive", True), ("double", "additive", True),
        ("buyers", "non", True), ("returning_customers", "non", True), ("uv", "non", True),
        ("new_customers", "additive", True), ("repeat_buyers", "non", True), ("lost_users", "non", True),
        ("ctr", "non", False), ("roi", "non", False), ("reach", "non", False), ("avg_dwell", "non", False),
        ("balance", "semi", False), ("careful", "non", True), ("month", "semi", False),
        ("mixed", "semi", False), ("mau", "non", False), ("lead_to_deal", "non", False),
        ("channel_contribution", "non", False), ("budget_pace", "non", False), ("cpc", "non", False),
    ],
)  # fmt: skip
def test_what_adds_up_follows_from_what_is_aggregated(name: str, additive: str, parted: bool) -> None:
    space = workspace(*OWN)
    assert (entry(space, name).additive, amount(space, name)) == (additive, parted)


def test_every_built_in_metric_says_what_it_is_in_both_languages() -> None:
    for each in dictionary(workspace()):
        assert set(each.label) == set(each.wording) == {"en", "zh"}, each.name
        assert each.formula and each.definition and set(each.drives) <= set(BUILTIN), each.name
    named = {"frequency", "arppu", "mql_rate", "sql_rate", "dau", "wau", "mau", "stickiness", "refund_rate",
             "platform_roas", "avg_order_items", "ltv", "ltv_cac", "new_user_share"}  # fmt: skip
    assert named <= set(BUILTIN)


def test_the_ledger_remembers_since_when_a_definition_holds() -> None:
    ledger = Ledger(None)
    first, second = workspace(simple("mine", "sum", "value")), workspace(simple("mine", "avg", "value"))
    for space, day in ((first, 1), (first, 2), (second, 3), (second, 4), (first, 5)):
        register.remember_definitions(ledger, space, datetime(2026, 3, day, 20))
    seen = register.definitions(ledger, "Asia/Shanghai")
    found = entry(first, "mine", seen)
    now, then = entry(first, "mine").definition, entry(second, "mine").definition
    assert now != then
    assert [(each.date, each.definition) for each in found.changes] == [
        ("2026-03-04", then),
        ("2026-03-06", now),
    ]
    assert found.since == "2026-03-06"
    assert entry(first, "revenue", seen).changes == ()


TEXT = """
[metric.rolling]
kind = "cumulative"
metric = "revenue"
window = "4w"
since = "2026-02-01"
changes = [{ date = "2026-02-01", text = "four weeks, not a month" }]
[metric.quarter]
kind = "cumulative"
table = "events"
where = "weekday in ('6', '7')"
grain_to_date = "quarter"
[metric.won]
kind = "conversion"
base = { metric = "leads" }
conversion = { event = ["deal", "order"], where = "value > 0" }
window = "30d"
hold = ["product"]
[metric.mrr]
table = "events"
column = "value"
additive = "semi"
pick = "avg"
[metric.cost]
band = [10, 20.5]
pace = "profile"
tolerance = 0.1
[[metric.cost.target]]
period = "2026-11"
value = 5
"""


def loaded(tmp_path: Path, text: str) -> Workspace:
    (tmp_path / "looptop.toml").write_text(text, encoding="utf-8")
    return load(tmp_path, builtin=BUILTIN)


def test_definitions_are_read_from_the_configuration(tmp_path: Path) -> None:
    space = loaded(tmp_path, TEXT)
    found = {name: entry(space, name) for name in ("rolling", "quarter", "won", "mrr", "cost")}
    assert [each.formula for each in found.values()] == [
        "revenue over 28 d",
        "count(*) of events where weekday in ('6', '7') over quarter to date",
        "persons with leads then deal or order where value > 0 within 30 days, 0:00:00, same product",
        "sum(value) of events, avg day of the period",
        "sum(cost) of spend",
    ]
    assert [(each.date, each.text) for each in found["rolling"].changes] == [
        ("2026-02-01", "four weeks, not a month")
    ]
    assert (found["cost"].band, found["cost"].pace, found["cost"].tolerance) == ((10, 20.5), "profile", 0.1)
    assert found["cost"].builtin


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('kind = "cumulative"\nmetric = "revenu"\nwindow = "7d"', "revenu"),
        ('kind = "cumulative"\nmetric = "revenue"', "either window or grain_to_date"),
        ('kind = "cumulative"\nmetric = "revenue"\nwindow = "36h"', "whole days"),
        ('kind = "cumulative"\nwindow = "7d"', "either metric or its own table"),
        ('kind = "cumulative"\nmetric = "x"\nwindow = "7d"', "cycle"),
        ('kind = "conversion"\nbase = "visit"', 'needs "conversion"'),
        ('kind = "conversion"\nbase = { metric = "lead" }\nconversion = "order"', "lead"),
        ('table = "events"\nagg = "avg"\ncolumn = "value"\nadditive = "additive"', "does not add up"),
        ('table = "events"\npick = "last"', "semi"),
        ('table = "events"\nwindow = "7d"', "has no window"),
        ('table = "events"\nband = [2, 1]', "lowest value first"),
        ('table = "events"\nsince = "soon"', "no day"),
    ],
)
def test_what_makes_no_sense_is_a_fault_where_it_stands(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        loaded(tmp_path, f"[metric.x]\n{text}\n")
