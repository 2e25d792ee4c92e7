"""The outbox in the ledger: what waits, who carries it, what came of it. Each step is one transaction.

queued ─► sending ─► sent
             ├─────► failed ─► sending …      (next_try)
             └─────► dead                     (after a day; sent again by hand, and over the next channel)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.alerts import Ledger, Message
from engine.alerts.kept.records import COLUMNS, message_of
from engine.delivery.reply import Reply
from engine.errors import UnknownName, UsageError
from engine.workspace.model import Workspace


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is not delivered yet; `post`: key of the post that carries it, empty before."""

    key: str
    channel: str | None
    severity: str | None
    episodes: frozenset[str]
    state: str
    attempts: int
    next_try: datetime | None
    post: str
    first_try: datetime | None
    held: bool
    """Its failure was the channel's."""
    unset: bool
    """There was no channel: another process may have one."""


_WAITING = (
    "SELECT o.key, o.channel, o.severity, o.episodes, o.state, o.attempts, o.next_try,"
    " p.post, p.first_try, p.held FROM outbox o LEFT JOIN outbox_posts p ON p.message = o.key"
    " WHERE o.state IN ('queued', 'sending', 'failed')"
)


def channels(ledger: Ledger) -> list[str | None]:
    """Channels with messages that wait."""
    sql = "SELECT DISTINCT channel FROM outbox WHERE state IN ('queued', 'sending', 'failed')"
    return [None if channel is None else str(channel) for (channel,) in ledger.rows(sql)]


def waiting(ledger: Ledger, channel: str | None) -> list[Waiting]:
    """What waits for a channel, the oldest first."""
    rows = ledger.rows(f"{_WAITING} AND o.channel IS ? ORDER BY o.n", (channel,))
    return [
        Waiting(
            str(row[0]), _maybe(row[1]), _maybe(row[2]), frozenset(json.loads(str(row[3]))), str(row[4]),
            int(str(row[5])), _time(row[6]), _maybe(row[7]) or "", _time(row[8]), row[9] == 1, row[9] == 2,
        )
        for row in rows
    ]  # fmt: skip


def post_key(keys: Sequence[str]) -> str:
    """The key of a post: of one message its own, of several one that follows from them."""
    return keys[0] if len(keys) == 1 else hashlib.sha256(json.dumps(sorted(keys)).encode()).hexdigest()[:32]


def lease(ledger: Ledger, post: str, keys: Sequence[str], holder: str, at: datetime) -> bool:
    """Take messages for one post; false where another process has become the notifier.

    Raises: StoreError; nothing may be posted then.
    """
    with ledger.transaction():
        if ledger.rows("SELECT holder FROM outbox_notifier") != [(holder,)]:
            return False
        ledger.many(
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, next_try = NULL WHERE key = ?",
            [(key,) for key in keys],
        )
        ledger.many(
            "INSERT INTO outbox_posts (message, post, first_try) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET post = excluded.post, held = 0",
            [(key, post, _text(at)) for key in keys],
        )
    return True


