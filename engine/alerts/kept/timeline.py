"""Recorded history against replay: what is new, what moved, what never happened."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.alerts.judging.machine import Step
from engine.alerts.judging.replay import Replay
from engine.alerts.kept.records import Recorded

_RUN_ENDS = ("cancelled", "resolved")
_NODATA = ("nodata", "data_back")


@dataclass(frozen=True, slots=True)
class Entry:
    """A transition in the words of the ledger; `shown` False: in force, but never told to anybody."""

    position: int
    period: str
    event: str
    severity: str | None
    reason: str | None
    partial: bool
    active_at: str | None
    episode: str | None
    late: bool = False
    shown: bool = True

    @property
    def in_force(self) -> bool:
        """Whether replay would say it again; ends that replay does not know are said once."""
        return self.event != "retracted" and self.reason != "rule_changed"

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it the same transition when it is judged again."""
        return (
            self.period,
            self.event,
            self.severity,
            self.reason,
            self.partial,
            self.active_at,
            self.episode,
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """What a member's history gains and loses.

    `superseded`: rows that are no longer in force, with whether the history still shows them.
    `retracted`: episodes that the corrected data does not have.
    """

    added: tuple[Entry, ...] = ()
    superseded: tuple[tuple[int, bool], ...] = ()
    retracted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.superseded)


@dataclass(frozen=True, slots=True)
class _Episode:
    id: str
    first: int
    last: int
    """Beyond every period while it runs."""


_OPEN = 1 << 30


def episode_id(rule: str, member: str, active_at: str) -> str:
    """Stable name of an episode.

    >>> episode_id("r", "{}", "2026-03-02")
    'e_5203d95b6b75b042'
    """
    return "e_" + hashlib.sha256(f"{rule}\0{member}\0{active_at}".encode()).hexdigest()[:16]


def entries(
    rule: str,
    member: str,
    labels: Sequence[str],
    levels: Sequence[str],
    found: Replay,
    *,
    recorded: Sequence[Recorded],
) -> tuple[Entry, ...]:
    """The replayed steps as entries; an episode that overlaps a recorded one keeps its id.

    In:  period labels by position, severities by level.
    """
    index = {label: position for position, label in enumerate(labels)}
    names = _names(rule, member, labels, found.steps, _recorded_episodes(recorded, index))
    out = []
    for step in found.steps:
        episodic = step.active is not None and step.event not in ("pending", "cancelled")
        out.append(
            Entry(
                position=step.position,
                period=labels[step.position],
                event=step.event,
                severity=None if step.level is None else levels[step.level],
                reason=step.reason,
                partial=step.partial,
                active_at=None if step.active is None else labels[step.active],
                episode=names[step.active] if episodic and step.active is not None else None,
            )
        )
    return tuple(out)


def _names(
    rule: str, member: str, labels: Sequence[str], steps: Sequence[Step], known: Sequence[_Episode]
) -> dict[int, str]:
    """First breaching period of each replayed episode → its id: same start first, then overlap, then new."""
    spans: dict[int, int] = {}
    for step in steps:
        if step.active is None or step.event in ("pending", "cancelled"):
            continue
        spans[step.active] = step.position if step.event == "resolved" else _OPEN
    names = {first: old.id for first in spans for old in known if old.first == first}
    taken = set(names.values())
    for first, last in spans.items():
        overlap = next((o for o in known if o.id not in taken and o.first <= last and first <= o.last), None)
        if first not in names:
            names[first] = overlap.id if overlap else _new_name(rule, member, labels[first], taken)
            taken.add(names[first])
    return names


def _new_name(rule: str, member: str, active_at: str, taken: set[str]) -> str:
    name = episode_id(rule, member, active_at)
    while name in taken:
        name = episode_id(rule, member, name)
    return name


def _recorded_episodes(recorded: Sequence[Recorded], index: Mapping[str, int]) -> list[_Episode]:
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    newest = max(index, default="")
    for row in recorded:
        if row.episode is None or row.active_at is None or row.active_at > newest:
            continue
        first[row.episode] = index.get(row.active_at, -1)
        last[row.episode] = index.get(row.period, -1) if row.event == "resolved" else _OPEN
    return [_Episode(each, first[each], last[each]) for each in first]


