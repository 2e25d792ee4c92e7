"""Back-test: what a rule would have done over the data that is there, before it is switched on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import ChainMap, Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from engine.alerts.judging.members import measures
from engine.alerts.judging.rules import Ready, at_threshold, chosen, ready
from engine.alerts.judging.trial import Trial, try_rule
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.records import labels_of
from engine.alerts.kept.timeline import Entry
from engine.alerts.memo import Memo
from engine.alerts.reading.feeds import Ask
from engine.alerts.reading.periods import Axis
from engine.alerts.reading.series import Loaded
from engine.errors import UsageError
from engine.questions import BacktestAnswer, BacktestQuery, PastEpisode, Transition
from engine.review.lines import line_of
from engine.review.precision import RIGHT, precision
from engine.review.slider import false_alerts, steps
from engine.workspace.model import Rule, Workspace

_KEPT = 8
"""Questions whose series and steps are kept."""


@dataclass(slots=True)
class Trials:
    """Series that back-tests have read, kept from one to the next; one back-test at a time."""

    feeds: dict[tuple[object, ...], Loaded] = field(default_factory=dict)
    steps: dict[object, tuple[float, ...]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


def backtest(
    ask: Ask, ledger: Ledger, query: BacktestQuery, trials: Trials, memo: Memo | None = None
) -> BacktestAnswer:
    """What the rule would have done; nothing is written or sent.

    In:  the data and the moment; the ledger, of which reviews and measures are read; the memo of the
         evaluations, of which the series are.
    Raises: UnknownName, UsageError.
    """
    rule = asked_rule(ask.workspace, query)
    if query.threshold is not None:
        tried = at_threshold(ask.workspace, rule, query.threshold)
    else:
        tried = ready(ask.workspace, rule)
    memo = memo or Memo()
    with memo.lock, trials.lock:
        for kept in (trials.feeds, trials.steps):
            while len(kept) > _KEPT:
                kept.pop(next(iter(kept)))
        found = try_rule(ask, tried, ledger, ChainMap(trials.feeds, memo.feeds))
        plain = ready(ask.workspace, rule)
        offered = _steps(ask, found, ledger, trials, plain)
        expected = false_alerts(ask, found, measures(tried, ledger))
    answer = _answer(found, query, _reviews(ledger, rule.name), offered)
    answer = replace(answer, false_per_week=expected)
    return replace(answer, line=line_of(rule, answer, replace(answer, threshold=plain.limit)))


def _steps(ask: Ask, found: Trial, ledger: Ledger, trials: Trials, plain: Ready) -> tuple[float, ...]:
    """Steps around the threshold of the rule as it is written: they stay while the slider moves."""
    if found.series is None:
        return ()
    loaded = found.series.loaded
    key = (plain.digest, id(loaded), sum(loaded.stamp.values()), found.series.axis.complete)
    if key not in trials.steps:
        trials.steps[key] = steps(ask, replace(found, rule=plain), measures(plain, ledger))
    return trials.steps[key]


def asked_rule(workspace: Workspace, query: BacktestQuery) -> Rule:
    """The rule of the query with its other condition. Raises: UnknownName, UsageError."""
    rule = chosen(workspace, query.rule, query.when)
    if query.first and query.last and query.first > query.last:
        raise UsageError(f"--from {query.first} lies after --to {query.last}")
    return rule if query.for_periods is None else replace(rule, for_periods=query.for_periods)


@dataclass(frozen=True, slots=True)
class _Reviewed:
    """A recorded episode with its label, as positions on an axis."""

    member: str
    first: int
    last: int
    label: str


def _reviews(ledger: Ledger, rule: str) -> list[tuple[str, str, str, str | None]]:
    """(member, label, active period, period of the end) of the rule's episodes that have a label.

    Not of those that corrected data or an edit of the rule took away.
    """
    labels = {
        str(episode): str(label)
        for episode, label in ledger.rows(
            "SELECT episode, label FROM alert_reviews WHERE rule = ? AND episode NOT IN (SELECT episode"
            " FROM alert_transitions WHERE shown = 1 AND episode IS NOT NULL"
            " AND (event = 'retracted' OR reason = 'rule_changed')) ORDER BY n",
            (rule,),
        )
    }
    ends = {
        str(episode): str(end)
        for episode, end in ledger.rows(
            "SELECT episode, max(period) FROM alert_transitions WHERE rule = ? AND event = 'resolved'"
            " GROUP BY episode",
            (rule,),
        )
    }
    return [
        (str(member), labels[str(episode)], str(active), ends.get(str(episode)))
        for episode, member, active in ledger.rows(
            "SELECT episode, member, active_at FROM alert_episodes WHERE rule = ?", (rule,)
        )
        if labels.get(str(episode))
    ]


def _placed(
    reviews: Iterable[tuple[str, str, str, str | None]], axis: Axis, inside: range
) -> list[_Reviewed]:
    """The reviewed episodes that lie in the range."""
    out = []
    for member, label, active, end in reviews:
        first = axis.index.get(active)
        last = len(axis.labels) if end is None else axis.index.get(end, len(axis.labels))
        if first is not None and first < inside.stop and last >= inside.start:
            out.append(_Reviewed(member, first, last, label))
    return out


def _answer(
    found: Trial,
    query: BacktestQuery,
    reviews: Sequence[tuple[str, str, str, str | None]],
    offered: tuple[float, ...],
) -> BacktestAnswer:
    rule, axis = found.rule.rule, found.axis
    inside = range(0) if axis is None else _positions(axis, query)
    known = [] if axis is None else _placed(reviews, axis, inside)
    episodes = [
        (member, spans)
        for member, line in found.timelines.items()
        for spans in _episodes(line)
        if spans[0].position in inside
    ]
    matched = {
        id(spans): None if axis is None else _match(member, spans, known, axis) for member, spans in episodes
    }
    hit = {id(each) for each in matched.values() if each is not None}
    reviewed, share, low, high = precision(each.label for each in known if id(each) in hit)
    messages = [
        each
        for each in found.messages
        if axis is not None and axis.complete_at(each.created_at) - 1 in inside
    ]
    limited = found.rule.levels[-1].limited
    return BacktestAnswer(
        rule=rule.name,
        when=" · ".join(level.text for _, level in rule.levels),
        first=axis.labels[inside[0]] if axis is not None and inside else None,
        last=axis.labels[inside[-1]] if axis is not None and inside else None,
        periods=len(inside),
        members=len(found.timelines),
        episodes=tuple(
            _past(member, spans, matched[id(spans)]) for member, spans in sorted(episodes, key=_order)
        ),
        messages=len(messages),
        load=dict(Counter(who for each in messages for who in each.recipients if who)),
        reviewed=reviewed,
        precision=share,
        low=low,
        high=high,
        missed=sum(1 for each in known if each.label in RIGHT and id(each) not in hit),
        transitions=_transitions(found, inside),
        days=dict(sorted(Counter(_day(axis, spans[0]) for _, spans in episodes).items())),
        threshold=found.rule.limit,
        steps=offered,
        unit=limited.unit if limited is not None else "count",
    )


def _positions(axis: Axis, query: BacktestQuery) -> range:
    """Complete periods that begin on the days of the query."""
    days = [start.date() for start in axis.starts[: axis.complete]]
    first = 0 if query.first is None else bisect_left(days, query.first)
    last = len(days) if query.last is None else bisect_right(days, query.last)
    return range(first, max(first, last))


Spans = tuple[Entry, Entry | None]
"""The transition that fired, and the one that ended it."""


def _episodes(line: Sequence[Entry]) -> list[Spans]:
    fired: dict[str, Entry] = {}
    ended: dict[str, Entry] = {}
    for entry in line:
        if entry.episode is None or entry.event in ("nodata", "data_back"):
            continue
        if entry.event == "resolved":
            ended[entry.episode] = entry
        elif entry.event in ("firing", "reopened"):
            fired.setdefault(entry.episode, entry)
            ended.pop(entry.episode, None)
    return [(entry, ended.get(episode)) for episode, entry in fired.items()]


def _match(member: str, spans: Spans, known: Sequence[_Reviewed], axis: Axis) -> _Reviewed | None:
    """The reviewed episode that overlaps and begins closest to it."""
    fired, ended = spans
    first = axis.index.get(fired.active_at or fired.period, fired.position)
    last = len(axis.labels) if ended is None else ended.position
    mine = [each for each in known if each.member == member and each.first <= last and first <= each.last]
    return min(mine, key=lambda each: abs(each.first - first), default=None)


def _order(pair: tuple[str, Spans]) -> tuple[int, str]:
    return pair[1][0].position, pair[0]


def _past(member: str, spans: Spans, review: _Reviewed | None) -> PastEpisode:
    fired, ended = spans
    return PastEpisode(
        labels=labels_of(member),
        active_at=fired.active_at or fired.period,
        fired=fired.period,
        resolved=None if ended is None else ended.period,
        severity=fired.severity or "warning",
        label=None if review is None else review.label,
    )


def _day(axis: Axis | None, fired: Entry) -> str:
    return fired.period if axis is None else axis.starts[fired.position].date().isoformat()


def _transitions(found: Trial, inside: range) -> tuple[Transition, ...]:
    axis = found.axis
    if axis is None:
        return ()
    every = sorted(
        (entry.position, member, at, entry)
        for member, line in found.timelines.items()
        for at, entry in enumerate(line)
        if entry.position in inside
    )
    return tuple(
        Transition(
            id=entry.episode,
            rule=found.rule.rule.name,
            labels=labels_of(member),
            period=entry.period,
            event=entry.event,
            severity=entry.severity,
            reason=entry.reason,
            late=False,
            partial=False,
            active_at=entry.active_at,
            detected_at=axis.at[position],
        )
        for position, member, _, entry in every
    )
