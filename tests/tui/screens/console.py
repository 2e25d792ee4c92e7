"""A console on the fake session, ready to be worked by a Pilot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.tui.fake_session import NOW, FakeSession
from tui.app import Looptop
from tui.settings import Settings

TURNS = 400


@asynccontextmanager
async def console(
    size: tuple[int, int] = (120, 36),
    lang: str = "en",
    session: FakeSession | None = None,
    root: Path | None = None,
) -> AsyncIterator[tuple[Looptop, Pilot[Any]]]:
    """The console with its first snapshot on the screen."""
    fake = session or FakeSession()
    settings = Settings(root or Path("/nowhere"), lambda: NOW, lang, lang_asked=True, watching=False)
    app = Looptop(lambda _: fake, settings)  # type: ignore[arg-type, return-value]
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        yield app, pilot
    app.wait(5)


async def settled(app: Looptop, pilot: Pilot[Any]) -> None:
    """Until every question has its answer and is drawn."""
    for _ in range(TURNS):
        await pilot.pause(0.01)
        if app.snapshot is not None and not app.pending and not app.busy:
            break
    await pilot.pause()


async def press(app: Looptop, pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one by one, each with what it leads to."""
    for key in keys:
        await pilot.press(key)
        await settled(app, pilot)


def shown(app: Looptop) -> str:
    """The screen as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


def crumb_line(app: Looptop) -> str:
    """Line 2."""
    return shown(app).splitlines()[1]
