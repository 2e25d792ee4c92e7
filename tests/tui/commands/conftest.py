"""A tiny shop, written out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.cli import main

CONFIGURATION = """
[console]
title = "tiny"
timezone = "Asia/Shanghai"
clock = "data"
user = "li"

[[source]]
name = "ads"
files = ["ads.csv"]
table = "spend"

[[source]]
name = "web"
files = ["web/*.ndjson"]
table = "events"
event = { column = "event" }

[funnel.buy]
steps = ["visit", "order"]

[alert.costly]
when = "cost > 50"
"""
ADS = """ts,channel,impressions,clicks,cost
2026-11-01,a,1000,10,40
2026-11-02,a,1000,20,60
2026-11-02,b,x,1,5
"""
WEB = (
    {"ts": "2026-11-01T10:00:00+08:00", "event": "visit", "member_id": "m1", "channel": "a"},
    {"ts": "2026-11-01T10:10:00+08:00", "event": "order", "member_id": "m1", "value": 100},
    {"ts": "2026-11-03T09:00:00+08:00", "event": "visit", "member_id": "m2", "channel": "\x1b[31mred"},
)

Say = Callable[..., str]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two sources, one reject, one funnel, one alert that fires on 2026-11-02."""
    root = tmp_path / "shop"
    (root / "web").mkdir(parents=True)
    (root / "looptop.toml").write_text(CONFIGURATION, "utf-8")
    (root / "ads.csv").write_text(ADS, "utf-8")
    (root / "web" / "1.ndjson").write_text("".join(json.dumps(row) + "\n" for row in WEB), "utf-8")
    return root


@pytest.fixture
def say(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command on the shop with a state of its own and gives what it printed; it has to succeed."""

    def run(command: str, *words: str) -> str:
        code = main([command, str(shop), *words, "--state", str(tmp_path / "state")])
        out, err = capsys.readouterr()
        assert (code, err) == (0, "")
        return out

    return run