def mark_sent(ledger: Ledger, keys: Sequence[str], reply: Reply, at: datetime) -> None:
    """The receiver has them. Raises: StoreError; what is known has to be marked later."""
    with ledger.transaction():
        ledger.many(
            "UPDATE outbox SET state = 'sent', sent_at = ?, reply = ?, next_try = NULL WHERE key = ?",
            [(_text(at), reply.text, key) for key in keys],
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """A message that was not taken: when it is tried again; None: it is dead.

    `unposted`: it was no part of a post, and shares the failure of its channel.
    """

    key: str
    next_try: datetime | None
    dead: bool
    unposted: bool = False


def mark_failed(
    ledger: Ledger, failures: Iterable[Failure], reply: Reply, at: datetime, unset: bool = False
) -> None:
    """They were not taken, with the reason; inside a transaction. Raises: StoreError.

    In: `unset`: there is no channel in the environment of this process.
    """
    for each in failures:
        state, again = "dead" if each.dead else "failed", each.next_try and _text(each.next_try)
        ledger.rows(
            "UPDATE outbox SET state = ?, reply = ?, next_try = ?, attempts = attempts + ? WHERE key = ?",
            (state, reply.text, again, int(each.unposted), each.key),
        )
        ledger.rows(
            "INSERT INTO outbox_posts (message, post, first_try, held) VALUES (?, '', ?, ?)"
            " ON CONFLICT DO UPDATE SET held = excluded.held",
            (each.key, _text(at), 2 if unset else int(reply.held)),
        )
    ledger.many("DELETE FROM outbox_posts WHERE message = ?", [(each.key,) for each in failures if each.dead])


def messages(ledger: Ledger, keys: Sequence[str]) -> list[Message]:
    """Messages in full, in the order of their making."""
    sql = f"SELECT {COLUMNS} FROM outbox WHERE key IN (SELECT value FROM json_each(?)) ORDER BY n"  # noqa: S608 - constants
    return [message_of(row) for row in ledger.rows(sql, (json.dumps(list(keys)),))]


def posts_since(ledger: Ledger, channel: str, since: datetime) -> list[datetime]:
    """Moments of the posts of a channel that were taken, the oldest first."""
    rows = ledger.rows(
        "SELECT max(sent_at) FROM outbox JOIN outbox_posts ON message = key"
        " WHERE channel = ? AND sent_at > ? GROUP BY post ORDER BY 1",
        (channel, _text(since)),
    )
    return [moment for (at,) in rows if (moment := _time(at)) is not None]


def send_again(ledger: Ledger, key: str) -> None:
    """Queue a dead or failed message once more, under its own key.

    Raises: UnknownName; UsageError for one that was sent or waits already.
    """
    found = ledger.rows("SELECT state FROM outbox WHERE key = ?", (key,))
    if not found:
        raise UnknownName("message", key, [str(each) for (each,) in ledger.rows("SELECT key FROM outbox")])
    state = str(found[0][0])
    if state not in ("dead", "failed"):
        raise UsageError(f"message {key} is {state}; only one that is dead or failed can be sent again")
    with ledger.transaction():
        together = ledger.rows(
            "SELECT b.message FROM outbox_posts a JOIN outbox_posts b ON a.post = b.post"
            " WHERE a.message = ? AND a.post <> ''",
            (key,),
        )
        keys = [(str(each),) for (each,) in together] or [(key,)]
        ledger.many("UPDATE outbox SET state = 'queued', next_try = NULL WHERE key = ?", keys)
        ledger.many("DELETE FROM outbox_posts WHERE message = ?", keys)


def divert(ledger: Ledger, workspace: Workspace, dead: Message) -> str | None:
    """Queue a dead message for the next channel that has not had it: of its person, else of the rule's owner.

    Out: the channel, None where there is none.
    """
    rule = workspace.rules.get(dead.rule)
    names = [dead.recipients[0] if dead.recipients else "", *(filter(None, [rule.owner if rule else None]))]
    told = {
        str(channel)
        for (channel,) in ledger.rows(
            "SELECT channel FROM outbox WHERE rule = ? AND kind = ? AND episodes = ? AND channel IS NOT NULL",
            (dead.rule, dead.kind, json.dumps(dead.episodes)),
        )
    }
    for name in names:
        person = workspace.people.get(name)
        for channel in person.notify if person else ():
            if channel not in told and channel != dead.channel:
                _queue_copy(ledger, dead, name, channel)
                return channel
    return None


def _queue_copy(ledger: Ledger, dead: Message, recipient: str, channel: str) -> None:
    key = hashlib.sha256(json.dumps([dead.key, recipient, channel]).encode()).hexdigest()[:32]
    ledger.rows(
        "INSERT OR IGNORE INTO outbox (key, kind, rule, episodes, new, total, recipients, channel, severity,"
        " payload, created_at) SELECT ?, kind, rule, episodes, new, total, ?, ?, severity, payload,"
        " created_at FROM outbox WHERE key = ?",
        (key, json.dumps([recipient]), channel, dead.key),
    )


def stand(ledger: Ledger) -> tuple[int, int, str | None, datetime | None]:
    """Messages that wait, dead ones, the newest reason of a failure and the next attempt."""
    counted = {
        str(state): int(str(count))
        for state, count in ledger.rows(
            "SELECT state, count(*) FROM outbox WHERE state <> 'sent' GROUP BY state"
        )
    }
    found = ledger.rows(
        "SELECT reply FROM outbox WHERE state IN ('failed', 'dead') AND reply IS NOT NULL"
        " ORDER BY n DESC LIMIT 1"
    )
    nearest = ledger.rows("SELECT min(next_try) FROM outbox WHERE state = 'failed'")[0][0]
    open_ = sum(counted.get(state, 0) for state in ("queued", "sending", "failed"))
    return open_, counted.get("dead", 0), _maybe(found[0][0]) if found else None, _time(nearest)


def later(at: datetime, seconds: float) -> datetime:
    """A moment so many seconds on."""
    return at + timedelta(seconds=seconds)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _time(value: object) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))


def _maybe(value: object) -> str | None:
    return None if value is None else str(value)
