"""The signs drawn on the screen, in Unicode and in plain ASCII, and the choice between them.

Blocks, borders and `● ▲ …` are of ambiguous width: some terminals of Chinese users draw them two cells wide.
The console asks the terminal once (`ambiguous_width`) and takes the ASCII set there, as it does where the
encoding cannot carry them.
"""

from __future__ import annotations

import os
import re
import select
from dataclasses import dataclass

_PLAIN_CELLS = str.maketrans(
    {
        sign: instead
        for signs, instead in (
            ("·•‧", "."),
            ("–−─━╌┈—", "-"),
            ("┄", "."),
            ("│┃┊|", "|"),
            ("╭╮╰╯┌┐└┘├┤┏┓┗┛", "+"),
            ("▲▴↑", "^"),
            ("▼▾↓", "v"),
            ("▶▸›→", ">"),
            ("◀‹←", "<"),
            ("●◆■★█▓⏺◇", "*"),
            ("○◌◔◯", "o"),
            ("✖×", "x"),
            ("✓✔", "v"),
            ("△", "~"),
            ("‖", "="),
            ("░▒", ":"),
            ("▌▋▊▉", "*"),
            ("▏▎▍", "."),
            ("↺↻", "r"),
            ("“”„", '"'),
            ("‘’‚", "'"),
            ("␛⇥␀⏎␍␡", "?"),
            ("…", "~"),
            ("±", "+"),
        )
        for sign in signs
    }
)
BOX_NAMES = ("top_left", "top", "top_right", "left", "right", "bottom_left", "bottom", "bottom_right")


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs; every one-cell sign is one cell in its set.

    `states` maps a state to (sign, theme token); `frames` maps round, focus and heavy to eight border
    characters in the order of `BOX_NAMES`; `replace` and `plain_cells` make words drawable in this set.
    """

    name: str
    spark: str
    hatch: str
    bar: str
    bar_rest: str
    bar_partial: str
    gap: str
    up: str
    down: str
    cursor: str
    mark: str
    bottleneck: str
    step: str
    crumb: str
    descending: str
    ascending: str
    ellipsis: str
    dotted: str
    dashed: str
    open_point: str
    heat: str
    rule: str
    axis: str
    braille: bool
    frames: dict[str, str]
    states: dict[str, tuple[str, str]]
    plain_cells: dict[int, str]
    plain_words: tuple[tuple[str, str], ...]

    def plain(self, text: str) -> str:
        """Words in the signs of this set (`→` is `->` in ASCII); the width may change, so before layout."""
        for sign, instead in self.plain_words:
            if sign in text:
                text = text.replace(sign, instead)
        return text.translate(self.plain_cells) if self.plain_cells else text

    def state(self, name: str) -> tuple[str, str]:
        """The sign and the token of a state; `?` for one that is not known."""
        return self.states.get(name, ("?", "stale"))


UNICODE = Glyphs(
    name="unicode",
    spark="▁▂▃▄▅▆▇█",
    hatch="░▒▓",
    bar=" ▏▎▍▌▋▊▉█",
    bar_rest="·",
    bar_partial="▒",
    gap="·",
    up="▲",
    down="▼",
    cursor="▶",
    mark="*",
    bottleneck="◀",
    step="▸",
    crumb="›",
    descending="▾",
    ascending="▴",
    ellipsis="…",
    dotted="┄",
    dashed="╌",
    open_point="○",
    heat=" ░▒▓█",
    rule="─",
    axis="┤│└─",
    braille=True,
    frames={"round": "╭─╮││╰─╯", "focus": "╭─╮││╰─╯", "heavy": "┏━┓┃┃┗━┛"},
    states={
        "ok": ("✓", "good"),
        "back": ("✓", "good"),
        "warn": ("▲", "warn"),
        "crit": ("✖", "bad"),
        "pend": ("◔", "info"),
        "stale": ("◌", "stale"),
        "live": ("●", "good"),
        "fresh": ("●", "good"),
        "paused": ("‖", "warn"),
        "replay": ("◀", "info"),
        "revised": ("△", "revised"),
        "defined": ("◆", "info"),
        "retracted": ("↺", "ink-dim"),
        "doubt": ("?", "stale"),
        "silenced": ("‖", "ink-dim"),
        "info": ("◔", "info"),
    },
    plain_cells={},
    plain_words=(),
)

ASCII = Glyphs(
    name="ascii",
    spark="_.-=+*#@",
    hatch="::%",
    bar=".....####",
    bar_rest=".",
    bar_partial=":",
    gap=" ",
    up="^",
    down="v",
    cursor=">",
    mark="*",
    bottleneck="<",
    step=">",
    crumb=">",
    descending="v",
    ascending="^",
    ellipsis="~",
    dotted=".",
    dashed="-",
    open_point="o",
    heat=" .:*#",
    rule="-",
    axis="+|+-",
    braille=False,
    frames={"round": "+-+||+-+", "focus": "+=+||+=+", "heavy": "+#+##+#+"},
    states={
        "ok": ("ok", "good"),
        "back": ("ok", "good"),
        "warn": ("^", "warn"),
        "crit": ("X", "bad"),
        "pend": ("i", "info"),
        "stale": ("o", "stale"),
        "live": ("*", "good"),
        "fresh": ("*", "good"),
        "paused": ("=", "warn"),
        "replay": ("<", "info"),
        "revised": ("~", "revised"),
        "defined": ("%", "info"),
        "retracted": ("r", "ink-dim"),
        "doubt": ("?", "stale"),
        "silenced": ("=", "ink-dim"),
        "info": ("i", "info"),
    },
    plain_cells=_PLAIN_CELLS,
    plain_words=(("→", "->"), ("…", ".."), ("≤", "<="), ("≥", ">="), ("°", "deg")),
)


def glyphs_for(*, ascii_only: bool = False, encoding: str = "utf-8", ambiguous: int | None = None) -> Glyphs:
    """The set this terminal can show.

    In: ascii_only: asked for by `--ascii`; encoding of the output; ambiguous: cells of `●` as measured, None
         if unknown.
    """
    if ascii_only or ambiguous == 2:
        return ASCII
    try:
        "╭─●▲◔✖▁█⠿░…".encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return ASCII
    return UNICODE


def ambiguous_width(read_fd: int, write_fd: int, timeout_seconds: float = 0.3) -> int | None:
    """Ask the terminal how many cells `●` takes, by printing it and reading the cursor column back.

    In:  descriptors of a terminal that is not yet in use by the console.
    Out: 1 or 2, None where it does not answer in time or is no terminal.
    """
    if not (os.isatty(read_fd) and os.isatty(write_fd)):
        return None
    import termios
    import tty

    before = termios.tcgetattr(read_fd)
    try:
        tty.setcbreak(read_fd, termios.TCSANOW)
        os.write(write_fd, "\r●\x1b[6n".encode())
        column = _reported_column(read_fd, timeout_seconds)
    finally:
        os.write(write_fd, b"\r  \r")
        termios.tcsetattr(read_fd, termios.TCSANOW, before)
    return column - 1 if column in (2, 3) else None


def _reported_column(read_fd: int, timeout_seconds: float) -> int | None:
    answer = b""
    while len(answer) < 64 and select.select([read_fd], [], [], timeout_seconds)[0]:
        answer += os.read(read_fd, 32)
        if found := re.search(rb"\x1b\[\d+;(\d+)R", answer):
            return int(found.group(1))
    return None
