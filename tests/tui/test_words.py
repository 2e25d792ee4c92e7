"""The catalogue: two languages that say the same."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tui.actions import ACTIONS, FOOTERS
from tui.words import LANGUAGES, UnknownWordError, catalogue, language_for, placeholders, say

TUI = Path(__file__).resolve().parents[2] / "tui"


def test_both_languages_have_the_same_ids() -> None:
    assert set(catalogue("en")) == set(catalogue("zh"))


def test_both_languages_ask_for_the_same_values() -> None:
    english, chinese = catalogue("en"), catalogue("zh")
    assert [i for i in english if placeholders(english[i]) != placeholders(chinese[i])] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_action_has_a_name_and_a_sentence(lang: str) -> None:
    words = catalogue(lang)
    wanted = [w for a in ACTIONS for w in (a.label, a.help)]
    wanted += [word for hints in FOOTERS.values() for _, word in hints if word]
    assert [w for w in wanted if w not in words] == []


def test_every_id_that_the_code_says_exists() -> None:
    said = [
        node.args[0].value
        for path in TUI.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "say"
        and node.args
        if isinstance(node.args[0], ast.Constant)
    ]
    assert [word for word in said if word not in catalogue("en")] == []


def test_a_count_chooses_its_form_and_has_separators() -> None:
    assert (say("status.files", n=1), say("status.files", n=1502)) == ("1 file", "1,502 files")
    assert say("status.files", "zh", n=1) == "1 个文件"


def test_a_value_with_braces_is_only_a_value() -> None:
    assert say("panel.by", dimension="{channel}") == "by {channel}"


def test_an_unknown_id_is_an_error_and_an_unknown_language_is_english() -> None:
    with pytest.raises(UnknownWordError):
        say("no.such")
    assert say("state.crit", "fr") == "crit"


def test_the_language_asked_for_wins_then_the_workspace_then_lang() -> None:
    assert language_for(asked="zh", configured="en", environment="en_US.UTF-8") == "zh"
    assert language_for(configured="zh", environment="en_US.UTF-8") == "zh"
    assert language_for(environment="zh_CN.UTF-8") == "zh"
    assert language_for(environment="C") == "en"


def test_no_english_text_blames_or_shouts() -> None:
    texts = [
        t for text in catalogue("en").values() for t in (text.values() if isinstance(text, dict) else [text])
    ]
    assert [
        t for t in texts if t.rstrip().endswith("!") or "invalid" in t.lower() or "oops" in t.lower()
    ] == []
