"""What people say of episodes: one label each, the last one in force; and what they missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from engine.alerts import Ledger
from engine.alerts.kept.records import member_key
from engine.errors import UnknownName, UsageError
from engine.questions.rules import Label


@dataclass(frozen=True, slots=True)
class Said:
    """The label of an episode, who gave it, and when (naive UTC)."""

    label: str
    by: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """A period in which a rule should have fired for a member."""

    rule: str
    member: str
    period: str
    by: str
    note: str
    at: datetime


def labels(ledger: Ledger) -> dict[str, Said]:
    """The label in force by episode; an empty label took the one before it back."""
    rows = ledger.rows("SELECT episode, label, author, note, at FROM alert_reviews ORDER BY n")
    found = {
        str(episode): Said(str(label), str(author), str(note), datetime.fromisoformat(str(at)))
        for episode, label, author, note, at in rows
    }
    return {episode: said for episode, said in found.items() if said.label}


def say(ledger: Ledger, episode: str, label: str, *, by: str, at: datetime, note: str = "") -> None:
    """Label an episode; an empty label takes back what was said of it.

    In:  naive UTC. Raises: UnknownName for an episode or label that is not there; StoreError.
    """
    found = ledger.rows("SELECT rule, member FROM alert_episodes WHERE episode = ?", (episode,))
    if not found:
        known = [str(row[0]) for row in ledger.rows("SELECT episode FROM alert_episodes")]
        raise UnknownName("alert", episode, known)
    if label and label not in get_args(Label):
        raise UnknownName("label", label, get_args(Label))
    with ledger.transaction():
        ledger.rows(
            "INSERT INTO alert_reviews (episode, rule, member, label, author, note, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (episode, *found[0], label, by, note, at.isoformat(timespec="microseconds")),
        )


def missed(ledger: Ledger) -> tuple[Missed, ...]:
    """What people marked, each member and period of a rule once; the last mark is in force."""
    rows = ledger.rows("SELECT rule, member, period, author, note, at FROM alert_missed ORDER BY n")
    found = {
        (str(rule), str(member), str(period)): Missed(
            str(rule), str(member), str(period), str(author), str(note), datetime.fromisoformat(str(at))
        )
        for rule, member, period, author, note, at in rows
    }
    return tuple(found.values())


def miss(
    ledger: Ledger,
    rule: str,
    labels: Mapping[str, str | None],
    period: str,
    *,
    by: str,
    at: datetime,
    note: str = "",
) -> None:
    """Mark a period in which a rule should have fired for a member.

    In:  the period as `looptop metrics` names it, naive UTC. Raises: UsageError, StoreError.
    """
    if not period.strip():
        raise UsageError("which period was missed? write it as `looptop metrics` does: 2026-11-01")
    member = member_key(tuple(labels.items()))
    with ledger.transaction():
        ledger.rows(
            "INSERT INTO alert_missed (rule, member, period, author, note, at) VALUES (?, ?, ?, ?, ?, ?)",
            (
                rule,
                member,
                period,
                by,
                note,
                at.isoformat(timespec="microseconds"),
            ),
        )
