"""Questions about numbers: metrics, funnels, causes, changes, lineage and SQL.

In the words of the workspace, or with definitions of one question.
"""

from __future__ import annotations

from dataclasses import replace

from engine import causes, lineage, metrics
from engine.deciding import Decisions
from engine.errors import ConfigurationError, UsageError
from engine.metrics import Entry
from engine.metrics.cache import Results
from engine.pipeline import Pipeline
from engine.publish import changes, conversion, register, sql
from engine.publish.definitions import file_props, uncredited
from engine.questions import (
    BesideAnswer,
    BesideQuery,
    ChangesAnswer,
    ChangesQuery,
    DriversAnswer,
    DriversQuery,
    FunnelAnswer,
    FunnelQuery,
    MetricAbout,
    MetricAnswer,
    MetricQuery,
    SqlAnswer,
    SqlQuery,
    SqlTableEntry,
    Trace,
    TraceQuery,
    WhyAnswer,
    WhyQuery,
)
from engine.store import Store
from engine.workspace import amended
from engine.workspace.model import Workspace

_AMENDED = 32
"""Workspaces with definitions of one question that are kept."""


class Numbers(Decisions):
    """What a session answers about numbers."""

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__(pipeline)
        self._amended = Results(_AMENDED)
        self._defined = ""

    @property
    def workspace(self) -> Workspace:
        """The configuration in force, with what was defined in this session."""
        try:
            return self._with(self.pipeline.workspace, self._defined)
        except (
            ConfigurationError,
            UsageError,
        ):  # the configuration no longer fits it
            return self.pipeline.workspace

    def define(self, toml: str) -> None:
        """Metrics and funnels that hold as long as the session, instead of those defined before.

        Raises: ConfigurationError with all faults; then what was defined before holds on.
        """
        self._with(self.pipeline.workspace, toml)
        self._defined = toml

    @property
    def store(self) -> Store:
        """The tables of the published version."""
        return self.pipeline.store

    def amended(self, toml: str) -> Workspace:
        """The workspace with the definitions of one question in it. Raises: ConfigurationError."""
        return self._with(self.workspace, toml)

    def _with(self, workspace: Workspace, toml: str) -> Workspace:
        if not toml.strip():
            return workspace
        props = file_props(self.pipeline.intake.files.values())
        # What is kept holds the workspace as well, so that no other one can get its id.
        kept = self._amended.of(
            (id(workspace), repr(props), toml), lambda: (workspace, amended(workspace, toml, props=props))
        )
        found: Workspace = kept[1]
        if missing := uncredited(workspace, found):
            raise UsageError(
                f'metric "{missing[0]}": credit = "last_touch" is kept for orders, leads and registrations;'
                " for other events it has to stand in looptop.toml"
            )
        return found

    def metrics(self, query: MetricQuery) -> MetricAnswer:
        """Raises: UnknownName, UsageError, ExpressionError; ConfigurationError for faults of `toml`."""
        workspace = self.amended(query.toml)
        found = metrics.answer(self.store, workspace, query, self.pipeline.moment.as_of)
        hashes = {name: metrics.definition_hash(workspace, name) for name in sorted(set(query.metrics))}
        return replace(found, definitions=hashes, watermark=self.watermark)

    def dictionary(self) -> tuple[Entry, ...]:
        """Every metric: what it means and how it is made."""
        seen = register.definitions(self.pipeline.ledger, self.workspace.console.timezone)
        return tuple(metrics.dictionary(self.workspace, seen))

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
        pipeline.publish()
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
            self.amended(query.toml),
            pipeline.moment.as_of,
            pipeline.status(),
            pipeline.runner.tables,
            pipeline.names.ids,
            self.watermark,
        )
        return lineage.trace(ground, query)

    @property
    def watermark(self) -> str:
        """Names the data of the published version: the same in every process on the same files."""
        return self.store.watermark()

    def sql(self, query: SqlQuery, reveal: bool = False) -> SqlAnswer:
        """One SELECT over the tables, read only and within limits. Raises: UnknownName, UsageError."""
        derived = self.pipeline.runner.tables
        return sql.answer(self.store, self.workspace, self.pipeline.names, derived, query, reveal=reveal)

    def tables(self) -> tuple[SqlTableEntry, ...]:
        """The tables that `sql` reads, with their columns."""
        return sql.catalog(self.store, self.workspace, self.pipeline.runner.tables)
