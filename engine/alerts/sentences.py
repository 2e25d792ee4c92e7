"""An alert in words, in both languages: what, where, since when, how far from expected, the first step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.alerts.judging import Judged
from engine.alerts.periods import Axis
from engine.alerts.records import labels_of
from engine.alerts.rules import Ready
from engine.metrics.saying import number, word
from engine.workspace.model import Metric, Rule, Workspace

Labels = Mapping[str, str | None]


def _where(labels: Labels, language: str) -> str:
    nothing = {"en": "no value", "zh": "无"}[language]
    return " · ".join(nothing if value is None else value for value in labels.values())


def title(rule: Rule, labels: Labels, language: str) -> str:
    """`Conversion drop · douyin`."""
    name = word(rule.label, language, rule.name)
    where = _where(labels, language)
    return f"{name} · {where}" if where else name


@dataclass(frozen=True, slots=True)
class Story:
    """What a sentence tells; `limit`: `expected` is the threshold, not a base."""

    rule: Rule
    metric: Metric | None
    labels: Labels
    period: str
    active_at: str | None
    value: float | None
    expected: float | None
    limit: bool
    low: float | None = None
    high: float | None = None
    """The band around `expected`, where there is one."""
    trend: tuple[float | None, ...] = ()
    """The last judged periods, the newest last."""
    compared: tuple[str, float] | None = None
    """The condition and what it compares with the limit, where that is not the metric itself."""

    @property
    def unit(self) -> str:
        """Unit of the value."""
        return self.metric.unit if self.metric else "count"


def story(workspace: Workspace, rule: Ready, axis: Axis, member: str, judged: Judged) -> Story:
    """How one member stands, ready to be told."""
    here, at = judged.replay.standing, judged.replay.judged
    names, (about, value) = rule.condition(here.level).metrics, judged.about
    level = -1 if here.level is None else here.level
    made = about is None and value is not None
    return Story(
        rule=rule.rule,
        metric=workspace.metrics.get(about or names[0]) if names else None,
        labels=labels_of(member),
        period="" if at is None else axis.labels[at],
        active_at=None if here.active is None or here.state == "ok" else axis.labels[here.active],
        value=judged.value if about is None else value,
        expected=judged.expected,
        compared=(rule.rule.levels[level][1].text, value) if made and value is not None else None,
        limit=judged.limit,
        low=judged.low,
        high=judged.high,
        trend=judged.trend,
    )


def sentence(told: Story) -> dict[str, str]:
    """What happened and the first step, by language."""
    said, step = happened(told), told.rule.sop[:1]
    if not step:
        return said
    return {"en": f"{said['en']} First step: {step[0]}.", "zh": f"{said['zh']}第一步：{step[0]}。"}


def happened(told: Story) -> dict[str, str]:
    """What happened, where, since when and how far from expected, by language."""
    return {"en": _english(told), "zh": _chinese(told)}


def _change(told: Story) -> str:
    if told.value is None or told.expected is None or told.expected == 0:
        return ""
    return f"{(told.value - told.expected) / abs(told.expected) * 100:+.1f}%".replace("-", "−")


def _band(told: Story) -> str:
    """` ± 260`, or the two bounds where they do not lie evenly around what was expected.

    >>> from engine.workspace.model import Rule
    >>> def told(low: float, high: float) -> Story:
    ...     return Story(Rule("r", ()), None, {}, "p", None, 2900.0, 4210.0, False, low, high)
    >>> _band(told(3950.0, 4470.0)), _band(told(3950.0, 4900.0))
    (' ± 260', ' [3,950 … 4,900]')
    """
    if told.low is None or told.high is None or told.expected is None:
        return ""
    half = (told.high - told.low) / 2
    if abs(told.high - told.expected - half) <= 0.1 * half:
        return f" ± {number(half, told.unit)}"
    return f" [{number(told.low, told.unit)} … {number(told.high, told.unit)}]"


def _english(told: Story) -> str:
    name = word(told.metric.label, "en", told.metric.name) if told.metric else told.rule.name
    where = f" at {_where(told.labels, 'en')}" if told.labels else ""
    said = f"{name}{where} was {number(told.value, told.unit)} on {told.period}"
    if told.compared is not None:
        said += f": {told.compared[0]} ({number(told.compared[1], 'ratio')})"
    elif told.expected is not None and told.limit:
        said += f", limit {number(told.expected, told.unit)}"
    elif told.expected is not None:
        said += f", expected {number(told.expected, told.unit)}{_band(told)}"
        said += f" ({_change(told)})" if told.expected else ""
    if told.active_at and told.active_at != told.period:
        said += f", since {told.active_at}"
    return f"{said}."


def _chinese(told: Story) -> str:
    name = word(told.metric.label, "zh", told.metric.name) if told.metric else told.rule.name
    where = f"{_where(told.labels, 'zh')} " if told.labels else ""
    said = f"{where}{told.period} {name} {number(told.value, told.unit)}"
    if told.compared is not None:
        said += f"：{told.compared[0]}（{number(told.compared[1], 'ratio')}）"
    elif told.expected is not None and told.limit:
        said += f"，阈值 {number(told.expected, told.unit)}"
    elif told.expected is not None:
        said += f"，预期 {number(told.expected, told.unit)}{_band(told)}"
        said += f"（{_change(told)}）" if told.expected else ""
    if told.active_at and told.active_at != told.period:
        said += f"，始于 {told.active_at}"
    return f"{said}。"
