"""Who is told of what: one member's news, its recipients, and a message as the outbox takes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.alerts.kept.records import Message, Told, labels_of
from engine.alerts.telling.sentences import Story, happened, title
from engine.metrics.saying import word
from engine.workspace.model import Rule, Workspace

SEVERITIES = ("critical", "warning", "info")
"""Worst first."""


Key = tuple[str, str]
"""(person or notify, channel)."""
Home = tuple[str, str]
"""Rule and member of a total."""


@dataclass(frozen=True, slots=True)
class Case:
    """What happened to one member in this evaluation, and how it stands.

    `episode` runs now (None: none does) at `severity`; `ended`: episodes resolved just now;
    `retracted`: withdrawn just now; `nodata`: period of a no-data transition just recorded.
    """

    rule: Rule
    member: str
    episode: str | None
    firing: bool
    severity: str
    muted: bool
    """Silenced, or explained by an alert about its source."""
    acked: bool
    """Somebody has it, or its total."""
    text: Mapping[str, str]
    ended: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    """Episodes that ended because the rule changed: nobody is told."""
    retracted: tuple[str, ...] = ()
    nodata: str | None = None
    unsilenced: datetime | None = None
    """When it was last kept quiet and no longer is."""
    story: Story | None = None
    """What a message tells of it beside `text`."""
    unacked: datetime | None = None
    """When the last ack that is over ended."""
    flapping: str | None = None
    """The episode with which it began to come and go too often."""
    home: Home | None = None
    """The total whose incident it belongs to; None: its own."""
    cause: Mapping[str, str] = field(default_factory=dict)
    """What was found behind it, by language."""
    share: float | None = None
    """Its part of what happened to its total."""
    impact: float = 0.0
    """How far the value is from what was expected, in its unit."""

    @property
    def episodes(self) -> tuple[str, ...]:
        """All that it tells of."""
        return (*self.ended, *self.dropped, *self.retracted, *((self.episode,) if self.episode else ()))

    @property
    def speaks(self) -> bool:
        """Whether people wait for somebody to take it."""
        return self.firing and not self.acked and not self.muted and not self.flapping

    @property
    def settled(self) -> Case:
        """The same when nothing new happens to it."""
        return replace(self, ended=(), dropped=(), retracted=(), nodata=None)


@dataclass(frozen=True, slots=True)
class Flush:
    """What a flush leaves: messages to queue, what recipients now know, what is closed for good."""

    messages: tuple[Message, ...]
    told: tuple[Told, ...]
    finished: tuple[tuple[str, str, str], ...]


def owner(rule: Rule, member: str) -> str | None:
    """The owner of a member: by any of its label values, else the rule's."""
    for value in labels_of(member).values() if rule.owners else ():
        if value is not None and value in rule.owners:
            return rule.owners[value]
    return rule.owner


def recipients(workspace: Workspace, rule: Rule, member: str, names: Sequence[str]) -> tuple[Key, ...]:
    """(person or notify, channel) for each name of `notify`; a person without channels has the channel ""."""
    out: dict[Key, None] = {}
    for name in names:
        who = owner(rule, member) if name == "owner" else name
        if who is None:
            continue
        person = workspace.people.get(who)
        for channel in (person.notify or ("",)) if person else (who,):
            out.setdefault((who, channel))
    return tuple(out)


def first_told(rule: Rule) -> tuple[str, ...]:
    """Who hears of an alert at once: `notify`, and the steps of the escalation without delay."""
    at_once = [name for minutes, names in rule.escalation if not minutes for name in names]
    return tuple(dict.fromkeys((*rule.notify, *at_once)))


def message(
    rule: Rule,
    kind: str,
    target: Key,
    cases: Sequence[Case],
    episodes: Sequence[str],
    *,
    new: int,
    total: int,
    at: datetime,
    revision: str,
) -> Message:
    """A queued message; equal content has an equal key, and the outbox takes a key once."""
    severity = min((case.severity for case in cases), key=SEVERITIES.index, default=None)
    members = [case.member for case in cases]
    parts = [
        rule.name,
        sorted(episodes),
        sorted(members) if not episodes else [],
        kind,
        severity,
        *target,
        revision,
    ]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
    return Message(
        key,
        kind,
        rule.name,
        tuple(episodes),
        new,
        total,
        (target[0],),
        target[1] or None,
        severity,
        payload(rule, kind, severity, cases, new=new, total=total),
        at,
    )


