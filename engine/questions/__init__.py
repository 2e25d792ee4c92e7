"""Questions to the engine and its answers: all that a screen, a command or a report may know.

Frozen values without frames or connections, safe to hand to another thread. The JSON of a command is
its answer, key by key. Rates, changes and shares are fractions; `ts` is naive UTC, `day` a date in the
workspace's time zone; money is in the console's currency.
"""

from __future__ import annotations

from engine.questions.alerts import Alert, AlertsAnswer, Transition
from engine.questions.files import FileStatus, Reject, RowsAnswer, SourceStatus, Status
from engine.questions.funnels import (
    FunnelAnswer,
    FunnelGroup,
    FunnelMoment,
    FunnelPerson,
    FunnelPoint,
    FunnelQuery,
    FunnelStep,
)
from engine.questions.lineage import Hop, Removed, Touch, Trace, TraceFile, TraceLine, TraceQuery
from engine.questions.numbers import Comparison, Grain, MetricAnswer, MetricQuery, MetricRow, Range, Value
from engine.questions.overview import Activity, ChannelRow, Snapshot, Tile, View
from engine.questions.persons import Conflict, Join, JourneyFact, PersonAnswer, PersonEntry

__all__ = [
    "Activity", "Alert", "AlertsAnswer", "ChannelRow", "Comparison", "Conflict", "FileStatus",
    "FunnelAnswer", "FunnelGroup", "FunnelMoment", "FunnelPerson", "FunnelPoint", "FunnelQuery",
    "FunnelStep", "Grain", "Hop", "Join", "JourneyFact", "MetricAnswer", "MetricQuery", "MetricRow",
    "PersonAnswer", "PersonEntry", "Range", "Reject", "Removed", "RowsAnswer", "Snapshot",
    "SourceStatus", "Status", "Tile", "Touch", "Trace", "TraceFile", "TraceLine", "TraceQuery",
    "Transition", "Value", "View",
]  # fmt: skip
