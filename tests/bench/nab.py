"""The Numenta Anomaly Benchmark, where its corpus is: reading it, and its score, written from the rule.

Rule (Lavin, Ahmad: Evaluating real-time anomaly detection algorithms, ICMLA 2015): the first detection in a
window counts the more the earlier it comes, by a sigmoid that is 0 at the right edge; a missed window counts
against; a detection outside of all windows counts against by the same sigmoid, the more the farther it is
behind the last window, fully where there was none. The first 15 % of a file, at most 750 points, are not
judged. 0 is what silence gives, 100 every window found at its first point and nothing else.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

from engine.anomaly import HourLine, Past

PROFILES: Mapping[str, tuple[float, float]] = {
    "standard": (0.11, 1.0), "low FP": (0.22, 1.0), "low FN": (0.11, 2.0),
}  # fmt: skip
"""What a false point and a missed window cost."""
COOLDOWN = 100
ADAPTED = 14
"""Points in a row beyond the threshold after which a level is the normal one, as in rules."""


@dataclass(frozen=True, slots=True)
class File:
    """Values at moments; `windows`: first and last point of each anomaly."""

    name: str
    moments: tuple[datetime, ...]
    values: tuple[float, ...]
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        """Points that are not judged."""
        return min(int(0.15 * len(self.values)), 750)


def corpus(folder: Path) -> Iterator[File]:
    """The files of a corpus: `data/*/*.csv` and `labels/combined_windows.json` below the folder."""
    labels = json.loads((folder / "labels" / "combined_windows.json").read_text("utf-8"))
    for name in sorted(labels):
        with (folder / "data" / name).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        moments = tuple(datetime.fromisoformat(row["timestamp"]) for row in rows)
        limits = [tuple(datetime.fromisoformat(each[:19]) for each in window) for window in labels[name]]
        windows = [[i for i, at in enumerate(moments) if first <= at <= last] for first, last in limits]
        yield File(
            name, moments, tuple(float(row["value"]) for row in rows),
            tuple((window[0], window[-1]) for window in windows if window),
        )  # fmt: skip


def detections(file: File, threshold: float) -> list[int]:
    """Points whose score is beyond the threshold, at least COOLDOWN apart.

    Points beyond it teach the baseline nothing, until there are ADAPTED of them in a row: as a rule does it.
    """
    steps = [(b - a).total_seconds() for a, b in zip(file.moments, file.moments[1:], strict=False) if b > a]
    slots = max(1, round(86_400 / median(steps)))
    at = [(m.hour * 3600 + m.minute * 60 + m.second) * slots // 86_400 for m in file.moments]
    values = [each if math.isfinite(each) else None for each in file.values]
    past = Past("plain", at, values, [0.0] * len(values), [abs(each or 0.0) for each in values])
    line = HourLine(past, [m.weekday() for m in file.moments], slots, days=(2, 4))
    out: dict[int, bool] = {}
    found: list[int] = []
    run: list[int] = []
    for i, value in enumerate(values):
        usual = line.at(i, out)
        score = None if usual is None or value is None else usual.score(value)
        if score is None or abs(score) <= threshold:
            run = []
            continue
        run.append(i)
        out |= dict.fromkeys(run, len(run) < ADAPTED) if len(run) <= ADAPTED else {}
        if i >= file.probation and (not found or i - found[-1] >= COOLDOWN):
            found.append(i)
    return found


def value(file: File, found: Sequence[int], false: float, missed: float) -> float:
    """The raw score of the detections in a file."""
    total = 0.0
    for first, last in file.windows:
        inside = [i for i in found if first <= i <= last]
        width = last - first + 1
        if last < file.probation:
            continue
        total += _sigmoid(-(last - inside[0] + 1) / width) / _sigmoid(-1.0) if inside else -missed
    for i in found:
        if any(first <= i <= last for first, last in file.windows):
            continue
        before = [window for window in file.windows if window[1] < i]
        behind = 3.0
        if before:
            first, last = before[-1]
            behind = (i - last) / max(last - first, 1)
        total += false * (_sigmoid(behind) if behind < 3 else -1.0)
    return total


def _sigmoid(position: float) -> float:
    return 2 / (1 + math.exp(5 * position)) - 1


def score(files: Sequence[File], found: Sequence[Sequence[int]]) -> dict[str, float]:
    """The corpus score by profile: 0 for silence, 100 for perfection."""
    windows = sum(last >= file.probation for file in files for _, last in file.windows)
    out = {}
    for name, (false, missed) in PROFILES.items():
        raw = sum(value(file, each, false, missed) for file, each in zip(files, found, strict=True))
        out[name] = 100 * (raw + missed * windows) / (windows * (1 + missed))
    return out


def hits(files: Sequence[File], found: Sequence[Sequence[int]]) -> tuple[int, int, int]:
    """Windows that were found, windows, and detections outside of them."""
    caught = false = 0
    for file, points in zip(files, found, strict=True):
        inside = [[i for i in points if first <= i <= last] for first, last in file.windows]
        caught += sum(map(bool, inside))
        false += len(points) - sum(map(len, inside))
    return caught, sum(len(file.windows) for file in files), false
