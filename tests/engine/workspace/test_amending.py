"""Definitions of one question: checked as in looptop.toml, and in force for that question alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.metrics import BUILTIN
from engine.workspace import Workspace, amended, load

TOML = """
[metric.signups]
table = "events"
where = "event = 'register'"
[metric.signups_per_visit]
kind = "ratio"
num = "signups"
den = "visits"
[metric.visits]
table = "events"
where = "event = 'visit'"
[funnel.web]
steps = ["visit", "register", "order"]
[metric.won]
kind = "funnel"
funnel = "web"
to_step = 3
"""
PROPS = {"events": {"plan": "text"}}


@pytest.fixture
def base(tmp_path: Path) -> Workspace:
    (tmp_path / "looptop.toml").write_text(TOML, encoding="utf-8")
    return load(tmp_path, builtin=BUILTIN)


def faults(base: Workspace, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as found:
        amended(base, text, props=PROPS)  # type: ignore[arg-type]
    return [str(each) for each in found.value.faults]


def test_a_definition_means_what_it_means_in_the_file(base: Workspace, tmp_path: Path) -> None:
    more = "[metric.trials]\ntable = \"events\"\nwhere = \"event = 'register' AND plan = 'trial'\"\n"
    more += '[funnel.short]\nsteps = ["visit", "order"]\n'
    (tmp_path / "looptop.toml").write_text(TOML + more, encoding="utf-8")
    whole, found = load(tmp_path, builtin=BUILTIN), amended(base, more, props=PROPS)  # type: ignore[arg-type]
    assert (found.metrics, found.funnels) == (whole.metrics, whole.funnels)
    assert found.adhoc == {"metric.trials", "funnel.short"}


def test_the_workspace_itself_stays_as_it_is(base: Workspace) -> None:
    found = amended(base, '[funnel.web]\nsteps = ["visit", "register", "order"]\nmode = "strict"\n')
    assert (base.funnels["web"].mode, found.funnels["web"].mode) == ("ordered", "strict")
    assert list(found.funnels) == list(base.funnels)
    assert found.digest != base.digest


@pytest.mark.parametrize("text", ["", "  \n", "# nothing\n"])
def test_a_text_without_definitions_is_the_workspace(base: Workspace, text: str) -> None:
    assert amended(base, text) is base


def test_a_built_in_metric_is_amended(base: Workspace) -> None:
    found = amended(base, '[metric.revenue]\nowner = "me"\n').metrics["revenue"]
    assert (found.owner, found.where) == ("me", BUILTIN["revenue"].where)


def test_all_faults_come_at_once_with_line_and_nearest_name(base: Workspace) -> None:
    text = '[metric.a]\ntable = "events"\nwhere = "plam = \'x\'"\n'
    text += '[metric.b]\nkind = "ratio"\nnum = "signup"\nden = "visits"\n'
    assert faults(base, text + '[funnel.f]\nsteps = ["a"]\nmod = "strict"\n') == [
        'toml:3 metric.a.where: unknown name "plam"; nearest: plan',
        'toml:6 metric.b.num: unknown metric "signup"; nearest: signups',
        'toml:10 funnel.f.mod: unknown key "mod"; nearest: mode',
    ]


def test_nothing_else_can_be_defined(base: Workspace) -> None:
    found = faults(base, '[[source]]\nname = "x"\nfiles = ["/etc/passwd"]\n[people.me]\n')
    assert [each.split(":")[1].split()[0] for each in found] == ["1", "4"]
    assert all("only [metric.X] and [funnel.X]" in each for each in found)


def test_text_that_is_no_toml_is_one_fault(base: Workspace) -> None:
    (only,) = faults(base, '[metric.a\nwhere = "x"')
    assert only.startswith("toml:1 looptop.toml: no valid TOML")


def test_a_circle_through_the_workspace_is_found(base: Workspace) -> None:
    text = '[metric.visits]\nkind = "derived"\nexpr = "signups_per_visit * 2"\n'
    assert any("a cycle" in each and each.startswith("toml:") for each in faults(base, text))


def test_a_metric_of_the_workspace_keeps_its_steps(base: Workspace) -> None:
    (only,) = faults(base, '[funnel.web]\nsteps = ["visit", "order"]\n')
    assert only == 'toml:2 funnel.web.steps: has 2 steps, and the metric "won" reads step 3'
