"""Alerts as the outside sees them: the answer of the engine, and the JSON of the commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.alerts.judging.rules import Ready
from engine.alerts.kept.deeds import Mine
from engine.alerts.kept.recording import Finding
from engine.alerts.kept.records import Message, member_key
from engine.alerts.reading.periods import Axis
from engine.alerts.telling.cases import SEVERITIES, owner
from engine.alerts.telling.sentences import sentence, story
from engine.questions import Alert, AlertsAnswer, IncidentAnswer, Transition, WhyAnswer
from engine.workspace.model import Workspace

_STATES = ("firing", "recovering", "pending", "ok")


def alert(workspace: Workspace, rule: Ready, axis: Axis, finding: Finding, mine: Mine) -> Alert:
    """How one member stands."""
    judged, here = finding.judged, finding.judged.replay.standing
    told = story(workspace, rule, axis, finding.member, judged)
    open_ = here.state != "ok"
    since = here.active if open_ else here.since
    active_at = axis.labels[here.active] if here.active is not None and (open_ or here.fired) else None
    return Alert(
        id=mine.episode,
        rule=rule.rule.name,
        labels=told.labels,
        state=here.state,
        severity=rule.severity(here.level),
        since=None if since is None else axis.labels[since],
        active_at=active_at,
        detected_at=mine.detected_at,
        value=judged.value,
        expected=judged.expected,
        owner=owner(rule.rule, finding.member),
        acked_by=mine.acked_by,
        silenced_until=mine.silenced_until,
        metric=told.metric.name if told.metric else None,
        unit=told.unit,
        when=" · ".join(level.text for _, level in rule.rule.levels),
        sop=rule.rule.sop,
        partial=judged.replay.judged is not None and judged.replay.judged >= axis.complete,
        sentence=sentence(told),
        count=here.count if here.state == "pending" else here.breaches,
        for_periods=rule.rule.for_periods,
        period=None if judged.replay.judged is None else axis.labels[judged.replay.judged],
        grain=rule.rule.grain,
        where=rule.rule.where.text if rule.rule.where is not None else None,
        acked_at=mine.ack.at if mine.ack else None,
        ack_note=mine.ack.text if mine.ack else "",
        silenced_by=mine.silence.by if mine.silence else None,
        silence_reason=mine.silence.reason if mine.silence else "",
        closed_by=mine.closed_by,
        ticks=mine.ticks,
        label=mine.label,
        low=judged.low,
        high=judged.high,
        adapted=here.adapted,
    )


def ordered(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """By state, worst severity, then the longest standing."""
    return tuple(
        sorted(
            alerts,
            key=lambda a: (
                _STATES.index(a.state),
                SEVERITIES.index(a.severity),
                a.since or "",
                a.rule,
                member_key(tuple(a.labels.items())),
            ),
        )
    )


def open_only(answer: AlertsAnswer) -> AlertsAnswer:
    """Without members whose state is ok: `looptop alerts` without `--all`."""
    return replace(answer, alerts=tuple(each for each in answer.alerts if each.state != "ok"))


def _moment(value: datetime | None, timezone: str) -> str | None:
    return None if value is None else value.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).isoformat()


def alerts_json(answer: AlertsAnswer, timezone: str, language: str = "en") -> dict[str, object]:
    """`looptop alerts --json`."""
    return {
        "as_of": _moment(answer.as_of, timezone),
        "alerts": [_alert(each, timezone, language) for each in answer.alerts],
    }


def _alert(each: Alert, timezone: str, language: str) -> dict[str, object]:
    return {
        "id": each.id,
        "rule": each.rule,
        "labels": dict(each.labels),
        "state": each.state,
        "severity": each.severity,
        "since": each.since,
        "detected_at": _moment(each.detected_at, timezone),
        "value": each.value,
        "expected": each.expected,
        "owner": each.owner,
        "acked_by": each.acked_by,
        "silenced_until": _moment(each.silenced_until, timezone),
        "causes": [dict(c) for c in each.causes],
        "active_at": each.active_at,
        "why": None if each.why is None else each.why.sentences.get(language, each.why.sentence),
        "incident": each.incident,
        "inhibited_by": list(each.inhibited_by),
        "flapping": each.flapping,
        "ticks": [
            {"step": one.step + 1, "by": one.by, "at": _moment(one.at, timezone)} for one in each.ticks
        ],
        "label": each.label,
    }


def incident_json(answer: IncidentAnswer, timezone: str, language: str = "en") -> dict[str, object]:
    """`looptop alerts DIR ID --json`: the alert first, then the others of its incident."""
    first = answer.alerts[0]
    return {
        "alerts": [_alert(each, timezone, language) for each in answer.alerts],
        "sop": list(first.sop),
        "why": None if first.why is None else _why(first.why, language),
        "timeline": [
            {
                "at": _moment(each.at, timezone),
                "deed": each.deed,
                "word": each.word,
                "episode": each.episode,
                "by": each.by,
                "text": each.text,
                "period": each.period,
                "severity": each.severity,
                "late": each.late,
                "to": list(each.to),
            }
            for each in answer.timeline
        ],
    }


def _why(found: WhyAnswer, language: str) -> dict[str, object]:
    from engine.causes import to_json

    return to_json(found, language)


def history_json(history: Sequence[Transition], timezone: str) -> dict[str, object]:
    """`looptop alerts --history --json`."""
    return {
        "transitions": [
            {
                "id": each.id,
                "rule": each.rule,
                "labels": dict(each.labels),
                "period": each.period,
                "event": each.event,
                "severity": each.severity,
                "reason": each.reason,
                "late": each.late,
                "partial": each.partial,
                "active_at": each.active_at,
                "detected_at": _moment(each.detected_at, timezone),
            }
            for each in history
        ]
    }


def outbox_json(messages: Sequence[Message], timezone: str) -> dict[str, object]:
    """`looptop outbox --json`."""
    return {
        "messages": [
            {
                "key": each.key,
                "kind": each.kind,
                "rule": each.rule,
                "episodes": list(each.episodes),
                "new": each.new,
                "total": each.total,
                "recipients": list(each.recipients),
                "channel": each.channel,
                "severity": each.severity,
                "state": each.state,
                "attempts": each.attempts,
                "created_at": _moment(each.created_at, timezone),
                "sent_at": _moment(each.sent_at, timezone),
                "next_try": _moment(each.next_try, timezone),
                "reply": each.reply,
            }
            for each in messages
        ]
    }
