"""What people decide and who may see what: acks, silences, labels, links, disputes taken, reveals, erasures.

Everything goes into the ledger first; the next refresh follows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine import alerts, protection, quality, review
from engine.errors import UnknownName, UsageError
from engine.identity import mask_identifier
from engine.pipeline import Pipeline
from engine.publish import audit, linking, people, register
from engine.publish.moment import read_moment
from engine.questions import AuditEntry, PersonAnswer, Receipt, RetentionTable, Silence, SilenceQuery
from engine.workspace.values import period_name


class Decisions:
    """The part of a session that writes."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def decide(
        self,
        kind: alerts.Deed,
        episode: str,
        *,
        by: str,
        text: str = "",
        until: str | datetime | None = None,
        step: int | None = None,
    ) -> None:
        """Write down what somebody decided about an alert; the next refresh follows it.

        In:  who; the note or reason; the end of a silence (in the workspace's time zone without an offset);
             the step of a tick, from 0.
        Raises: UnknownName, UsageError: also where the state cannot be written or the session looks back.
        """
        if step is not None:
            self._step(episode, step)
        at, end = self._deciding(), self._moment(until)
        self.pipeline.ledger.act(kind, episode, by, at, text, until=end, step=step)

    def _moment(self, asked: str | datetime | None) -> datetime | None:
        return None if asked is None else read_moment(asked, self.pipeline.workspace.console.timezone)

    def _step(self, episode: str, step: int) -> None:
        """Raises: UsageError for a step that the rule's SOP does not have."""
        found = self.pipeline.found.alerts if self.pipeline.found is not None else ()
        alert = next((each for each in found if each.id == episode), None)
        if alert is not None and not 0 <= step < len(alert.sop):
            raise UsageError(f"{alert.rule} has {len(alert.sop)} steps, not a step {step + 1}")

    def silence(
        self,
        rule: str | None,
        labels: Mapping[str, str | None],
        *,
        by: str,
        reason: str,
        until: str | datetime | None,
        begins: str | datetime | None = None,
    ) -> str:
        """Keep all members quiet that have these labels, of a rule or of all; `until` is exclusive.

        Out: the silence's id. Raises: UnknownName for a rule or dimension that is not there; UsageError, as
        `decide`.
        """
        self._known_member(rule, labels)
        asked = SilenceQuery(rule, labels, reason, self._moment(until), self._moment(begins))
        return alerts.silence_matching(self.pipeline.ledger, asked, by, self._deciding())

    def _known_member(self, rule: str | None, labels: Mapping[str, str | None]) -> None:
        rules = self.pipeline.workspace.rules
        if rule is not None and rule not in rules:
            raise UnknownName("rule", rule, list(rules))
        dimensions = {name for each in rules.values() if rule in (None, each.name) for name in each.by}
        for name in labels:
            if name not in dimensions:
                raise UnknownName(
                    "dimension of the rules" if rule is None else f"dimension of {rule}",
                    name,
                    sorted(dimensions),
                )

    def unsilence(self, name: str, *, by: str, note: str = "") -> tuple[Silence, ...]:
        """End a silence by its id, or all that are on an episode.

        Raises: UnknownName; UsageError, as `decide`.
        """
        return alerts.unsilence(self.pipeline.ledger, name, by, self._deciding(), note)

    def label(self, episode: str, label: str, *, by: str, note: str = "") -> None:
        """Say what an episode was; an empty label takes back what was said.

        Raises: UnknownName; UsageError, as `decide`.
        """
        review.say(self.pipeline.ledger, episode, label, by=by, at=self._deciding(), note=note)

    def missed(
        self, rule: str, labels: Mapping[str, str | None], period: str, *, by: str, note: str = ""
    ) -> None:
        """Mark a period in which a rule should have fired. Raises: UnknownName; UsageError, as `decide`."""
        self._known_member(rule, labels)
        name = period_name(period)
        if name is None:
            raise UsageError(f'"{period}" is no period; write it as `looptop metrics` does: 2026-11-01')
        review.miss(self.pipeline.ledger, rule, labels, name, by=by, at=self._deciding(), note=note)

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
