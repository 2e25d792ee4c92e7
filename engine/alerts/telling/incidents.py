"""A member and its total of the same metric are one incident: the total is its title."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.alerts.kept.ledger import Ledger
from engine.alerts.telling.cases import Home
from engine.questions import Alert
from engine.workspace.model import Metric


@dataclass(frozen=True, slots=True)
class Part:
    """A running episode as far as its incident asks: `way` is the sign of what happened, 0 unknown."""

    episode: str
    rule: str
    metric: str
    grain: str
    where: str | None
    labels: Mapping[str, str | None]
    way: int
    active_at: str

    def holds(self, other: Part) -> bool:
        """Whether it is a total of the other."""
        return (
            (self.metric, self.grain) == (other.metric, other.grain)
            and self.where in (None, other.where)
            and self.labels.items() < other.labels.items()
            and self.way * other.way >= 0
        )


def part(alert: Alert) -> Part | None:
    """A running alert about a metric; None for any other."""
    if alert.id is None or alert.state not in ("firing", "recovering") or alert.metric is None:
        return None
    way = 0
    if alert.value is not None and alert.expected is not None:
        way = (alert.value > alert.expected) - (alert.value < alert.expected)
    return Part(
        alert.id, alert.rule, alert.metric, alert.grain, alert.where, alert.labels, way, alert.active_at or ""
    )


def totals(parts: Sequence[Part], joined: Mapping[str, str]) -> dict[str, str]:
    """Running episode → that of its total, the widest first; who joined once stays.

    In:  who joined before.
    """
    out: dict[str, str] = {}
    for each in parts:
        if each.episode in joined:
            out[each.episode] = joined[each.episode]
            continue
        wider = [one for one in parts if one.holds(each)]
        if wider:
            first = min(wider, key=lambda one: (len(one.labels), one.active_at, one.rule))
            out[each.episode] = first.episode
    return out


def joined(ledger: Ledger) -> dict[str, str]:
    """Who belongs to whom, of all times."""
    rows = ledger.rows("SELECT episode, incident FROM alert_episodes WHERE incident IS NOT NULL")
    return {str(episode): str(incident) for episode, incident in rows}


def join(ledger: Ledger, found: Mapping[str, str]) -> None:
    """Keep who belongs to whom."""
    ledger.many(
        "UPDATE alert_episodes SET incident = ? WHERE episode = ?",
        [(total, episode) for episode, total in found.items()],
    )


def part_again(ledger: Ledger, retracted: Iterable[str]) -> None:
    """A total that never happened is none."""
    ledger.many(
        "UPDATE alert_episodes SET incident = NULL WHERE incident = ?", [(each,) for each in retracted]
    )


def homes(ledger: Ledger) -> dict[str, Home]:
    """Rule and member of the total, by episode that belongs to one."""
    rows = ledger.rows(
        "SELECT one.episode, total.rule, total.member FROM alert_episodes one"
        " JOIN alert_episodes total ON total.episode = one.incident"
    )
    return {str(episode): (str(rule), str(member)) for episode, rule, member in rows}


def share(metrics: Mapping[str, Metric], total: Alert, member: Alert) -> float | None:
    """The member's part of what happened to its total; None where parts do not add up to it.

    As its cause says, else for sums and counts of the same period from what was expected.
    """
    labels = dict(member.labels)
    if total.why is not None and total.why.period == total.period == member.period:
        for each in total.why.members:
            if dict(each.member) == labels:
                return each.share
    metric = metrics.get(total.metric or "")
    added = metric is not None and metric.kind == "simple" and metric.agg in ("sum", "count")
    if not added or total.period != member.period:
        return None
    numbers = (total.value, total.expected, member.value, member.expected)
    if None in numbers:
        return None
    value, expected, mine, usual = (float(each) for each in numbers if each is not None)
    return (mine - usual) / (value - expected) if value != expected else None
