"""The shape of looptop.toml: which keys there are and what each may hold.

Text becomes values here; names and expressions are resolved afterwards. The descriptions are the
reference that the README and `looptop init` print.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Tag

from engine.workspace.forms import Form, Number, Severity, Words, form_of, key
from engine.workspace.source_forms import (
    ChannelForm,
    IdentityForm,
    LayoutForm,
    LookupForm,
    QualityForm,
    SourceForm,
    TrafficForm,
)


class ConsoleForm(Form):
    title: str = key("what the console is called", "looptop")
    timezone: str = key("IANA name; days, weeks and months are cut in it", "UTC")
    week_start: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = key(
        "first day of a week", "monday"
    )
    fiscal_month: int = key("first month of the fiscal year", 1, ge=1, le=12)
    currency: str = key("ISO code; money is shown in it", "CNY")
    language: Literal["zh", "en"] | None = key("language; `--lang` overrides it, then LANG", None)
    clock: Literal["wall", "data"] = key('what "now" is: this machine\'s clock or the newest fact', "wall")
    user: str | None = key("who acks and notes here", None, "the login name")
    retention: dict[str, int] = key("days that are kept, by table", {})
    calendar: str | None = key("a file of days: date, name, kind, effect, factor (2: twice as wide)", None)
    keys: dict[str, str] = key("key of an action, by action id", {})


class TargetForm(Form):
    period: str = key("2026-11-01T13:00+08:00, 2026-11-01, 2026-11, 2026-Q4 or 2026")
    value: Number = key("the target")
    by: dict[str, str] = key("dimension values it is for", {})


class SideForm(Form):
    event: str | list[str] | None = key("event, or any of several", None)
    where: str | None = key("rows that count", None)
    metric: str | None = key("a simple metric over events whose rows are meant", None)


Side = Annotated[
    Annotated[str, Tag("form:text")] | Annotated[SideForm, Tag("form:table")], Discriminator(form_of)
]


class ChangeForm(Form):
    date: str = key("day of the change, 2026-11-01")
    text: str = key("what changed and why")


class BenchmarkForm(Form):
    value: Number = key("what is usual")
    source: str = key("where it is from: study, year, what it measures", min_length=1)


class MetricForm(Form):
    kind: Literal["simple", "ratio", "derived", "cumulative", "conversion", "funnel"] = key("kind", "simple")
    label: Words = key("name by language", {})
    wording: Words = key("what exactly is counted, by language", {})
    table: str | None = key("table it reads (simple, cumulative)", None)
    where: str | None = key("rows that count (simple)", None)
    agg: Literal["sum", "count", "count_distinct", "avg", "min", "max", "median", "quantile"] | None = key(
        "aggregation (simple)", None, "count, or sum where there is a column"
    )
    column: str | None = key("column that is aggregated", None)
    quantile: float | None = key("which quantile, 0 … 1", None, ge=0, le=1)
    num: str | None = key("metric above the line (ratio)", None)
    den: str | None = key("metric below the line (ratio)", None)
    expr: str | None = key("expression over metrics (derived)", None)
    unit: Literal["count", "money", "percent", "ratio", "seconds", "score"] | None = key(
        "unit", None, "count; ratio for rates; seconds for times"
    )
    good: Literal["up", "down", "band"] = key("which direction is good", "up")
    gap: Literal[0, "null"] | None = key(
        "a period without rows", None, '0 for count, count_distinct, sum; "null" for the rest'
    )
    credit: Literal["own", "last_touch"] = key("channel of an event without its own", "own")
    owner: str | None = key("who answers for it", None)
    level: Literal["strategy", "tactic", "execution"] = key("level in the metric tree", "execution")
    drives: list[str] = key("its children in the metric tree", [])
    min_den: int = key("below this denominator a rate is unknown to alerts", 0, ge=0)
    funnel: str | None = key("funnel it measures (funnel)", None)
    measure: Literal["rate", "persons", "median_seconds", "avg_seconds", "p90_seconds"] = key(
        "what of the funnel", "rate"
    )
    from_step: int | None = key("step from which, from 1", None, "1", ge=1)
    to_step: int | None = key("step to which", None, "the last", ge=1)
    metric: str | None = key("metric that is accumulated (cumulative); else its own table and agg", None)
    window: str | None = key(
        "cumulative: whole days up to the end of a period, 28d; conversion: how long after the base event,"
        " <n>(ms|s|m|h|d|w) or none",
        None,
        "7d for a conversion",
    )
    grain_to_date: Literal["day", "week", "month", "quarter", "year"] | None = key(
        "from this border of the calendar on (cumulative)", None
    )
    pick: Literal["last", "first", "avg"] = key(
        "day that stands for a period (cumulative, semi-additive)", "last"
    )
    additive: Literal["additive", "semi", "non"] | None = key(
        "whether values add up; semi: not over time", None, "additive for sums and counts, else non"
    )
    base: Side | None = key('"event" or { event, where } or { metric } that opens (conversion)', None)
    conversion: Side | None = key("the same for what must follow (conversion)", None)
    per: Literal["persons", "events"] = key(
        "what is counted on both sides (conversion): persons, or base events and their conversions", "persons"
    )
    hold: list[str] = key("columns that are the same on both sides (conversion)", [])
    pace: Literal["calendar", "profile"] = key(
        "what share of a target is due by now: of the days, or as in the periods before", "calendar"
    )
    band: list[Number] | None = key("lowest and highest good value", None, min_length=2, max_length=2)
    tolerance: Number = key("on track: at most this share of the target away from it", 0.05, ge=0)
    since: str | None = key("day from which the definition holds, 2026-11-01", None)
    changes: list[ChangeForm] = key("change log of the definition: { date, text }", [])
    benchmark: BenchmarkForm | None = key("what is usual elsewhere: { value, source }", None)
    target: list[TargetForm] = key('targets; many come as files with table = "targets"', [])


class StepTableForm(Form):
    event: str | list[str] | None = key("event, or any of several", None)
    where: str | None = key("rows that count", None)
    optional: bool = key("may be left out", False)
    within: str | None = key("at most this long after the step before", None)
    first_time: Literal["event", "filtered"] | None = key(
        "only the person's first such event; `filtered`: the first that meets `where`", None
    )
    label: str | Words | None = key("its name", None)
    target: float | None = key("share of the step before that is aimed at", None)
    benchmark: float | None = key("share of the step before that is usual", None)
    benchmark_source: str | None = key("where the benchmark is from: study, year, what it measures", None)


StepForm = Annotated[
    Annotated[str, Tag("form:text")] | Annotated[StepTableForm, Tag("form:table")], Discriminator(form_of)
]


class ExclusionForm(Form):
    event: str | list[str] | None = key("event, or any of several", None)
    where: str | None = key("rows that count", None)
    between: list[int] = key("between these two steps, from 1", min_length=2, max_length=2)


class FunnelForm(Form):
    template: str | None = key(
        "template of an industry: labels, steps, window, targets, benchmarks; own keys win", None
    )
    label: Words = key("name by language", {})
    steps: list[StepForm] = key(
        '"event" or { event, where, optional, within, first_time, label, target, benchmark, '
        "benchmark_source }",
        [],
    )
    window: str = key("<n>(ms|s|m|h|d|w), none, same_day or same_week", "14d")
    mode: Literal["ordered", "strict", "unordered"] = key("order of the steps", "ordered")
    exclude: list[ExclusionForm] = key("events that must not happen: { event, where, between }", [])
    on_exclusion: Literal["drop", "restart"] = key("what an excluded event does", "drop")
    where: str | None = key("events that take part", None)
    hold: list[str] = key("columns that stay the same over all steps", [])
    count: str = key("persons, attempts or any column", "persons")
    ties: Literal["any", "strict"] = key("whether steps may share a moment", "any")
    breakdown: str = key("first_touch, last_touch, step:K or all_events", "first_touch")


class EscalationForm(Form):
    after_minutes: int = key("minutes without an ack", ge=0)
    notify: list[str] = key("who is told", min_length=1)


class RuleForm(Form):
    when: str | None = key("the condition; or `levels`", None)
    levels: dict[Severity, str] | None = key("condition by severity; sets the severity", None)
    label: Words = key("name by language", {})
    by: list[str] = key("dimensions: one alert per member", [])
    where: str | None = key("rows that count", None)
    grain: Literal["hour", "day", "week", "month"] = key("length of the judged period", "day")
    severity: Severity = key("severity of `when`", "warning")
    for_periods: int = key("consecutive breaching periods", 1, ge=1)
    recover_periods: int = key("consecutive recovered periods", 1, ge=1)
    recover_when: str | None = key("condition of recovery", None, "not `when`")
    cooldown_periods: int = key("a breach so soon after the end reopens the episode", 0, ge=0)
    nodata: Literal["keep", "ok", "breach", "alert"] = key("what an unknown period means", "keep")
    nodata_periods: int = key("unknown periods before it is told", 1, ge=1)
    member_ttl_periods: int = key("unknown periods after which a member is forgotten", 14, ge=1)
    on_incomplete: Literal["wait", "same_elapsed", "early"] = key("how the running period is judged", "wait")
    settle_hours: int = key("hours after its end until a period is complete", 0, ge=0)
    evidence: Literal["bound", "point"] = key("rates: one-sided 95 % Wilson bound, or the value", "bound")
    min_den: int = key("below this denominator a rate is unknown", 0, ge=0)
    min_base: Number = key("below this base a change is unknown", 0)
    min_history: int = key("periods that baselines need", 3, ge=1)
    calendar: Literal["skip", "same_name", "widen", "ignore"] = key(
        "how calendar days are judged that have no effect of their own", "skip"
    )
    false_alerts: Number | None = key(
        "expected false alerts a week over all members: how far off an anomaly must be follows from it, and "
        "the constant that anomaly() is compared with stands for just that",
        None,
        "the constant is the z itself",
        gt=0,
    )
    owner: str | None = key("a [people.X]", None)
    owners: dict[str, str] = key("owner by member", {})
    sop: list[str] = key("what to do, step by step", [])
    notify: list[str] = key('[people.X], [notify.X] or "owner"', [])
    group_by: list[str] = key("alerts that share a message", ["rule"])
    repeat_every: int = key("minutes to a reminder, then twice as long up to a day; 0: never", 0, ge=0)
    escalation: list[EscalationForm] = key("{ after_minutes, notify }, in the owner's working hours", [])
    loops: int = key("how often the escalation starts again while nobody acks", 0, ge=0)
    ack_ttl: Number = key("hours after which an ack ends; 0: never", 0, ge=0)


class PersonForm(Form):
    notify: list[str] = key("[notify.X] that reach the person", [])
    hours: str | None = key("when: Mon-Fri 09:00-19:00, Sat 10:00-14:00", None, "always")
    label: str | None = key("name", None)


class NotifyForm(Form):
    url_env: str = key(
        "environment variable that holds an apprise URL, exec:///command … or bell://", min_length=1
    )


class WorkspaceForm(Form):
    """The whole file. Arrays of tables arrive as tables by index: a fault in one moves no other."""

    console: ConsoleForm = key("the console", ConsoleForm())
    currency: dict[str, Number | str] = key(
        "units of the console's currency per unit; or `file`: day, currency, rate", {}
    )
    source: dict[int, SourceForm] = key("sources", {})
    layout: dict[int, LayoutForm] = key("column layouts of the workspace's own", {})
    lookup: dict[int, LookupForm] = key("more dimensions by a key", {})
    channel: dict[int, ChannelForm] = key("channel of an event that has none", {})
    quality: dict[int, QualityForm] = key("what must hold for the rows of a source", {})
    traffic: TrafficForm = key("events that no visitor made", TrafficForm())
    identity: IdentityForm = key("who is one person", IdentityForm())
    metric: dict[str, MetricForm] = key("metrics", {})
    funnel: dict[str, FunnelForm] = key("funnels", {})
    alert: dict[str, RuleForm] = key("alert rules", {})
    people: dict[str, PersonForm] = key("people who own or are told", {})
    notify: dict[str, NotifyForm] = key("where messages go", {})


ARRAYS = ("source", "layout", "quality", "lookup", "channel")
"""Top-level arrays of tables."""
