"""A change in one or two sentences, in both languages: what, by how much, which element, by which factor."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from engine.causes.form import Whole
from engine.causes.scan import Found
from engine.causes.split import HALF, Split
from engine.metrics.saying import number, word
from engine.workspace.model import Metric

MINUS = "−"


@dataclass(frozen=True, slots=True)
class Factor:
    """The child of the metric tree that moved most, with its values; `label`: its names by language."""

    name: str
    label: Mapping[str, str]
    unit: str
    effect: float
    base: float | None
    now: float | None


@dataclass(frozen=True, slots=True)
class Weights:
    """The member with the largest mix effect: its share of the denominator before and now."""

    member: tuple[tuple[str, str | None], ...]
    before: float
    after: float
    effect: float


@dataclass(frozen=True, slots=True)
class Told:
    """All that is said: `factors` by cause, `driver` that of the whole; `whole`: why nothing is split."""

    metric: Metric
    base: float | None
    now: float | None
    split: Split
    factors: tuple[Factor | None, ...] = ()
    driver: Factor | None = None
    whole: Whole | None = None
    weights: Weights | None = None
    metrics: Mapping[str, Metric] | None = None

    @property
    def change(self) -> float | None:
        """now − base."""
        return None if self.base is None or self.now is None else self.now - self.base


def sentence(told: Told) -> dict[str, str]:
    """What happened and why, by language."""
    return {language: _said(told, words, language) for language, words in _words().items()}


def of_causes(told: Told) -> tuple[dict[str, str], ...]:
    """What each cause alone makes, by language; nothing where everything moved alike."""
    change = told.change
    if not change or told.split.verdict == "all":
        return tuple({} for _ in told.split.causes)
    return tuple(
        {
            language: _head(told, change, words, language)
            + words["stop"]
            + _cause(told, at, change, words, language)
            + words["end"]
            for language, words in _words().items()
        }
        for at in range(len(told.split.causes))
    )


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """The wording by language."""
    text = files("engine.causes").joinpath("sentences.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def signed(value: float, metric: Metric, words: Mapping[str, str]) -> str:
    """An effect with its sign: `−339.36`, of percent metrics in points: `−1.18 points`."""
    sign = MINUS if value < 0 else "+"
    if metric.unit == "percent":
        return f"{sign}{abs(value) * 100:.2f}{words['points']}"
    return f"{sign}{number(round(abs(value), 2) if abs(value) >= 1 else abs(value), metric.unit)}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.0f}%".replace("-", MINUS)


def _where(element: tuple[tuple[str, str | None], ...], words: Mapping[str, str]) -> str:
    return " · ".join(_member(*each, words) for each in element) or words["others"]


def _member(dim: str, value: str | None, words: Mapping[str, str]) -> str:
    """A member by its name; with its dimension where the name alone says nothing."""
    if value is None:
        return f"{dim}: {words['none']}"
    return f"{dim} {value}" if value in ("true", "false", "") or value.isdecimal() else value


def _said(told: Told, words: Mapping[str, str], language: str) -> str:
    metric, change = told.metric, told.change
    name = word(metric.label, language, metric.name)
    base, now = (number(value, metric.unit) for value in (told.base, told.now))
    if change is None:
        return words["missing"].format(name=name, base=base, now=now) + words["end"]
    if change == 0:
        return words["same"].format(name=name, now=now) + words["end"]
    head = _head(told, change, words, language)
    parts = [_verdict(told, change, words, language)]
    if told.driver is not None and not any(told.factors):
        parts.append(_factor("driver", told.driver, metric, words, language))
    return words["stop"].join([head, *parts]) + words["end"]


def _head(told: Told, change: float, words: Mapping[str, str], language: str) -> str:
    metric = told.metric
    name = word(metric.label, language, metric.name)
    base, now = (number(value, metric.unit) for value in (told.base, told.now))
    return words["head"].format(name=name, base=base, now=now, change=_relative(told, change, words))


def _relative(told: Told, change: float, words: Mapping[str, str]) -> str:
    if told.metric.unit == "percent" or not told.base:
        return signed(change, told.metric, words)
    return f"{change / abs(told.base) * 100:+.1f}%".replace("-", MINUS)


def _factor(key: str, factor: Factor, parent: Metric, words: Mapping[str, str], language: str) -> str:
    return words[key].format(
        name=word(factor.label, language, factor.name),
        base=number(factor.base, factor.unit),
        now=number(factor.now, factor.unit),
        effect=signed(factor.effect, parent, words),
    )


def _verdict(told: Told, change: float, words: Mapping[str, str], language: str) -> str:
    way = words["fell" if change < 0 else "rose"]
    if told.whole is not None:
        part = (told.metrics or {}).get(told.whole.metric, told.metric)
        return words[told.whole.why].format(name=word(part.label, language, part.name))
    split = told.split
    if split.verdict == "all":
        return words["all"].format(way=words["all_fell" if change < 0 else "all_rose"])
    if split.verdict == "mix" and told.weights is not None:
        most = told.weights
        return words["mix"].format(
            where=_where(most.member, words),
            before=_share(most.before),
            after=_share(most.after),
            effect=signed(most.effect, told.metric, words),
            share=_share(most.effect / change),
            way=way,
        )
    if not split.causes:
        return words["quiet" if len(split.members) > 1 else "alone"]
    if split.verdict == "none":
        first = split.causes[0]
        return words["largest"].format(
            where=_where(first.element, words),
            effect=signed(first.effect, told.metric, words),
            share=_share(first.effect / change),
            way=way,
        )
    return _causes(told, change, words, language)


def _causes(told: Told, change: float, words: Mapping[str, str], language: str) -> str:
    causes = told.split.causes
    single = causes[0].effect / change >= HALF
    parts = [_cause(told, at, change, words, language) for at in range(len(causes))]
    parts[0] = words[confidence(causes) if single else "several"] + parts[0]
    rest = change - math.fsum(cause.effect for cause in causes)
    parts.append(words["rest"].format(rest=signed(rest, told.metric, words)))
    return words["and"].join(parts)


def _cause(told: Told, at: int, change: float, words: Mapping[str, str], language: str) -> str:
    """The part of one cause: where, how much, by which factor."""
    cause = told.split.causes[at]
    factor = told.factors[at] if at < len(told.factors) else None
    return words["cause"].format(
        sure="",
        where=_where(cause.element, words),
        effect=signed(cause.effect, told.metric, words),
        share=_share(cause.effect / change),
        way=words["fell" if change < 0 else "rose"],
        factor=_factor("factor", factor, told.metric, words, language) if factor else "",
    )


def confidence(causes: tuple[Found, ...]) -> str:
    """How sure the first cause is: by its evidence, as nothing but noise gives less than 6."""
    return "sure" if causes[0].llr >= 30 else "likely" if causes[0].llr >= 12 else "perhaps"
