"""Judge all rules on one version of the data; record what is new, once; say how everything stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime

from engine.alerts.judging.machine import Standing
from engine.alerts.judging.members import (
    judged_member,
    keep_measures,
    measures,
    members,
    refused_levels,
    running_verdicts,
)
from engine.alerts.judging.replay import Replay
from engine.alerts.judging.rules import Ready, ready
from engine.alerts.judging.verdicts import Judged
from engine.alerts.kept.edits import remember
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.recording import Finding, record, retire
from engine.alerts.kept.records import Act, Recorded, member_key
from engine.alerts.kept.revisions import keep_values
from engine.alerts.kept.timeline import Difference, compare, entries, rule_changed
from engine.alerts.memo import Memo
from engine.alerts.outcomes import Outcome, Remembered
from engine.alerts.reading.feeds import Ask, Series, all_series, ask_metrics, ask_why, elapsed, plain_facts
from engine.alerts.reading.periods import Axis
from engine.alerts.reading.readings import AlertFacts
from engine.alerts.reading.series import Answer
from engine.alerts.telling.answers import ordered
from engine.alerts.telling.explaining import Search, Why
from engine.alerts.telling.tell import tell
from engine.errors import StoreError
from engine.questions import AlertsAnswer
from engine.store.tables import Tables
from engine.workspace.model import Workspace

_LOOKS = 3
"""Times that causes are looked for before an evaluation is written without those that are still wanted."""


def evaluate(
    tables: Tables,
    workspace: Workspace,
    ledger: Ledger,
    now: datetime,
    *,
    detected_at: datetime,
    writable: bool = True,
    facts: AlertFacts | None = None,
    answer: Answer | None = None,
    why: Why | None = None,
    memo: Memo | None = None,
) -> AlertsAnswer:
    """All alerts, every member of every rule, the worst first; new transitions and messages go to the ledger.

    In:  `now`: as of when (naive UTC); `detected_at`: the console's clock; `writable` False: nothing is
         written, the answer is what an evaluation at that moment would have said, without later records.
    Out: with `fault` where the ledger could not be written: nothing of it is recorded, and the next
         evaluation that can write records all of it.
    """
    memo = memo if memo is not None else Memo()
    ask = Ask(tables, workspace, now, detected_at, facts or plain_facts(tables), answer or ask_metrics)
    with memo.lock:
        return _evaluate(ask, ledger, memo, writable, why or (ask_why if answer is None else None))


def _evaluate(ask: Ask, ledger: Ledger, memo: Memo, writable: bool, why: Why | None) -> AlertsAnswer:
    workspace = ask.workspace
    if memo.workspace is not workspace:
        memo.rules = {name: ready(workspace, rule) for name, rule in workspace.rules.items()}
        memo.workspace = workspace
        memo.feeds.clear()
        memo.judged.clear()
        memo.forget()
    awake = [rule for rule in memo.rules.values() if not rule.rule.builtin or _stirs(ask, rule, ledger)]
    series = dict(all_series(ask, awake, memo.feeds))
    if not writable:
        return _beside(ask, memo, series, ledger.replica(ask.detected_at), why)
    key = _key(ask, memo, series, ledger)
    if key is not None and key == memo.key and memo.answer is not None:
        return replace(memo.answer, as_of=ask.now)
    if ledger.mark()[0] != memo.written:
        memo.forget()
    try:
        result = _explained(ask, memo, series, ledger, why)
    except StoreError as error:
        memo.forget()
        return replace(_beside(ask, memo, series, ledger.replica(), why), fault=str(error))
    except BaseException:
        memo.forget()
        raise
    memo.written, memo.at = ledger.mark()[0], ask.detected_at
    memo.key, memo.answer = _key(ask, memo, series, ledger), result
    return result


def _beside(
    ask: Ask, memo: Memo, series: Mapping[str, Series], copy: Ledger, why: Why | None
) -> AlertsAnswer:
    """An evaluation that leaves nothing in the ledger: on a copy of it, which is closed."""
    with closing(copy):
        return _explained(ask, replace(memo, findings={}, told=Remembered()), series, copy, why)


class _Unexplained(Exception):
    """A cause is wanted that nobody has looked for yet."""


def _explained(
    ask: Ask, memo: Memo, series: Mapping[str, Series], ledger: Ledger, why: Why | None
) -> AlertsAnswer:
    """One transaction with all causes in it.

    They take their time, and others wait for the ledger: where one is wanted, the transaction is taken back,
    the cause is looked for, and all is judged again.
    """
    search = None if why is None else Search(why)
    for _ in range(_LOOKS):
        try:
            with ledger.transaction():
                result = _all(ask, memo, series, ledger, search)
                if search is not None and search.wanted:
                    raise _Unexplained
                return result
        except _Unexplained:
            memo.forget()
            assert search is not None
            search.look(ask.tables, ask.workspace, ask.now)
    with ledger.transaction():
        return _all(ask, memo, series, ledger, search)


def _stirs(ask: Ask, rule: Ready, ledger: Ledger) -> bool:
    """Whether a built-in rule has something to say, or has said something before."""
    return any(ask.facts.measure(*each) for each in rule.asks) or bool(ledger.members(rule.rule.name))


def _all(
    ask: Ask, memo: Memo, series: Mapping[str, Series], ledger: Ledger, search: Search | None
) -> AlertsAnswer:
    digests, acts = ledger.digests(), ledger.acts()
    outcomes = [
        _rule(ask, memo, rule, series[name], ledger, before=digests.get(name), acts=acts)
        for name, rule in memo.rules.items()
        if name in series
    ]
    for name in digests.keys() - ask.workspace.rules.keys():
        retire(ledger, name, ask.detected_at)
    out = tell(ask, ledger, outcomes, acts, memory=memo.told, search=search)
    return AlertsAnswer(ask.now, ordered(out), len(series))


def _rule(
    ask: Ask,
    memo: Memo,
    rule: Ready,
    series: Series,
    ledger: Ledger,
    *,
    before: str | None,
    acts: Sequence[Act],
) -> Outcome:
    """Judge the members of one rule and record what is new."""
    edited = before is not None and before != rule.digest
    if edited:
        ledger.rows("DELETE FROM alert_running WHERE rule = ?", (rule.rule.name,))
    name, mine = rule.rule.name, [act for act in acts if act.rule == rule.rule.name]
    running, previous = running_verdicts(ledger, name, series.axis), elapsed(ask, rule, series)
    keep_measures(ask, rule, series.axis, ledger)
    known, said = ledger.members(name), measures(rule, ledger)
    findings, news, refused = [], edited, refused_levels(ledger, name)
    for labels in members(rule.rule, series, known, edited):
        member = member_key(labels)
        judged = judged_member(
            ask,
            memo,
            rule,
            series,
            labels,
            acts=mine,
            refused=refused,
            running=running.get(member, {}),
            previous=previous.get(labels),
            measures=said,
        )
        kept = memo.findings.get((name, member))
        if judged is not None and kept is not None and kept.judged is judged and not edited:
            findings.append(kept)
        elif judged is not None or member in known:
            judged = judged or Judged(Replay((), Standing(), None), None, None, False)
            findings.append(
                _finding(rule, series.axis, member, judged, ledger.in_force(name, member), edited=edited)
            )
            memo.findings[name, member] = replace(findings[-1], change=Difference(), fresh=False)
            news = True
    record(ledger, rule, series.axis, findings, ask.detected_at)
    timed = bool(
        rule.rule.escalation or rule.rule.repeat_every or any(_ends_after(act, memo.at) for act in acts)
    )
    for finding in findings:
        if finding.fresh:
            keep_values(ledger, series.axis.labels, finding, ask.detected_at)
    remember(ledger, rule, findings, ask.detected_at, edited=edited)
    timed = timed or bool(rule.rule.ack_ttl and any(act.kind == "ack" for act in mine))
    return Outcome(rule, series, findings, fresh=news or timed)


def _ends_after(act: Act, moment: datetime | None) -> bool:
    """Whether an act is a silence whose end was not yet seen."""
    return act.until is not None and (moment is None or act.until > moment)


def _finding(
    rule: Ready, axis: Axis, member: str, judged: Judged, recorded: Sequence[Recorded], *, edited: bool
) -> Finding:
    severities = [severity for severity, _ in rule.rule.levels]
    if not edited:
        now = entries(rule.rule.name, member, axis.labels, severities, judged.replay, recorded=recorded)
        return Finding(member, judged, now, compare(recorded, now, axis.labels, axis.complete))
    now = entries(rule.rule.name, member, axis.labels, severities, judged.replay, recorded=())
    last = judged.replay.judged or 0
    active = judged.replay.standing.state in ("firing", "recovering")
    change = rule_changed(recorded, now, active, axis.labels[last], last)
    now = tuple(each for each in change.added if each.in_force)
    return Finding(member, judged, now, change)


def _key(ask: Ask, memo: Memo, series: Mapping[str, Series], ledger: Ledger) -> object:
    """Equal while nothing that an evaluation reads has changed; None where time alone can change it."""
    acts = ledger.acts()
    timed = any(act.until is not None and act.until > ask.detected_at for act in acts)
    timed = timed or bool(memo.told.waiting)
    for name in series:
        rule = memo.rules[name]
        timed = timed or bool(
            rule.rule.escalation or rule.rule.repeat_every or rule.rule.ack_ttl or rule.asks
        )
        timed = timed or rule.rule.on_incomplete != "wait"
    if timed:
        return None
    parts = tuple(
        (
            name,
            memo.rules[name].digest,
            id(each.loaded),
            sum(each.loaded.stamp.values()),
            each.axis.labels[0],
            each.axis.complete,
            tuple(each.fresh.values()),
        )
        for name, each in series.items()
    )
    return (id(memo.workspace), ask.facts.calendar, parts, len(acts), ledger.mark())
