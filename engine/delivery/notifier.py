"""The thread that sends: one process of a directory has it, and it takes over within seconds.

    ledger's outbox ─► Notifier (looks once a second) ─► a courier per channel, each in a thread of its own

It belongs to whoever may refresh: the refresher's lock first, then the lease in the ledger.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from engine.alerts import Ledger
from engine.delivery import outbox
from engine.delivery.channels import Bell, Channel, Unusable, open_channel
from engine.delivery.courier import Courier, Office
from engine.delivery.lease import Lease
from engine.delivery.limits import Budget
from engine.errors import StoreError
from engine.questions import Delivery
from engine.workspace.model import Workspace

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
LAST_SECONDS = 3.0
"""How long an end waits for posts that are on their way."""

Start = Callable[[Callable[[], None]], object]


def _apart(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="looptop-courier", daemon=True).start()


class Notifier:
    """Sends what the outbox holds while this process is the refresher; `start` and `stop` it.

    In:  the ledger, whether this process may refresh (asked again and again), the configuration in force,
         the directory, the environment that names the channels, the language of messages, how to ring, the
         wall clock in naive UTC, a monotonic clock in seconds, and how work is done apart.
    """

    def __init__(
        self,
        ledger: Ledger,
        refresher: Callable[[], bool],
        workspace: Callable[[], Workspace],
        root: Path,
        *,
        environment: Mapping[str, str],
        language: str,
        wall: Callable[[], datetime],
        bell: Bell | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        apart: Start = _apart,
    ) -> None:
        self._ledger, self._refresher, self._workspace = ledger, refresher, workspace
        self._environment, self._bell, self._wall, self._monotonic = environment, bell, wall, monotonic
        self._apart = apart
        self._lease = Lease(ledger)
        self._couriers: dict[str | None, Courier] = {}
        self._busy: set[str | None] = set()
        self._opened: dict[str, tuple[str, Channel]] = {}
        self._budgets: dict[str, Budget] = {}
        self._lock = threading.Lock()
        self._over, self._nudged = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._fault: str | None = None
        self._office = Office(
            ledger,
            self._lease.holder,
            wall,
            monotonic,
            workspace,
            root,
            language,
            self._open,
            self._over.is_set,
        )

    # --- the thread ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Look at the outbox from now on, in a thread."""
        self._thread = threading.Thread(target=self._run, name="looptop-notifier", daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """There may be something new."""
        self._nudged.set()

    def stop(self) -> None:
        """Let posts on their way end, for a moment, and let the next process take over."""
        self._over.set()
        self._nudged.set()
        if self._thread is not None:
            self._thread.join()
        end = time.monotonic() + LAST_SECONDS
        while self._busy and time.monotonic() < end:
            time.sleep(0.01)
        try:
            self._lease.release()
        except StoreError as error:
            log.warning("the lease could not be given back: %s", error)

    def _run(self) -> None:
        self.look()
        self._warm()
        while not self._over.is_set():
            self._nudged.wait(LOOK_SECONDS)
            self._nudged.clear()
            self.look()

    def look(self) -> None:
        """Set a courier to work on every channel with something to send."""
        try:
            now = self._monotonic()
            if not self._refresher():
                self._lease.held = False
                self._lease.look(now)
                return
            if self._lease.take(now):
                self._budgets.clear()  # another process has posted since they were counted
            if self._lease.held:
                if self._busy:
                    self._lease.beat(now)
                for name in outbox.channels(self._ledger):
                    self._set_to_work(name)
            self._fault = None
        except StoreError as error:
            self._fault = str(error)
        except Exception:  # the thread has to live on, and the fault has to be seen
            log.exception("the notifier failed")
            self._fault = "the notifier failed; see looptop.log in the state directory"

    def _set_to_work(self, name: str | None) -> None:
        with self._lock:
            if name in self._busy:
                return
            self._busy.add(name)
            courier = self._couriers.setdefault(name, Courier(name, self._office))
        self._apart(lambda: self._work(courier))

    def _work(self, courier: Courier) -> None:
        try:
            courier.work()
        except Exception:  # one channel's fault must not end the others, and has to be seen
            log.exception("the courier of %s failed", courier.name)
            courier.fault = f"the courier of {courier.name} failed; see looptop.log in the state directory"
        finally:
            with self._lock:
                self._busy.discard(courier.name)

    # --- what couriers ask ---------------------------------------------------------------------------

    def _open(self, name: str) -> tuple[Channel, Budget] | None:
        """The channel that the environment names for a [notify.X], with its count. Raises: Unusable."""
        channel = self._channel(name)
        if channel is None:
            return None
        with self._lock:
            budget = self._budgets.get(channel.bot)
            if budget is None:
                budget = self._budgets[channel.bot] = channel.budget()
                self._remember(name, budget)
        return channel, budget

    def _channel(self, name: str) -> Channel | None:
        entry = self._workspace().notify.get(name)
        value = self._environment.get(entry.url_env, "").strip() if entry else ""
        if not value:
            return None
        with self._lock:
            kept = self._opened.get(name)
        if kept is None or kept[0] != value:
            kept = value, opened(value, self._workspace(), self._environment, self._bell, self._wall)
        with self._lock:
            self._opened[name] = kept
        return kept[1]

    def _warm(self) -> None:
        """Import what the channels need before there is haste: a viewer has seconds to take over."""
        for name in self._workspace().notify:
            with suppress(Unusable):
                self._channel(name)

    def _remember(self, name: str, budget: Budget) -> None:
        """Count the posts of the minute before, another process's too."""
        wall, now = self._wall(), self._monotonic()
        for at in outbox.posts_since(self._ledger, name, wall - timedelta(seconds=60)):
            budget.take(now - max(0.0, (wall - at).total_seconds()))

    # --- how it stands -------------------------------------------------------------------------------

    def stand(self) -> Delivery:
        """How messages stand, as this process sees it."""
        faults = [self._fault, *(each.fault for each in tuple(self._couriers.values()))]
        return standing(self._ledger, self._lease.held, next(filter(None, faults), None))


def opened(
    value: str,
    workspace: Workspace,
    environment: Mapping[str, str],
    bell: Bell | None,
    wall: Callable[[], datetime],
) -> Channel:
    """The channel that a value of the environment names. Raises: Unusable."""
    hide = tuple(each.url_env for each in workspace.notify.values())

    def seconds() -> float:
        return (wall() - datetime(1970, 1, 1)).total_seconds()

    return open_channel(value, environment=environment, hide=hide, bell=bell, clock=seconds)


def standing(ledger: Ledger, notifier: bool, fault: str | None = None) -> Delivery:
    """How messages stand. In: whether this process sends, and why it cannot."""
    try:
        queued, dead, error, nearest = outbox.stand(ledger)
    except StoreError as broken:
        return Delivery(notifier, 0, 0, fault or str(broken))
    return Delivery(notifier, queued, dead, fault, error, nearest)