TOP = 5
"""So many members of a group are told one by one."""
_KINDS = {
    "firing": {"en": "Alert", "zh": "预警"},
    "severity_up": {"en": "Worse", "zh": "加重"},
    "resolved": {"en": "Resolved", "zh": "已恢复"},
    "retracted": {"en": "Withdrawn", "zh": "已撤回"},
    "nodata": {"en": "No data", "zh": "无数据"},
    "reminder": {"en": "Still firing", "zh": "仍在预警"},
    "escalation": {"en": "Escalated", "zh": "升级"},
    "flapping": {"en": "Flapping", "zh": "反复"},
    "digest": {"en": "Digest", "zh": "汇总"},
}
_SEVERITY = {
    "critical": {"en": "critical", "zh": "严重"},
    "warning": {"en": "warning", "zh": "警告"},
    "info": {"en": "info", "zh": "提示"},
}


def payload(
    rule: Rule, kind: str, severity: str | None, cases: Sequence[Case], *, new: int, total: int
) -> dict[str, object]:
    """What a message says, in both languages, for every dialect to render.

    Out: `title` by language; `cases`, the five of most impact: {text, cause, step, owner, episode, labels,
         severity, value, expected, low, high, unit, period, since, trend}; `more`: how many are left out.
    """
    ranked = sorted(cases, key=_impact)
    return {
        "title": {
            each: _title(rule, kind, severity, ranked, new=new, total=total, language=each)
            for each in ("en", "zh")
        },
        "cases": [_told(rule, case, over=kind in ("resolved", "retracted")) for case in ranked[:TOP]],
        "more": max(total, len(ranked)) - min(len(ranked), TOP) if len(ranked) > TOP else 0,
    }


def _impact(case: Case) -> tuple[bool, int, float, str]:
    """A total before its members, the worst severity first, then how far from expected."""
    return case.home is not None, SEVERITIES.index(case.severity), -case.impact, case.member


def _title(
    rule: Rule,
    kind: str,
    severity: str | None,
    cases: Sequence[Case],
    *,
    new: int,
    total: int,
    language: str,
) -> str:
    """`Alert (critical) · Conversion drop · douyin`, or of a group how many there are."""
    said = _KINDS[kind][language]
    loud = severity if kind not in ("resolved", "retracted") else None
    if loud:
        said += {"en": f" ({_SEVERITY[loud]['en']})", "zh": f"（{_SEVERITY[loud]['zh']}）"}[language]
    if max(len(cases), total) == 1:
        return f"{said} · {title(rule, labels_of(cases[0].member), language)}"
    count = {"en": f"{total} alerts", "zh": f"{total} 条"}[language]
    if kind == "firing" and new < total:
        count += {"en": f", {new} new", "zh": f"，新增 {new}"}[language]
    return f"{said} · {word(rule.label, language, rule.name)} · {count}"


def _told(rule: Rule, case: Case, over: bool) -> dict[str, object]:
    """One member; what is over needs no first step."""
    story = case.story
    part = "" if case.share is None else f" ({case.share * 100:.0f}%)"
    text = case.text if story is None else happened(story)
    return {
        "text": {language: said + part for language, said in text.items()},
        "cause": dict(case.cause) or None,
        "share": case.share,
        "step": rule.sop[0] if rule.sop and story is not None and not over else None,
        "owner": owner(rule, case.member),
        "episode": case.episode,
        "labels": labels_of(case.member),
        "severity": case.severity,
        **({} if story is None else _numbers(story)),
    }


def _numbers(story: Story) -> dict[str, object]:
    return {
        "metric": story.metric.name if story.metric else None,
        "value": story.value,
        "expected": story.expected,
        "low": story.low,
        "high": story.high,
        "unit": story.unit,
        "period": story.period,
        "since": story.active_at,
        "trend": list(story.trend),
    }
