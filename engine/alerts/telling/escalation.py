"""Who is told when nobody takes an alert: step by step, in the owner's working hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from engine.alerts.kept.records import Told
from engine.alerts.telling.cases import Case, Flush, Key, first_told, message, owner, recipients
from engine.alerts.telling.groups import Group, group_of
from engine.workspace.hours import worked
from engine.workspace.model import Rule, Workspace

NOBODY: Key = ("", "")
"""How far an episode's escalation has come stands beside what its recipients know."""


def steps(rule: Rule) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """(minutes of working time, who) of every step, the list over again as often as `loops` says.

    A step at once is no escalation: who stands there is told with the rest. The list starts again as long
    after its last step as that comes after the one before.
    """
    listed = rule.escalation
    if not listed:
        return ()
    last = listed[-1][0]
    gap = last - listed[-2][0] if len(listed) > 1 else last
    again = max(last - listed[0][0] + gap, 1)
    return tuple(
        (minutes + loop * again, names)
        for loop in range(rule.loops + 1)
        for minutes, names in listed
        if minutes or loop
    )


def escalate(
    workspace: Workspace, cases: Sequence[Case], known: Mapping[tuple[str, str, str], Told], at: datetime
) -> Flush:
    """The steps that are due now.

    In:  what recipients know after this evaluation; counted from the first message, from the end of an ack
         that is over, or from the end of a silence.
    """
    due: dict[tuple[Group, int, Key], list[Case]] = {}
    changed: list[Told] = []
    over = [
        (episode, *NOBODY)
        for case in cases
        for episode in (*case.ended, *case.dropped, *case.retracted)
        if (episode, *NOBODY) in known
    ]
    climbing = {case.episode for case in cases if case.speaks and steps(case.rule)}
    first: dict[str, list[Told]] = {}
    for told in known.values() if climbing else ():
        if told.revision >= 0 and told.episode in climbing:
            first.setdefault(told.episode, []).append(told)
    for case in cases:
        if not case.speaks or case.episode is None or not steps(case.rule):
            continue
        mine = first.get(case.episode, [])
        if not mine and first_told(case.rule):
            continue
        begun = min((told.told_at for told in mine), default=at)
        done = max((told.escalated for told in mine), default=0)
        since = max(filter(None, (begun, case.unacked, case.unsilenced)))
        reached = _reached(workspace, case, since, at)
        for step, (_, names) in enumerate(steps(case.rule)[done:reached], done + 1):
            for target in recipients(workspace, case.rule, case.member, names):
                due.setdefault((group_of(workspace, case), step, target), []).append(case)
        here = Told(case.episode, case.rule.name, case.member, *NOBODY, case.severity, begun, at)
        here = next((told for told in mine if told.recipient == ""), here)
        if (case.episode, *NOBODY) not in known or reached > done:
            changed.append(replace(here, escalated=max(done, reached), last_at=at))
    messages = tuple(
        message(
            next((case.rule for case in members if case.home is None), members[0].rule),
            "escalation",
            target,
            members,
            [case.episode for case in members if case.episode],
            new=len(members),
            total=len(members),
            at=at,
            revision=f"e{step}",
        )
        for (_, step, target), members in due.items()
    )
    return Flush(messages, tuple(changed), tuple(over))


def _reached(workspace: Workspace, case: Case, since: datetime, at: datetime) -> int:
    """How many steps are due."""
    person = workspace.people.get(owner(case.rule, case.member) or "")
    time = worked(person.hours if person else None, workspace.console.timezone, since, at)
    return sum(time.total_seconds() >= minutes * 60 for minutes, _ in steps(case.rule))
