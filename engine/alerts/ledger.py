"""The ledger: what happened, what people did about it and what they must be told, in one SQLite file.

WAL with synchronous=FULL, 0600. One evaluation is one transaction: transitions, episodes and messages
reach the disk together or not at all.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from engine.errors import StoreError, UnknownName, UsageError
from engine.questions import Transition

Labels = tuple[tuple[str, str | None], ...]
_SCHEMA = Path(__file__).with_name("ledger.sql")
_TIMED = (
    ("alert_transitions", "detected_at"), ("alert_episodes", "detected_at"), ("alert_running", "at"),
    ("alert_readings", "at"), ("alert_acts", "at"), ("alert_told", "told_at"), ("outbox", "created_at"),
    ("alert_rules", "evaluated_at"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recorded:
    """One row of the history as it stands in the ledger."""

    n: int
    member: str
    period: str
    event: str
    severity: str | None
    reason: str | None
    partial: bool
    active_at: str | None
    episode: str | None
    detected_at: datetime
    late: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did: `text` is the note or the reason."""

    kind: str
    """ack, silence or close."""
    episode: str | None
    rule: str
    member: str
    author: str
    text: str
    at: datetime
    until: datetime | None = None


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
    payload: Mapping[str, str]
    created_at: datetime
    state: str = "queued"
    attempts: int = 0
    sent_at: datetime | None = None


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


def member_key(labels: Labels) -> str:
    """Labels as the ledger writes them: JSON, sorted by dimension."""
    return json.dumps(dict(sorted(labels)), ensure_ascii=False, separators=(",", ":"))


def labels_of(member: str) -> dict[str, str | None]:
    """The labels of a member as the ledger writes it."""
    found: dict[str, str | None] = json.loads(member)
    return found


