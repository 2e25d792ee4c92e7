"""An alert in words, in both languages: what, where, since when, how far from expected, the first step."""

from __future__ import annotations

from collections.abc import Mapping

from engine.workspace.model import Metric, Rule

Labels = Mapping[str, str | None]


def number(value: float | None, unit: str) -> str:
    """A value as a sentence says it.

    >>> number(0.0196, "percent"), number(1234.5, "money"), number(1200.0, "count")
    ('1.96%', '1,234.50', '1,200')
    """
    if value is None:
        return "–"
    if unit == "percent":
        return f"{value * 100:.2f}%"
    if unit in ("money", "seconds"):
        return f"{value:,.2f}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"


def _word(label: Mapping[str, str], language: str, name: str) -> str:
    return label.get(language) or next(iter(label.values()), name)


def _where(labels: Labels, language: str) -> str:
    nothing = {"en": "no value", "zh": "无"}[language]
    return " · ".join(nothing if value is None else value for value in labels.values())


def title(rule: Rule, labels: Labels, language: str) -> str:
    """`Conversion drop · douyin`."""
    name = _word(rule.label, language, rule.name)
    where = _where(labels, language)
    return f"{name} · {where}" if where else name


def sentence(
    rule: Rule, metric: Metric | None, labels: Labels, period: str, active_at: str | None,
    value: float | None, expected: float | None, limit: bool,
) -> dict[str, str]:
    """What happened, by language.

    In:  the judged period and its value; `limit`: `expected` is the threshold, not a base.
    """  # fmt: skip
    return {
        "en": _english(rule, metric, labels, period, active_at, value, expected, limit),
        "zh": _chinese(rule, metric, labels, period, active_at, value, expected, limit),
    }


def _change(value: float | None, expected: float | None) -> str:
    if value is None or expected is None or expected == 0:
        return ""
    return f"{(value - expected) / abs(expected) * 100:+.1f}%".replace("-", "−")


def _english(
    rule: Rule, metric: Metric | None, labels: Labels, period: str, active_at: str | None,
    value: float | None, expected: float | None, limit: bool,
) -> str:  # fmt: skip
    unit = metric.unit if metric else "count"
    name = _word(metric.label, "en", metric.name) if metric else rule.name
    where = f" at {_where(labels, 'en')}" if labels else ""
    said = f"{name}{where} was {number(value, unit)} on {period}"
    if expected is not None:
        change = "" if limit else f" ({_change(value, expected)})"
        said += f", {'limit' if limit else 'expected'} {number(expected, unit)}{change}"
    if active_at and active_at != period:
        said += f", since {active_at}"
    step = f" First step: {rule.sop[0]}." if rule.sop else ""
    return f"{said}.{step}"


def _chinese(
    rule: Rule, metric: Metric | None, labels: Labels, period: str, active_at: str | None,
    value: float | None, expected: float | None, limit: bool,
) -> str:  # fmt: skip
    unit = metric.unit if metric else "count"
    name = _word(metric.label, "zh", metric.name) if metric else rule.name
    where = f"{_where(labels, 'zh')} " if labels else ""
    said = f"{where}{period} {name} {number(value, unit)}"
    if expected is not None:
        change = "" if limit else f"（{_change(value, expected)}）"
        said += f"，{'阈值' if limit else '预期'} {number(expected, unit)}{change}"
    if active_at and active_at != period:
        said += f"，始于 {active_at}"
    step = f"第一步：{rule.sop[0]}。" if rule.sop else ""
    return f"{said}。{step}"
