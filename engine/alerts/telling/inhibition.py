"""Alerts about sources explain alerts about metrics that read them: while one runs, the others are quiet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.alerts.judging.rules import Ready
from engine.alerts.kept.ledger import Ledger
from engine.workspace.model import Workspace


def sources_named(workspace: Workspace, rule: Ready) -> frozenset[str]:
    """Sources that a rule asks about: a quality rule stands for the source that it is of."""
    owners = {rule.name: source.name for source in workspace.sources for rule in source.quality}
    named = {word for _, words in rule.asks for word in words[:1]}
    return frozenset(owners.get(name, name) for name in named)


def of_member(
    workspace: Workspace, sources: frozenset[str], labels: Mapping[str, str | None]
) -> frozenset[str]:
    """Those of the sources that can hold facts of a member: not one whose every row is of another."""
    others = {
        source.name
        for source in workspace.sources
        if any(source.constants.get(name, value) != value for name, value in labels.items())
    }
    return sources - others


def about_sources(rule: Ready) -> bool:
    """Whether a rule judges sources alone, so that what it says explains what metrics say."""
    return bool(rule.asks) and not rule.metrics


@dataclass(frozen=True, slots=True)
class Inhibition:
    """Running alerts about sources, and when those that are over ended; by source."""

    running: Mapping[str, tuple[str, ...]]
    ended: Mapping[str, datetime]

    def over(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Episodes that explain what is wrong with a metric of these sources."""
        found = {episode for name in sources for episode in self.running.get(name, ())}
        return tuple(sorted(found))

    def since(self, sources: Iterable[str]) -> datetime | None:
        """When the last alert about one of these sources ended."""
        return max((self.ended[name] for name in sources if name in self.ended), default=None)


def inhibition(
    workspace: Workspace, ledger: Ledger, rules: Iterable[tuple[Ready, Iterable[str]]]
) -> Inhibition:
    """In: every rule about sources with the episodes of it that run now."""
    running: dict[str, tuple[str, ...]] = {}
    ended: dict[str, datetime] = {}
    for rule, episodes in rules:
        sources = sources_named(workspace, rule)
        last = ledger.rows(
            "SELECT max(detected_at) FROM alert_transitions"
            " WHERE rule = ? AND event IN ('resolved', 'retracted') AND late = 0",
            (rule.rule.name,),
        )[0][0]
        for name in sources:
            running[name] = (*running.get(name, ()), *episodes)
            if last is not None:
                moment = datetime.fromisoformat(str(last))
                ended[name] = max(moment, ended.get(name, moment))
    return Inhibition(running, ended)
