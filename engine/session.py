"""One open workspace: brings it up to date and answers questions. All that a console or a command holds.

    refresh: configuration ─ files ─ parts ─ store ─ derived tables ─ alerts ─► one published version
    status, rows, metrics, funnel, alerts, snapshot: questions to that version
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from engine import alerts, funnels, metrics
from engine.derive import Runner, keep
from engine.errors import ConfigurationError, LooptopError
from engine.identity import installation_key
from engine.ingest import rejects
from engine.intake import Intake, typos
from engine.publish import overview, people, rows, status
from engine.publish.definitions import instances, store_settings, tables
from engine.publish.facts import alert_facts
from engine.publish.moment import Moment, moment, read_moment
from engine.questions import (
    Activity,
    AlertsAnswer,
    FunnelAnswer,
    FunnelQuery,
    MetricAnswer,
    MetricQuery,
    PersonAnswer,
    PersonEntry,
    Reject,
    RowsAnswer,
    Snapshot,
    Status,
    Transition,
    View,
)
from engine.state import State, default_state
from engine.store import Change, Instance, Store, StoreSettings, apply
from engine.workspace.model import Workspace

Clock = Callable[[], datetime]
"""The wall clock in naive UTC; the engine has no other."""


class Session:
    """One directory and its state. `refresh` belongs to one thread; questions may come from any."""

    def __init__(self, root: Path, state: State, config: Path | None, as_of: str | datetime | None, clock: Clock, key: str | None) -> None:
        self.root = root
        self.state = state
        self.intake = Intake(root, state, config)
        self.activity = Activity()
        self.ledger = alerts.Ledger(state.ledger)
        self.moment = Moment(datetime(1970, 1, 1))
        self._as_of, self._clock, self._key = as_of, clock, key
        self._store: Store | None = None
        self._runner: Runner | None = None
        self._names: people.Names | None = None
        self._status: Status | None = None
        self._alerts: AlertsAnswer | None = None
        self._warnings: tuple[str, ...] = ()
        self._memo = alerts.Memo()
        self._unsaved = False
        self._spoilt = False
        """Whether the store's books are ahead of its tables, because a refresh failed half-way."""
        self._published = False

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        state: Path | None = None,
        config: Path | None = None,
        as_of: str | datetime | None = None,
        clock: Clock,
        key: str | None = None,
    ) -> Self:
        """A session on a directory; nothing is read before `refresh`.

        In:  the state directory (None: under the XDG state home), another configuration file, `--as-of`,
             the wall clock, and a key in place of the installation's.
        """
        return cls(root, State(state or default_state(root)), config, as_of, clock, key)

    # --- bringing it up to date --------------------------------------------------------------------

    def refresh(self, trigger: Literal["start", "change", "config"] = "start", files: Sequence[str] = ()) -> Activity:
        """Read what changed and publish the next version; what failed leaves the last one in force.

        In:  why, and the files that are said to have changed (only reported).
        Out: what was done, in seconds and keys.
        Raises: ConfigurationError or UsageError where nothing was ever published.
        """
        begun = time.perf_counter()
        seconds: dict[str, float] = {}
        try:
            change, touched = self._bring_up(seconds)
            error = None
            self._published = True
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
        clock = _Laps(seconds)
        wall = self._clock()
        configured = self.intake.configure()
        touched = self.intake.read(wall)
        faults = self.intake.check_columns() if configured or touched else ()
        if typos(faults) and not self._published:
            raise ConfigurationError(typos(faults))
        if configured or touched:
            self._warnings = tuple(str(fault) for fault in faults)
        clock.lap("ingest")
        change = self._store_files(wall, clock)
        self._status = None
        self._judge(wall)
        clock.lap("alerts")
        return change, touched

    def _store_files(self, wall: datetime, clock: _Laps) -> Change:
        """Bring store and derived tables to the files; readers see all of it or nothing."""
        until = self._replayed(wall)
        settings = store_settings(self.workspace, self.intake.files.values(), until)
        wanted = instances(self.intake.files.values(), self.state.cache, self.workspace)
        if self._store is None or self._store.settings != settings or self._spoilt:
            return self._build(settings, wanted, clock)
        store, runner = self.store, self.runner
        self._spoilt = True
        try:
            store.begin()
            new = runner.define(tables(self.workspace))
            change = apply(store, wanted)
            clock.lap("identity")
            runner.refresh(change)
            if new and not change.whole:
                runner.build(new)
            store.publish()
        except BaseException:
            store.undo()
            raise
        clock.lap("derive")
        self._spoilt = False
        self._unsaved = self._unsaved or bool(change or new)
        return change

    def _build(self, settings: StoreSettings, wanted: Sequence[Instance], clock: _Laps) -> Change:
        """A store from nothing, beside the one that is read until it is whole."""
        store = Store(settings, spill=self.state.cache)
        runner = Runner(store, tables(self.workspace))
        try:
            store.begin(first=True)
            change = apply(store, wanted)
            clock.lap("identity")
            kept = settings.until is None and keep.restore(runner, self.state.cache / "derived")
            if not kept:
                runner.build()
            store.compress()
        except BaseException:
            runner.close()
            store.close()
            raise
        self._replace(store, runner)
        clock.lap("derive")
        self._unsaved = not kept
        return change

    def _replace(self, store: Store, runner: Runner) -> None:
        old = (self._runner, self._store)
        self._store, self._runner, self._spoilt = store, runner, False
        self._memo = alerts.Memo()
        self._names = people.Names(store, installation_key(self.state.path, self._key, self.state.writable))
        for each in old:
            if each is not None:
                each.close()

    def settle(self) -> None:
        """Keep the derived tables on disk, so that the next start need not derive them; after a publication."""
        if self._unsaved and self._store is not None and not self.moment.replay:
            self._unsaved = False
            with contextlib.suppress(OSError):
                keep.save(self.runner, self.state.cache / "derived")

    def _replayed(self, wall: datetime) -> datetime | None:
        """The moment of the replay that `--as-of` asks for, else None."""
        if self._as_of is None:
            return None
        console = self.workspace.console
        newest = max(
            (part.last_ts for state in self.intake.files.values() for part in state.parts if part.last_ts), default=None
        )
        return moment(console.clock, wall, newest, read_moment(self._as_of, console.timezone)).until

    def _judge(self, wall: datetime) -> None:
        """Set the clock of this version and evaluate the rules."""
        console = self.workspace.console
        asked = read_moment(self._as_of, console.timezone) if self._as_of is not None else None
        self.moment = moment(console.clock, wall, self.store.newest(), asked)
        writable = self.state.writable and not self.moment.replay
        detected_at = self.moment.as_of if console.clock == "data" or self.moment.replay else wall
        self._alerts = alerts.evaluate(
            self.store,
            self.workspace,
            self.ledger,
            self.moment.as_of,
            facts=alert_facts(self.store, self.status()),
            detected_at=detected_at,
            writable=writable,
            memo=self._memo,
        )

    # --- questions ---------------------------------------------------------------------------------

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
    def names(self) -> people.Names:
        assert self._names is not None, "refresh comes first"
        return self._names

    @property
    def faults(self) -> tuple[str, ...]:
        """Faults of the configuration in the file; the last good one is in force. Then columns no file has."""
        return tuple(str(fault) for fault in self.intake.faults) + self._warnings

    @property
    def role(self) -> Literal["refresher", "viewer"]:
        return "refresher" if self.state.become_refresher() else "viewer"

    def status(self) -> Status:
        """Files, sources and tables of the published version."""
        if self._status is None:
            self._status = status.status(
                self.store, self.workspace, self.intake.files, self.intake.unmapped, self.moment.as_of
            )
        return self._status

    def snapshot(self, view: View) -> Snapshot:
        """All that the overview and the frame of every screen show."""
        return overview.snapshot(self, view)

    def metrics(self, query: MetricQuery) -> MetricAnswer:
        """Raises: UnknownName, UsageError, ExpressionError."""
        return metrics.answer(self.store, self.workspace, query, self.moment.as_of)

    def dictionary(self) -> tuple[metrics.Entry, ...]:
        """Every metric: what it means and how it is made."""
        return tuple(metrics.dictionary(self.workspace))

    def funnel(self, query: FunnelQuery, reveal: bool = False) -> FunnelAnswer:
        """Raises: UnknownName, UsageError, ExpressionError."""
        return funnels.answer(
            self.store,
            self.workspace,
            query,
            self.moment.as_of,
            persons=lambda keys: self.names.named(keys, reveal),
            language=self.workspace.console.language,
        )

    def rows(
        self, table: str, where: str | None = None, limit: int | None = None, reveal: bool = False
    ) -> RowsAnswer:
        """Rows of a canonical table. Raises: UnknownName, UsageError, ExpressionError."""
        return rows.rows(self.store, self.workspace, self.names, table, where, limit, reveal)

    def rejects(self, source: str | None = None, file: str | None = None) -> tuple[Reject, ...]:
        """Lines that are in no number, by file and line; of one source or file, or all."""
        return tuple(
            one
            for path, state in sorted(self.intake.files.items())
            if source in (None, state.source) and file in (None, path)
            for one in rejects(self.state.cache, state)
        )

    def persons(self, reveal: bool = False) -> tuple[tuple[PersonEntry, ...], tuple[str, ...]]:
        """Every person, and the identifiers that several persons share."""
        return people.entries(self.store, self.names, reveal), ()

    def person(self, name: str, reveal: bool = False) -> PersonAnswer:
        """One person by `p_…` or `type:value`, with all facts in order of time. Raises: UnknownName."""
        return people.person(self.store, self.names, name, reveal)

    def conflicts(self, reveal: bool = False) -> tuple[()]:
        """Identifiers that were kept apart: none while the strongest identifier alone makes the person."""
        del reveal
        return ()

    def alerts(self, all: bool = False) -> AlertsAnswer:
        """The alerts of the published version; `all`: those that are over or never fired as well."""
        assert self._alerts is not None, "refresh comes first"
        return self._alerts if all else alerts.open_only(self._alerts)

    def history(self) -> tuple[Transition, ...]:
        """Every transition recorded, by detection."""
        return self.ledger.history()

    def close(self) -> None:
        """Close the database and the ledger, and give the refresher's lock back."""
        self.settle()
        if self._runner is not None:
            self._runner.close()
        if self._store is not None:
            self._store.close()
        self.ledger.close()
        self.state.close()


class _Laps:
    """Seconds between laps, by name."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds, self._last = seconds, time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._seconds[name] = now - self._last
        self._last = now
