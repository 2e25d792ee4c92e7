"""One incident opened: its alerts, and everything that happened to them in order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from engine.alerts.kept.acts import covers, silences, ticks
from engine.alerts.kept.deeds import Deeds
from engine.alerts.kept.edits import edits
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.records import labels_of
from engine.alerts.kept.revisions import revisions
from engine.alerts.telling import explaining, incidents
from engine.alerts.telling.cases import owner
from engine.errors import UnknownName
from engine.metrics.saying import number
from engine.questions import Alert, AlertsAnswer, Happening, IncidentAnswer, IncidentQuery
from engine.questions.incidents import Deed
from engine.workspace.model import Workspace

_ORDER = ("transition", "cause", "message")
"""At one moment: what happened, why, what was told, what people did."""


def incident(
    workspace: Workspace, ledger: Ledger, answer: AlertsAnswer, query: IncidentQuery
) -> IncidentAnswer:
    """An alert with the others of its incident, and their timeline.

    In:  the alerts of a version, those too that are over. Raises: UnknownName.
    """
    known = [str(row[0]) for row in ledger.rows("SELECT episode FROM alert_episodes ORDER BY detected_at")]
    if query.id not in known:
        raise UnknownName("alert", query.id, known)
    joined = incidents.joined(ledger)
    head = joined.get(query.id, query.id)
    ids = [query.id, head, *(each for each, total in joined.items() if total == head)]
    now = {each.id: each for each in answer.alerts if each.id is not None}
    alerts = [now.get(each) or _past(workspace, ledger, each) for each in dict.fromkeys(ids)]
    others = sorted(alerts[1:], key=lambda each: (each.id != head, -_size(each), str(each.id)))
    lines = sorted(
        (line for alert in alerts for line in _timeline(ledger, alert)),
        key=lambda line: (line.at, _ORDER.index(line.deed) if line.deed in _ORDER else len(_ORDER)),
    )
    return IncidentAnswer((alerts[0], *others), tuple(dict.fromkeys(lines)))


def _size(alert: Alert) -> float:
    if alert.value is None or alert.expected is None:
        return 0.0
    return abs(alert.value - alert.expected)


def _past(workspace: Workspace, ledger: Ledger, episode: str) -> Alert:
    """An episode that is no longer its member's last one, or whose rule is gone."""
    ((name, member, active, begun),) = ledger.rows(
        "SELECT rule, member, active_at, detected_at FROM alert_episodes WHERE episode = ?", (episode,)
    )
    rule = workspace.rules.get(str(name))
    severities = [
        str(each)
        for (each,) in ledger.rows(
            "SELECT severity FROM alert_transitions WHERE episode = ? AND severity IS NOT NULL ORDER BY n",
            (episode,),
        )
    ]
    deeds = Deeds.of(ledger, str(name), ledger.acts())
    closed = [act.author for act in deeds.acts if act.kind == "close" and act.episode == episode]
    found = explaining.kept(ledger, episode).get(episode)
    why = None if found is None else found.why
    return Alert(
        id=episode,
        rule=str(name),
        labels=labels_of(str(member)),
        state="ok",
        severity=severities[-1] if severities else "info",
        since=None,
        active_at=str(active),
        detected_at=_time(begun),
        value=None,
        expected=None,
        owner=None if rule is None else owner(rule, str(member)),
        when="" if rule is None else " · ".join(level.text for _, level in rule.levels),
        sop=() if rule is None else rule.sop,
        grain="day" if rule is None else rule.grain,
        sentence={} if why is None else why.sentences,
        why=why,
        causes=explaining.summary(why, workspace.console.language or "en"),
        incident=episode,
        closed_by=closed[-1] if closed else None,
        ticks=ticks(deeds.acts, episode),
        label=deeds.labels.get(episode) or None,
    )


