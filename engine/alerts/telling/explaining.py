"""What is behind an alert: found when it fires, gets worse or is revised, and kept with the episode."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal, cast

from engine.alerts.judging.condition import Condition
from engine.alerts.judging.rules import Ready
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.timeline import Entry
from engine.alerts.telling.cases import SEVERITIES
from engine.errors import ExpressionError, StoreError, UnknownName, UsageError
from engine.questions import Range, WhyAnswer, WhyQuery
from engine.questions.members import member_filter
from engine.store.tables import Tables
from engine.workspace.model import Workspace

_log = logging.getLogger(__name__)
Why = Callable[[Tables, Workspace, WhyQuery, datetime], WhyAnswer]
"""How causes are asked for: `engine.causes.answer`."""
Base = Literal["previous", "week", "month", "year"]
MOST = 10
"""New causes of one rule in one evaluation: the largest first, the others follow with the next."""
MOST_OF_ALL = 12
MEMBERS = 100
"""So many members are kept with a cause, the largest."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A cause as it was found: `value` of the metric then, `why` None where it does not split."""

    episode: str
    revision: int
    period: str
    severity: str
    value: float | None
    why: WhyAnswer | None


@dataclass(frozen=True, slots=True)
class Asked:
    """An episode whose cause is to be found, and how far it is from what was expected."""

    rule: Ready
    labels: Mapping[str, str | None]
    entry: Entry
    level: int | None
    value: float | None
    impact: float
    revision: int

    @property
    def key(self) -> tuple[str, int]:
        """Episode and revision of the cause."""
        return self.entry.episode or "", self.revision


def kept(ledger: Ledger, episode: str | None = None) -> dict[str, Behind]:
    """The newest cause of every episode, or of one."""
    rows = ledger.rows(
        "SELECT episode, revision, period, found FROM alert_causes WHERE ? IS NULL OR episode = ?"
        " ORDER BY revision",
        (episode, episode),
    )
    return {str(row[0]): _behind(row) for row in rows}


def revisions(ledger: Ledger, episode: str) -> list[tuple[datetime, Behind]]:
    """Every cause that was found for an episode, with the moment."""
    rows = ledger.rows(
        "SELECT episode, revision, period, found, at FROM alert_causes WHERE episode = ? ORDER BY revision",
        (episode,),
    )
    return [(datetime.fromisoformat(str(row[4])), _behind(row)) for row in rows]


def _behind(row: tuple[object, ...]) -> Behind:
    found = json.loads(str(row[3]))
    why = None if found["why"] is None else _answers().validate_python(found["why"])
    return Behind(str(row[0]), int(str(row[1])), str(row[2]), str(found["severity"]), found["value"], why)


@cache
def _answers() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(WhyAnswer)


def due(entry: Entry, known: Behind | None, severity: str, value: float | None) -> int | None:
    """Which revision of the cause is to be found now; None: that which is known stands.

    In:  the transition to the present severity; the value that the metric has in the known one's period.
    """
    if known is None:
        return 0
    worse = SEVERITIES.index(severity) < SEVERITIES.index(known.severity)
    revised = known.value != value
    return known.revision + 1 if worse or revised or entry.period < known.period else None


def chosen(asked: Iterable[Asked]) -> list[Asked]:
    """Those that are found now: the largest of each rule."""
    found: dict[str, int] = {}
    out: list[Asked] = []
    for each in sorted(asked, key=lambda one: -one.impact):
        name = each.rule.rule.name
        if found.get(name, 0) < MOST and len(out) < MOST_OF_ALL:
            found[name] = found.get(name, 0) + 1
            out.append(each)
    return out


