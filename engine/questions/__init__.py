"""Questions to the engine and its answers: all that a screen, a command or a report may know.

Frozen values without frames or connections, safe to hand to another thread. The JSON of a command is
its answer, key by key. Rates, changes and shares are fractions; `ts` is naive UTC, `day` a date in the
workspace's time zone; money is in the console's currency.
"""

from __future__ import annotations

from engine.questions.alerts import Alert, AlertsAnswer, Transition
from engine.questions.causes import Cause, MemberChange, WhyAnswer, WhyQuery
from engine.questions.changes import ChangesAnswer, ChangesQuery, NumberChange
from engine.questions.files import FileStatus, Reject, RowsAnswer, SourceStatus, Status
from engine.questions.funnels import (
    BesideAnswer,
    BesideMove,
    BesideQuery,
    BesideStep,
    Driver,
    DriversAnswer,
    DriversQuery,
    FunnelAnswer,
    FunnelCohort,
    FunnelGroup,
    FunnelMoment,
    FunnelNext,
    FunnelPerson,
    FunnelPoint,
    FunnelQuery,
    FunnelStep,
)
from engine.questions.lineage import Hop, Removed, Touch, Trace, TraceFile, TraceLine, TraceQuery
from engine.questions.numbers import (
    Comparison,
    Grain,
    MetricAbout,
    MetricAnswer,
    MetricQuery,
    MetricRow,
    PaceBy,
    Range,
    Standing,
    Value,
)
from engine.questions.overview import Activity, ChannelRow, Snapshot, Tile, View
from engine.questions.persons import Attribute, Conflict, Join, JourneyFact, PersonAnswer, PersonEntry
from engine.questions.privacy import AuditEntry, AuditKind, Receipt, RetentionTable
from engine.questions.quality import (
    ColumnQuality,
    Copy,
    Decision,
    Dispute,
    Drift,
    Freshness,
    LateRows,
    QualityAnswer,
    QualityLine,
    RuleResult,
    SeenValue,
    SourceQuality,
    Violation,
)
from engine.questions.sql import SqlAnswer, SqlQuery, SqlTableEntry

__all__ = [
    "Activity", "Alert", "AlertsAnswer", "Attribute", "AuditEntry", "AuditKind", "BesideAnswer", "BesideMove",
    "BesideQuery", "BesideStep", "Cause", "ChangesAnswer", "ChangesQuery", "ChannelRow",
    "ColumnQuality", "Comparison", "Conflict", "Copy", "Decision", "Dispute", "Drift", "Driver",
    "DriversAnswer", "DriversQuery", "FileStatus", "Freshness", "FunnelAnswer", "FunnelCohort",
    "FunnelGroup", "FunnelMoment", "FunnelNext", "FunnelPerson", "FunnelPoint", "FunnelQuery",
    "FunnelStep", "Grain", "Hop", "Join", "JourneyFact", "LateRows", "MemberChange", "MetricAbout",
    "MetricAnswer", "MetricQuery", "MetricRow", "NumberChange", "PaceBy", "PersonAnswer", "PersonEntry",
    "QualityAnswer", "QualityLine", "Range", "Receipt", "Reject", "Removed", "RetentionTable",
    "RowsAnswer", "RuleResult", "SeenValue", "Snapshot", "SourceQuality", "SourceStatus", "SqlAnswer",
    "SqlQuery", "SqlTableEntry", "Standing", "Status", "Tile", "Touch", "Trace", "TraceFile",
    "TraceLine", "TraceQuery", "Transition", "Value", "View", "Violation", "WhyAnswer", "WhyQuery",
]  # fmt: skip
