"""Which episodes lack their cause, or have one that is no longer true: found, kept, remembered."""

from __future__ import annotations

from collections.abc import Sequence

from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.records import labels_of
from engine.alerts.outcomes import Known, Outcome, Remembered
from engine.alerts.reading.feeds import Ask, Series
from engine.alerts.telling import explaining
from engine.alerts.telling.explaining import Asked, Behind, Search

_WORST = ("firing", "reopened", "severity_up")


def explain(
    ask: Ask,
    ledger: Ledger,
    known: Sequence[tuple[Outcome, Sequence[Known]]],
    memory: Remembered,
    search: Search,
) -> frozenset[str]:
    """Keep the causes that are due, the largest first; what was not looked for yet is wanted.

    Out: the rules that have new ones.
    """
    asked = [
        one
        for outcome, members in known
        if (outcome.fresh or outcome.name in memory.waiting) and outcome.rule.metrics
        for member in members
        if (one := _asked(ledger, outcome, member, memory)) is not None
    ]
    done = set()
    for one in explaining.chosen(asked):
        if one.key not in search.found:
            search.wanted.append(one)
        found = search.found.get(one.key)
        if found is not None:
            explaining.keep(ledger, found, ask.detected_at)
            memory.causes[found.episode] = found
            done.add(found.episode)
    memory.waiting = frozenset(one.rule.rule.name for one in asked if one.entry.episode not in done)
    return frozenset(one.rule.rule.name for one in asked if one.entry.episode in done)


def _asked(ledger: Ledger, outcome: Outcome, member: Known, memory: Remembered) -> Asked | None:
    finding, known = member
    here = finding.judged.replay.standing
    condition = outcome.rule.condition(here.level)
    if known.episode is None or here.state != "firing" or not condition.metrics:
        return None
    entry = next(
        (e for e in reversed(finding.entries) if e.event in _WORST and e.episode == known.episode), None
    )
    if entry is None:
        return None
    before = behind(ledger, known.episode, memory)
    labels, judged = labels_of(finding.member), finding.judged
    period = entry.period if before is None else before.period
    seen = _value(outcome.series, finding.member, condition.metrics[0], period)
    revision = explaining.due(entry, before, outcome.rule.severity(here.level), seen)
    if revision is None:
        return None
    value = _value(outcome.series, finding.member, condition.metrics[0], entry.period)
    far = 0.0
    if judged.value is not None and judged.expected is not None:
        far = abs(judged.value - judged.expected)
    return Asked(outcome.rule, labels, entry, here.level, value, far, revision)


def _value(series: Series, member: str, metric: str, period: str) -> float | None:
    """What the metric is in a period now."""
    labels = tuple(labels_of(member).items())
    cells = series.loaded.members.get(labels, {}).get(metric)
    at = series.axis.index.get(period)
    return cells.value[at] if cells is not None and at is not None and at < len(cells.value) else None


def behind(ledger: Ledger, episode: str, memory: Remembered) -> Behind | None:
    """The newest cause of an episode."""
    if episode not in memory.causes:
        memory.causes[episode] = explaining.kept(ledger, episode).get(episode)
    return memory.causes[episode]
