"""One channel's queue: what goes next, alone or folded; leased, posted, and marked by what the reply says.

A channel is worked by one thread at a time, and no channel waits for another. What fails with the channel
(no answer, too fast, 5xx) fails for all that is due there; what is refused alone waits alone.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from engine.alerts import Ledger
from engine.delivery import outbox
from engine.delivery.channels import Channel, Unusable
from engine.delivery.letters import letter_of
from engine.delivery.limits import DEAD_SECONDS, FAIR_ATTEMPTS, LONGEST_SECONDS, Budget, back_off
from engine.delivery.outbox import Failure, Waiting
from engine.delivery.reply import Reply
from engine.errors import StoreError
from engine.workspace.model import Workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Office:
    """What couriers share: ledger, clocks, configuration, and how a channel is opened.

    `wall`: naive UTC, for what is written; `monotonic`: seconds, for all that is waited. `open`: the channel
    and its budget by name, None where the environment does not name it. Raises there: Unusable.
    """

    ledger: Ledger
    holder: str
    wall: Callable[[], datetime]
    monotonic: Callable[[], float]
    workspace: Callable[[], Workspace]
    root: Path
    language: str
    open: Callable[[str], tuple[Channel, Budget] | None]
    stopped: Callable[[], bool]
    chance: random.Random = field(default_factory=random.Random)


@dataclass(slots=True)
class Courier:
    """The queue of one channel; `name` None: of people whom nothing reaches."""

    name: str | None
    office: Office
    fault: str | None = None
    """Why the ledger could not be asked or written at the last try."""
    unmarked: Callable[[], None] | None = None
    """What is known of a post and could not be written yet: it is written first, and never posted again."""
    _due: dict[str, float] = field(default_factory=dict)
    """Monotonic moment of the next attempt of what failed."""
    _born: dict[str, float] = field(default_factory=dict)
    """Monotonic moment of the first attempt."""
    _resting: float = 0.0
    """The channel itself waits until then."""
    _begun: bool = False

    def work(self) -> None:
        """Post what is due, one after another; a ledger that refuses stops it, and loses nothing."""
        try:
            while not self.office.stopped() and self._step():
                pass
            self.fault = None
        except StoreError as error:
            self.fault = str(error)

    def _step(self) -> bool:
        """One post; whether another may follow at once."""
        if self.unmarked is not None:
            self.unmarked()
            self.unmarked = None
        now = self.office.monotonic()
        if now < self._resting:
            return False
        queue = outbox.waiting(self.office.ledger, self.name)
        self._learn(queue, now)
        ready = self._ready(queue, now)
        if not ready:
            return False
        try:
            opened = None if self.name is None else self.office.open(self.name)
            missing = self._missing() if opened is None else ""
        except Unusable as error:
            opened, missing = None, str(error)
        if opened is None:
            self._failed([], ready, Reply(False, missing, held=True), unset=True)
            return False
        return self._post(opened[0], opened[1], ready, now)

    def _missing(self) -> str:
        if self.name is None:
            return "no [notify.X] reaches this person"
        entry = self.office.workspace().notify.get(self.name)
        return f"{entry.url_env} is not set" if entry else f"there is no [notify.{self.name}] any more"

    def _learn(self, queue: Sequence[Waiting], now: float) -> None:
        """Moments of what was begun before this process; a wall clock that jumped back bounds no wait."""
        wall, resting = self.office.wall(), []
        for each in queue:
            if each.key not in self._born and each.first_try is not None:
                self._born[each.key] = now - max(0.0, (wall - each.first_try).total_seconds())
            if each.state == "failed" and each.key not in self._due:
                planned = None if each.unset else each.next_try
                ahead = 0.0 if planned is None else (planned - wall).total_seconds()
                self._due[each.key] = now + min(max(0.0, ahead), LONGEST_SECONDS)
                resting += [self._due[each.key]] if each.held else []
            elif each.state == "queued":
                self._due.pop(each.key, None)
        if not self._begun and resting:
            self._resting = min(resting)
        self._begun = True
        here = {each.key for each in queue}
        for moments in (self._due, self._born):
            for key in moments.keys() - here:
                del moments[key]

    def _ready(self, queue: Sequence[Waiting], now: float) -> list[Waiting]:
        """What may go now: nothing of an episode overtakes an earlier message of it."""
        if now < self._resting:
            return []
        ready: list[Waiting] = []
        behind: set[str] = set()
        for each in queue:
            if now < self._due.get(each.key, now) or each.episodes & behind:
                behind |= each.episodes
            else:
                ready.append(each)
        return ready

    def _post(self, channel: Channel, budget: Budget, ready: list[Waiting], now: float) -> bool:
        free = budget.free(now)
        if free == 0:
            self._resting = now + budget.next_free(now)
            return False
        chosen, post = _chosen(ready, free)
        keys = [each.key for each in chosen]
        if not outbox.lease(self.office.ledger, post, keys, self.office.holder, self.office.wall()):
            return False
        for key in keys:
            self._born.setdefault(key, now)
            self._due.pop(key, None)
        budget.take(now)
        letter = letter_of(
            post,
            outbox.messages(self.office.ledger, keys),
            channel.language or self.office.language,
            self.office.root,
        )
        reply = channel.deliver(letter)
        if reply.ok:
            at = self.office.wall()
            self._write(lambda: outbox.mark_sent(self.office.ledger, keys, reply, at))
            return True
        rest = [each for each in ready if each.key not in set(keys)] if reply.held else []
        self._failed(chosen, rest, reply)
        return not reply.held

    def _failed(
        self, posted: Sequence[Waiting], others: Sequence[Waiting], reply: Reply, unset: bool = False
    ) -> None:
        """Wait longer each time; after a day it is dead.

        In: what was posted, and what shares its failure; `unset`: there is no
            channel, and the next process may try at once.
        """
        now, at, failures = self.office.monotonic(), self.office.wall(), []
        for each in (*posted, *others):
            wait = max(back_off(each.attempts + 1, self.office.chance), reply.wait)
            old = now - self._born.setdefault(each.key, now) >= DEAD_SECONDS
            dead = old and each.attempts + 1 >= FAIR_ATTEMPTS
            self._due[each.key] = now + wait
            moment = None if dead else outbox.later(at, wait)
            failures.append(Failure(each.key, moment, dead, unposted=each not in posted))
        if reply.held and not unset:
            self._resting = min(self._due[each.key] for each in failures)
        self._write(lambda: self._mark_failed(failures, reply, at, unset))

    def _mark_failed(self, failures: Sequence[Failure], reply: Reply, at: datetime, unset: bool) -> None:
        ledger, workspace = self.office.ledger, self.office.workspace()
        with ledger.transaction():
            outbox.mark_failed(ledger, failures, reply, at, unset)
            for message in outbox.messages(ledger, [each.key for each in failures if each.dead]):
                log.warning("message %s to %s is dead: %s", message.key, self.name, reply.text)
                outbox.divert(ledger, workspace, message)

    def _write(self, mark: Callable[[], None]) -> None:
        """Write what came of a post, or remember to."""
        self.unmarked = mark
        mark()
        self.unmarked = None


def _chosen(ready: list[Waiting], free: int | None) -> tuple[list[Waiting], str]:
    """What the next post carries, and its key.

    A post that was begun goes on as it was; more than may go at once are folded into one digest.
    """
    begun = next((each.post for each in ready if each.post), None)
    if begun is not None:
        return [each for each in ready if each.post == begun], begun
    if free is None or len(ready) <= free:
        return ready[:1], ready[0].key
    return ready, outbox.post_key([each.key for each in ready])
