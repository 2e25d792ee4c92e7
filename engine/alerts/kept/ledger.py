"""The ledger: what happened, what people did about it and what they must be told, in one SQLite file.

WAL with synchronous=FULL, 0600. One evaluation is one transaction: transitions, episodes and messages
reach the disk together or not at all.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from engine.alerts.kept import acts as deeds
from engine.alerts.kept.records import COLUMNS, Act, Message, Recorded, Told, labels_of, message_of
from engine.errors import StoreError
from engine.questions import Transition

_SCHEMA = Path(__file__).with_name("ledger.sql")
PATIENCE = 5.0
"""Seconds that a writer waits for another one."""
_TIMED = (
    ("alert_transitions", "detected_at"), ("alert_episodes", "detected_at"), ("alert_running", "at"),
    ("alert_readings", "at"), ("alert_acts", "at"), ("alert_told", "told_at"), ("quality_decisions", "at"),
    ("outbox", "created_at"), ("alert_rules", "evaluated_at"), ("metric_definitions", "at"),
    ("alert_causes", "at"), ("alert_reviews", "at"), ("alert_missed", "at"), ("alert_edits", "at"),
    ("alert_values", "at"),
)  # fmt: skip
_LATER = (
    ("alert_acts", "begins", "TEXT"), ("alert_acts", "target", "TEXT"),
    ("alert_told", "reminded", "INTEGER NOT NULL DEFAULT 0"), ("alert_episodes", "incident", "TEXT"),
)  # fmt: skip
"""Columns that ledgers of earlier versions lack."""


class Ledger:
    """One open ledger; every method may be called from any thread of the process.

    In:  the file (made with its schema where there is none), or None for one in memory; seconds that it
         waits for another writer, in place of `PATIENCE`.
    Raises: StoreError where the file cannot be opened or written.
    """

    def __init__(self, path: Path | None, patience: float | None = None) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
                path.chmod(0o600)
            self._db = sqlite3.connect(
                path or ":memory:",
                isolation_level=None,
                check_same_thread=False,
                timeout=PATIENCE if patience is None else patience,
            )
            for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
                self._db.execute(f"PRAGMA {setting}")
            self._db.executescript(_SCHEMA.read_text(encoding="utf-8"))
            self._complete()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the ledger {path} cannot be opened: {error}. Nothing was lost.") from error

    def _complete(self) -> None:
        """Add the columns that a ledger of an earlier version lacks."""
        there = [(table, column) for table, column, _ in _LATER if column in self._columns(table)]
        if len(there) == len(_LATER):
            return
        self._db.execute("BEGIN IMMEDIATE")
        for table, column, kind in _LATER:
            if column not in self._columns(table):
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
        self._db.execute("COMMIT")

    def _columns(self, table: str) -> set[str]:
        return {str(name) for (name,) in self._db.execute("SELECT name FROM pragma_table_info(?)", (table,))}

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
        """All or nothing; a second writer waits, up to five seconds as a rule. Raises: StoreError."""
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

    def shred(self) -> None:
        """Leave nothing of deleted rows in the file or beside it. Raises: StoreError."""
        self.rows("VACUUM"), self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def mark(self) -> tuple[object, ...]:
        """Changes whenever somebody, here or in another process, wrote an act or a message."""
        return (
            self.rows("PRAGMA data_version")[0][0],
            self.rows("SELECT coalesce(max(n), 0) FROM alert_acts")[0][0],
            self.rows("SELECT coalesce(max(n), 0) FROM alert_reviews")[0][0],
        )

    # --- reading -----------------------------------------------------------------------------------

    def digests(self) -> dict[str, str]:
        """Digest of each rule as it was last evaluated."""
        return {str(rule): str(digest) for rule, digest in self.rows("SELECT rule, digest FROM alert_rules")}

    def members(self, rule: str) -> set[str]:
        """Members of a rule with a present timeline."""
        sql = "SELECT DISTINCT member FROM alert_transitions WHERE rule = ? AND in_force = 1"
        return {str(member) for (member,) in self.rows(sql, (rule,))}

    def in_force(self, rule: str, member: str) -> list[Recorded]:
        """The present timeline of a member, in the order in which it was recorded."""
        rows = self.rows(
            "SELECT n, period, event, severity, reason, partial, active_at, episode"
            " FROM alert_transitions WHERE rule = ? AND member = ? AND in_force = 1 ORDER BY n",
            (rule, member),
        )
        return [
            Recorded(
                int(str(n)),
                str(period),
                str(event),
                _maybe(severity),
                _maybe(reason),
                bool(partial),
                _maybe(active),
                _maybe(episode),
            )
            for n, period, event, severity, reason, partial, active, episode in rows
        ]

    def history(self) -> tuple[Transition, ...]:
        """All that was ever shown, sorted by (detected_at, rule, labels, period)."""
        rows = self.rows(
            "SELECT rule, member, period, event, severity, reason, late, partial, active_at, episode,"
            " detected_at FROM alert_transitions WHERE shown = 1"
            " ORDER BY detected_at, rule, member, period, n"
        )
        out = [
            Transition(
                id=_maybe(episode),
                rule=str(rule),
                labels=labels_of(str(member)),
                period=str(period),
                event=str(event),
                severity=_maybe(severity),
                reason=_maybe(reason),
                late=bool(late),
                partial=bool(partial),
                active_at=_maybe(active),
                detected_at=_time(at),
            )
            for rule, member, period, event, severity, reason, late, partial, active, episode, at in rows
        ]
        return tuple(out)

    def acts(self) -> tuple[Act, ...]:
        """What people did, in order."""
        return deeds.recorded(self)

    def last_act(self) -> int:
        """The number of the newest act, of any process; 0 where there is none. Raises: StoreError."""
        return int(str(self.rows("SELECT coalesce(max(n), 0) FROM alert_acts")[0][0]))

    def told(self, episodes: Iterable[str]) -> list[Told]:
        """Who knows what of these episodes, of those whose end waits, and of spells of flapping."""
        rows = self.rows(
            "SELECT episode, rule, member, recipient, channel, severity, told_at, last_at, closing,"
            " escalated, revision, reminded FROM alert_told WHERE closing = 1 OR episode LIKE 'flapping:%'"
            " OR episode IN (SELECT value FROM json_each(?))",
            (json.dumps(list(episodes)),),
        )
        return [
            Told(
                *(str(episode), str(rule), str(member), str(recipient), str(channel), str(severity)),
                _time(at),
                _time(last),
                bool(closing),
                *(int(str(each)) for each in counts),
            )
            for episode, rule, member, recipient, channel, severity, at, last, closing, *counts in rows
        ]

    def outbox(self) -> tuple[Message, ...]:
        """All messages in the order of their making."""
        return tuple(message_of(row) for row in self.rows(f"SELECT {COLUMNS} FROM outbox ORDER BY n"))  # noqa: S608 - constants

    # --- what people do ----------------------------------------------------------------------------

    def act(
        self,
        kind: deeds.Deed,
        episode: str,
        author: str,
        at: datetime,
        text: str = "",
        *,
        until: datetime | None = None,
        step: int | None = None,
    ) -> Act:
        """Record an act on an episode. See `acts.of_episode`."""
        return deeds.of_episode(self, kind, episode, author, at, text=text, until=until, step=step)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _time(value: object) -> datetime:
    return datetime.fromisoformat(str(value))


def _maybe(value: object) -> str | None:
    return None if value is None else str(value)
