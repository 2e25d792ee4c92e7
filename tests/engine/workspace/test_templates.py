"""Templates of industries: whatever a directory has, what is written of one loads without a fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import ConfigurationError, UnknownName
from engine.metrics import BUILTIN
from engine.schema import COLUMNS, KIND_OF_EVENT
from engine.workspace import Funnel, Workspace, load, sample_toml
from engine.workspace.adapted import write
from engine.workspace.needs import There
from engine.workspace.template import Template, events_of, names, template

ALL = [template(name) for name in names()]
STAGES = ["awareness", "interest", "consideration", "action", "retention"]
EVERYTHING = There(
    dict.fromkeys(KIND_OF_EVENT, 9),
    {table: frozenset(column.name for column in COLUMNS[table]) for table in ("events", "spend", "profiles")},
)


def word(name: str, /, **values: object) -> str:
    return f"{name} {values}"


def loaded(root: Path, text: str) -> Workspace:
    (root / "looptop.toml").write_text(text, encoding="utf-8")
    return load(root, builtin=BUILTIN)


def written(root: Path, one: Template, there: There, language: str = "en") -> Workspace:
    return loaded(root, sample_toml((), write(one, there, BUILTIN, word, language)))


def funnel_of(root: Path, text: str) -> Funnel:
    return loaded(root, f"[funnel.f]\n{text}\n").funnels["f"]


def test_the_seven_industries_are_there() -> None:
    assert set(names()) == {
        "b2b_saas", "consumer_goods", "ecommerce", "education", "manufacturing", "medical", "tobacco",
    }  # fmt: skip


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_template_has_the_five_stages_known_metrics_and_both_languages(one: Template) -> None:
    assert [stage.name for stage in one.stages] == STAGES
    named = {metric for stage in one.stages for metric in stage.metrics}
    assert named - set(BUILTIN) - set(one.metrics) == set()
    assert {event for stage in one.stages for event in stage.events} <= set(KIND_OF_EVENT)
    words = [one.label, *one.notes, *(stage.label for stage in one.stages)]
    words += [table["label"] for group in (one.funnels, one.alerts) for table in group.values()]
    words += [step["label"] for funnel in one.funnels.values() for step in funnel["steps"]]
    words += [table["sop"] for table in one.alerts.values()]
    assert all(set(each) == {"en", "zh"} and all(each.values()) for each in words)
    assert all(len(table["sop"]["en"]) == len(table["sop"]["zh"]) for table in one.alerts.values())
    assert {table["owner"] for table in one.alerts.values()} == set(one.people)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_benchmark_names_a_study_and_its_year(one: Template) -> None:
    for _, value, source in one.benchmarks:
        assert 0 < value < 1
        assert any(str(year) in source for year in range(2010, 2027))
    assert one.name != "tobacco" or not one.benchmarks


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_over_files_that_have_all_of_it_everything_is_switched_on(one: Template, tmp_path: Path) -> None:
    workspace = written(tmp_path, one, EVERYTHING, "zh")
    assert set(one.metrics) <= set(workspace.metrics)
    assert set(one.alerts) <= set(workspace.rules)
    assert set(one.people) == set(workspace.people)
    for name, funnel in one.funnels.items():
        assert [step.events for step in workspace.funnels[name].steps] == [
            events_of(step) for step in funnel["steps"]
        ]
    for name, table in one.alerts.items():
        assert list(workspace.rules[name].sop) == table["sop"]["zh"]
    for what, value, source in one.benchmarks:
        if what in workspace.metrics:
            found = workspace.metrics[what].benchmark
            assert found is not None
            assert (found.value, found.source) == (value, source)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(ALL),
    st.sets(st.sampled_from(sorted(KIND_OF_EVENT))),
    st.sets(st.sampled_from(["value", "valid", "quantity", "score", "channel"])),
    st.booleans(),
)
def test_whatever_the_files_have_what_is_written_loads(
    tmp_path: Path, one: Template, events: set[str], columns: set[str], spend: bool
) -> None:
    filled = {
        "events": frozenset(columns | {"ts"}) if events else frozenset(),
        "spend": frozenset({"ts", "cost", "clicks", "impressions", "conversions"} if spend else ()),
    }
    workspace = written(tmp_path, one, There(dict.fromkeys(events, 1), filled))
    for funnel in workspace.funnels.values():
        assert all(not events.isdisjoint(step.events) for step in funnel.steps)
        assert not funnel.steps[0].optional
    assert all(rule.owner in workspace.people for rule in workspace.rules.values() if not rule.builtin)


def test_an_event_that_is_missing_is_commented_out_with_the_reason(tmp_path: Path) -> None:
    without = There({event: 1 for event in KIND_OF_EVENT if event != "add_to_cart"}, EVERYTHING.filled)
    text = write(template("ecommerce"), without, BUILTIN, word, "en")
    assert "# lack_event {'name': 'add_to_cart'}\n# [metric.carts]" in text
    workspace = loaded(tmp_path, text)
    steps = workspace.funnels["purchase"].steps
    assert [step.events for step in steps] == [("visit",), ("view",), ("checkout",), ("order",)]
    assert [step.benchmark for step in steps] == [None] * 4, "a rate of carts says nothing of views"


def test_a_rule_over_an_empty_column_stays_off(tmp_path: Path) -> None:
    filled = {**EVERYTHING.filled, "events": EVERYTHING.filled["events"] - {"valid"}}
    workspace = written(tmp_path, template("education"), There(EVERYTHING.events, filled))
    assert "valid_leads" not in workspace.rules
    assert "lead_cost" in workspace.rules


def test_tobacco_watches_for_spend_before_there_is_any(tmp_path: Path) -> None:
    workspace = written(tmp_path, template("tobacco"), There({}, {}))
    assert set(workspace.rules) == {"online_spend", "unreadable_files"}


def test_a_funnel_may_be_the_template_s_alone(tmp_path: Path) -> None:
    funnel = funnel_of(tmp_path, 'template = "ecommerce"')
    assert [step.events[0] for step in funnel.steps] == ["visit", "view", "add_to_cart", "checkout", "order"]
    assert funnel.window_us == 7 * 86_400_000_000
    assert funnel.steps[-1].benchmark == 0.298
    assert "Baymard" in (funnel.steps[-1].benchmark_source or "")
    assert funnel.steps[0].label == {"en": "visit", "zh": "访问"}


def test_own_keys_win_over_the_template_s(tmp_path: Path) -> None:
    text = 'template = "ecommerce"\nwindow = "1d"\nlabel = { en = "Mine" }\n'
    text += 'steps = ["view", { event = "add_to_cart", label = "basket" }, '
    text += '{ event = "order", target = 0.4, benchmark = 0.2 }]'
    funnel = funnel_of(tmp_path, text)
    assert (funnel.window_us, funnel.label) == (86_400_000_000, {"en": "Mine"})
    assert [step.label for step in funnel.steps] == [
        {"en": "view", "zh": "浏览商品"}, "basket", {"en": "pay", "zh": "支付"},
    ]  # fmt: skip
    assert (funnel.steps[2].target, funnel.steps[2].benchmark) == (0.4, 0.2)
    assert funnel.steps[2].benchmark_source is None, "the study says another number"


def test_a_benchmark_is_taken_only_for_the_pair_of_steps_it_measures(tmp_path: Path) -> None:
    for steps, benchmark in (
        ('["add_to_cart", "order"]', 0.298),
        ('["add_to_cart", { event = "checkout", optional = true }, "order"]', 0.298),
        ('["add_to_cart", "checkout", "order"]', None),
        ('["visit", "order"]', None),
    ):
        funnel = funnel_of(tmp_path, f'template = "ecommerce"\nsteps = {steps}')
        assert funnel.steps[-1].benchmark == benchmark, steps


def test_an_unknown_template_is_a_fault_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        funnel_of(tmp_path, 'template = "ecomerce"')
    assert [(fault.key, fault.nearest) for fault in caught.value.faults] == [
        ("funnel.f.template", "ecommerce")
    ]
    with pytest.raises(UnknownName, match="nearest: education"):
        template("educaton")
