"""The members of a rule, each judged on its series: what evaluation and back-test share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from engine.alerts.judging.machine import Verdict
from engine.alerts.judging.rules import Ready
from engine.alerts.judging.verdicts import Acts, Judged, Kept, elapsed_bases, judge
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.records import Act, Labels, labels_of, member_key
from engine.alerts.memo import Memo
from engine.alerts.reading.feeds import Ask, Series
from engine.alerts.reading.periods import Axis
from engine.alerts.reading.readings import MemberReadings, reading_key
from engine.workspace.model import Rule


def members(rule: Rule, series: Series, known: Collection[str], edited: bool = False) -> list[Labels]:
    """Members with facts, and those of the history that have none any more (edited: whatever it has)."""
    gone = {tuple(labels_of(member).items()) for member in known}
    gone = {labels for labels in gone if edited or is_member(rule, labels)}
    there = (labels for labels, cells in series.loaded.members.items() if not series.own.isdisjoint(cells))
    every = {member_key(labels): labels for labels in (*gone, *(there if rule.by else ((),)))}
    return [every[key] for key in sorted(every)]


def is_member(rule: Rule, labels: Labels) -> bool:
    """Whether labels are of the dimensions that the rule has now."""
    return {name for name, _ in labels} == set(rule.by)


def acts_on(acts: Sequence[Act], refused: Sequence[tuple[str, str]], member: str, axis: Axis) -> Acts:
    """What people did to a member's episodes, in event time; In: see `refused_levels`."""
    closes = (axis.complete_at(act.at) for act in acts if act.member == member and act.kind == "close")
    first = (axis.index.get(period) for name, period in refused if name == member)
    return Acts(tuple(closes), tuple(sorted(i for i in first if i is not None)))


def refused_levels(ledger: Ledger, rule: str) -> list[tuple[str, str]]:
    """(member, first period) of the episodes of which somebody said that their level is not normal."""
    rows = ledger.rows(
        "SELECT member, active_at FROM alert_episodes WHERE rule = ?"
        " AND episode IN (SELECT episode FROM alert_acts WHERE kind = 'undo_adapt')",
        (rule,),
    )
    return [(str(member), str(period)) for member, period in rows]


def readings_of(
    ask: Ask, rule: Ready, series: Series, labels: Labels, measures: Mapping[tuple[str, str], float]
) -> MemberReadings:
    """What the conditions of a rule read of one member; In: measures kept by (name, period)."""
    return MemberReadings(
        rule.rule,
        series.workspace,
        series.axis,
        {name: cells for name, cells in series.loaded.members.get(labels, {}).items() if name in series.own},
        ask.facts,
        fresh=series.fresh,
        readings=measures,
        limits=series.limits,
    )


def judged_member(
    ask: Ask,
    memo: Memo,
    rule: Ready,
    series: Series,
    labels: Labels,
    *,
    acts: Sequence[Act] = (),
    refused: Sequence[tuple[str, str]] = (),
    running: Mapping[int, Sequence[Verdict]],
    previous: Mapping[tuple[str, str], float | None] | None = None,
    measures: Mapping[tuple[str, str], float],
    live: bool = True,
) -> Judged | None:
    """The replay of one member, the one in the memo where nothing of it has changed.

    In:  acts on the rule; verdicts given while periods ran; bases up to the same local time; measures kept by
         (name, period); `live` False: the running period is left out.
    Out: None for a member without facts, and for one of dimensions that the rule no longer has.
    """
    axis, done = series.axis, acts_on(acts, refused, member_key(labels), series.axis)
    key = (
        rule.digest,
        id(series.loaded),
        series.loaded.stamp.get(labels, 0),
        axis.labels[0],
        axis.complete,
        done,
        tuple(sorted(series.fresh.items())),
        ask.facts.calendar,
        series.limits,
    )
    series_key = (rule.digest, axis.labels[0], ask.facts.calendar, series.limits)
    plain = not live or (rule.rule.on_incomplete == "wait" and not rule.asks and not running)
    kept = memo.judged.get((rule.rule.name, labels))
    if plain and kept is not None and kept[0] == key:
        return kept[1]
    readings = readings_of(ask, rule, series, labels, measures)
    first = 0 if not rule.rule.by else readings.seen_from()
    if first is None or not is_member(rule.rule, labels):
        return None
    now = None if plain else running_readings(rule, readings, previous)
    said = kept[2] if kept is not None and kept[3] == series_key else Kept()
    found = judge(rule, readings, first, done, recorded=running, now=now, kept=said)
    if kept is not None and kept[1] == found:
        found = kept[1]
    memo.judged[rule.rule.name, labels] = (key, found, said, series_key)
    return found


def running_readings(
    rule: Ready, readings: MemberReadings, previous: Mapping[tuple[str, str], float | None] | None
) -> MemberReadings | None:
    """How the running period is read: early (what cannot change any more) or up to the same local time."""
    if rule.rule.on_incomplete == "wait" or len(readings.axis.labels) == readings.axis.complete:
        return None
    now = replace(readings, _clean={})
    if rule.rule.on_incomplete == "early":
        now.early = True
        return now
    now.elapsed = elapsed_bases(readings.workspace, readings.axis, rule.bases, readings, previous or {})
    return now


def keep_measures(ask: Ask, rule: Ready, axis: Axis, ledger: Ledger) -> None:
    """Write down what calls about sources say of the newest complete period: no file repeats it."""
    if not axis.complete:
        return
    for name, words in rule.asks:
        value = None if name == "age" else ask.facts.measure(name, words)
        if value is not None:
            at = ask.detected_at.isoformat(timespec="microseconds")
            ledger.rows(
                "INSERT INTO alert_readings VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at",
                (reading_key(name, words), axis.labels[axis.complete - 1], value, at),
            )


def measures(rule: Ready, ledger: Ledger) -> dict[tuple[str, str], float]:
    """Measures by (name, period), as they were when the period was the newest complete one."""
    if not rule.asks:
        return {}
    rows = ledger.rows("SELECT source, period, value FROM alert_readings")
    return {(str(source), str(label)): float(str(value)) for source, label, value in rows}


def running_verdicts(ledger: Ledger, rule: str, axis: Axis) -> dict[str, dict[int, list[Verdict]]]:
    """Verdicts given while periods still ran, by member and period, in order."""
    out: dict[str, dict[int, list[Verdict]]] = {}
    for member, period, level, recovered in ledger.rows(
        "SELECT member, period, level, recovered FROM alert_running WHERE rule = ? ORDER BY n", (rule,)
    ):
        position = axis.index.get(str(period))
        if position is not None:
            verdict = Verdict(int(str(level)), None if recovered is None else bool(recovered))
            out.setdefault(str(member), {}).setdefault(position, []).append(verdict)
    return out
