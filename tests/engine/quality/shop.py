"""A directory of small exports with quality rules, written file by file."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from engine.session import Session

HEAD = """
[console]
timezone = "Asia/Shanghai"
user = "li"
"""


@dataclass
class Exports:
    """Files below a directory; each is written at a moment (naive UTC), the clock stands at `now`."""

    root: Path
    configuration: str
    now: datetime = datetime(2026, 11, 20)
    session: Session = field(init=False)
    opened_ones: ClassVar[list[Session]] = []

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True)
        self.configure(self.configuration)
        self.session = self.opened("state")

    def configure(self, text: str) -> None:
        (self.root / "looptop.toml").write_text(HEAD + text, encoding="utf-8")

    def opened(self, state: str) -> Session:
        """A session with a state of its own."""
        made = Session.open(self.root, state=self.root.parent / state, clock=lambda: self.now, key="k")
        self.opened_ones.append(made)
        return made

    def write(self, name: str, text: str, at: datetime = datetime(2026, 11, 20)) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        moment = int(at.replace(tzinfo=UTC).timestamp())
        os.utime(path, (moment, moment))


ADS = """
[[source]]
name = "ads"
files = ["ads/*.csv"]
table = "spend"
columns = { ts = "day", channel = "channel", clicks = "clicks", impressions = "shows", cost = "cost" }
"""


def ads(*rows: str) -> str:
    """A report of these rows: day, channel, clicks, shows, cost."""
    return "".join(f"{row}\n" for row in ("day,channel,clicks,shows,cost", *rows))
