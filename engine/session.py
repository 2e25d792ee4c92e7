"""One open workspace: the pipeline that keeps it up to date, and the questions that it answers.

All that a console, a command or a report holds of the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from engine import alerts, causes, lineage, metrics, quality
from engine.alerts import Message
from engine.deciding import Decisions
from engine.errors import UsageError
from engine.ingest import FileState, rejects
from engine.metrics import Entry
from engine.metrics.cache import Results
from engine.pipeline import Clock, Pipeline
from engine.publish import (
    changes,
    contents,
    conversion,
    linking,
    masking,
    overview,
    people,
    register,
    rows,
    sql,
    status,
)
from engine.publish.definitions import file_props
from engine.questions import (
    Activity,
    AlertsAnswer,
    BesideAnswer,
    BesideQuery,
    ChangesAnswer,
    ChangesQuery,
    Conflict,
    DriversAnswer,
    DriversQuery,
    FileStatus,
    FunnelAnswer,
    FunnelQuery,
    MetricAbout,
    MetricAnswer,
    MetricQuery,
    PersonAnswer,
    PersonEntry,
    QualityAnswer,
    Reject,
    RowsAnswer,
    Snapshot,
    SqlAnswer,
    SqlQuery,
    SqlTableEntry,
    Status,
    Trace,
    TraceQuery,
    Transition,
    View,
    WhyAnswer,
    WhyQuery,
)
from engine.state import State, default_state
from engine.store import Store
from engine.workspace import CONFIGURATION, amended
from engine.workspace.model import Workspace
from engine.workspace.needs import There

_AMENDED = 32
"""Workspaces with definitions of one question that are kept."""


class Session(Decisions):
    """One directory and its state. `refresh` belongs to one thread; questions may come from any."""

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__(pipeline)
        self._amended = Results(_AMENDED)

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
        """See `Pipeline.refresh`."""
        return self.pipeline.refresh(trigger, files)

    def due(self) -> bool:
        """Whether a refresh would ask a database; for any thread."""
        return bool(self.pipeline.intake.due(self.pipeline.wall()))

    def settle(self) -> None:
        """See `Pipeline.settle`."""
        self.pipeline.settle()

    def close(self) -> None:
        """See `Pipeline.close`."""
        self.pipeline.close()

    def there(self) -> There:
        """What the files hold, for a template that is fitted to them."""
        return contents.there(self.pipeline.store)

    # --- questions ---------------------------------------------------------------------------------

    @property
    def workspace(self) -> Workspace:
        """The configuration in force."""
        return self.pipeline.workspace

    @property
    def store(self) -> Store:
        """The tables of the published version."""
        return self.pipeline.store

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

    def amended(self, toml: str) -> Workspace:
        """The workspace with the definitions of one question in it. Raises: ConfigurationError."""
        if not toml.strip():
            return self.workspace
        workspace, props = self.workspace, file_props(self.pipeline.intake.files.values())
        # What is kept holds the workspace as well, so that no other one can get its id.
        kept = self._amended.of(
            (id(workspace), repr(props), toml), lambda: (workspace, amended(workspace, toml, props=props))
        )
        found: Workspace = kept[1]
        return found

    def metrics(self, query: MetricQuery) -> MetricAnswer:
        """Raises: UnknownName, UsageError, ExpressionError; ConfigurationError for faults of `toml`."""
        workspace = self.amended(query.toml)
        found = metrics.answer(self.store, workspace, query, self.pipeline.moment.as_of)
        hashes = {name: metrics.definition_hash(workspace, name) for name in sorted(set(query.metrics))}
        return replace(found, definitions=hashes, watermark=self.watermark)

    def dictionary(self) -> tuple[Entry, ...]:
        """Every metric: what it means and how it is made."""
        return tuple(metrics.dictionary(self.workspace))

    def about(self, metric: str) -> MetricAbout:
        """What a metric can be grouped by, and its sources. Raises: UnknownName."""
        return metrics.about(self.store, self.workspace, metric)

    def funnel(self, query: FunnelQuery, reveal: bool = False) -> FunnelAnswer:
        """Raises: UnknownName, UsageError, ExpressionError; ConfigurationError for faults of `toml`."""
        return conversion.funnel(self, query, reveal)

    def beside(self, query: BesideQuery, reveal: bool = False) -> BesideAnswer:
        """Two funnels side by side, and who moves between levels. Raises: as `funnel`."""
        return conversion.beside(self, query, reveal)

    def drivers(self, query: DriversQuery, reveal: bool = False) -> DriversAnswer:
        """What goes with converting. Raises: as `funnel`."""
        return conversion.drivers(self, query, reveal)

    def why(self, query: WhyQuery) -> WhyAnswer:
        """Why a metric changed. Raises: UnknownName, UsageError, ExpressionError, ConfigError."""
        workspace = self.amended(query.toml)
        found = causes.answer(self.store, workspace, query, self.pipeline.moment.as_of)
        hashed = metrics.definition_hash(workspace, query.metric)
        return replace(found, definition=hashed, watermark=self.watermark)

    def changes(self, query: ChangesQuery) -> ChangesAnswer:
        """Days of a metric that are another number than when they were published. Raises: as `metrics`."""
        pipeline = self.pipeline
        found = changes.changes(pipeline.ledger, self.workspace, query, pipeline.moment.until)
        return replace(found, watermark=self.watermark)

    def funnel_text(self, name: str) -> str:
        """A funnel of the configuration as the `[funnel.X]` that defines it. Raises: UnknownName."""
        return conversion.funnel_text(self, name)

    def trace(self, query: TraceQuery) -> Trace:
        """Where one number comes from, down to its lines. Raises: as `metrics`."""
        pipeline = self.pipeline
        ground = lineage.Ground(
            self.store,
            self.workspace,
            pipeline.moment.as_of,
            self.status(),
            pipeline.runner.tables,
            pipeline.names.ids,
            self.watermark,
        )
        return lineage.trace(ground, query)

    @property
    def watermark(self) -> str:
        """Names the data of the published version: the same in every process on the same files."""
        return self.store.watermark()

    def rows(
        self, table: str, where: str | None = None, limit: int | None = None, reveal: bool = False
    ) -> RowsAnswer:
        """Rows of a canonical table. Raises: UnknownName, UsageError, ExpressionError."""
        return rows.rows(
            self.store, self.workspace, self.pipeline.names, table, where=where, limit=limit, reveal=reveal
        )

    def sql(self, query: SqlQuery, reveal: bool = False) -> SqlAnswer:
        """One SELECT over the tables, read only and within limits. Raises: UnknownName, UsageError."""
        derived = self.pipeline.runner.tables
        return sql.answer(self.store, self.workspace, self.pipeline.names, derived, query, reveal=reveal)

    def tables(self) -> tuple[SqlTableEntry, ...]:
        """The tables that `sql` reads, with their columns."""
        return sql.catalog(self.store, self.workspace, self.pipeline.runner.tables)

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
        return people.person(self.store, self.pipeline.names, name, reveal, formerly)

    def conflicts(self, reveal: bool = False) -> tuple[Conflict, ...]:
        """Identifiers that were seen together and kept apart, and why."""
        return people.conflicts(self.store, self.pipeline.names, reveal)

    def alerts(self, all: bool = False) -> AlertsAnswer:
        """The alerts of the published version; `all`: those that are over or never fired as well."""
        assert self.pipeline.found is not None, "refresh comes first"
        return self.pipeline.found if all else alerts.open_only(self.pipeline.found)

    def history(self) -> tuple[Transition, ...]:
        """Every transition recorded, by detection."""
        return self.pipeline.ledger.history()

    def outbox(self) -> tuple[Message, ...]:
        """Messages to people: sent, waiting, failed."""
        return self.pipeline.ledger.outbox()
