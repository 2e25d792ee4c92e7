"""One open workspace: the pipeline that keeps it up to date, and the questions that it answers.

All that a console, a command or a report holds of the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Self

from engine import alerts, quality
from engine.attention import Attention
from engine.errors import StoreError, UsageError
from engine.ingest import FileState, rejects
from engine.pipeline import Clock, Pipeline
from engine.publish import (
    contents,
    linking,
    masking,
    overview,
    people,
    register,
    rows,
    status,
)
from engine.questions import (
    Activity,
    Conflict,
    FileStatus,
    PersonAnswer,
    PersonEntry,
    QualityAnswer,
    Reject,
    RowsAnswer,
    Snapshot,
    Status,
    View,
)
from engine.state import State, default_state
from engine.workspace import CONFIGURATION
from engine.workspace.needs import There

_AGAIN = timedelta(seconds=15)
"""How long after a refresh that could not write everything down the next one tries."""


class Session(Attention):
    """One directory and its state. `refresh` belongs to one thread; questions may come from any."""

    _followed: int | None = None
    """What had been decided when it was refreshed last; None before that."""

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
        memory: str | None = None,
        retain: bool = True,
    ) -> Self:
        """A session on a directory; nothing is read before `refresh`.

        In:  the state directory (None: under the XDG state home), another configuration file, `--as-of`,
             the wall clock, a key in place of the installation's, and how much memory the tables may take
             (`800MB`; None: most of the machine's) before they spill to the state; `retain` False for a dry
             run of retention: facts of any age are there.
        """
        kept = State(state or default_state(root))
        pipeline = Pipeline(root, kept, config=config, as_of=as_of, clock=clock, key=key, memory=memory)
        pipeline.intake.retain = retain
        return cls(pipeline)

    def refresh(
        self, trigger: Literal["start", "change", "config"] = "start", files: Sequence[str] = ()
    ) -> Activity:
        """See `Pipeline.refresh`; what it queued is sent at once where this session sends."""
        self._followed = self._decided()
        activity = self.pipeline.refresh(trigger, files)
        if self.notifier is not None:
            self.notifier.nudge()
        return activity

    def due(self) -> bool:
        """Whether a refresh would ask a database, write down what could not be written, or follow what
        somebody has decided in another process; for any thread."""
        wall, ended = self.pipeline.wall(), self.activity.ended
        if self.unwritten and ended is not None and wall - ended >= _AGAIN:
            return True
        asked = self.pipeline.intake.due(wall)
        return bool(asked) or (self._followed is not None and self._decided() not in (None, self._followed))

    def _decided(self) -> int | None:
        """How much has been decided about alerts; None where the ledger cannot be read now."""
        try:
            return self.pipeline.ledger.last_act()
        except StoreError:
            return None

    def publish(self) -> bool:
        """See `Pipeline.publish`."""
        return self.pipeline.publish()

    def settle(self) -> None:
        """See `Pipeline.settle`."""
        self.pipeline.settle()

    def close(self) -> None:
        """See `Pipeline.close`; what is being sent may end first."""
        if self.notifier is not None:
            self.notifier.stop()
        self.pipeline.close()

    def there(self) -> There:
        """What the files hold, for a template that is fitted to them."""
        return contents.there(self.pipeline.store)

    # --- questions ---------------------------------------------------------------------------------

    @property
    def configuration(self) -> Path:
        """The configuration file that is or would be read."""
        return self.pipeline.intake.config or self.pipeline.intake.root / CONFIGURATION

    @property
    def activity(self) -> Activity:
        """What the last refresh did."""
        return self.pipeline.activity

    @property
    def faults(self) -> tuple[str, ...]:
        """Faults of the configuration in the file (the last good one is in force); columns no file has."""
        return tuple(str(fault) for fault in self.pipeline.intake.faults) + self.pipeline.warnings

    @property
    def unwritten(self) -> str | None:
        """Why something of the last refresh could not be written down; the next one tries again."""
        found = self.pipeline.found
        return (found.fault if found is not None else None) or self.pipeline.books.fault

    @property
    def role(self) -> Literal["refresher", "viewer"]:
        return "refresher" if self.pipeline.state.become_refresher() else "viewer"

    def status(self) -> Status:
        """Files, sources and tables of the published version."""
        return self.pipeline.status()

    def lookups(self) -> tuple[FileStatus, ...]:
        """The files of [[lookup]]: what their columns are to the facts."""
        return status.lookups(self.workspace, self.pipeline.intake.lookups)

    def snapshot(self, view: View) -> Snapshot:
        """All that the overview and the frame of every screen show."""
        return overview.snapshot(self, view)

    def rows(
        self, table: str, where: str | None = None, limit: int | None = None, reveal: bool = False
    ) -> RowsAnswer:
        """Rows of a canonical table. Raises: UnknownName, UsageError, ExpressionError."""
        return rows.rows(
            self.store, self.workspace, self.pipeline.names, table, where=where, limit=limit, reveal=reveal
        )

    def rejects(
        self, source: str | None = None, file: str | None = None, reveal: bool = False
    ) -> tuple[Reject, ...]:
        """Lines that are in no number, by file and line; of one source or file, or all."""
        return tuple(
            one
            for path, state in sorted(self.pipeline.intake.files.items())
            if source in (None, state.source) and file in (None, path)
            for one in self._rejects(state, reveal)
        )

    def _rejects(self, state: FileState, reveal: bool) -> Iterable[Reject]:
        found = rejects(self.pipeline.state.cache, state)
        return masking.rejects(self.workspace, state, found, reveal)

    def quality(
        self, source: str | None = None, column: str | None = None, reveal: bool = False
    ) -> QualityAnswer:
        """How good the files are; of one source, and with a column the lines behind it.

        Raises: UnknownName; UsageError for a column without its source.
        """
        if column is not None and source is None:
            raise UsageError("a column is one of a source: name the source as well (--source)")
        files, sums = self.pipeline.intake.files, self.pipeline.sums
        disputes = quality.disputes(self.store, alerts.decisions(self.pipeline.ledger))
        whole = quality.quality(self.workspace, self.status(), files, sums, disputes, source=source)
        found = whole
        if column is not None:
            found = quality.lines_of(self.workspace, files, sums, whole, column)
        return found if reveal else quality.masked(found, whole, self.workspace)

    def persons(self, reveal: bool = False) -> tuple[tuple[PersonEntry, ...], tuple[str, ...]]:
        """Every person, and the identifiers that too many persons share."""
        known = register.formerly(self.pipeline.ledger)
        return people.entries(self.store, self.pipeline.names, reveal, known), people.shared(
            self.store, reveal
        )

    def person(self, name: str, reveal: bool = False) -> PersonAnswer:
        """One person by `p_…` or `type:value`, with all facts in order of time. Raises: UnknownName."""
        formerly = register.formerly(self.pipeline.ledger)
        name = linking.spelled(self.workspace.identity, name)
        names = self.pipeline.names
        found = people.person(self.store, names, name, reveal, formerly)
        number = names.number(found.entry.person)
        assert number is not None
        said = rows.attributes(self.store, self.workspace, names, number, reveal)
        return replace(found, attributes=said)

    def conflicts(self, reveal: bool = False) -> tuple[Conflict, ...]:
        """Identifiers that were seen together and kept apart, and why."""
        return people.conflicts(self.store, self.pipeline.names, reveal)
