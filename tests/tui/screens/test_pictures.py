"""Each screen at each size is the picture that was read and kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tui import snapshot
from tests.tui.screens.console import console, press

SIZES = ((80, 24), (120, 36), (200, 50), (40, 15))
SCREENS = {
    "overview": "1", "funnel": "2", "metrics": "3", "alerts": "5", "rules": "U", "review": "V",
    "sources": "7", "source": "enter", "file": "enter", "person": "2 j j enter enter",
}  # fmt: skip
"""Screen → the keys that lead to it from the one before: one console is walked through."""
KEPT = [(size, "en") for size in SIZES[:2]] + [(SIZES[0], "zh")]
"""Chinese at the size where room is short."""


@pytest.mark.parametrize(
    ("size", "lang"), KEPT, ids=lambda it: it if isinstance(it, str) else f"{it[0]}x{it[1]}"
)
async def test_a_screen_is_the_picture_that_was_kept(
    size: tuple[int, int], lang: str, golden: Callable[[str, str], None]
) -> None:
    wrong = []
    async with console(size, lang) as (app, pilot):
        for screen, keys in SCREENS.items():
            await press(app, pilot, *keys.split())
            try:
                golden(snapshot.picture_of_app(app), f"screens/{screen}_{size[0]}x{size[1]}_{lang}")
            except AssertionError as differs:
                wrong.append(f"{screen}: {differs}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_the_wall_is_the_picture_that_was_kept(lang: str, golden: Callable[[str, str], None]) -> None:
    async with console((120, 36), lang) as (app, pilot):
        await press(app, pilot, "w")
        without_countdown = "\n".join(snapshot.picture_of_app(app).splitlines()[:-1]) + "\n"
        golden(without_countdown, f"screens/wall_120x36_{lang}")


@pytest.mark.parametrize("size", [*SIZES, (12, 5), (1, 1)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_no_line_is_wider_than_the_terminal(size: tuple[int, int]) -> None:
    async with console(size, "zh") as (app, _):
        strips = app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} <= {size[0]}
