"""`python -m tests.bench.backtest [--members N] [--days N]`: a rule over a year of members, and a day more.

Prints seconds of a back-test by itself, of a move of its slider, and of the alerts of a refresh: the first
one, after a file with a new day, and after a file that corrects a day in the middle.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from engine.questions import BacktestQuery
from engine.session import Session

FIRST = date(2026, 1, 1)
RULES = (
    "clicks < 200",
    "change(clicks, week) < -30% and impressions > 1000",
    "clicks < 0.8 * mean(clicks, 28)",
    "deviation(clicks, 8) < -3",
    "ctr < 2%",
)
TOML = """
[console]
clock = "data"
[[source]]
name = "media"
files = ["*.csv"]
table = "spend"
columns = {{ ts = "day", channel = "channel", clicks = "clicks", impressions = "shown", cost = "cost" }}
[people.li]
[alert.r]
when = "{when}"
by = ["channel"]
owner = "li"
notify = ["owner"]
"""


def lines(members: int, days: range, seed: int) -> list[str]:
    """Clicks of channels with a season, noise and a few falls."""
    rng = random.Random(seed)
    out = ["day,channel,cost,clicks,shown"]
    for day in days:
        season = 0.7 if day % 7 > 4 else 1.0
        for member in range(members):
            fall = 0.5 if rng.random() < 0.01 else 1.0
            clicks = int((100 + 5 * member) * season * fall * rng.gauss(1, 0.08))
            out.append(f"{FIRST + timedelta(days=day)},c{member:03},5,{clicks},{clicks * 40}")
    return out


def timed(what: Callable[[], object], turns: int = 3) -> float:
    """The best of some runs, in seconds."""
    times = []
    for _ in range(turns):
        begun = time.perf_counter()
        what()
        times.append(time.perf_counter() - begun)
    return min(times)


def measured(root: Path, when: str, members: int, days: int) -> list[str]:
    """The cells of one rule."""
    data = root / "data"
    data.mkdir(parents=True)
    (data / "looptop.toml").write_text(TOML.format(when=when))
    (data / "a.csv").write_text("\n".join(lines(members, range(days + 1), 1)))
    wall = datetime(2027, 6, 1)
    session = Session.open(data, state=root / "state", clock=lambda: wall)
    session.refresh()
    first = session.activity.seconds["alerts"]
    begun = time.perf_counter()
    answer = session.backtest(BacktestQuery("r"))
    nothing = time.perf_counter() - begun
    slide = "–"
    if answer.threshold is not None:
        moved = BacktestQuery("r", threshold=answer.threshold * 1.1)
        slide = f"{timed(lambda: session.backtest(moved)):.2f} s"
    after = []
    for name, day in (("b.csv", days + 1), ("c.csv", days // 2)):
        (data / name).write_text("\n".join(lines(members, range(day, day + 1), 2)))
        session.refresh("change")
        after.append(session.activity.seconds["alerts"])
    session.close()
    found = f"`{when}`: {len(answer.episodes):,} episodes, {answer.messages:,} messages"
    return [found, f"{nothing:.2f} s", slide, f"{first:.2f} s", *(f"{each:.3f} s" for each in after)]


def main() -> None:
    """Print a line for each rule."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--days", type=int, default=365)
    given = parser.parse_args()
    size = f"{given.members} members × {given.days} days"
    print(f"| {size} | back-test | slider | first alerts | after a new day | after a correction |")
    print("|---|---:|---:|---:|---:|---:|")
    for number, when in enumerate(RULES):
        with tempfile.TemporaryDirectory(prefix="looptop-bench-") as folder:
            cells = measured(Path(folder, str(number)), when, given.members, given.days)
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
