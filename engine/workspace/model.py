"""What a workspace says, validated and frozen: the only form in which the engine sees looptop.toml.

Every expression is kept parsed (`Expression`); every name has been checked. Durations are whole
microseconds, periods are text in the forms of `looptop metrics` (`2026-11-01`, `2026-11`, `2026-Q4`, `2026`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from engine.expressions import Expression
from engine.workspace.source_model import (
    ChannelRule,
    ColumnRule,
    EventRule,
    Identity,
    Lookup,
    Moment,
    Preset,
    QualityRule,
    Source,
    Traffic,
)

__all__ = [
    "Benchmark", "CalendarDay", "ChannelRule", "ColumnRule", "Console", "EventRule", "Exclusion", "Funnel",
    "Identity", "Label", "Lookup", "Metric", "Moment", "Notify", "Person", "Preset", "QualityRule", "Rates",
    "Rule", "Source", "Step", "Target", "Traffic", "Workspace",
]  # fmt: skip

Label = Mapping[str, str]
"""Words by language: `{"en": …, "zh": …}`; at least one entry."""


@dataclass(frozen=True, slots=True)
class Console:
    title: str = "looptop"
    timezone: str = "UTC"
    week_start: int = 0
    """0 Monday … 6 Sunday."""
    fiscal_month: int = 1
    currency: str = "CNY"
    language: Literal["en", "zh"] | None = None
    """None: not said in the file; `--lang`, then LANG decide."""
    clock: Literal["wall", "data"] = "wall"
    user: str | None = None
    retention_days: Mapping[str, int] = field(default_factory=dict)
    calendar: str | None = None
    """Path of the calendar file, relative to the workspace."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Action id → key."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Units of the console currency per unit of a currency: constant, or by day from a file."""

    constant: Mapping[str, Decimal] = field(default_factory=dict)
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    metric: str
    period: str
    value: Decimal
    by: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What is usual elsewhere, and which study says so."""

    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    kind: Literal["simple", "ratio", "derived", "cumulative", "conversion", "funnel"] = "simple"
    label: Label = field(default_factory=dict)
    wording: Label = field(default_factory=dict)
    """What exactly is counted (口径)."""
    table: str | None = None
    """events, spend or profiles; built-in ones also read sessions, person_days, customers, new_customers."""
    where: Expression | None = None
    agg: Literal["sum", "count", "count_distinct", "avg", "min", "max", "median", "quantile"] = "count"
    column: str | None = None
    quantile: float | None = None
    num: str | None = None
    den: str | None = None
    expr: Expression | None = None
    unit: Literal["count", "money", "percent", "ratio", "seconds", "score"] = "count"
    good: Literal["up", "down", "band"] = "up"
    gap: Literal["zero", "null"] = "null"
    credit: Literal["own", "last_touch"] = "own"
    owner: str | None = None
    level: Literal["strategy", "tactic", "execution"] = "execution"
    drives: tuple[str, ...] = ()
    min_den: int = 0
    funnel: str | None = None
    measure: Literal["rate", "persons", "median_seconds", "avg_seconds", "p90_seconds"] = "rate"
    from_step: int | None = None
    to_step: int | None = None
    base: str | None = None
    """The metric that a cumulative one accumulates; None: its own table and aggregation."""
    window_days: int | None = None
    """Cumulative: so many days up to the end of the period."""
    grain_to_date: Literal["day", "week", "month", "quarter", "year"] | None = None
    """Cumulative: from the border of the calendar on."""
    additive: Literal["additive", "semi", "non"] | None = None
    """Whether values add up; None: what the aggregation says."""
    pick: Literal["last", "first", "avg"] = "last"
    """Semi-additive and cumulative: which day of a period stands for it."""
    sides: tuple[Step | str, Step | str] | None = None
    """Conversion: base and conversion; a text is a metric whose rows are meant."""
    window_us: int | None = None
    """Conversion: how long after the base event it counts; None: for ever."""
    per: Literal["persons", "events"] = "persons"
    hold: tuple[str, ...] = ()
    pace: Literal["calendar", "profile"] = "calendar"
    band: tuple[Decimal, Decimal] | None = None
    tolerance: Decimal = Decimal("0.05")
    """How far from its target a metric may be and still be on track, as a share of the target."""
    since: str | None = None
    changes: tuple[tuple[str, str], ...] = ()
    """(date, what changed) of the definition, as the workspace tells it."""
    targets: tuple[Target, ...] = ()
    benchmark: Benchmark | None = None
    builtin: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step: any of `events` (empty: any event) that also meets `where`."""

    events: tuple[str, ...] = ()
    where: Expression | None = None
    optional: bool = False
    within_us: int | None = None
    first_time: Literal["event", "filtered"] | None = None
    label: Label | str | None = None
    target: float | None = None
    benchmark: float | None = None
    benchmark_source: str | None = None
    """The study behind the benchmark."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    events: tuple[str, ...]
    where: Expression | None
    between: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Funnel:
    name: str
    steps: tuple[Step, ...]
    window_us: int | None = 14 * 86_400_000_000
    """None: no window."""
    natural_window: Literal["same_day", "same_week"] | None = None
    mode: Literal["ordered", "strict", "unordered"] = "ordered"
    exclude: tuple[Exclusion, ...] = ()
    on_exclusion: Literal["drop", "restart"] = "drop"
    where: Expression | None = None
    hold: tuple[str, ...] = ()
    count: str = "persons"
    ties: Literal["any", "strict"] = "any"
    breakdown: str = "first_touch"
    """first_touch, last_touch, step:K or all_events."""
    label: Label = field(default_factory=dict)
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule. `levels` is worst first; a plain `when` is one level of `severity`."""

    name: str
    levels: tuple[tuple[Literal["info", "warning", "critical"], Expression], ...]
    by: tuple[str, ...] = ()
    where: Expression | None = None
    grain: Literal["hour", "day", "week", "month"] = "day"
    for_periods: int = 1
    recover_periods: int = 1
    recover_when: Expression | None = None
    cooldown_periods: int = 0
    nodata: Literal["keep", "ok", "breach", "alert"] = "keep"
    nodata_periods: int = 1
    member_ttl_periods: int = 14
    on_incomplete: Literal["wait", "same_elapsed", "early"] = "wait"
    settle_hours: int = 0
    evidence: Literal["bound", "point"] = "bound"
    min_den: int = 0
    min_base: float = 0
    min_history: int = 3
    calendar: Literal["skip", "same_name", "widen", "ignore"] = "skip"
    false_alerts: float | None = None
    """Expected false alerts a week over all members, from which the threshold of anomalies follows."""
    owner: str | None = None
    owners: Mapping[str, str] = field(default_factory=dict)
    sop: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ("rule",)
    repeat_every: int = 0
    escalation: tuple[tuple[int, tuple[str, ...]], ...] = ()
    loops: int = 0
    ack_ttl: float = 0
    """Hours after which an ack ends; 0: never."""
    label: Label = field(default_factory=dict)
    builtin: bool = False
    """Sleeps until it has something to say."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who owns or is told: a `[people.X]`."""

    name: str
    notify: tuple[str, ...] = ()
    hours: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Notify:
    name: str
    url_env: str


@dataclass(frozen=True, slots=True)
class CalendarDay:
    day: date
    name: str
    kind: str
    effect: str | None = None
    factor: float | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """One validated configuration and the directory that it describes."""

    root: Path
    file: Path | None
    """The looptop.toml in force; None where there is none."""
    digest: str
    """SHA-256 of the file's bytes; of nothing where there is none."""
    console: Console
    rates: Rates
    sources: tuple[Source, ...]
    identity: Identity
    metrics: Mapping[str, Metric]
    """Built-in and own, by name; an own metric replaces a built-in one."""
    funnels: Mapping[str, Funnel]
    rules: Mapping[str, Rule]
    people: Mapping[str, Person]
    notify: Mapping[str, Notify]
    lookups: tuple[Lookup, ...] = ()
    channels: tuple[ChannelRule, ...] = ()
    traffic: Traffic = field(default_factory=Traffic)
    layouts: tuple[Preset, ...] = ()
    adhoc: frozenset[str] = frozenset()
    """`metric.X` and `funnel.X` that hold for one question alone: no table is kept for them."""