def compare(
    recorded: Sequence[Recorded], replayed: Sequence[Entry], labels: Sequence[str], complete: int
) -> Difference:
    """What replay adds to the recorded rows in force, and which of them it does not confirm.

    In:  rows and entries of one member, labels of the axis, and how many of its periods are complete.
         Rows of periods before the axis stay as they are, and so do those that were complete and by a clock
         that was set back are not any more: nobody corrected them.
    """
    known = {label: position for position, label in enumerate(labels)}
    inside = [
        row for row in recorded if row.period in known and (row.partial or known[row.period] < complete)
    ]
    old = Counter(_key(row) for row in inside)
    late = _late(replayed, old, {row.episode for row in inside if row.episode})
    added = []
    for position, entry in enumerate(replayed):
        if old[entry.key] > 0:
            old[entry.key] -= 1
        else:
            added.append(replace(entry, late=position in late))
    gone: list[Recorded] = []
    for row in reversed(inside):
        if old[_key(row)] > 0:
            old[_key(row)] -= 1
            gone.append(row)
    kept = {entry.episode for entry in replayed}
    lost = {row.episode: row for row in gone if row.episode and row.episode not in kept}
    added += [_retraction(row, known[row.period]) for row in lost.values()]
    superseded = tuple((row.n, row.episode in lost or row.event in _NODATA) for row in gone)
    return Difference(tuple(added), superseded, tuple(str(each) for each in lost))


def _retraction(row: Recorded, position: int) -> Entry:
    return Entry(
        position,
        row.period,
        "retracted",
        row.severity,
        "data_corrected",
        row.partial,
        row.active_at,
        row.episode,
    )


def _key(row: Recorded) -> tuple[object, ...]:
    return (row.period, row.event, row.severity, row.reason, row.partial, row.active_at, row.episode)


def _late(replayed: Sequence[Entry], old: Counter[tuple[object, ...]], known: set[str]) -> set[int]:
    """Positions of entries whose whole run is over and of which nothing was recorded before."""
    late: set[int] = set()
    run: list[int] = []
    for position, entry in enumerate(replayed):
        if entry.event in _NODATA:
            continue
        run.append(position)
        if entry.event in _RUN_ENDS:
            if not any(old[replayed[each].key] or replayed[each].episode in known for each in run):
                late.update(run)
            run = []
    told = [position for position, entry in enumerate(replayed) if entry.event in _NODATA]
    for position, following in pairwise(told):
        if replayed[position].event == "nodata" and not old[replayed[position].key]:
            late.update((position, following))
    return late


def rule_changed(
    recorded: Sequence[Recorded], replayed: Sequence[Entry], active: bool, judged: str, position: int
) -> Difference:
    """A rule that was edited starts a new timeline: the old one stays in the history as it was.

    In:  `active`: the new rule's episode runs now. An episode of the old rule that runs on keeps its id.
    """
    last = next((row for row in reversed(recorded) if row.episode is not None), None)
    running = last is not None and last.event != "resolved"
    superseded = tuple((row.n, True) for row in recorded)
    added = [replace(entry, shown=False) for entry in replayed]
    if active:
        current = next(entry.episode for entry in reversed(replayed) if entry.episode)
        if running and last is not None:
            added = [replace(e, episode=_kept_name(e.episode, current, last.episode)) for e in added]
        else:
            added = [replace(e, shown=e.episode == current) for e in added]
    elif running and last is not None:
        added.append(
            Entry(
                position,
                judged,
                "resolved",
                last.severity,
                "rule_changed",
                False,
                last.active_at,
                last.episode,
            )
        )
    return Difference(tuple(added), superseded)


def _kept_name(episode: str | None, current: str | None, old: str | None) -> str | None:
    if episode == current:
        return old
    return f"{episode}_" if episode is not None and episode == old else episode
