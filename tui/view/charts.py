"""Charts over periods and funnels over steps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart.

    `token` is `series-1` … `series-4` or `target`, `style` solid, dotted, dashed or points.
    """

    label: str
    values: tuple[float | None, ...]
    token: str = "series-1"
    style: str = "solid"


@dataclass(frozen=True, slots=True)
class Limit:
    """A horizontal line: a target or a threshold, named at its right end."""

    value: float
    label: str
    token: str = "target"


@dataclass(frozen=True, slots=True)
class TrendView:
    """Series over the same periods; the first one is the number itself.

    `y_ticks`: (value, label), `x_ticks`: (index of the period, label). `partial`: so many last periods are
    not over (drawn dotted, axis `┄`); `open`: so many last points of the first series may still move (drawn
    `○`). `band`: low and high per period, either may be missing. `marks`: (index of the period, state) of
    periods that are to be seen, as a sign on the axis. `legend`: whether a line below names the series.
    """

    series: tuple[Series, ...] = ()
    y_ticks: tuple[tuple[float, str], ...] = ()
    x_ticks: tuple[tuple[int, str], ...] = ()
    limits: tuple[Limit, ...] = ()
    band: tuple[tuple[float | None, float | None] | None, ...] = ()
    partial: int = 0
    open: int = 0
    from_zero: bool = False
    marks: tuple[tuple[int, str], ...] = ()
    legend: bool = False
    title: str = ""
    unit: str = ""
    notes: tuple[str, ...] = ()
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a funnel; `share` is persons of the first step (0–1), the texts are ready to show."""

    number: int
    name: str
    share: float
    persons: str
    of_first: str = ""
    of_previous: str = ""
    dropped: str = ""
    average: str = ""
    median: str = ""
    p75: str = ""
    p90: str = ""
    target: str = ""
    benchmark: str = ""
    missed: bool = False
    bottleneck: bool = False


@dataclass(frozen=True, slots=True)
class FunnelView:
    """A funnel's steps; `heads` maps the column ids of `Step` to their titles; `notes` are lines below.

    `warnings`: lines below them that nobody may miss.
    """

    name: str
    steps: tuple[Step, ...] = ()
    heads: tuple[tuple[str, str], ...] = ()
    bottleneck: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    title: str = ""
    unit: str = ""
    empty: str = ""
