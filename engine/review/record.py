"""The record of rules: how often they were right, how fast, how loud.

Source: reference alerts.md section 2.8.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from engine.alerts import Ledger
from engine.alerts.reading.periods import Grain, end_of
from engine.questions import OwnerLoad, RuleReview
from engine.review.episodes import Past, told
from engine.review.labels import Said, missed
from engine.review.precision import RIGHT, precision
from engine.workspace.hours import at_work
from engine.workspace.model import Workspace

WEEK = timedelta(days=7)


def record(
    workspace: Workspace, ledger: Ledger, pasts: Iterable[Past], labels: Mapping[str, Said]
) -> tuple[RuleReview, ...]:
    """A line per rule, by name: those of the workspace, and others that have episodes.

    In:  every episode; the labels in force.
    """
    of: dict[str, list[Past]] = {name: [] for name, rule in workspace.rules.items() if not rule.builtin}
    for each in pasts:
        if not each.gone:
            of.setdefault(each.rule, []).append(each)
    fired, lost = told(ledger), Counter(each.rule for each in missed(ledger))
    sent = {
        str(rule): int(str(count))
        for rule, count in ledger.rows("SELECT rule, count(*) FROM outbox GROUP BY rule")
    }
    return tuple(
        _line(workspace, name, of[name], labels, fired, lost=lost[name], messages=sent.get(name, 0))
        for name in sorted(of)
    )


def _line(
    workspace: Workspace,
    name: str,
    mine: Sequence[Past],
    labels: Mapping[str, Said],
    fired: Mapping[str, datetime],
    *,
    lost: int,
    messages: int,
) -> RuleReview:
    said = [labels[each.id].label for each in mine if each.id in labels]
    reviewed, share, low, high = precision(said)
    closed = [each for each in mine if each.closed]
    right = sum(label in RIGHT for label in said)
    rule = workspace.rules.get(name)
    times = _times(mine, fired, rule.grain, workspace.console.timezone) if rule is not None else ([], [])
    found, calmed = times
    return RuleReview(
        rule=name,
        episodes=len(mine),
        reviewed=reviewed,
        coverage=sum(each.id in labels for each in closed) / len(closed) if closed else None,
        precision=share,
        low=low,
        high=high,
        recall=right / (right + lost) if lost else None,
        detection_hours=median(found) if found else None,
        reset_hours=median(calmed) if calmed else None,
        messages=messages,
    )


def _times(
    mine: Iterable[Past], fired: Mapping[str, datetime], grain: Grain, timezone: str
) -> tuple[list[float], list[float]]:
    """Hours from the end of the first breaching period to the message, and from calm to the end."""
    found, calmed = [], []
    for each in mine:
        if each.late:
            continue
        if each.id in fired:
            found.append(_hours(end_of(grain, each.active_at, timezone), fired[each.id]))
        if each.calm and each.resolved_at and each.reason is None:
            calmed.append(_hours(end_of(grain, each.calm, timezone), each.resolved_at))
    return found, calmed


def _hours(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() / 3600)


def load(
    workspace: Workspace, ledger: Ledger, until: datetime, length: timedelta = WEEK
) -> tuple[OwnerLoad, ...]:
    """Messages of the week up to a moment by recipient, the loudest first."""
    every, outside = Counter[str](), Counter[str]()
    rows = ledger.rows(
        "SELECT recipients, created_at FROM outbox WHERE created_at > ? AND created_at <= ?"
        " AND kind <> 'digest'",
        tuple(each.isoformat(timespec="microseconds") for each in (until - length, until)),
    )
    for recipients, at in rows:
        for name in json.loads(str(recipients)):
            person = workspace.people.get(name)
            hours = person.hours if person else None
            every[name] += 1
            moment = datetime.fromisoformat(str(at))
            outside[name] += not at_work(hours, workspace.console.timezone, moment)
    return tuple(
        OwnerLoad(name, count, outside[name])
        for name, count in sorted(every.items(), key=lambda one: (-one[1], one[0]))
    )