class Ledger:
    """One open ledger; every method may be called from any thread of the process.

    In:  the file (made with its schema where there is none), or None for one in memory.
    Raises: StoreError where the file cannot be opened or written.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
                path.chmod(0o600)
            self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, timeout=5)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA.read_text(encoding="utf-8"))
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the ledger {path} cannot be opened: {error}. Nothing was lost.") from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def replica(self, until: datetime | None = None) -> Ledger:
        """A copy in memory that nothing leaves: for viewers, and (with `until`) as it stood at a moment."""
        copy = Ledger(None)
        with self._lock:
            self._db.backup(copy._db)
        if until is not None:
            for table, column in _TIMED:
                copy._db.execute(f"DELETE FROM {table} WHERE {column} > ?", (_text(until),))  # noqa: S608 - constants
        return copy

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a second writer waits up to five seconds. Raises: StoreError."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._db.execute("COMMIT")
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise StoreError(
                    f"the ledger {self.path} cannot be written: {error}. What was recorded before is safe; "
                    "it is tried again with the next refresh."
                ) from error

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Rows of a fixed statement with bound values. Raises: StoreError."""
        with self._lock:
            try:
                return list(self._db.execute(sql, tuple(params)))
            except sqlite3.Error as error:
                raise StoreError(f"the ledger {self.path} cannot be read or written: {error}") from error

    def many(self, sql: str, params: Iterable[Sequence[object]]) -> None:
        """Execute a fixed statement for each set of bound values, inside `transaction`."""
        with self._lock:
            self._db.executemany(sql, list(params))

    def mark(self) -> tuple[object, ...]:
        """Changes whenever somebody, here or in another process, wrote an act or a message."""
        return (
            self.rows("PRAGMA data_version")[0][0],
            self.rows("SELECT coalesce(max(n), 0) FROM alert_acts")[0][0],
        )

    # --- reading -----------------------------------------------------------------------------------

    def digests(self) -> dict[str, str]:
        """Digest of each rule as it was last evaluated."""
        return {str(rule): str(digest) for rule, digest in self.rows("SELECT rule, digest FROM alert_rules")}

    def in_force(self, rule: str) -> dict[str, list[Recorded]]:
        """The present timeline of a rule by member, in the order in which it was recorded."""
        found: dict[str, list[Recorded]] = {}
        for row in self.rows(
            "SELECT n, member, period, event, severity, reason, partial, active_at, episode, detected_at, late"
            " FROM alert_transitions WHERE rule = ? AND in_force = 1 ORDER BY n",
            (rule,),
        ):
            n, member, period, event, severity, reason, partial, active, episode, detected, late = row
            found.setdefault(str(member), []).append(
                Recorded(int(str(n)), str(member), str(period), str(event), _maybe(severity), _maybe(reason),
                         bool(partial), _maybe(active), _maybe(episode), _time(detected), bool(late))
            )  # fmt: skip
        return found

    def history(self) -> tuple[Transition, ...]:
        """All that was ever shown, sorted by (detected_at, rule, labels, period)."""
        out = [
            Transition(
                id=_maybe(episode), rule=str(rule), labels=labels_of(str(member)), period=str(period),
                event=str(event), severity=_maybe(severity), reason=_maybe(reason), late=bool(late),
                partial=bool(partial), active_at=_maybe(active), detected_at=_time(detected),
            )
            for rule, member, period, event, severity, reason, late, partial, active, episode, detected in self.rows(
                "SELECT rule, member, period, event, severity, reason, late, partial, active_at, episode, detected_at"
                " FROM alert_transitions WHERE shown = 1 ORDER BY detected_at, rule, member, period, n"
            )
        ]  # fmt: skip
        return tuple(out)

    def acts(self) -> tuple[Act, ...]:
        """What people did, in order."""
        return tuple(
            Act(str(kind), _maybe(episode), str(rule), str(member), str(author), str(text), _time(at),
                None if until is None else _time(until))
            for kind, episode, rule, member, author, text, at, until in self.rows(
                "SELECT kind, episode, rule, member, author, text, at, until FROM alert_acts ORDER BY n"
            )
        )  # fmt: skip

    def told(self, rule: str) -> list[Told]:
        """Who knows what of the rule's episodes."""
        return [
            Told(str(episode), rule, str(member), str(recipient), str(channel), str(severity), _time(at),
                 _time(last), bool(closing), int(str(escalated)), int(str(revision)))
            for episode, member, recipient, channel, severity, at, last, closing, escalated, revision in self.rows(
                "SELECT episode, member, recipient, channel, severity, told_at, last_at, closing, escalated,"
                " revision FROM alert_told WHERE rule = ?",
                (rule,),
            )
        ]  # fmt: skip

    def outbox(self) -> tuple[Message, ...]:
        """All messages in the order of their making."""
        return tuple(
            Message(str(key), str(kind), str(rule), tuple(json.loads(str(episodes))), int(str(new)), int(str(total)),
                    tuple(json.loads(str(recipients))), _maybe(channel), _maybe(severity), json.loads(str(payload)),
                    _time(created), str(state), int(str(attempts)), None if sent is None else _time(sent))
            for key, kind, rule, episodes, new, total, recipients, channel, severity, payload, created, state,
                attempts, sent in self.rows(
                "SELECT key, kind, rule, episodes, new, total, recipients, channel, severity, payload, created_at,"
                " state, attempts, sent_at FROM outbox ORDER BY n"
            )
        )  # fmt: skip

    # --- what people do ----------------------------------------------------------------------------

    def act(
        self,
        kind: Literal["ack", "silence", "close"],
        episode: str,
        author: str,
        at: datetime,
        text: str = "",
        until: datetime | None = None,
    ) -> Act:
        """Record an act on an episode: ack (text: a note), silence (reason and end), close (reason).

        Raises: UnknownName for an episode that is not there; UsageError for a silence without reason or end,
        a close without reason.
        """
        found = self.rows("SELECT rule, member FROM alert_episodes WHERE episode = ?", (episode,))
        if not found:
            known = [str(row[0]) for row in self.rows("SELECT episode FROM alert_episodes")]
            raise UnknownName("alert", episode, known)
        if kind == "silence" and (until is None or not text.strip()):
            raise UsageError("a silence needs a reason (--reason) and an end (--until)")
        if kind == "silence" and until is not None and until <= at:
            raise UsageError("the end of a silence (--until) must lie ahead")
        if kind == "close" and not text.strip():
            raise UsageError("closing an alert by hand needs a reason (--reason)")
        act = Act(kind, episode, str(found[0][0]), str(found[0][1]), author, text, at, until)
        with self.transaction():
            self.rows(
                "INSERT INTO alert_acts (kind, episode, rule, member, author, text, at, until)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (kind, episode, act.rule, act.member, author, text, _text(at), None if until is None else _text(until)),
            )
        return act


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _time(value: object) -> datetime:
    return datetime.fromisoformat(str(value))


def _maybe(value: object) -> str | None:
    return None if value is None else str(value)
