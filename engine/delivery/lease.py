"""Which process sends: the refresher, once it holds the one row that says so.

The refresher's lock ends with its process. The row tells posts of a process that is gone from one's own,
and is a second lock where the file system's is not to be trusted: it is taken over when its holder is dead
on this machine, or has not moved it for three seconds of one's own clock. No wall clock is compared.
"""

from __future__ import annotations

import os
import platform
import uuid
from dataclasses import dataclass, field

from engine.alerts import Ledger

SILENT_SECONDS = 3.0
BEAT_SECONDS = 1.0


@dataclass(slots=True)
class Lease:
    """One process's claim to be the notifier of a ledger."""

    ledger: Ledger
    holder: str = field(default_factory=lambda: f"{platform.node()} {os.getpid()} {uuid.uuid4().hex[:12]}")
    held: bool = False
    _seen: tuple[str, int] | None = None
    _since: float = 0.0
    _beat: float = float("-inf")

    def look(self, now: float) -> None:
        """Watch the present holder, as a viewer does."""
        rows = self.ledger.rows("SELECT holder, beat FROM outbox_notifier")
        seen = (str(rows[0][0]), int(str(rows[0][1]))) if rows else None
        if seen != self._seen:
            self._seen, self._since = seen, now

    def take(self, now: float) -> bool:
        """Become the notifier if nobody is; true when one just has. Raises: StoreError."""
        self.look(now)
        if self._seen is not None and self._seen[0] == self.holder:
            self.held = True
            return False
        self.held = False
        if (
            self._seen is not None
            and self._seen[0]
            and not _dead(self._seen[0])
            and now - self._since < SILENT_SECONDS
        ):
            return False
        with self.ledger.transaction():
            self.ledger.rows(
                "INSERT INTO outbox_notifier VALUES (1, ?, 0) ON CONFLICT DO UPDATE SET"
                " holder = excluded.holder, beat = beat + 1",
                (self.holder,),
            )
        self.held = True
        return True

    def beat(self, now: float) -> None:
        """Say that one lives, once a second, while something is on its way. Raises: StoreError."""
        if now - self._beat >= BEAT_SECONDS:
            self.ledger.rows("UPDATE outbox_notifier SET beat = beat + 1 WHERE holder = ?", (self.holder,))
            self._beat = now

    def release(self) -> None:
        """Let the next one take over at once. Raises: StoreError."""
        if self.held:
            self.held = False
            self.ledger.rows("UPDATE outbox_notifier SET holder = '' WHERE holder = ?", (self.holder,))


def _dead(holder: str) -> bool:
    """Whether a holder ran on this machine and does not any more."""
    machine, process, _ = holder.rsplit(" ", 2)
    if machine != platform.node():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
