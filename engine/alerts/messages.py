"""From states and transitions to messages: grouped by rule and recipient, each thing told once.

Nothing is sent here: rows go to the outbox in the transaction that records why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.alerts.cases import SEVERITIES, Case, Flush, Key, message, recipients
from engine.alerts.records import Message, Told, labels_of
from engine.workspace.model import Rule, Workspace


def flush(
    workspace: Workspace, rule: Rule, cases: Sequence[Case], told: Sequence[Told], at: datetime
) -> Flush:
    """The messages of one rule after one evaluation.

    In:  every member that stands or changed; what recipients know so far; the moment of the evaluation.
    """
    known = {(each.episode, each.recipient, each.channel): each for each in told}
    groups: dict[tuple[Key, str], list[Case]] = {}
    for case in cases:
        for target in recipients(workspace, rule, case.member, rule.notify):
            groups.setdefault((target, _group(rule, case.member)), []).append(case)
    messages: list[Message] = []
    changed: dict[tuple[str, str, str], Told] = {}
    finished: list[tuple[str, str, str]] = []
    for (target, label), members in groups.items():
        group = _Group(rule, target, label, members, known, at=at)
        group.run()
        messages += group.messages
        changed |= group.changed
        finished += group.finished
    for case in cases:
        messages += _timed(workspace, rule, case, {**known, **changed}, at, changed=changed)
    return Flush(tuple(messages), tuple(changed.values()), tuple(finished))


def _group(rule: Rule, member: str) -> str:
    labels = labels_of(member)
    return json.dumps([labels.get(dimension) for dimension in rule.group_by if dimension != "rule"])


def _again(case: Case, told: Told) -> bool:
    """Withdrawn and back, or still on at the end of a silence."""
    return told.revision < 0 or (case.unsilenced is not None and told.last_at < case.unsilenced)


class _Group:
    """One (rule, recipient): what to say about its members now."""

    def __init__(
        self,
        rule: Rule,
        target: Key,
        label: str,
        cases: Sequence[Case],
        known: Mapping[tuple[str, str, str], Told],
        *,
        at: datetime,
    ) -> None:
        self.rule, self.target, self.label, self.cases, self.at = rule, target, label, cases, at
        self.known = known
        self.messages: list[Message] = []
        self.changed: dict[tuple[str, str, str], Told] = {}
        self.finished: list[tuple[str, str, str]] = []

    def run(self) -> None:
        """Retractions and missing data at once, new and worse alerts, and the end when all is over."""
        self._withdraw()
        self._missing()
        self._fire()
        self._worse()
        self._end()

    def _told(self, episode: str | None) -> Told | None:
        key = (episode or "", *self.target)
        return self.changed.get(key) or self.known.get(key)

    def _note(self, told: Told) -> None:
        self.changed[(told.episode, *self.target)] = told

    def _fire(self) -> None:
        fresh = []
        for case in self.cases:
            told = self._told(case.episode)
            if case.firing and case.episode and not case.silenced and (told is None or _again(case, told)):
                fresh.append(case)
        if not fresh:
            return
        for case in fresh:
            told = self._told(case.episode)
            revision = 0 if told is None else (told.revision + 1 if told.revision >= 0 else -told.revision)
            since = told.told_at if told is not None and told.revision >= 0 else self.at
            escalated = told.escalated if told is not None and told.revision >= 0 else 0
            self._note(
                Told(
                    case.episode or "",
                    self.rule.name,
                    case.member,
                    *self.target,
                    case.severity,
                    since,
                    self.at,
                    escalated=escalated,
                    revision=revision,
                )
            )
        self._say(
            "firing", fresh, len([case for case in self.cases if case.episode and self._told(case.episode)])
        )

    def _worse(self) -> None:
        worse = []
        for case in self.cases:
            told = self._told(case.episode)
            if told is None or not case.firing or told.severity == case.severity:
                continue
            if SEVERITIES.index(case.severity) < SEVERITIES.index(told.severity):
                if case.silenced:
                    continue
                worse.append(case)
            self._note(replace(told, severity=case.severity, revision=told.revision + 1, last_at=self.at))
        if worse:
            self._say("severity_up", worse, len([case for case in self.cases if case.episode]))

    def _end(self) -> None:
        open_ = any(case.episode and self._told(case.episode) for case in self.cases)
        over: list[tuple[Case, Told]] = []
        for case in self.cases:
            for episode in (each for each in case.ended if self._told(each)):
                told = self._told(episode)
                assert told is not None
                if case.silenced:
                    self.finished.append((episode, *self.target))
                else:
                    over.append((case, replace(told, closing=True)))
            for episode in case.dropped:
                self.finished.append((episode, *self.target))
            current = self._told(case.episode)
            if current is not None and current.closing:
                self._note(replace(current, closing=False))
        waiting = [told for key, told in self.known.items() if self._waits(key, told, over)]
        if open_:
            for _, told in over:
                self._note(told)
        elif over:
            episodes = [told.episode for _, told in over] + [told.episode for told in waiting]
            members = len({case.member for case, _ in over}) + len(waiting)
            self._say("resolved", [case for case, _ in over], members, episodes)
            for told in [told for _, told in over] + waiting:
                self._note(replace(told, closing=False, revision=told.revision + 1))

    def _waits(self, key: tuple[str, str, str], told: Told, over: Sequence[tuple[Case, Told]]) -> bool:
        running = {case.episode for case in self.cases}
        ending = {told.episode for _, told in over}
        same = key[1:] == self.target and _group(self.rule, told.member) == self.label
        return same and told.closing and told.episode not in running | ending

    def _withdraw(self) -> None:
        for case in self.cases:
            gone = [each for each in case.retracted if (told := self._told(each)) and told.revision >= 0]
            if gone:
                if not case.silenced:
                    self._say("retracted", [case], len(gone), gone)
                for episode in gone:
                    told = self._told(episode)
                    assert told is not None
                    self._note(replace(told, revision=-told.revision - 1, closing=False))

    def _missing(self) -> None:
        lost = [case for case in self.cases if case.nodata and not case.silenced]
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
        self.messages.append(
            message(
                self.rule,
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


def _timed(
    workspace: Workspace,
    rule: Rule,
    case: Case,
    known: Mapping[tuple[str, str, str], Told],
    at: datetime,
    *,
    changed: dict[tuple[str, str, str], Told],
) -> list[Message]:
    """Escalations and reminders that are due: until somebody acks, counted from the first message."""
    if not case.firing or case.acked or case.silenced or case.episode is None:
        return []
    out = []
    mine = [told for key, told in known.items() if key[0] == case.episode and told.revision >= 0]
    if not mine:
        return []
    first = min(mine, key=lambda told: told.told_at)
    done = max(told.escalated for told in mine)
    for step, (minutes, names) in enumerate(rule.escalation[done:], done + 1):
        if at < first.told_at + timedelta(minutes=minutes):
            break
        for target in recipients(workspace, rule, case.member, names):
            out.append(
                message(
                    rule,
                    "escalation",
                    target,
                    [case],
                    [case.episode],
                    new=1,
                    total=1,
                    at=at,
                    revision=f"e{step}",
                )
            )
        first = replace(first, escalated=step)
        changed[(first.episode, first.recipient, first.channel)] = first
    if rule.repeat_every > 0:
        for told in mine:
            if at >= told.last_at + timedelta(minutes=rule.repeat_every):
                target = (told.recipient, told.channel)
                out.append(
                    message(
                        rule,
                        "reminder",
                        target,
                        [case],
                        [case.episode],
                        new=1,
                        total=1,
                        at=at,
                        revision=at.isoformat(),
                    )
                )
                key = (told.episode, *target)
                changed[key] = replace(changed.get(key, told), last_at=at)
    return out
