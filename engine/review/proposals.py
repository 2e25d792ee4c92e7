"""What the record of rules suggests: retire, tighten, wait longer, merge; each with its back-test.

Source: reference alerts.md section 2.8.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from statistics import median

from engine.alerts.judging.members import measures, members, readings_of
from engine.alerts.judging.rules import Ready, ready
from engine.alerts.kept.ledger import Ledger
from engine.alerts.reading.feeds import Ask, all_series
from engine.alerts.reading.series import Loaded
from engine.questions import BacktestAnswer, BacktestQuery, Proposal, RuleReview
from engine.review.lines import line_of
from engine.review.precision import RIGHT, WRONG
from engine.review.wording import named, say
from engine.workspace.model import Rule, Workspace

ENOUGH = 10
"""Labels without which nothing is said of how right a rule is."""
HALF = 0.5
DEAD_DAYS = 180
SEVERAL = 5
"""Episodes without which nothing is said of how long they last, or of two rules together."""
TOGETHER = 0.9
USUAL = 20
"""Periods without which nothing is usual."""
MAD = 1.4826

Backtest = Callable[[BacktestQuery], BacktestAnswer]


@dataclass(slots=True)
class Suggested:
    """What was proposed on a version of the data, whatever people say of episodes."""

    key: object = None
    found: Mapping[str, tuple[Proposal, ...]] = field(default_factory=dict)
    """By rule; those of two rules under the first."""
    wrong: dict[str, tuple[object, Proposal | None]] = field(default_factory=dict)
    """Of how right a rule is, with the data and the labels that say so."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What proposals stand on: the data and its version, the ledger, how a rule is tried, the record of
    every rule, and what is kept of the time before."""

    ask: Ask
    version: object
    ledger: Ledger
    backtest: Backtest
    reviews: Mapping[str, RuleReview]
    suggested: Suggested

    @property
    def workspace(self) -> Workspace:
        """The configuration in force."""
        return self.ask.workspace


def proposals(ground: Ground) -> tuple[Proposal, ...]:
    """All of them, by rule; those of how right a rule is first."""
    rules = [rule for rule in ground.workspace.rules.values() if not rule.builtin]
    key = (ground.version, ground.ask.now, ground.workspace.digest)
    if ground.suggested.key != key:
        ground.suggested.found, ground.suggested.key = _from_data(ground, rules), key
    out: list[Proposal] = []
    for rule in rules:
        (mark,) = ground.ledger.rows("SELECT max(n) FROM alert_reviews WHERE rule = ?", (rule.name,))
        if ground.suggested.wrong.get(rule.name, (None,))[0] != (key, mark):
            ground.suggested.wrong[rule.name] = (key, mark), _wrong(ground, rule)
        wrong = ground.suggested.wrong[rule.name][1]
        out += [*(() if wrong is None else (wrong,)), *ground.suggested.found.get(rule.name, ())]
    return tuple(out)


def _from_data(ground: Ground, rules: Sequence[Rule]) -> dict[str, tuple[Proposal, ...]]:
    tried = {rule.name: ground.backtest(BacktestQuery(rule.name)) for rule in rules}
    both = list(_together(ground, rules, tried))
    found = {}
    for rule in rules:
        asked = (_dead, _short, _close)
        mine = [one for ask in asked if (one := ask(ground, rule, tried[rule.name])) is not None]
        found[rule.name] = (*mine, *(each for each in both if each.rule == rule.name))
    return found


def _wrong(ground: Ground, rule: Rule) -> Proposal | None:
    """A rule that is more often wrong than right: tightened where that keeps what was right, else retired."""
    review = ground.reviews.get(rule.name)
    if review is None or review.reviewed < ENOUGH or review.high is None or review.high >= HALF:
        return None
    now = ground.backtest(BacktestQuery(rule.name))
    names, high = named(ground.workspace, rule.name), {"high": review.high}
    best = _tightened(ground, rule, now) if _labelled(now, RIGHT) else None
    if best is None:
        return Proposal(
            rule.name, "retire", say("retire", names, **_given(high)), f"# delete [alert.{rule.name}]", now
        )
    counts = {
        "to": f"{best.threshold:g}",
        "right": _labelled(now, RIGHT),
        "dropped": _labelled(now, WRONG) - _labelled(best, WRONG),
        "wrong": _labelled(now, WRONG),
    }
    return Proposal(
        rule.name,
        "tighten",
        say("tighten", names, **_given({**high, **counts})),
        line_of(rule, best, now),
        best,
    )


def _given(values: Mapping[str, object]) -> dict[str, object]:
    return dict(values)


def _tightened(ground: Ground, rule: Rule, now: BacktestAnswer) -> BacktestAnswer | None:
    """The back-test of the threshold that keeps all right alerts and has the fewest wrong ones, if fewer."""
    best: BacktestAnswer | None = None
    for step in now.steps:
        if step == now.threshold:
            continue
        found = ground.backtest(BacktestQuery(rule.name, threshold=step))
        wrong = _labelled(found, WRONG)
        if _labelled(found, RIGHT) < _labelled(now, RIGHT) or wrong >= _labelled(now, WRONG):
            continue
        if best is None or (wrong, len(found.episodes)) < (_labelled(best, WRONG), len(best.episodes)):
            best = found
    return best


def _labelled(found: BacktestAnswer, labels: Sequence[str]) -> int:
    return sum(each.label in labels for each in found.episodes)


def _dead(ground: Ground, rule: Rule, now: BacktestAnswer) -> Proposal | None:
    """A rule that half a year of data never met."""
    days = ground.ask.tables.days(("events", "spend"))
    if days is None or now.last is None or now.first is None:
        return None
    span = (days[1] - days[0]).days + 1
    since = (days[1] - timedelta(days=DEAD_DAYS - 1)).isoformat()
    if span < DEAD_DAYS or any(each.fired[:10] >= since[: len(each.fired)] for each in now.episodes):
        return None
    sentence = say("dead", named(ground.workspace, rule.name), days=DEAD_DAYS)
    return Proposal(rule.name, "dead", sentence, f"# delete [alert.{rule.name}]", now)


def _short(ground: Ground, rule: Rule, now: BacktestAnswer) -> Proposal | None:
    """A rule whose alerts are always over after one period."""
    axis = {each.resolved: None for each in now.episodes}
    lasted = [_periods(ground, rule, each.fired, each.resolved) for each in now.episodes]
    if len(lasted) < SEVERAL or None in axis or any(each != 1 for each in lasted):
        return None
    more = rule.for_periods + 1
    found = ground.backtest(BacktestQuery(rule.name, for_periods=more))
    sentence = say(
        "hold",
        named(ground.workspace, rule.name),
        n=len(lasted),
        to=more,
        left=len(found.episodes),
        before=len(lasted),
    )
    return Proposal(rule.name, "hold", sentence, f"for_periods = {more}", found)


def _periods(ground: Ground, rule: Rule, first: str, last: str | None) -> int | None:
    """How many periods lie between two of a rule's grain."""
    if last is None:
        return None
    if rule.grain == "month":
        months = [int(each[:4]) * 12 + int(each[5:7]) for each in (first, last)]
        return months[1] - months[0]
    if rule.grain == "hour":
        from datetime import datetime

        hours = [datetime.fromisoformat(each).timestamp() / 3600 for each in (first, last)]
        return round(hours[1] - hours[0])
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days
    return days // 7 if rule.grain == "week" else days


