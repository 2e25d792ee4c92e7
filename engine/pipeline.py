"""One directory brought up to date, stage by stage: what failed leaves the published version in force.

configuration ─ files ─ parts ─ store ─ derived tables ─ alerts ─► one published version
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from engine import alerts, metrics
from engine.derive import Runner, keep
from engine.errors import ConfigurationError, LooptopError, StoreError
from engine.identity import installation_key
from engine.ingest import sweep
from engine.intake import Intake, typos
from engine.publish import erasing, register, status
from engine.publish.books import Books
from engine.publish.definitions import instances, lookup_contents, store_settings, tables
from engine.publish.facts import alert_facts
from engine.publish.laps import Laps
from engine.publish.moment import Moment, clocked, until
from engine.publish.names import Names
from engine.quality import Sums
from engine.questions import Activity, AlertsAnswer, Status
from engine.state import State
from engine.store import Change, Instance, LookupContent, Store, StoreSettings, apply
from engine.store.keep import save_persons
from engine.workspace.model import Workspace

_log = logging.getLogger(__name__)

_SETTLE_EVERY = 200
"""Of so many quiet moments one is used to write the derived tables and to tidy up."""

Clock = Callable[[], datetime]
"""The wall clock in naive UTC; the engine has no other."""


class Pipeline:
    """The stages of one directory and what they hold open. `refresh` belongs to one thread.

    In:  the directory, its state, another configuration file, `--as-of`, the wall clock, a key in place of
         the installation's, and how much memory the tables may take before they spill to the state.
    """

    def __init__(
        self,
        root: Path,
        state: State,
        *,
        config: Path | None,
        as_of: str | datetime | None,
        clock: Clock,
        key: str | None,
        memory: str | None,
    ) -> None:
        self.state = state
        self.intake = Intake(root, state, config)
        self.activity = Activity()
        self.ledger = alerts.Ledger(state.ledger)
        self.moment = Moment(datetime(1970, 1, 1))
        self._judged = self.clock = self.moment.as_of
        self.found: AlertsAnswer | None = None
        self.warnings: tuple[str, ...] = ()
        self._as_of, self._clock, self._key, self._memory = as_of, clock, key, memory
        self._store: Store | None = None
        self._runner: Runner | None = None
        self._names: Names | None = None
        self._status: Status | None = None
        self.sums, self.books = Sums(state.cache), Books(self.ledger)
        self.memo = alerts.Memo()
        self._unsaved, self._changes, self._published, self._spoilt = False, 0, False, False
        """_spoilt: the store's books are ahead of its tables, because a refresh failed half-way."""
        self.restored = False
        """Whether the derived tables came from disk."""

    def refresh(
        self, trigger: Literal["start", "change", "config"] = "start", files: Sequence[str] = ()
    ) -> Activity:
        """Read what changed and publish the next version; what failed leaves the last one in force.

        In:  why, and the files that are said to have changed (only reported).
        Out: what was done, in seconds and keys.
        Raises: ConfigurationError or UsageError where nothing was ever published.
        """
        begun = time.perf_counter()
        seconds: dict[str, float] = {}
        try:
            change, touched = self._bring_up(seconds)
            error, self._published = None, True
        except LooptopError as fault:
            if not self._published:
                raise
            change, touched, error = Change(), (), str(fault)
        seconds["total"] = time.perf_counter() - begun
        self.activity = Activity(
            refresh=self.activity.refresh + 1,
            trigger=trigger,
            files=tuple(files) or touched,
            rows_added=change.rows_added,
            rows_removed=change.rows_removed,
            days=change.days,
            persons=change.persons,
            seconds={name: round(value, 4) for name, value in seconds.items()},
            error=error,
            ended=self._clock(),
        )
        return self.activity

    def _bring_up(self, seconds: dict[str, float]) -> tuple[Change, tuple[str, ...]]:
        self.books.open()
        self.publish()  # what was on the screen, before it changes
        clock, wall = Laps(seconds), self._clock()
        configured = self.intake.configure()
        touched = self.intake.read(wall, erasing.erased(self.ledger, self.state))
        faults = self.intake.check_columns() if configured or touched else ()
        if typos(faults) and not self._published:
            raise ConfigurationError(typos(faults))
        clock.lap("ingest")
        change = self._store_files(wall, clock)
        if configured or touched:
            faults += self.intake.check_lookups(self.store.doubled)
            faults += metrics.target_faults(self.store, self.workspace)
            self.warnings = tuple(str(fault) for fault in faults)
        self._status = None
        self._judge(wall)
        if self._published:  # the first one can wait until what it says is on the screen
            self.publish()
        if self._writes():
            self.books.define(self.workspace, wall, configured=configured)
        clock.lap("alerts")
        return change, touched

    def _store_files(self, wall: datetime, clock: Laps) -> Change:
        """Bring store and derived tables to the files; readers see all of it or nothing."""
        files = self.intake.files.values()
        replayed = until(self._as_of, self.workspace.console, wall, files)
        settings = store_settings(self.workspace, files, replayed)
        wanted = instances(files, self.state.cache, self.workspace)
        looked = lookup_contents(self.workspace, self.intake.lookups, self.state.cache)
        if self._store is None or self._store.settings != settings or self._spoilt:
            return self._build(settings, wanted, looked, clock)
        store, runner = self.store, self.runner
        self._spoilt = True
        try:
            store.begin()
            new = runner.define(tables(self.workspace, settings))
            change = apply(store, wanted, register.beside(self.ledger, self.workspace, looked))
            clock.lap("identity")
            runner.refresh(change)
            if new and not change.whole:
                runner.build(new)
            self._remember(store)
            store.publish()
        except BaseException:
            store.undo()
            raise
        clock.lap("derive")
        self._spoilt = False
        self._unsaved = self._unsaved or bool(change or new)
        return change

    def _build(
        self,
        settings: StoreSettings,
        wanted: Sequence[Instance],
        looked: Sequence[LookupContent],
        clock: Laps,
    ) -> Change:
        """A store from nothing, beside the one that is read until it is whole."""
        store = Store(settings, spill=self.state.work, kept=self.state.cache / "persons", memory=self._memory)
        runner = Runner(store, tables(self.workspace, settings), self.state.work)
        try:
            store.begin(first=True)
            change = apply(store, wanted, register.beside(self.ledger, self.workspace, looked))
            clock.lap("identity")
            kept = settings.until is None and keep.restore(runner, self.state.cache / "derived")
            if not kept:
                runner.build()
            self._remember(store)
            store.compress()
        except BaseException:
            runner.close()
            store.close()
            raise
        self._replace(store, runner)
        clock.lap("derive")
        self._unsaved, self.restored = not kept, kept
        return change

    def _remember(self, store: Store) -> None:
        """Keep who became canonical; a replay leaves nothing."""
        if self.state.writable and store.settings.until is None and store.resolved:
            self.books.canonicals(store)

    def _replace(self, store: Store, runner: Runner) -> None:
        old = (self._runner, self._store)
        self._store, self._runner, self._spoilt = store, runner, False
        self.memo = alerts.Memo()
        self._names = Names(store, installation_key(self.state.path, self._key, self.state.writable))
        for each in old:
            if each is not None:
                each.close()

    def publish(self) -> bool:
        """Keep the numbers of this version to tell later what became of them; whether any was kept."""
        ready = self._store is not None and not self._spoilt and self._writes()
        return ready and self.books.publish(self.store, self.workspace, self.moment.as_of, self._judged)

    def _writes(self) -> bool:
        return self.state.writable and not self.moment.replay and self.state.become_refresher()

    def settle(self, last: bool = False) -> None:
        """Tidy up while nothing waits: derived tables to disk, deleted rows out of memory, old parts away:
        once after the start, then now and then, and at the end (`last`), since it costs what is there."""
        if self._store is None or self.moment.replay or self._spoilt:
            return
        self.publish()
        self._changes += 1
        if not last and self._changes > 1 and self._changes % _SETTLE_EVERY:
            return
        if self._unsaved:
            self._unsaved = False
            try:
                save_persons(self.store, self.state.cache / "persons", self.state.work)
                keep.save(self.runner, self.state.cache / "derived", self.state.work)
            except (OSError, StoreError) as error:
                _log.warning("persons and derived tables were not kept, the next start makes them: %s", error)
        if not last:
            if self._changes > 1:
                self._store.compress()
            if self.state.become_refresher():
                sweep(self.state.cache, [*self.intake.files.values(), *self.intake.lookups])
                self.sums.forget(self.intake.files)

    def _judge(self, wall: datetime) -> None:
        """Set the clock of this version and evaluate the rules."""
        self._judged, console, end = wall, self.workspace.console, self.store.settings.until
        self.moment = Moment(end, end) if end else clocked(console, wall, self.store.newest(), self._as_of)
        self.clock = self.moment.as_of if console.clock == "data" or self.moment.replay else wall
        self.found = alerts.evaluate(
            self.store,
            self.workspace,
            self.ledger,
            self.moment.as_of,
            facts=alert_facts(self.store, self.workspace, self.status(), self.intake.files, self.sums),
            detected_at=self.clock,
            writable=self.state.writable and not self.moment.replay,
            memo=self.memo,
        )
        if self._writes() and self.found.fault is None:
            self.books.tell_week(self.workspace, self.found, self.clock, self.memo)

    # --- what it holds -----------------------------------------------------------------------------

    @property
    def workspace(self) -> Workspace:
        """The configuration in force."""
        assert self.intake.workspace is not None, "refresh comes first"
        return self.intake.workspace

    @property
    def store(self) -> Store:
        assert self._store is not None, "refresh comes first"
        return self._store

    @property
    def runner(self) -> Runner:
        assert self._runner is not None, "refresh comes first"
        return self._runner

    @property
    def names(self) -> Names:
        assert self._names is not None, "refresh comes first"
        return self._names

    def status(self) -> Status:
        """Files, sources and tables of the published version."""
        if self._status is None:
            intake, now = self.intake, self.moment.as_of
            self._status = status.status(
                self.store, self.workspace, intake.files, intake.unmapped, now, sums=self.sums
            )
        return self._status

    def wall(self) -> datetime:
        """The wall clock, in naive UTC."""
        return self._clock()

    def close(self) -> None:
        """Close the database and the ledger, and give the refresher's lock back."""
        self.settle(last=True)
        for each in (self._runner, self._store, self.ledger, self.state):
            if each is not None:
                each.close()
