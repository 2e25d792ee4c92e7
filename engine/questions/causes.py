"""Why a metric changed: the question, and the causes, members and children that the change is split into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.questions.numbers import Grain, Range


@dataclass(frozen=True, slots=True)
class WhyQuery:
    """`looptop why`: a metric, a period or a range, and what it is compared with.

    Without period and range: the newest complete day with facts. `grain` week: the period is the week that
    the day is in. `by` are the dimensions that are searched for a cause, empty: those that the metric has.
    `toml` as in `MetricQuery`.
    """

    metric: str
    period: str | None = None
    range: Range | None = None
    compare: Literal["previous", "week", "month", "year"] = "previous"
    by: tuple[str, ...] = ()
    where: str | None = None
    method: Literal["lmdi", "shapley"] | None = None
    grain: Grain | None = None
    toml: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """An element that moved the metric: `share` of the total change, `ratio` now / expected, `llr` evidence.

    `factor` is the child of the metric tree whose effect inside the element is largest.
    """

    element: tuple[tuple[str, str | None], ...]
    effect: float
    share: float | None
    ratio: float | None
    llr: float
    factor: str | None = None
    factor_effect: float | None = None
    sentences: Mapping[str, str] = field(default_factory=dict)
    """What it alone makes, by language; none where everything moved alike."""
    base: float | None = None
    """The metric inside the element before, and now."""
    now: float | None = None


@dataclass(frozen=True, slots=True)
class MemberChange:
    """A member's part of the change; of a rate, what its own rate and what its weight did."""

    member: tuple[tuple[str, str | None], ...]
    effect: float
    share: float | None
    rate_effect: float | None = None
    mix_effect: float | None = None


@dataclass(frozen=True, slots=True)
class WhyAnswer:
    """`base`, `now`: values compared; `sentence` says it all in the language of the workspace.

    `sentences`: the same by language. `unit`: of the metric.
    """

    metric: str
    period: str | None
    base_period: str | None
    base: float | None
    now: float | None
    total_change: float | None
    by: tuple[str, ...]
    causes: tuple[Cause, ...]
    members: tuple[MemberChange, ...]
    tree_method: str | None
    tree: Mapping[str, float]
    verdict: Literal["cause", "mix", "all", "none"]
    sentence: str
    watermark: str = ""
    definition: str = ""
    sentences: Mapping[str, str] = field(default_factory=dict)
    unit: str = "count"
