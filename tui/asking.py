"""Questions that screens ask the session: frozen and comparable, answered in the thread that owns it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.questions import (
    BacktestQuery,
    BandQuery,
    BesideQuery,
    ChangesQuery,
    DriversQuery,
    FunnelQuery,
    IncidentQuery,
    MetricQuery,
    SqlQuery,
    TraceQuery,
    WhyQuery,
)

if TYPE_CHECKING:
    from engine.session import Session


@dataclass(frozen=True, slots=True)
class RowsAsk:
    """Rows of a canonical table; `where` in the expression language."""

    table: str
    where: str | None = None
    limit: int | None = 5000


@dataclass(frozen=True, slots=True)
class PersonAsk:
    """One person and the journey; with a reason the identifiers in full."""

    person: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RejectsAsk:
    """Rejects of a source or a file."""

    source: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class QualityAsk:
    """How good the files are; of one source, with a column the lines behind it."""

    source: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class ConflictsAsk:
    """Identifiers that were kept apart."""


@dataclass(frozen=True, slots=True)
class AlertsAsk:
    """All alerts, also those that are over."""


@dataclass(frozen=True, slots=True)
class HistoryAsk:
    """Every transition."""


@dataclass(frozen=True, slots=True)
class AlertRulesAsk:
    """Every alert rule, how it stands and why it is quiet."""


@dataclass(frozen=True, slots=True)
class ReviewAsk:
    """Closed episodes and the record of each rule; with proposals every rule is back-tested."""

    propose: bool = False


@dataclass(frozen=True, slots=True)
class DictionaryAsk:
    """The dictionary of metrics."""


@dataclass(frozen=True, slots=True)
class AboutAsk:
    """What a metric can be grouped by, and its sources."""

    metric: str


@dataclass(frozen=True, slots=True)
class RulesAsk:
    """A funnel of the configuration as the `[funnel.X]` that defines it."""

    funnel: str


@dataclass(frozen=True, slots=True)
class TablesAsk:
    """The tables that SQL may read."""


@dataclass(frozen=True, slots=True)
class NamesAsk:
    """The funnels of the configuration with their labels, and its keys and language."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the console needs of the configuration."""

    funnels: tuple[str, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    language: str | None = None
    user: str | None = None
    adhoc: frozenset[str] = frozenset()
    """`metric.X`, `funnel.X` that were built in the console."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A question that could not be answered, as one sentence."""

    why: str


Ask: TypeAlias = (
    MetricQuery
    | FunnelQuery
    | BesideQuery
    | DriversQuery
    | ChangesQuery
    | RulesAsk
    | TraceQuery
    | WhyQuery
    | SqlQuery
    | TablesAsk
    | RowsAsk
    | PersonAsk
    | RejectsAsk
    | QualityAsk
    | ConflictsAsk
    | AlertsAsk
    | HistoryAsk
    | IncidentQuery
    | BandQuery
    | AlertRulesAsk
    | BacktestQuery
    | ReviewAsk
    | DictionaryAsk
    | AboutAsk
    | NamesAsk
)

OF_LEDGER = (AlertsAsk, HistoryAsk, IncidentQuery, BandQuery, AlertRulesAsk, ReviewAsk)
"""Asked anew with every publication: what people did is in their answers, the version names only the data."""

_ANSWERS: Mapping[type, Callable[[Session, Any], object]] = {
    MetricQuery: lambda session, ask: session.metrics(ask),
    FunnelQuery: lambda session, ask: session.funnel(ask),
    BesideQuery: lambda session, ask: session.beside(ask),
    DriversQuery: lambda session, ask: session.drivers(ask),
    ChangesQuery: lambda session, ask: session.changes(ask),
    RulesAsk: lambda session, ask: session.funnel_text(ask.funnel),
    TraceQuery: lambda session, ask: session.trace(ask),
    WhyQuery: lambda session, ask: session.why(ask),
    SqlQuery: lambda session, ask: session.sql(ask),
    TablesAsk: lambda session, _: session.tables(),
    RowsAsk: lambda session, ask: session.rows(ask.table, ask.where, ask.limit),
    PersonAsk: lambda session, ask: session.person(ask.person, bool(ask.reason)),
    RejectsAsk: lambda session, ask: session.rejects(ask.source, ask.file),
    QualityAsk: lambda session, ask: session.quality(ask.source, ask.column),
    ConflictsAsk: lambda session, _: session.conflicts(),
    AlertsAsk: lambda session, _: session.alerts(True),
    HistoryAsk: lambda session, _: session.history(),
    IncidentQuery: lambda session, ask: session.incident(ask),
    BandQuery: lambda session, ask: session.band(ask),
    AlertRulesAsk: lambda session, _: session.rules(),
    BacktestQuery: lambda session, ask: session.backtest(ask),
    ReviewAsk: lambda session, ask: session.review(ask.propose),
    DictionaryAsk: lambda session, _: session.dictionary(),
    AboutAsk: lambda session, ask: session.about(ask.metric),
    NamesAsk: lambda session, _: names(session),
}


def answer(session: Session, ask: Ask) -> object:
    """The session's answer; what it cannot answer is a `Failed`, never an exception."""
    from engine.errors import LooptopError

    try:
        return _ANSWERS[type(ask)](session, ask)
    except LooptopError as error:
        return Failed(str(error))


def names(session: Session) -> Names:
    """Funnels, keys, language and user of the configuration in force."""
    workspace = session.workspace
    console = workspace.console
    return Names(
        tuple(workspace.funnels), tuple(console.keys.items()), console.language, console.user, workspace.adhoc
    )
