"""What people decide and who may see what: acks, silences, links, disputes taken, reveals, erasures.

Everything goes into the ledger first; the next refresh follows it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from engine import alerts, protection, quality
from engine.errors import UnknownName, UsageError
from engine.identity import mask_identifier
from engine.pipeline import Pipeline
from engine.publish import audit, linking, people, register
from engine.publish.moment import read_moment
from engine.questions import AuditEntry, PersonAnswer, Receipt, RetentionTable


class Decisions:
    """The part of a session that writes."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def decide(
        self,
        kind: Literal["ack", "silence", "close"],
        episode: str,
        *,
        by: str,
        text: str = "",
        until: str | datetime | None = None,
    ) -> None:
        """Write down what somebody decided about an alert; the next refresh follows it.

        In:  who; the note or reason; the end of a silence (in the workspace's time zone without an offset).
        Raises: UnknownName, UsageError: also where the state cannot be written or the session looks back.
        """
        end = None if until is None else read_moment(until, self.pipeline.workspace.console.timezone)
        self.pipeline.ledger.act(kind, episode, by, self._deciding(), text, until=end)

    def _deciding(self) -> datetime:
        """The moment at which somebody decides. Raises: UsageError where nothing can be kept."""
        now = self.pipeline.moment
        if not self.pipeline.state.writable:
            raise UsageError(f"the state cannot be written ({self.pipeline.state.fault}); nothing was kept")
        if now.replay:
            raise UsageError("--as-of looks back: nothing is written there; leave it out")
        return now.as_of if self.pipeline.workspace.console.clock == "data" else self.pipeline.wall()

    def take(self, dispute: str, file: str, *, by: str, note: str = "") -> None:
        """Write down whose copy of a disputed report counts; the next refresh follows it.

        Raises: UnknownName for a dispute or file that is not there; UsageError, StoreError.
        """
        found = {one.id: one for one in quality.disputes(self.pipeline.store, {})}
        if dispute not in found:
            raise UnknownName("dispute", dispute, list(found))
        alerts.take(self.pipeline.ledger, found[dispute], file, by=by, at=self._deciding(), note=note)

    def link(
        self,
        verdict: register.Verdict,
        a: str,
        b: str,
        *,
        by: str,
        reason: str = "",
        person: str | None = None,
    ) -> tuple[str, str]:
        """Write down that two identifiers are one person's (`always`), are not (`never`), or that what was
        said of them is taken back (`forget`); the next refresh follows it.

        In:  `type:value`; with a person `p_…` as that person's answer shows them, also masked.
        Out: both, masked. Raises: UnknownName, UsageError, StoreError.
        """
        at = self._deciding()
        ends = linking.Ends(a, b, person, verdict == "always")
        a, b = linking.meant(self.pipeline.workspace.identity, ends, self._known)
        register.decide_link(self.pipeline.ledger, verdict, a, b, author=by, reason=reason, at=at)
        return mask_identifier(a), mask_identifier(b)

    def _known(self, name: str) -> PersonAnswer:
        return people.person(self.pipeline.store, self.pipeline.names, name, reveal=True)

    def ack(self, episode: str, *, by: str, note: str = "") -> None:
        """Acknowledge an alert. See `decide`."""
        self.decide("ack", episode, by=by, text=note)

    # --- personal data: see `engine.protection` ----------------------------------------------------

    def reveal(self, reason: str, *, by: str, what: str) -> None:
        """Log that somebody is about to see personal data in full. Raises: UsageError, StoreError."""
        protection.reveal(self.pipeline, reason, by=by, what=what)

    def audit(self) -> tuple[AuditEntry, ...]:
        """Who saw or erased personal data, when and why; the first one first."""
        return audit.entries(self.pipeline.ledger)

    def erase(self, name: str, *, by: str, reason: str = "") -> Receipt:
        """Erase a person for good. Raises: UsageError, StoreError."""
        self._deciding()
        return protection.erase(self.pipeline, name, by=by, reason=reason)

    def retention(self) -> tuple[RetentionTable, ...]:
        """What retention leaves out; in a dry run, what it would."""
        return protection.retained(self.pipeline)
