"""What a workspace says of a built-in metric: amended without a definition, replaced with one."""

from __future__ import annotations

from pathlib import Path

from engine.metrics import BUILTIN
from engine.workspace import load
from engine.workspace.model import Metric


def metric(tmp_path: Path, text: str, name: str = "revenue") -> Metric:
    (tmp_path / "looptop.toml").write_text(text, encoding="utf-8")
    return load(tmp_path, builtin=BUILTIN).metrics[name]


def test_an_owner_and_a_target_amend_the_built_in_metric(tmp_path: Path) -> None:
    text = '[metric.revenue]\nowner = "growth"\n[[metric.revenue.target]]\nperiod = "2026-10"\nvalue = 5\n'
    found = metric(tmp_path, text)
    assert (found.owner, len(found.targets), found.credit) == ("growth", 1, "last_touch")
    assert found.where == BUILTIN["revenue"].where


def test_a_target_alone_is_enough(tmp_path: Path) -> None:
    found = metric(tmp_path, '[[metric.roi.target]]\nperiod = "2026-11"\nvalue = 1.5\n', "roi")
    assert found.expr == BUILTIN["roi"].expr
    assert found.targets[0].period == "2026-11"


def test_a_definition_replaces_the_built_in_metric_whole(tmp_path: Path) -> None:
    found = metric(
        tmp_path, '[metric.revenue]\ntable = "events"\nwhere = "event = \'deal\'"\ncolumn = "value"\n'
    )
    assert (found.credit, found.builtin, found.agg) == ("own", False, "sum")


def test_one_word_of_a_label_leaves_the_other_language(tmp_path: Path) -> None:
    found = metric(tmp_path, '[metric.revenue]\nlabel = { en = "Sales" }\n')
    assert found.label == {**BUILTIN["revenue"].label, "en": "Sales"}
