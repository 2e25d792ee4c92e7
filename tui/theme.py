"""Colours by meaning: the tokens of the screens in five themes.

No other module names a colour. A theme is a table from token to a Rich style; `textual_theme` gives Textual
its ground colours. The terminal's own theme paints no background and uses the sixteen colours of the
terminal; without colour (`NO_COLOR`) only bold, dim, underline and inverse are left, and signs and words
carry the meaning. Textual decides at its start how to leave colours out, so an App that finds `NO_COLOR` set
is made with `ansi_color=True` and this theme; otherwise greys are painted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.style import Style
    from textual.app import App
    from textual.theme import Theme


def _table(text: str) -> dict[str, str]:
    """Lines of `token: style` as a table."""
    return {
        token.strip(): style.strip()
        for token, style in (row.split(":") for row in text.split("\n") if ":" in row)
    }


_WITHOUT_COLOUR = _table("""
    ink:
    ink-dim: dim
    ink-strong: bold
    surface:
    border:
    border-focus: bold
    selected: reverse
    cell: bold reverse
    marked: bold
    good:
    bad: bold
    warn:
    info:
    stale:
    partial: dim
    revised:
    series-1:
    series-2:
    series-3:
    series-4:
    target: dim
    band: dim
    bar:
    bar-rest: dim
    heat-0:
    heat-1:
    heat-2:
    heat-3:
    heat-4:
    shade-0:
    shade-1:
    shade-2:
    shade-3:
    shade-4:
    banner: reverse
    title: bold
    header: bold
    key: bold
    fresh: underline
""")
TOKENS = tuple(_WITHOUT_COLOUR)

_TERMINAL = _WITHOUT_COLOUR | _table("""
    ink-dim: bright_black
    border: bright_black
    border-focus: cyan
    good: green
    bad: red
    warn: yellow
    info: blue
    stale: magenta
    partial: bright_black
    revised: cyan
    series-1: cyan
    series-2: white
    series-3: yellow
    series-4: magenta
    target: yellow
    band: bright_black
    bar: blue
    bar-rest: bright_black
    heat-1: bright_black
    heat-2: blue
    heat-3: bright_blue
    heat-4: bold bright_blue
    shade-1: bright_black
    shade-2: blue
    shade-3: bright_blue
    shade-4: bold bright_blue
    banner: reverse yellow
    key: cyan
""")

# In the order of this line: what a painted theme chooses; the heat steps and the chosen row are grounds.
_INKS = [
    "ink",
    "dim",
    "strong",
    "border",
    "focus",
    "good",
    "bad",
    "warn",
    "info",
    "stale",
    "revised",
    "bar",
    "rest",
    "chosen",
    "h0",
    "h1",
    "h2",
    "h3",
    "h4",
    "ground",
]
_PAINTED = _table("""
    ink: {ink}
    ink-dim: {dim}
    ink-strong: bold {strong}
    surface:
    border: {border}
    border-focus: {focus}
    selected: on {chosen}
    cell: bold {ground} on {focus}
    marked: bold {strong}
    good: {good}
    bad: bold {bad}
    warn: {warn}
    info: {info}
    stale: {stale}
    partial: {dim}
    revised: {revised}
    series-1: {info}
    series-2: {ink}
    series-3: {warn}
    series-4: {stale}
    target: {warn}
    band: {dim}
    bar: {bar}
    bar-rest: {rest}
    heat-0: {ink} on {h0}
    heat-1: {ink} on {h1}
    heat-2: {strong} on {h2}
    heat-3: {strong} on {h3}
    heat-4: bold {strong} on {h4}
    shade-0: {h0} on {h0}
    shade-1: {h1} on {h1}
    shade-2: {h2} on {h2}
    shade-3: {h3} on {h3}
    shade-4: {h4} on {h4}
    banner: bold {ground} on {warn}
    title: bold {strong}
    header: bold {dim}
    key: bold {focus}
    fresh: underline
""")


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme: its ground and the Rich style of each token."""

    name: str
    dark: bool
    ground: str
    styles: dict[str, str]
    ansi: bool = False


def _painted(name: str, dark: bool, colours: str) -> Palette:
    """A theme from its colours in the order of `_INKS`."""
    inks = dict(zip(_INKS, (f"#{colour}" for colour in colours.split()), strict=True))
    styles = {token: style.format(**inks) for token, style in _PAINTED.items()}
    return Palette(name, dark, inks["ground"], styles)


