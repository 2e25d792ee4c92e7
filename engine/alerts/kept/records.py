"""What the ledger holds, row by row: transitions, acts, messages, and who knows what."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

Labels = tuple[tuple[str, str | None], ...]
"""(dimension, value) of a member, in the order of the rule's `by`."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One row of the history as it stands in the ledger."""

    n: int
    period: str
    event: str
    severity: str | None
    reason: str | None
    partial: bool
    active_at: str | None
    episode: str | None


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did: `text` is the note or the reason."""

    kind: str
    """ack, silence, unsilence, close, tick, untick or undo_adapt."""
    episode: str | None
    rule: str
    member: str
    author: str
    text: str
    at: datetime
    until: datetime | None = None
    begins: datetime | None = None
    """A silence that does not begin at once."""
    target: str | None = None
    """The step of a tick (from 0), the silence that is ended."""
    n: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the outbox."""

    key: str
    kind: str
    rule: str
    episodes: tuple[str, ...]
    new: int
    total: int
    recipients: tuple[str, ...]
    channel: str | None
    severity: str | None
    payload: Mapping[str, object]
    """What it says: see `engine.alerts.telling.cases.payload`; or the text alone, by language."""
    created_at: datetime
    state: str = "queued"
    """queued → sending → sent, failed (tried again) or dead."""
    attempts: int = 0
    sent_at: datetime | None = None
    """On the wall clock."""
    next_try: datetime | None = None
    reply: str | None = None
    """What the receiver said to the last attempt, or why there was no answer."""


COLUMNS = (
    "key, kind, rule, episodes, new, total, recipients, channel, severity, payload, created_at, state,"
    " attempts, sent_at, next_try, reply"
)
"""Of the outbox, as `message_of` reads them."""


def message_of(row: Sequence[object]) -> Message:
    """A row of the outbox."""
    channel, severity, reply = (None if row[i] is None else str(row[i]) for i in (7, 8, 15))
    sent_at, next_try = (None if row[i] is None else datetime.fromisoformat(str(row[i])) for i in (13, 14))
    return Message(
        key=str(row[0]),
        kind=str(row[1]),
        rule=str(row[2]),
        episodes=tuple(json.loads(str(row[3]))),
        new=int(str(row[4])),
        total=int(str(row[5])),
        recipients=tuple(json.loads(str(row[6]))),
        channel=channel,
        severity=severity,
        payload=json.loads(str(row[9])),
        created_at=datetime.fromisoformat(str(row[10])),
        state=str(row[11]),
        attempts=int(str(row[12])),
        sent_at=sent_at,
        next_try=next_try,
        reply=reply,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What a recipient knows of an episode; `closing`: its end waits for the rest of the group."""

    episode: str
    rule: str
    member: str
    recipient: str
    channel: str
    severity: str
    told_at: datetime
    last_at: datetime
    closing: bool = False
    escalated: int = 0
    revision: int = 0
    reminded: int = 0
    """Reminders since the last news."""


def member_key(labels: Labels) -> str:
    """Labels as the ledger writes them: JSON, sorted by dimension."""
    return json.dumps(dict(sorted(labels)), ensure_ascii=False, separators=(",", ":"))


def labels_of(member: str) -> dict[str, str | None]:
    """The labels of a member as the ledger writes it."""
    return dict(_labels(member))


@lru_cache(maxsize=4096)
def _labels(member: str) -> Labels:
    return tuple(json.loads(member).items())
