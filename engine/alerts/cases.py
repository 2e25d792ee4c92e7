"""Who is told of what: one member's news, its recipients, and a message as the outbox takes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.alerts.records import Message, Told, labels_of
from engine.workspace.model import Rule, Workspace

SEVERITIES = ("critical", "warning", "info")
"""Worst first."""


Key = tuple[str, str]
"""(person or notify, channel)."""
Home = tuple[str, str]
"""Rule and member of a total."""


@dataclass(frozen=True, slots=True)
class Case:
    """What happened to one member in this evaluation, and how it stands.

    `episode` runs now (None: none does) at `severity`; `ended`: episodes resolved just now;
    `retracted`: withdrawn just now; `nodata`: period of a no-data transition just recorded.
    """

    rule: Rule
    member: str
    episode: str | None
    firing: bool
    severity: str
    muted: bool
    """Silenced, or explained by an alert about its source."""
    acked: bool
    text: Mapping[str, str]
    ended: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    """Episodes that ended because the rule changed: nobody is told."""
    retracted: tuple[str, ...] = ()
    nodata: str | None = None
    unsilenced: datetime | None = None
    """When it was last kept quiet and no longer is."""
    unacked: datetime | None = None
    """When the last ack that is over ended."""
    flapping: str | None = None
    """The episode with which it began to come and go too often."""
    home: Home | None = None
    """The total whose incident it belongs to; None: its own."""
    cause: Mapping[str, str] = field(default_factory=dict)
    """What was found behind it, by language."""
    share: float | None = None
    """Its part of what happened to its total."""
    impact: float = 0.0
    """How far the value is from what was expected, in its unit."""

    @property
    def speaks(self) -> bool:
        """Whether people wait for somebody to take it."""
        return self.firing and not self.acked and not self.muted and not self.flapping

    @property
    def settled(self) -> Case:
        """The same when nothing new happens to it."""
        return replace(self, ended=(), dropped=(), retracted=(), nodata=None)


@dataclass(frozen=True, slots=True)
class Flush:
    """What a flush leaves: messages to queue, what recipients now know, what is closed for good."""

    messages: tuple[Message, ...]
    told: tuple[Told, ...]
    finished: tuple[tuple[str, str, str], ...]


def owner(rule: Rule, member: str) -> str | None:
    """The owner of a member: by any of its label values, else the rule's."""
    for value in labels_of(member).values():
        if value is not None and value in rule.owners:
            return rule.owners[value]
    return rule.owner


def recipients(workspace: Workspace, rule: Rule, member: str, names: Sequence[str]) -> tuple[Key, ...]:
    """(person or notify, channel) for each name of `notify`; a person without channels has the channel ""."""
    out: dict[Key, None] = {}
    for name in names:
        who = owner(rule, member) if name == "owner" else name
        if who is None:
            continue
        person = workspace.people.get(who)
        for channel in (person.notify or ("",)) if person else (who,):
            out.setdefault((who, channel))
    return tuple(out)


def first_told(rule: Rule) -> tuple[str, ...]:
    """Who hears of an alert at once: `notify`, and the steps of the escalation without delay."""
    at_once = [name for minutes, names in rule.escalation if not minutes for name in names]
    return tuple(dict.fromkeys((*rule.notify, *at_once)))


def said(case: Case, language: str) -> str:
    """What a message says of one member."""
    share = "" if case.share is None else f" ({case.share * 100:.0f}%)"
    return " ".join(filter(None, [case.text.get(language, "") + share, case.cause.get(language)]))


def message(
    rule: Rule,
    kind: str,
    target: Key,
    cases: Sequence[Case],
    episodes: Sequence[str],
    *,
    new: int,
    total: int,
    at: datetime,
    revision: str,
) -> Message:
    """A queued message; equal content has an equal key, and the outbox takes a key once."""
    severity = min((case.severity for case in cases), key=SEVERITIES.index, default=None)
    members = [case.member for case in cases]
    parts = [
        rule.name,
        sorted(episodes),
        sorted(members) if not episodes else [],
        kind,
        severity,
        *target,
        revision,
    ]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
    more = {"en": "+{} more", "zh": "另有 {} 条"}
    payload = {
        language: "\n".join(
            [said(case, language) for case in cases[:5]]
            + ([tail.format(len(cases) - 5)] if len(cases) > 5 else [])
        )
        for language, tail in more.items()
    }
    return Message(
        key,
        kind,
        rule.name,
        tuple(episodes),
        new,
        total,
        (target[0],),
        target[1] or None,
        severity,
        payload,
        at,
    )
