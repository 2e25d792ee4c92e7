"""What the configuration names beside the data is watched like the data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.contract.place import Place

SETTINGS = """
[currency]
file = "fx.csv"
[[source]]
name = "ads"
files = ["ads.csv"]
table = "spend"
[[source]]
name = "plan"
files = ["targets.csv"]
table = "targets"
[[lookup]]
file = "campaigns.csv"
on = "campaign"
add = ["owner"]
"""


@contextmanager
def watched(place: Place) -> Iterator[Callable[[], dict[str, Any]]]:
    """A process that watches; gives a function that returns its next line."""
    words = ["watch", str(place.root), "--headless", "--json", "--state", str(place.state)]
    with subprocess.Popen(
        [sys.executable, "-m", "tui.cli", *words], stdout=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        out = process.stdout
        assert out is not None
        try:
            yield lambda: json.loads(out.readline())
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_lookups_special_days_rates_and_targets_are_read_again_when_they_change(place: Place) -> None:
    place.put("ads.csv", "day,channel,campaign,cost,currency\n2026-11-01,a,A,10,USD\n2026-11-02,a,B,5,USD\n")
    place.put("campaigns.csv", "campaign,owner\nA,li\nB,li\n")
    place.put("calendar.csv", "date,name,kind\n2026-11-01,day,holiday\n")
    place.put("fx.csv", "day,currency,rate\n2026-01-01,USD,7\n")
    place.put("targets.csv", "period,metric,value\n2026-11,cost,100\n")
    place.toml(SETTINGS, calendar="calendar.csv")
    with watched(place) as line:
        assert line()["trigger"] == "start"
        place.put("campaigns.csv", "campaign,owner\nA,li\nB,wu\n")
        told = line()
        assert (told["trigger"], told["files"], told["error"]) == ("change", ["campaigns.csv"], None)
        assert told["keys"] == {"days": 1, "persons": 0}
        place.put("calendar.csv", "date,name,kind\n2026-11-02,day,holiday\n")
        told = line()
        assert (told["files"], told["error"]) == (["calendar.csv"], None)
        place.put("calendar.csv", "date,name,kind\nsoon,day,holiday\n")
        assert "calendar.csv:2 console.calendar" in line()["error"]
        place.put("calendar.csv", "date,name,kind\n")
        assert line()["error"] is None
        place.put("fx.csv", "day,currency,rate\n2026-01-01,USD,8\n")
        assert line()["files"] == ["fx.csv"]
        place.put("targets.csv", "period,metric,value\n2026-11,cost,200\n")
        assert line()["files"] == ["targets.csv"]
    assert place.values("cost", "--by", "owner", key="owner") == {"li": 80, "wu": 40}
    (row,) = place.ask("metrics", "cost", "--grain", "month")["rows"]
    assert row["target"] == 200
