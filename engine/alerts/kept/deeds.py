"""What the ledger knows of a member's episode beside its transitions: who acked, silenced, closed, ticked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.alerts.kept.acts import covers, silences, ticks
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.records import Act
from engine.questions import Silence, Tick
from engine.workspace.model import Rule


@dataclass(frozen=True, slots=True)
class Deeds:
    """What people did, and what the ledger has of a rule's episodes; read once per rule and evaluation.

    `raised`: when the severity of an episode last rose; `labels`: what the review said.
    """

    acts: tuple[Act, ...]
    silences: tuple[Silence, ...]
    detected: dict[str, datetime]
    raised: dict[str, datetime]
    labels: dict[str, str]

    @classmethod
    def of(cls, ledger: Ledger, rule: str, acts: Sequence[Act]) -> Deeds:
        """In: all acts there are."""
        return cls(
            acts=tuple(act for act in acts if act.rule == rule),
            silences=tuple(each for each in silences(acts) if each.rule in (None, rule)),
            detected=_moments(
                ledger.rows("SELECT episode, detected_at FROM alert_episodes WHERE rule = ?", (rule,))
            ),
            raised=_moments(
                ledger.rows(
                    "SELECT episode, max(detected_at) FROM alert_transitions"
                    " WHERE rule = ? AND event = 'severity_up' AND in_force = 1 GROUP BY episode",
                    (rule,),
                )
            ),
            labels={
                str(episode): str(label)
                for episode, label in ledger.rows(
                    "SELECT episode, label FROM alert_reviews WHERE rule = ? ORDER BY n", (rule,)
                )
            },
        )


def _moments(rows: Sequence[tuple[object, ...]]) -> dict[str, datetime]:
    return {str(name): datetime.fromisoformat(str(at)) for name, at in rows if name is not None}


@dataclass(frozen=True, slots=True)
class Mine:
    """What the ledger knows of a member's episode: the running one, else the last."""

    episode: str | None
    running: bool
    detected_at: datetime | None = None
    ack: Act | None = None
    """The ack in force."""
    unacked: datetime | None = None
    """When the last ack that is over ended."""
    silence: Silence | None = None
    """The silence in force that lasts longest."""
    unsilenced: datetime | None = None
    """End of the latest silence that is over."""
    closed_by: str | None = None
    ticks: tuple[Tick, ...] = ()
    label: str | None = None

    @property
    def acked_by(self) -> str | None:
        """Who has it."""
        return self.ack.author if self.ack else None

    @property
    def silenced_until(self) -> datetime | None:
        """When it speaks again."""
        return self.silence.until if self.silence else None


def mine(rule: Rule, deeds: Deeds, member: str, episode: str | None, *, running: bool, at: datetime) -> Mine:
    """In: the running episode of a member, else its last; the moment of the evaluation."""
    ack, unacked = _ack(rule, deeds, episode, running, at)
    quiet = [each for each in deeds.silences if covers(each, rule.name, member)]
    closed = [act.author for act in deeds.acts if act.kind == "close" and act.episode == episode]
    return Mine(
        episode,
        running,
        deeds.detected.get(episode or ""),
        ack,
        unacked,
        max((each for each in quiet if each.at_work(at)), key=lambda each: each.until, default=None),
        max((each.until for each in quiet if each.begins < each.until <= at), default=None),
        closed[-1] if closed else None,
        ticks(deeds.acts, episode) if episode else (),
        deeds.labels.get(episode or "") or None,
    )


def _ack(
    rule: Rule, deeds: Deeds, episode: str | None, running: bool, at: datetime
) -> tuple[Act | None, datetime | None]:
    """The ack in force, and when the one before it ended: at a higher severity, or when its time was over."""
    found = next((act for act in reversed(deeds.acts) if act.kind == "ack" and act.episode == episode), None)
    if found is None or episode is None or not running:
        return None, None
    ends = [deeds.raised[episode]] if deeds.raised.get(episode, found.at) > found.at else []
    if rule.ack_ttl:
        ends.append(found.at + timedelta(hours=rule.ack_ttl))
    end = min(ends, default=None)
    return (found, None) if end is None or end > at else (None, end)
