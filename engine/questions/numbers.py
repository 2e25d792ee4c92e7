"""Questions about metrics and their answers: names, a grain, a range, a filter, comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Grain = Literal["hour", "day", "week", "month", "quarter", "year", "total"]
Comparison = Literal["previous", "week", "month", "year", "target"]
PaceBy = Literal["calendar", "profile"]
Standing = Literal["ahead", "on_track", "behind", "unknown"]
Value = str | int | float | bool | Decimal | datetime | date | None


@dataclass(frozen=True, slots=True)
class Range:
    """Inclusive days in the workspace's time zone; None: as far as the data goes."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """`looptop metrics`: names, up to two dimensions, a grain, a range, a filter, comparisons.

    `where` is text of the expression language over the columns of the metric's table. Dimensions are columns
    of that table, and `weekday` (1 … 7) and `hour_of_day` (00 … 23) in the workspace's zone.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    grain: Grain = "total"
    range: Range = Range()
    where: str | None = None
    compare: tuple[Literal["previous", "week", "month", "year"], ...] = ()
    top: int | None = None
    others: bool = False
    """With `top`: also a row of all members beyond it, counted anew as one."""
    toml: str = ""
    """`[metric.X]` tables in the words of looptop.toml that hold for this question alone."""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric in one period for one member of the dimensions.

    `num` and `den` for rates; `previous` and `change` by comparison; `change` is relative, None without base.
    `partial`: the period is not over or is cut by the range; `provisional`: inside the restatement window.
    """

    metric: str
    period: str | None
    by: tuple[tuple[str, str | None], ...]
    value: float | None
    num: float | None = None
    den: float | None = None
    previous: Mapping[str, float | None] = field(default_factory=dict)
    change: Mapping[str, float | None] = field(default_factory=dict)
    target: float | None = None
    partial: bool = False
    provisional: bool = False
    stale: bool = False
    """True where a source that the value reads is stale."""
    pace: float | None = None
    """Share of the target that is used ÷ share that is due; of a rate, value ÷ target."""
    pace_by: PaceBy | None = None
    """What share is due: of the calendar, or of the profile of the periods before."""
    status: Standing = "unknown"
    """Where the value stands, seen from the metric's good direction; in a band: below it, in it, above it."""
    other: bool = False
    """Whether this is the row of all members beyond `top`; its members are None then."""


@dataclass(frozen=True, slots=True)
class MetricAnswer:
    as_of: datetime
    timezone: str
    rows: tuple[MetricRow, ...]
    version: str = ""
    definitions: Mapping[str, str] = field(default_factory=dict)
    """Hash of each metric's definition in force."""
    watermark: str = ""
    """Names the data: the same in every process on the same files."""


@dataclass(frozen=True, slots=True)
class MetricAbout:
    """What a metric can be grouped by, the sources whose facts are in it, and what it does at its edges.

    `gap`: what a period without rows is; `min_den`: the least denominator that it is judged by.
    """

    metric: str
    dimensions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    gap: Literal["zero", "null"] = "null"
    min_den: int = 0
