"""From states and transitions to messages: grouped by rule and recipient, each thing told once.

Nothing is sent here: rows go to the outbox in the transaction that records why. An incident is one group:
a member that fires together with its total is told with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice

from engine.alerts.kept.records import Message, Told
from engine.alerts.telling.cases import SEVERITIES, Case, Flush, Home, Key, first_told, message, recipients
from engine.alerts.telling.escalation import escalate
from engine.alerts.telling.groups import Group, group_label, group_of
from engine.workspace.model import Workspace

_DAY = 24 * 60
_TITLED = ("firing", "severity_up", "reminder")
"""Messages about members that name the total of their incident first."""
_SPELL = "flapping:"
"""What a recipient knows of a spell of flapping stands under this and its first episode."""

Who = tuple[str, str, str]
"""(episode, recipient, channel)."""


def flush(
    workspace: Workspace,
    cases: Sequence[Case],
    told: Sequence[Told],
    at: datetime,
    homes: Mapping[str, Home] | None = None,
) -> Flush:
    """The messages of one evaluation.

    In:  every member that stands or changed, of all rules that tell anybody; what recipients know so far;
         the moment; rule and member of the total whose incident an episode belongs to, by episode.
    """
    known = {(each.episode, each.recipient, each.channel): each for each in told}
    groups: dict[tuple[Key, Group], list[Case]] = {}
    for case in cases:
        for target in recipients(workspace, case.rule, case.member, first_told(case.rule)):
            groups.setdefault((target, group_of(workspace, case)), []).append(case)
    waiting = _Waiting(workspace, told, homes or {})
    messages: list[Message] = []
    changed: dict[Who, Told] = {}
    finished: list[Who] = []
    for at_home, members in groups.items():
        group = _Group(at_home, members, known, waiting, at=at)
        group.run()
        messages += group.messages
        changed |= group.changed
        finished += group.finished
    more = escalate(workspace, cases, {**known, **changed}, at)
    changed |= {(each.episode, each.recipient, each.channel): each for each in more.told}
    finished += [*more.finished, *_spells_over(cases, told)]
    return Flush((*messages, *more.messages), tuple(changed.values()), tuple(finished))


@dataclass(frozen=True)
class _Waiting:
    """Episodes that ended while others of their group go on.

    Of a rule that always fires somewhere they are many, and only a group that is all over asks for them.
    """

    workspace: Workspace
    told: Sequence[Told]
    homes: Mapping[str, Home]

    @cached_property
    def groups(self) -> Mapping[tuple[Key, Group], Sequence[Told]]:
        """By recipient and group."""
        out: dict[tuple[Key, Group], list[Told]] = {}
        for row in self.told:
            if row.closing:
                out.setdefault(((row.recipient, row.channel), self._group(row)), []).append(row)
        return out

    def _group(self, row: Told) -> Group:
        name, member = self.homes.get(row.episode) or (row.rule, row.member)
        rule = self.workspace.rules.get(name)
        return group_label(rule, member, row.severity) if rule is not None else (name,)


def _spells_over(cases: Iterable[Case], told: Iterable[Told]) -> list[Who]:
    """What people know of spells of flapping that are over."""
    now = {(case.rule.name, case.member): f"{_SPELL}{case.flapping}" for case in cases}
    return [
        (each.episode, each.recipient, each.channel)
        for each in told
        if each.episode.startswith(_SPELL) and now.get((each.rule, each.member), each.episode) != each.episode
    ]


def wait(minutes: int, reminded: int) -> timedelta:
    """How long until the next reminder: twice as long each time, up to a day.

    >>> [wait(60, n).total_seconds() / 3600 for n in (0, 1, 4, 5, 50)]
    [1.0, 2.0, 16.0, 24.0, 24.0]
    """
    return timedelta(minutes=min(minutes * 2 ** min(reminded, 12), max(minutes, _DAY)))


class _Group:
    """One recipient and one rule or incident: what to say about its members now."""

    def __init__(
        self,
        at_home: tuple[Key, Group],
        cases: Sequence[Case],
        known: Mapping[Who, Told],
        waiting: _Waiting,
        *,
        at: datetime,
    ) -> None:
        self.target, self.at, self.known = at_home[0], at, known
        self.cases = sorted(cases, key=lambda each: (each.home is not None, -each.impact, each.member))
        self.at_home, self.waiting = at_home, waiting
        self.messages: list[Message] = []
        self.changed: dict[Who, Told] = {}
        self.finished: list[Who] = []

    def run(self) -> None:
        """Retractions and missing data at once, new and worse alerts, and the end when all is over."""
        self._withdraw()
        self._missing()
        self._flap()
        self._fire()
        self._worse()
        self._remind()
        self._end()

    def _told(self, episode: str | None) -> Told | None:
        key = (episode or "", *self.target)
        return self.changed.get(key) or self.known.get(key)

    def _note(self, told: Told) -> None:
        self.changed[(told.episode, *self.target)] = told

    def _first(self, case: Case, name: str) -> Told:
        return Told(name, case.rule.name, case.member, *self.target, case.severity, self.at, self.at)

    def _again(self, case: Case, told: Told) -> bool:
        """Withdrawn and back, or still on after it was kept quiet."""
        return told.revision < 0 or (case.unsilenced is not None and told.last_at < case.unsilenced)

    def _flap(self) -> None:
        """A member that comes and goes: said once, then only when it gets worse."""
        fresh, worse = [], []
        for case in self.cases:
            if not case.flapping or not case.firing or case.muted:
                continue
            name = f"{_SPELL}{case.flapping}"
            told = self._told(name)
            if told is None:
                fresh.append(case)
                self._note(self._first(case, name))
            elif _rank(case.severity) < _rank(told.severity):
                worse.append(case)
                self._note(replace(told, severity=case.severity, last_at=self.at))
        if fresh:
            self._say("flapping", fresh, len(fresh))
        if worse:
            self._say("severity_up", worse, len(worse), salt="flapping")

    def _fire(self) -> None:
        fresh = []
        for case in self.cases:
            told = self._told(case.episode)
            if not case.firing or not case.episode or case.muted or case.flapping:
                continue
            if told is None or self._again(case, told):
                fresh.append(case)
        for case in fresh:
            told, first = self._told(case.episode), self._first(case, case.episode or "")
            if told is not None and told.revision >= 0:
                first = replace(
                    first, told_at=told.told_at, escalated=told.escalated, revision=told.revision + 1
                )
            elif told is not None:
                first = replace(first, revision=-told.revision)
            self._note(first)
        if fresh:
            told_of = [case for case in self.cases if case.episode and self._told(case.episode)]
            self._say("firing", fresh, len(told_of))

    def _worse(self) -> None:
        worse = []
        for case in self.cases:
            told = self._told(case.episode)
            if told is None or not case.firing or told.severity == case.severity or case.flapping:
                continue
            if _rank(case.severity) < _rank(told.severity):
                if case.muted:
                    continue
                worse.append(case)
            self._note(
                replace(told, severity=case.severity, revision=told.revision + 1, last_at=self.at, reminded=0)
            )
        if worse:
            self._say("severity_up", worse, len([case for case in self.cases if case.episode]))

    def _remind(self) -> None:
        due = []
        for case in self.cases:
            told = self._told(case.episode)
            if told is None or told.revision < 0 or not case.speaks or not case.rule.repeat_every:
                continue
            since = max(filter(None, (told.last_at, case.unacked)))
            if self.at >= since + wait(case.rule.repeat_every, told.reminded):
                due.append(case)
                self._note(replace(told, last_at=self.at, reminded=told.reminded + 1))
        if due:
            salt = max(told.reminded for case in due if (told := self._told(case.episode)))
            open_ = [case for case in self.cases if case.firing and self._told(case.episode)]
            self._say("reminder", due, len(open_), salt=f"r{salt}")

    def _end(self) -> None:
        open_ = any(case.episode and self._told(case.episode) for case in self.cases)
        over: list[tuple[Case, Told]] = []
        for case in self.cases:
            for episode in case.ended:
                told = self._told(episode)
                if told is not None and (case.muted or case.flapping):
                    self.finished.append((episode, *self.target))
                elif told is not None:
                    over.append((case, replace(told, closing=True)))
            for episode in case.dropped:
                self.finished.append((episode, *self.target))
            current = self._told(case.episode)
            if current is not None and current.closing:
                self._note(replace(current, closing=False))
        if open_:
            for _, told in over:
                self._note(told)
        elif over:
            gone = {case.episode for case in self.cases} | {told.episode for _, told in over}
            waiting = [t for t in self.waiting.groups.get(self.at_home, ()) if t.episode not in gone]
            episodes = [told.episode for _, told in over] + [told.episode for told in waiting]
            members = len({(told.rule, told.member) for told in (*(told for _, told in over), *waiting)})
            self._say("resolved", [case for case, _ in over], members, episodes)
            for told in [told for _, told in over] + waiting:
                self._note(replace(told, closing=False, revision=told.revision + 1))

    def _withdraw(self) -> None:
        gone: list[tuple[Case, Told]] = []
        for case in self.cases:
            found = (self._told(each) for each in case.retracted)
            gone += [(case, told) for told in found if told is not None and told.revision >= 0]
        said = [(case, told) for case, told in gone if not case.muted and not case.flapping]
        if said:
            cases = [case for case in self.cases if any(case is each for each, _ in said)]
            self._say("retracted", cases, len(said), [told.episode for _, told in said])
        for _, told in gone:
            self._note(replace(told, revision=-told.revision - 1, closing=False))

    def _missing(self) -> None:
        lost = [case for case in self.cases if case.nodata and not case.muted and not case.flapping]
        if lost:
            self._say("nodata", lost, len(lost), salt=str(lost[0].nodata))

    def _say(
        self,
        kind: str,
        cases: Sequence[Case],
        total: int,
        episodes: Sequence[str] | None = None,
        salt: str = "",
    ) -> None:
        named = list(episodes) if episodes is not None else [case.episode for case in cases if case.episode]
        revision = max((abs(told.revision) for each in named if (told := self._told(each))), default=0)
        new = total if kind == "resolved" else len(cases)
        if kind in _TITLED and all(case.home for case in cases):
            head = (case for case in self.cases if case.home is None and case.episode)
            cases = [*islice(head, 1), *cases]
        rule = next((case.rule for case in cases if case.home is None), cases[0].rule)
        self.messages.append(
            message(
                rule,
                kind,
                self.target,
                cases,
                named,
                new=new,
                total=total,
                at=self.at,
                revision=f"{revision}{salt}",
            )
        )


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity)