_CHOICES = (
    _painted(
        "dark",
        True,
        "c8ccd4 7f8794 f2f4f8 3d4450 5fb3d9 6cc08b f0716b e0b04c 6fa8dc c58fd6 58c4c4 4d8fc7 333a45 2b4257 "
        "171c22 1d3040 23465e 2a5c7d 3376a1 111418",
    ),
    _painted(
        "light",
        False,
        "2c3138 6a717c 0b0e12 b9bfc8 1b6e99 1e7a43 b3261e 8a5a00 1f5fa8 7d3c98 0f7272 3d7fb8 d5d9df cfe3f2 "
        "f2f5f7 dbe9f3 bfd9ea 9dc5e0 76add2 fbfbf9",
    ),
    _painted(
        "contrast",
        True,
        "ffffff c8c8c8 ffffff a0a0a0 00ffff 50ff80 ff6b6b ffd800 70b8ff ff90ff 40ffff 70b8ff 5a5a5a 00457a "
        "000000 002a4a 00457a 0060aa 007ad6 000000",
    ),
    _painted(
        "colour-blind",
        True,
        "c8ccd4 7f8794 f2f4f8 3d4450 8ecae6 5aa9e6 f28e2b f2cf5b a7bed3 c9a0dc 9fd8cb 4d8fc7 333a45 2b4257 "
        "171c22 26313d 3a4a5c 52677f 7089a8 111418",
    ),
    Palette("terminal", True, "ansi_default", _TERMINAL, ansi=True),
)
PALETTES: dict[str, Palette] = {palette.name: palette for palette in _CHOICES}
DEFAULT = "dark"
PLAIN = "terminal"


def theme_names() -> tuple[str, ...]:
    """The themes in the order in which `T` goes through them."""
    return tuple(PALETTES)


def theme_for(*, colours: int, no_color: bool = False, slow_link: bool = False, asked: str = "") -> str:
    """The theme to start with: the one asked for; the terminal's own at 16 colours or over a slow link."""
    if no_color or (not asked and (colours <= 16 or slow_link)):
        return PLAIN
    return asked if asked in PALETTES else DEFAULT


@lru_cache(maxsize=4096)
def style_of(tokens: str, theme: str, no_color: bool = False) -> Style:
    """The Rich style of tokens parted by blanks; later ones add to and win over earlier ones."""
    from rich.style import Style

    table = _WITHOUT_COLOUR if no_color else PALETTES.get(theme, PALETTES[DEFAULT]).styles
    style = Style()
    for token in tokens.split():
        style += Style.parse(table[token])
    return style


def textual_theme(name: str) -> Theme:
    """The ground colours of a theme for Textual's own parts (inputs, scrollbars, palette)."""
    from textual.theme import Theme

    palette = PALETTES[name]
    if palette.ansi:
        return Theme(
            name=f"looptop-{name}", ansi=True, dark=True, primary="ansi_cyan", secondary="ansi_blue",
            accent="ansi_cyan", warning="ansi_yellow", error="ansi_red", success="ansi_green",
            foreground="ansi_default", background="ansi_default", surface="ansi_default",
            panel="ansi_default", boost="ansi_default",
            variables={"border": "ansi_cyan", "border-blurred": "ansi_bright_black",
                       "ansi-background": "ansi_black", "ansi-foreground": "ansi_white"},
        )  # fmt: skip
    colour = {token: words.split()[-1] for token, words in palette.styles.items() if words}
    return Theme(
        name=f"looptop-{name}", dark=palette.dark, primary=colour["border-focus"], secondary=colour["info"],
        accent=colour["border-focus"], warning=colour["warn"], error=colour["bad"], success=colour["good"],
        foreground=colour["ink"], background=palette.ground,
        surface=palette.ground, panel=palette.ground,
        variables={"border": colour["border-focus"], "border-blurred": colour["border"]},
    )  # fmt: skip


def dress(app: App[None], name: str) -> None:
    """Give an App all themes and this one to start with: before it runs, so that it reads its style once."""
    for each in theme_names():
        app.register_theme(textual_theme(each))
    app.theme = f"looptop-{name}"


def palette_of(textual_name: str) -> str:
    """The name of our theme from the name Textual knows it by."""
    name = textual_name.removeprefix("looptop-")
    return name if name in PALETTES else DEFAULT
