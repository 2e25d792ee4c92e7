"""Numbers that changed after they were published: which days, by how much, and by which files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from engine import metrics
from engine.errors import UnknownName, UsageError
from engine.publish.changed_files import Days, HowChanged, holds, read
from engine.publish.published import equal, moment_of, number_of, text_of
from engine.questions import ChangesAnswer, ChangesQuery, NumberChange, Range

if TYPE_CHECKING:
    from engine.alerts import Ledger
    from engine.workspace.model import Workspace

REVISED_SINCE = timedelta(days=1)
"""How far back a tile's mark looks."""
_ANY = Range()
_ALWAYS = "9999"
"""After every moment that the ledger has as text."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What one version said of a day."""

    version: int
    value: float | None
    definition: str


@dataclass(frozen=True, slots=True)
class _File:
    file: str
    how: HowChanged
    days: Days


@dataclass(frozen=True, slots=True)
class _Versions:
    """Versions up to a moment of the console's clock: when each was published, and what that clock said."""

    at: Mapping[int, datetime]
    as_of: Mapping[int, datetime]

    @staticmethod
    def of(ledger: Ledger, until: datetime | None) -> _Versions:
        rows = ledger.rows(
            "SELECT n, at, as_of FROM published_versions WHERE as_of <= ? ORDER BY n",
            (text_of(until) if until else _ALWAYS,),
        )
        return _Versions(
            {int(str(n)): moment_of(at) for n, at, _ in rows},
            {int(str(n)): moment_of(as_of) for n, _, as_of in rows},
        )

    def base(self, since: datetime | None) -> int:
        """The last version before a moment; 0: none."""
        return max((n for n, at in self.at.items() if since is not None and at <= since), default=0)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a day's numbers are compared with, and what happened since."""

    base: int
    versions: _Versions
    files: Mapping[int, Sequence[_File]]
    timezone: str

    def change(self, day: date, said: Sequence[_Said]) -> NumberChange | None:
        """The day's change; None where it is the number that it was."""
        at = max((place for place, one in enumerate(said) if one.version <= self.base), default=0)
        before, after = said[at], said[-1]
        if equal(before.value, after.value):
            return None
        behind: dict[str, HowChanged] = {}
        causes: set[str] = set()
        for earlier, later in zip(said[at:], said[at + 1 :], strict=False):
            mine = _behind(self.files.get(later.version, ()), day)
            behind |= {one.file: one.how for one in mine}
            redefined = earlier.definition != later.definition
            causes |= {"definition"} if redefined else set()
            causes |= {"data"} if mine else set()
            causes |= {"beside"} if not mine and not redefined else set()
        ends = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(self.timezone))
        clock = self.versions.as_of[max(self.base, before.version)]
        return NumberChange(
            day,
            before.value,
            after.value,
            self.versions.at[after.version],
            tuple(behind),
            tuple(behind.values()),
            _cause(causes),
            clock < ends.astimezone(UTC).replace(tzinfo=None),
        )


def changes(
    ledger: Ledger, workspace: Workspace, query: ChangesQuery, until: datetime | None = None
) -> ChangesAnswer:
    """Days of a metric that are another number than when they were last published before `since`.

    A day of which nothing was published by then is compared with what was first published of it.
    In:  `until`: what was published later does not exist (a replay).
    Raises: UnknownName; UsageError for a metric whose days move with the clock: none of them are kept.
    """
    if query.metric not in workspace.metrics:
        raise UnknownName("metric", query.metric, workspace.metrics)
    if not metrics.is_dated(workspace, query.metric):
        raise UsageError(
            f'the days of "{query.metric}" move without new facts (it looks at other days or at the clock), '
            "so its published numbers are not kept; ask for what it is made of"
        )
    versions = _Versions.of(ledger, until)
    base = versions.base(query.since)
    look = _Look(base, versions, _files(ledger, base), workspace.console.timezone)
    days = _days(ledger, (query.metric,), versions, base)[query.metric]
    found = tuple(one for day, said in days.items() if (one := look.change(day, said)) is not None)
    return ChangesAnswer(
        query.metric,
        query.since,
        found,
        definition=metrics.definition_hash(workspace, query.metric),
        base_at=versions.at.get(base),
        unit=workspace.metrics[query.metric].unit,
    )


def revised(
    ledger: Ledger, workspace: Workspace, names: Collection[str], days: Range, wall: datetime
) -> dict[str, int]:
    """How many days of a range are another number than a day ago although they were over then, by metric."""
    versions = _Versions.of(ledger, None)
    base = versions.base(wall - REVISED_SINCE)
    look, out = _Look(base, versions, {}, workspace.console.timezone), {}
    for name, found in _days(ledger, names, versions, base, days).items():
        told = [look.change(day, said) for day, said in found.items()]
        count = sum(one is not None and not one.running for one in told)
        if count:
            out[name] = count
    return out


def _days(
    ledger: Ledger, names: Collection[str], versions: _Versions, base: int, days: Range = _ANY
) -> dict[str, dict[date, list[_Said]]]:
    """Of each day that a later version speaks of: what every version said, the oldest first."""
    marks = ", ".join("?" for _ in names)
    first, last = (days.first or date.min).isoformat(), (days.last or date.max).isoformat()
    rows = ledger.rows(
        "SELECT metric, day, version, value, definition FROM published_values v"  # noqa: S608 - marks for values
        f" WHERE metric IN ({marks}) AND day BETWEEN ? AND ? AND version <= ? AND EXISTS (SELECT 1"
        " FROM published_values w WHERE w.metric = v.metric AND w.day = v.day AND w.version > ?)"
        " ORDER BY day, version",
        (*names, first, last, max(versions.at, default=0), base),
    )
    out: dict[str, dict[date, list[_Said]]] = {name: defaultdict(list) for name in names}
    for metric, day, version, value, definition in rows:
        said = _Said(int(str(version)), number_of(value), str(definition))
        out[str(metric)][date.fromisoformat(str(day))].append(said)
    return out


def _files(ledger: Ledger, base: int) -> dict[int, list[_File]]:
    found: dict[int, list[_File]] = defaultdict(list)
    rows = ledger.rows(
        "SELECT version, file, change, days FROM published_files WHERE version > ? ORDER BY version, file",
        (base,),
    )
    for version, file, how, days in rows:
        found[int(str(version))].append(_File(str(file), _how(how), read(days)))
    return found


def _how(text: object) -> HowChanged:
    known: dict[str, HowChanged] = {"added": "added", "removed": "removed"}
    return known.get(str(text), "changed")


def _behind(files: Sequence[_File], day: date) -> list[_File]:
    """The files of a version with facts of a day; where none has, all: other days' facts move it."""
    return [one for one in files if holds(one.days, day)] or list(files)


def _cause(causes: Collection[str]) -> Literal["data", "definition", "both", "beside"]:
    if "definition" in causes:
        return "both" if "data" in causes else "definition"
    return "data" if "data" in causes else "beside"


def to_json(answer: ChangesAnswer) -> dict[str, Any]:
    """The JSON of `looptop changes`."""
    return {
        "metric": answer.metric,
        "since": answer.since,
        "base_at": answer.base_at,
        "definition": answer.definition,
        "watermark": answer.watermark,
        "changes": [
            {
                "day": one.day,
                "before": one.before,
                "after": one.after,
                "at": one.at,
                "files": one.files,
                "how": one.how,
                "cause": one.cause,
                "running": one.running,
            }
            for one in answer.changes
        ],
    }
