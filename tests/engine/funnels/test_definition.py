"""A funnel written in the words of looptop.toml is the funnel again."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from engine.funnels import definition_hash, toml_of, written
from engine.metrics.builtin import BUILTIN
from engine.workspace import load

SAMPLE = Path(__file__).resolve().parents[3] / "sample_data"


def test_every_funnel_of_the_sample_comes_back(tmp_path: Path) -> None:
    whole = load(SAMPLE, builtin=BUILTIN)
    for name, funnel in whole.funnels.items():
        own = tmp_path / name
        own.mkdir()
        (own / "looptop.toml").write_text(toml_of(funnel), "utf-8")
        again = load(own, builtin=BUILTIN)
        assert toml_of(again.funnels[name]) == toml_of(funnel)
        assert again.funnels[name].label == funnel.label
        console = replace(again, console=whole.console)
        assert definition_hash(console, name) == definition_hash(whole, name)


@pytest.mark.parametrize("name", ["buy", "购买", 'a"b', "a b"])
def test_any_name_and_text_is_quoted(name: str) -> None:
    words = {"label": {"en": 'x"\x7f\n'}, "steps": ["a\tb", {"event": ["c", "d"], "optional": True}]}
    assert tomllib.loads(written(name, words)) == {"funnel": {name: words}}
