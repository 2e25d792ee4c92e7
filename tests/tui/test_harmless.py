"""Text from data files: nothing reaches the terminal raw, and every width is a count of cells."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.harmless import cut, harmless, pad, safe, wrap

NASTY = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from(
            "\x1b\t\x00\r\n\u202e\u2066\u200b\u200d\ufe0f\u0301\u0e49\ud55c汉字👨👩🏽é\u3000\x85"
        ),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("raw", "safe_text"),
    [
        ("\x1b[31m秋季\x1b[0m", "␛[31m秋季␛[0m"),
        ("a\tb\x00c\nd\r", "a⇥b␀c⏎d␍"),
        ("abc\u202etxt.exe", "abc·txt.exe"),
        ("in\u200bvisible", "in·visible"),
        ("[bold red]x[/]", "[bold red]x[/]"),
        ("C1 \x9b31m", "C1 ·31m"),
        ("e\u0301te\u0301", "été"),
        ("汉字 ok", "汉字 ok"),
        ("👩🏽 🇨🇳 ❤️", "👩· ·· ❤·"),
    ],
)
def test_hostile_text_is_shown_not_obeyed(raw: str, safe_text: str) -> None:
    assert harmless(raw) == safe_text


@given(NASTY)
def test_nothing_harmful_is_left(text: str) -> None:
    bad = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not [c for c in harmless(text) if unicodedata.category(c) in bad]


@given(NASTY)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@given(NASTY)
def test_the_width_of_a_text_is_the_sum_of_its_signs(text: str) -> None:
    clean = harmless(text)
    assert cell_len(clean) == sum(cell_len(sign) for sign in clean)


@given(NASTY, st.integers(0, 30), st.sampled_from(["left", "right", "center"]))
def test_a_padded_text_has_exactly_its_cells(text: str, room: int, align: str) -> None:
    assert cell_len(safe(text, room, align)) == room


@given(NASTY, st.integers(0, 30))
def test_a_cut_text_is_its_own_beginning(text: str, room: int) -> None:
    clean = harmless(text)
    short = cut(clean, room)
    assert cell_len(short) <= room
    assert short == clean or clean.startswith(short.rstrip(" ").removesuffix("…"))


def test_a_wide_character_is_left_out_whole() -> None:
    assert cut("汉字汉字", 6) == "汉字… "
    assert cut("汉字汉字", 7) == "汉字汉…"
    assert cut("汉字", 1) == "…"


def test_numbers_stand_right_and_names_left() -> None:
    assert (pad("渠道", 6), pad("1.5", 6, "right"), pad("x", 3, "center")) == ("渠道  ", "   1.5", " x ")


def test_a_pile_of_marks_keeps_two() -> None:
    assert len(harmless("x" + "\u0316" * 50)) == 3


@given(NASTY, st.integers(2, 20))
def test_wrapped_lines_fit(text: str, room: int) -> None:
    assert all(cell_len(each) <= room for each in wrap(harmless(text), room))


def test_words_break_at_blanks_and_chinese_anywhere_but_before_a_comma() -> None:
    assert wrap("one two three", 7) == ("one two", "three")
    assert wrap("没有新数据，请检查", 10) == ("没有新数", "据，请检查")
