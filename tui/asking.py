"""Questions that screens ask the session: frozen and comparable, answered in the thread that owns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from engine.questions import FunnelQuery, MetricQuery, TraceQuery

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
    """One person and the journey."""

    person: str
    reveal: bool = False


@dataclass(frozen=True, slots=True)
class RejectsAsk:
    """Rejects of a source or a file."""

    source: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class AlertsAsk:
    """All alerts, also those that are over."""


@dataclass(frozen=True, slots=True)
class HistoryAsk:
    """Every transition."""


@dataclass(frozen=True, slots=True)
class DictionaryAsk:
    """The dictionary of metrics."""


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


@dataclass(frozen=True, slots=True)
class Failed:
    """A question that could not be answered, as one sentence."""

    why: str


Ask: TypeAlias = (
    MetricQuery
    | FunnelQuery
    | TraceQuery
    | RowsAsk
    | PersonAsk
    | RejectsAsk
    | AlertsAsk
    | HistoryAsk
    | DictionaryAsk
    | NamesAsk
)


def answer(session: Session, ask: Ask) -> object:
    """The session's answer; what it cannot answer is a `Failed`, never an exception."""
    from engine.errors import LooptopError

    try:
        match ask:
            case MetricQuery():
                return session.metrics(ask)
            case FunnelQuery():
                return session.funnel(ask)
            case TraceQuery():
                return session.trace(ask)
            case RowsAsk():
                return session.rows(ask.table, ask.where, ask.limit)
            case PersonAsk():
                return session.person(ask.person, ask.reveal)
            case RejectsAsk():
                return session.rejects(ask.source, ask.file)
            case AlertsAsk():
                return session.alerts(True)
            case HistoryAsk():
                return session.history()
            case DictionaryAsk():
                return session.dictionary()
            case NamesAsk():
                return names(session)
    except LooptopError as error:
        return Failed(str(error))


def names(session: Session) -> Names:
    """Funnels, keys, language and user of the configuration in force."""
    workspace = session.workspace
    console = workspace.console
    return Names(tuple(workspace.funnels), tuple(console.keys.items()), console.language, console.user)
