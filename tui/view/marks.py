"""Lines of runs, and the small things that many panels show: a change, a sparkline, a target, a tile."""

from __future__ import annotations

from dataclasses import dataclass

Run = tuple[str, str]
"""Text and its theme tokens, parted by blanks (`"bad selected"`)."""

Line = tuple[Run, ...]
"""One row of the terminal, from left to right."""


@dataclass(frozen=True, slots=True)
class Change:
    """A move: direction −1, 0 or 1, size as text, tone; `alarm` adds the `!` of a bad move beyond noise."""

    direction: int
    text: str
    tone: str = "ink"
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Spark:
    """Periods from old to new; None is a gap. `partial`: the last one is not over."""

    values: tuple[float | None, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """`target 1.500M`, the share of it reached (1.0 = met) and that share as text; `missed` adds `!`.

    `word`: where that stands against what is due by now, shown where there is room.
    """

    label: str
    share: float
    text: str
    missed: bool = False
    word: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One metric at a glance.

    `unit` stands at the right end of the title; `doubt` marks a value whose source is stale (`?`);
    `revised` is the word for a number that has changed since it was last seen, empty where none has;
    `computing` dims the old value; `fresh` underlines a value that has just changed; `verdict`, `note` and
    `lines` are words for the wall.
    """

    id: str
    title: str
    value: str
    unit: str = ""
    change: Change | None = None
    spark: Spark = Spark()
    spark_label: str = ""
    target: Target | None = None
    doubt: bool = False
    revised: str = ""
    computing: bool = False
    fresh: bool = False
    state: str = ""
    verdict: str = ""
    note: str = ""
    error: str = ""
    lines: tuple[str, ...] = ()