def _timeline(ledger: Ledger, alert: Alert) -> Iterator[Happening]:
    episode = str(alert.id)
    yield from _transitions(ledger, episode)
    for moment, behind in explaining.revisions(ledger, episode):
        if behind.why is not None:
            yield Happening(
                moment,
                "cause",
                behind.why.verdict,
                episode,
                text=behind.why.sentence,
                period=behind.period,
            )
    for each in revisions(ledger, episode):
        text = f"{number(each.was, alert.unit)} → {number(each.now, alert.unit)}"
        yield Happening(each.at, "transition", "revised", episode, text=text, period=each.period)
    yield from _edits(ledger, alert)
    yield from _messages(ledger, episode)
    yield from _deeds(ledger, alert)
    for label, author, note, at in ledger.rows(
        "SELECT label, author, note, at FROM alert_reviews WHERE episode = ? ORDER BY n", (episode,)
    ):
        yield Happening(_time(at), "label", str(label), episode, by=str(author), text=str(note))


def _transitions(ledger: Ledger, episode: str) -> Iterator[Happening]:
    rows = ledger.rows(
        "SELECT detected_at, event, reason, period, severity, late FROM alert_transitions"
        " WHERE episode = ? AND shown = 1 ORDER BY n",
        (episode,),
    )
    for at, event, reason, period, severity, late in rows:
        yield Happening(
            _time(at),
            "transition",
            str(event),
            episode,
            text="" if reason is None else str(reason),
            period=str(period),
            severity=None if severity is None else str(severity),
            late=bool(late),
        )


def _edits(ledger: Ledger, alert: Alert) -> Iterator[Happening]:
    """Edits of the rule while the episode ran, and the one that ended it."""
    span = [line.at for line in _transitions(ledger, str(alert.id))]
    for each in edits(ledger, alert.rule):
        if span and span[0] < each.at and (alert.state != "ok" or each.at <= span[-1]):
            yield Happening(each.at, "transition", "rule_edited", str(alert.id), text=each.sentence["en"])


def _messages(ledger: Ledger, episode: str) -> Iterator[Happening]:
    rows = ledger.rows(
        "SELECT coalesce(sent_at, created_at), kind, episodes, recipients, channel, severity, state, reply"
        " FROM outbox WHERE instr(episodes, ?) ORDER BY n",
        (episode,),
    )
    for at, kind, episodes, recipients, channel, severity, state, reply in rows:
        if episode in json.loads(str(episodes)):
            to = (*json.loads(str(recipients)), *(() if channel is None else (str(channel),)))
            failed = state not in ("sent", "queued", "sending")
            yield Happening(
                _time(at),
                "message",
                str(kind),
                episode,
                text=str(reply or state) if failed else "",
                severity=None if severity is None else str(severity),
                to=tuple(map(str, to)),
            )


def _deeds(ledger: Ledger, alert: Alert) -> Iterator[Happening]:
    """What people did to the episode, and silences by labels that were in force while it ran."""
    acts = ledger.acts()
    for act in acts:
        if act.episode == alert.id:
            text = act.text
            if act.kind in ("tick", "untick") and act.target is not None:
                text = _step(alert.sop, int(act.target))
            word = act.kind if act.target is None else act.target
            yield Happening(act.at, cast(Deed, act.kind), word, str(alert.id), by=act.author, text=text)
    span = [line.at for line in _transitions(ledger, str(alert.id))]
    for each in silences(acts):
        named = json.dumps(dict(sorted(alert.labels.items())), ensure_ascii=False)
        if each.episode is None and span and covers(each, alert.rule, named):
            over = alert.state == "ok" and each.begins > span[-1]
            if each.until > span[0] and not over:
                yield Happening(each.begins, "silence", each.id, str(alert.id), by=each.by, text=each.reason)


def _step(sop: Sequence[str], step: int) -> str:
    return sop[step] if step < len(sop) else ""


def _time(value: object) -> datetime:
    return datetime.fromisoformat(str(value))
