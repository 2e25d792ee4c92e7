"""An alert in words, in both languages: what, where, since when, how far from expected, the first step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.alerts.judging.rules import Ready
from engine.alerts.judging.verdicts import Judged
from engine.alerts.kept.records import labels_of
from engine.alerts.reading.periods import Axis
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
    asks: str = ""
    """The call about a source that the value is of, where the rule reads no metric."""
    when: str | None = None
    """The condition, where its limit is of something else than the value."""

    @property
    def unit(self) -> str:
        """Unit of the value."""
        if self.metric is not None:
            return self.metric.unit
        return "percent" if self.asks.endswith("_share") else "hours" if self.asks == "age" else "count"

    def says(self, value: float | None) -> str:
        """A value in the unit.

        >>> from engine.workspace.model import Rule
        >>> old = Story(Rule("r", ()), None, {}, "p", None, 26.25, 24.0, True, asks="age")
        >>> old.says(old.value), old.says(old.expected)
        ('26.2 h', '24 h')
        """
        if self.unit == "hours" and value is not None:
            return f"{value:.0f} h" if float(value).is_integer() else f"{value:.1f} h"
        return number(value, self.unit)


def story(workspace: Workspace, rule: Ready, axis: Axis, member: str, judged: Judged) -> Story:
    """How one member stands, ready to be told."""
    here, at = judged.replay.standing, judged.replay.judged
    condition = rule.condition(here.level)
    names, limited, (about, value) = condition.metrics, condition.limited, judged.about
    other = judged.limit and bool(names) and (limited is None or limited.metric != names[0])
    return Story(
        rule=rule.rule,
        metric=workspace.metrics.get(about or names[0]) if names else None,
        labels=labels_of(member),
        period="" if at is None else axis.labels[at],
        active_at=None if here.active is None or here.state == "ok" else axis.labels[here.active],
        value=judged.value if about is None else value,
        expected=judged.expected,
        limit=judged.limit,
        low=judged.low,
        high=judged.high,
        trend=judged.trend,
        asks=condition.asks[0][0] if condition.asks and not names else "",
        when=rule.rule.levels[-1 if here.level is None else here.level][1].text if other else None,
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


def _name(told: Story, language: str) -> str:
    if told.metric is not None:
        return word(told.metric.label, language, told.metric.name)
    return word(told.rule.label, language, told.rule.name)


def _english(told: Story) -> str:
    name = _name(told, "en")
    where = f" at {_where(told.labels, 'en')}" if told.labels else ""
    verb = " was" if told.metric else ":"
    said = f"{name}{where}{verb} {told.says(told.value)} on {told.period}"
    if told.when is not None:
        said += f": {told.when}"
    elif told.expected is not None and told.limit:
        said += f", limit {told.says(told.expected)}"
    elif told.expected is not None:
        said += f", expected {told.says(told.expected)}{_band(told)}"
        said += f" ({_change(told)})" if told.expected else ""
    if told.active_at and told.active_at != told.period:
        said += f", since {told.active_at}"
    return f"{said}."


def _chinese(told: Story) -> str:
    name = _name(told, "zh")
    where = f"{_where(told.labels, 'zh')} " if told.labels else ""
    said = f"{where}{told.period} {name} {told.says(told.value)}"
    if told.when is not None:
        said += f"：{told.when}"
    elif told.expected is not None and told.limit:
        said += f"，阈值 {told.says(told.expected)}"
    elif told.expected is not None:
        said += f"，预期 {told.says(told.expected)}{_band(told)}"
        said += f"（{_change(told)}）" if told.expected else ""
    if told.active_at and told.active_at != told.period:
        said += f"，始于 {told.active_at}"
    return f"{said}。"
