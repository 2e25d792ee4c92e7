"""The picture in the README, drawn by the console itself on the sample shop: `python -m tests.picture`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tui.app import Looptop
from tui.commands.grammar import CONSOLE
from tui.commands.parsing import parse
from tui.opening import directory, session_opener, wall_clock
from tui.settings import Settings

PICTURE = Path(__file__).resolve().parent.parent / "tui" / "pictures" / "overview.svg"
SIZE = (120, 36)
TURNS = 600


async def draw(path: Path) -> None:
    """Run the console without a terminal until the sample shop is on it, and save what it shows."""
    with tempfile.TemporaryDirectory(prefix="looptop-picture-") as state:
        arguments = parse(CONSOLE, ["--state", state, "--lang", "en"])
        settings = Settings(directory(None), wall_clock, "en", lang_asked=True, watching=False)
        app = Looptop(session_opener(arguments), settings)
        async with app.run_test(size=SIZE) as pilot:
            for _ in range(TURNS):
                await pilot.pause(0.1)
                if app.snapshot is not None:
                    break
            await pilot.pause(0.5)
            path.parent.mkdir(exist_ok=True)
            path.write_text(app.export_screenshot(title="looptop"), "utf-8")
        app.wait(30)


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE))
