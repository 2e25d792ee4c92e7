"""Where a number comes from: metric → formula → table → source → files → lines, with a count at each hop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from engine.questions.numbers import Grain, Range

HopKind = Literal["metric", "derived", "table", "rules", "units", "source"]


@dataclass(frozen=True, slots=True)
class TraceQuery:
    """`looptop trace`: one number of `looptop metrics`, or of a funnel's step (`funnel:NAME`).

    `period` in any form of the contract, None: the whole range. A week is named by its first day and told
    from a day by `grain = "week"`. `step`: of a funnel, 1-based; None: its last one. `toml`, `enter`,
    `breakdown` and `member` as in the question whose number it is.
    """

    metric: str
    period: str | None = None
    grain: Grain | None = None
    range: Range = Range()
    where: str | None = None
    step: int | None = None
    limit: int | None = 1000
    toml: str = ""
    enter: Literal["first", "any"] = "first"
    breakdown: str | None = None
    member: tuple[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """What one rule kept out at a hop.

    `rule`: period, metric (its own filter), where (the question's), person, rate, empty, once, young, away,
    back, dropped; of a source rejected, duplicate, filtered. `text`: the condition or the reason.
    """

    rule: str
    rows: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class TraceFile:
    """A file with rows in the period; `period`: facts of it there, `counted`: those in the number."""

    file: str
    rows: int
    accepted: int
    rejected: int
    duplicates: int
    filtered: int
    period: int
    counted: int


@dataclass(frozen=True, slots=True)
class Hop:
    """One step on the way from a number to its lines: `before` − what was removed = `rows`.

    metric: no counts; `text` its formula. derived: a derived table, its rows of the period. table: the
    canonical table, facts of the period. rules: facts (of a table of visits or persons: its rows) that the
    filters let through. units: what is counted instead of facts (persons, visits). source: records of its
    files, and the files that have facts in the period.
    """

    kind: HopKind
    name: str
    text: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    """What it means, by language."""
    toml: str = ""
    unit: str = ""
    credit: str = ""
    definition: str = ""
    """Hash of the metric's definition; fingerprint of a derived table."""
    key: str = ""
    reads: tuple[str, ...] = ()
    before: int | None = None
    removed: tuple[Removed, ...] = ()
    rows: int | None = None
    files: tuple[TraceFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Touch:
    """The event whose channel an event without its own is counted to."""

    source: str
    file: str
    line: int
    ts: datetime
    channel: str | None


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A line of a file and what it contributes; None: it belongs to a unit that another line stands for."""

    source: str
    file: str
    line: int
    table: str
    value: Decimal | None
    ts: datetime | None = None
    event: str | None = None
    channel: str | None = None
    person: str | None = None
    touch: Touch | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """A number and everything below it.

    What is made from other metrics has `operands` and no lines of its own. Of sums and counts the values of
    all lines add up to `value`.
    """

    metric: str
    period: str | None
    value: Decimal | None
    definition: str
    definition_hash: str
    watermark: str
    as_of: datetime
    timezone: str
    hops: tuple[Hop, ...]
    lines: tuple[TraceLine, ...] = ()
    total_lines: int = 0
    operands: tuple[Trace, ...] = ()
