"""What a refresh writes down beside its answers; what cannot be written waits for one that can."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from engine import review
from engine.errors import StoreError
from engine.publish import register
from engine.publish.published import Published

if TYPE_CHECKING:
    from engine.alerts import Ledger, Memo
    from engine.questions import AlertsAnswer
    from engine.store import Store
    from engine.workspace.model import Workspace

_log = logging.getLogger(__name__)


class Books:
    """Published numbers, definitions of metrics, and who was canonical. It belongs to the refreshing thread.

    `fault`: why the ledger could not be written in this refresh; the refresh itself goes on.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._published = Published(ledger)
        self._canonicals: set[int] = set()
        self._defined = False
        self.fault: str | None = None

    def open(self) -> None:
        """A refresh begins."""
        self.fault = None

    def publish(self, store: Store, workspace: Workspace, now: datetime, wall: datetime) -> bool:
        """See `Published.publish`; False also where it could not be written."""
        with self._later() as free:
            if free and self._published.publish(store, workspace, now, wall):
                return True
        return False

    def define(self, workspace: Workspace, at: datetime, *, configured: bool) -> None:
        """Keep the definitions of metrics where they could be others than those kept."""
        self._defined = self._defined and not configured
        with self._later() as free:
            if free and not self._defined:
                register.remember_definitions(self._ledger, workspace, at)
                self._defined = True

    def canonicals(self, store: Store) -> None:
        """Keep the numbers of the canonical identifiers that the last change of the store made."""
        self._canonicals |= register.canonicals(store)
        with self._later() as free:
            if free:
                register.remember_canonicals(self._ledger, self._canonicals)
                self._canonicals = set()

    def tell_week(self, workspace: Workspace, found: AlertsAnswer, at: datetime, memo: Memo) -> None:
        """Queue the digest of the week where it is due."""
        with self._later() as free:
            if free:
                review.tell_week(workspace, self._ledger, found, at, memo)

    @contextmanager
    def _later(self) -> Iterator[bool]:
        """What cannot be written is left to the next refresh; whether it is worth trying in this one.

        Whoever holds the ledger makes each writer wait.
        """
        try:
            yield self.fault is None
        except StoreError as error:
            self.fault = str(error)
            _log.warning("written later: %s", error)