def _close(ground: Ground, rule: Rule, now: BacktestAnswer) -> Proposal | None:
    """A threshold that lies within what is usual: chance alone will cross it."""
    if now.threshold is None:
        return None
    usual = list(_usual(ground, ready(ground.workspace, rule)))
    near = sum(abs(now.threshold - middle) < spread for middle, spread in usual)
    if not usual or near * 2 <= len(usual):
        return None
    sentence = say("flaps", named(ground.workspace, rule.name), members=near, all=len(usual))
    further = _further(ground, rule, now, usual)
    return Proposal(
        rule.name, "flaps", sentence, "" if further is None else line_of(rule, further, now), further or now
    )


def _usual(ground: Ground, rule: Ready) -> Iterator[tuple[float, float]]:
    """Median and robust deviation of what is compared with the threshold, by member."""
    limited, feeds = rule.levels[-1].limited, dict[tuple[object, ...], Loaded]()
    series = dict(all_series(ground.ask, [rule], feeds)).get(rule.rule.name)
    if limited is None or series is None:
        return
    said = measures(rule, ground.ledger)
    for labels in members(rule.rule, series, ()):
        readings = readings_of(ground.ask, rule, series, labels, said)
        found = (limited.subject((readings, i)) for i in range(series.axis.complete))
        values = [each for each in found if each is not None and math.isfinite(each)]
        if len(values) >= USUAL:
            middle = median(values)
            spread = MAD * median(abs(each - middle) for each in values)
            if spread:
                yield middle, spread


def _further(
    ground: Ground, rule: Rule, now: BacktestAnswer, usual: Sequence[tuple[float, float]]
) -> BacktestAnswer | None:
    """The nearest threshold that most members do not come within two deviations of."""
    assert now.threshold is not None
    away = [
        step
        for step in now.steps
        if sum(abs(step - middle) >= 2 * spread for middle, spread in usual) * 2 > len(usual)
    ]
    fewer = sorted(away, key=lambda step: abs(step - (now.threshold or 0.0)))
    for step in fewer[:4]:
        found = ground.backtest(BacktestQuery(rule.name, threshold=step))
        if len(found.episodes) < len(now.episodes):
            return found
    return None


def _together(
    ground: Ground, rules: Sequence[Rule], tried: Mapping[str, BacktestAnswer]
) -> Iterator[Proposal]:
    """Two rules that say the same."""
    days = {
        rule.name: _days(tried[rule.name])
        for rule in rules
        if rule.grain == "day" and len(tried[rule.name].episodes) >= SEVERAL
    }
    for one, other in combinations(sorted(days, key=lambda name: (-len(days[name]), name)), 2):
        share = len(days[one] & days[other]) / len(days[one] | days[other])
        if share > TOGETHER:
            names = named(ground.workspace, one)
            label = named(ground.workspace, other)
            both = {language: {**names[language], "other": label[language]["name"]} for language in names}
            sentence = say("merge", both, share=share)
            yield Proposal(one, "merge", sentence, f"# delete [alert.{other}]", tried[one], other)


def _days(found: BacktestAnswer) -> set[str]:
    """Days on which any member fires."""
    out: set[str] = set()
    end = date.fromisoformat(found.last) + timedelta(days=1) if found.last else None
    for each in found.episodes:
        day, last = (
            date.fromisoformat(each.fired),
            date.fromisoformat(each.resolved) if each.resolved else end,
        )
        while last is not None and day < last:
            out.add(day.isoformat())
            day += timedelta(days=1)
    return out
