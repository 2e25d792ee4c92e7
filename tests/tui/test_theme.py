"""Tokens have a style in every theme, and meaning survives without colour."""

from __future__ import annotations

import pytest

from tui.theme import PALETTES, TOKENS, palette_of, style_of, textual_theme, theme_for, theme_names


@pytest.mark.parametrize("name", theme_names())
def test_every_theme_styles_every_token(name: str) -> None:
    assert set(PALETTES[name].styles) == set(TOKENS)
    assert all(style_of(token, name) is not None for token in TOKENS)


def test_without_colour_no_colour_is_left() -> None:
    styles = [style_of(token, "dark", True) for token in TOKENS]
    assert [s for s in styles if s.color is not None or s.bgcolor is not None] == []
    assert style_of("selected", "dark", True).reverse


def test_the_terminals_own_theme_uses_its_sixteen_colours_and_paints_no_ground() -> None:
    styles = [style_of(token, "terminal") for token in TOKENS]
    assert [s.color.name for s in styles if s.color is not None and s.color.number is None] == []
    assert [s for s in styles if s.bgcolor is not None] == []


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", ["dark", "light", "contrast", "colour-blind"])
@pytest.mark.parametrize(
    "token", ["ink", "ink-dim", "ink-strong", "good", "bad", "warn", "info", "stale", "revised"]
)
def test_text_can_be_read_on_its_ground(name: str, token: str) -> None:
    """Contrast of at least 4.5 to 1. Source: WCAG 2.2, success criterion 1.4.3."""
    ink, ground = PALETTES[name].styles[token].split()[-1], PALETTES[name].ground
    high, low = sorted((_light(ink), _light(ground)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_good_and_bad_are_blue_and_orange_for_colour_blind_eyes() -> None:
    good, bad = (PALETTES["colour-blind"].styles[token].split()[-1] for token in ("good", "bad"))
    assert good[5:7] > good[1:3]
    assert bad[1:3] > bad[5:7]


def test_the_terminals_own_theme_is_taken_at_16_colours_without_colour_and_on_slow_links() -> None:
    assert (
        theme_for(colours=16)
        == theme_for(colours=256, no_color=True)
        == theme_for(colours=256, slow_link=True)
        == "terminal"
    )
    assert (theme_for(colours=256), theme_for(colours=256, asked="light")) == ("dark", "light")
    assert theme_for(colours=16, asked="light") == "light"


@pytest.mark.parametrize("name", theme_names())
def test_textual_gets_a_theme_of_that_name(name: str) -> None:
    theme = textual_theme(name)
    assert palette_of(theme.name) == name
    assert theme.ansi == (name == "terminal")