@dataclass(slots=True)
class Search:
    """Causes that were looked for while nobody waits for the ledger, and those that are wanted.

    `found`: by episode and revision; None: it could not be asked this time.
    """

    why: Why
    found: dict[tuple[str, int], Behind | None] = field(default_factory=dict)
    wanted: list[Asked] = field(default_factory=list)

    def look(self, tables: Tables, workspace: Workspace, now: datetime) -> None:
        """Find what is wanted."""
        for each in self.wanted:
            try:
                found = find(tables, workspace, each, now, self.why)
            except StoreError as error:
                found = None
                _log.warning("what is behind %s is looked for again: %s", each.rule.rule.name, error)
            self.found[each.key] = found
        self.wanted.clear()


def find(tables: Tables, workspace: Workspace, asked: Asked, now: datetime, why: Why) -> Behind:
    """Ask what is behind an episode. Raises: StoreError."""
    rule, condition = asked.rule.rule, asked.rule.condition(asked.level)
    where = [member_filter(asked.labels.items()), rule.where.text if rule.where is not None else None]
    query = WhyQuery(
        metric=condition.metrics[0] if condition.base is None else str(condition.base.args[0]),
        period=asked.entry.period,
        where=" and ".join(f"({each})" for each in where if each) or None,
        grain=rule.grain,
    )
    found: WhyAnswer | None = None
    stretch = so_far(condition, asked.entry, rule.grain)
    days = 1
    if stretch is not None:
        query, days = replace(query, period=None, grain=None, range=Range(*stretch)), _days(*stretch)
    try:
        for compare in compared(condition, rule.grain, days):
            other = why(tables, workspace, replace(query, compare=compare), now)
            if found is None or found.base is None or other.base:
                found = other
            if found.base:
                break
    except (UsageError, UnknownName, ExpressionError):
        found = None  # a metric that cannot be asked why says nothing
    if found is not None:
        largest = sorted(found.members, key=lambda each: -abs(each.effect))
        found = replace(found, members=tuple(largest[:MEMBERS]))
    split = found is not None and (found.causes or found.members)
    return Behind(
        asked.entry.episode or "",
        asked.revision,
        asked.entry.period,
        asked.rule.severity(asked.level),
        asked.value,
        found if split else None,
    )


def so_far(condition: Condition, entry: Entry, grain: str) -> tuple[date, date] | None:
    """The days from the first breaching period on, where an episode has had several: what it is compared with
    must not be a part of it. None: the one period, or a rule that names its own base."""
    if grain not in ("day", "week") or entry.active_at is None or entry.active_at >= entry.period:
        return None
    if condition.base is not None and condition.base.name == "change":
        return None
    last = date.fromisoformat(entry.period) + timedelta(days=6 if grain == "week" else 0)
    return date.fromisoformat(entry.active_at), last


def _days(first: date, last: date) -> int:
    return (last - first).days + 1


def compared(condition: Condition, grain: str, days: int = 1) -> tuple[Base, ...]:
    """What a rule's period is compared with, the first in which there was something: the base of its change,
    else what is like it in the season, else as long a time before.

    In:  how many days are compared: of more than seven, those a week before are some of them.
    """
    if condition.base is not None and condition.base.name == "change":
        return (cast(Base, str(condition.base.args[1])),)
    return ("week", "previous") if grain in ("hour", "day") and days <= 7 else ("previous",)


def keep(ledger: Ledger, found: Behind, at: datetime) -> None:
    """Add a cause to the ledger, inside a transaction."""
    text = json.dumps(
        {
            "value": found.value,
            "severity": found.severity,
            "why": None if found.why is None else asdict(found.why),
        },
        ensure_ascii=False,
    )
    ledger.rows(
        "INSERT INTO alert_causes (episode, revision, at, period, found) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (found.episode, found.revision, at.isoformat(timespec="microseconds"), found.period, text),
    )


def summary(why: WhyAnswer | None, language: str) -> tuple[dict[str, object], ...]:
    """The causes as `looptop alerts --json` has them."""
    if why is None:
        return ()
    whole = why.sentences.get(language, why.sentence)
    return tuple(
        {
            "element": dict(each.element),
            "share": each.share,
            "sentence": each.sentences.get(language, whole),
        }
        for each in why.causes
    )
