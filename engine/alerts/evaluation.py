"""Judge all rules on one version of the data; record what is new, once; say how everything stands.

Source: reference alerts.md 2.1-2.3, 2.7.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.alerts.answers import alert, ordered
from engine.alerts.judging import Judged, elapsed_bases, judge
from engine.alerts.ledger import Act, Labels, Ledger, Recorded, labels_of, member_key
from engine.alerts.machine import Replay, Standing, Verdict
from engine.alerts.periods import Axis, Grain, axis
from engine.alerts.readings import AlertFacts, MemberReadings, fresh_periods
from engine.alerts.recording import Finding, record, retire
from engine.alerts.rules import Ready, ready
from engine.alerts.series import Answer, Cells, Feed, Loaded, leaves, load, with_rows
from engine.alerts.timeline import compare, entries, rule_changed
from engine.errors import UsageError
from engine.questions import Alert, AlertsAnswer, MetricAnswer, MetricQuery, Range
from engine.store.tables import Tables
from engine.workspace.model import Rule, Workspace


@dataclass(slots=True)
class Memo:
    """What one process keeps between evaluations; dropping it costs time, never correctness."""

    rules: dict[str, Ready] = field(default_factory=dict)
    workspace: Workspace | None = None
    feeds: dict[tuple[object, ...], Loaded] = field(default_factory=dict)
    judged: dict[tuple[str, Labels], tuple[object, Judged]] = field(default_factory=dict)
    key: object = None
    answer: AlertsAnswer | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One evaluation: everything that its parts need to know."""

    tables: Tables
    workspace: Workspace
    now: datetime
    detected_at: datetime
    facts: AlertFacts
    answer: Answer


@dataclass(frozen=True, slots=True)
class Series:
    """A rule's axis and the series that it reads."""

    axis: Axis
    loaded: Loaded
    workspace: Workspace
    fresh: Mapping[str, int]


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
    memo: Memo | None = None,
) -> AlertsAnswer:
    """All alerts, every member of every rule, the worst first; new transitions and messages go to the ledger.

    In:  `now`: as of when (naive UTC); `detected_at`: the console's clock; `writable` False: nothing is
         written, the answer is what an evaluation would have said.
    Raises: StoreError where the ledger cannot be written: nothing of this evaluation is recorded then.
    """
    memo = memo if memo is not None else Memo()
    if memo.workspace is not workspace:
        memo.rules = {name: ready(workspace, rule) for name, rule in workspace.rules.items()}
        memo.workspace, memo.key = workspace, None
    ask = Ask(tables, workspace, now, detected_at, facts or _facts(tables), answer or _answer)
    series = dict(_series(ask, memo))
    key = _key(ask, memo, series, ledger) if writable else None
    if key is not None and key == memo.key and memo.answer is not None:
        return replace(memo.answer, as_of=now)
    ledger = ledger if writable else ledger.replica()
    with ledger.transaction():
        result = _all(ask, memo, series, ledger)
    if key is not None:
        memo.key, memo.answer = _key(ask, memo, series, ledger), result
    return result


def _all(ask: Ask, memo: Memo, series: Mapping[str, Series], ledger: Ledger) -> AlertsAnswer:
    digests, acts = ledger.digests(), ledger.acts()
    out: list[Alert] = []
    for name, rule in memo.rules.items():
        if name in series:
            out += _rule(ask, memo, rule, series[name], ledger, digests.get(name), acts)
    for name in digests.keys() - ask.workspace.rules.keys():
        retire(ledger, name, ask.detected_at)
    return AlertsAnswer(ask.now, ordered(out), len(series))


def _rule(
    ask: Ask, memo: Memo, rule: Ready, series: Series, ledger: Ledger, before: str | None, acts: Sequence[Act]
) -> list[Alert]:
    """Judge the members of one rule, record what is new, and say how they stand."""
    edited = before is not None and before != rule.digest
    if edited:
        ledger.rows("DELETE FROM alert_running WHERE rule = ?", (rule.rule.name,))
    known = ledger.in_force(rule.rule.name)
    running = _recorded_running(ledger, rule.rule.name, series.axis)
    previous = _elapsed(ask, rule, series)
    findings = []
    for labels in _members(rule.rule, series.loaded, known, edited):
        member = member_key(labels)
        judged = _judged(ask, memo, rule, series, labels, ledger, acts, running.get(member, {}), previous.get(labels))
        if judged is not None or member in known:
            judged = judged or Judged(Replay((), Standing(), None), None, None, False)
            findings.append(_finding(rule, series.axis, member, judged, known.get(member, []), edited))
    return [
        alert(ask.workspace, rule, series.axis, finding, mine, ask.detected_at)
        for finding, mine in record(ledger, ask.workspace, rule, series.axis, findings, acts, ask.detected_at)
        if _is_member(rule.rule, tuple(labels_of(finding.member).items()))
    ]


def _finding(
    rule: Ready, axis: Axis, member: str, judged: Judged, recorded: Sequence[Recorded], edited: bool
) -> Finding:
    severities = [severity for severity, _ in rule.rule.levels]
    if not edited:
        now = entries(rule.rule.name, member, axis.labels, severities, judged.replay, recorded)
        return Finding(member, judged, now, recorded, compare(recorded, now, axis.labels))
    now = entries(rule.rule.name, member, axis.labels, severities, judged.replay, ())
    last = judged.replay.judged or 0
    active = judged.replay.standing.state in ("firing", "recovering")
    change = rule_changed(recorded, now, active, axis.labels[last], last)
    now = tuple(each for each in change.added if each.in_force)
    return Finding(member, judged, now, recorded, change)


def _members(rule: Rule, loaded: Loaded, known: Collection[str], edited: bool) -> list[Labels]:
    """Members with facts, and those of the history that have none any more (or, edited, are none any more)."""
    gone = {tuple(labels_of(member).items()) for member in known}
    gone = {labels for labels in gone if edited or _is_member(rule, labels)}
    every = {member_key(labels): labels for labels in (*gone, *(loaded.members if rule.by else ((),)))}
    return [every[key] for key in sorted(every)]


def _is_member(rule: Rule, labels: Labels) -> bool:
    return {name for name, _ in labels} == set(rule.by)


def _judged(
    ask: Ask, memo: Memo, rule: Ready, series: Series, labels: Labels, ledger: Ledger, acts: Sequence[Act],
    running: Mapping[int, Sequence[Verdict]], previous: Mapping[tuple[str, str], float | None] | None,
) -> Judged | None:  # fmt: skip
    member, axis = member_key(labels), series.axis
    closes = [
        axis.complete_at(act.at)
        for act in acts
        if act.kind == "close" and act.rule == rule.rule.name and act.member == member
    ]
    key = (rule.digest, id(series.loaded), series.loaded.stamp.get(labels, 0), axis.labels[0], axis.complete,
           tuple(closes), tuple(sorted(series.fresh.items())), ask.facts.skipped)  # fmt: skip
    plain = rule.rule.on_incomplete == "wait" and not rule.sources and not running
    kept = memo.judged.get((rule.rule.name, labels))
    if plain and kept is not None and kept[0] == key:
        return kept[1]
    readings = MemberReadings(
        rule.rule, series.workspace, axis, series.loaded.members.get(labels, {}), ask.facts, fresh=series.fresh,
        readings=_readings(ask, rule, axis, ledger),
    )  # fmt: skip
    first = 0 if not rule.rule.by else readings.seen_from()
    if first is None or not _is_member(rule.rule, labels):
        return None
    now = None if plain else _running_readings(ask, rule, readings, previous)
    found = judge(rule, readings, first, closes, running, now)
    if plain:
        memo.judged[rule.rule.name, labels] = (key, found)
    return found


def _running_readings(
    ask: Ask, rule: Ready, readings: MemberReadings, previous: Mapping[tuple[str, str], float | None] | None
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


def _readings(ask: Ask, rule: Ready, axis: Axis, ledger: Ledger) -> dict[tuple[str, str], float]:
    """Rejected shares by (source, period); today's is kept for the replays to come."""
    if not rule.sources or not axis.complete:
        return {}
    period = axis.labels[axis.complete - 1]
    for source in rule.sources:
        share = ask.facts.rejected_share(source)
        if share is not None:
            ledger.rows(
                "INSERT INTO alert_readings VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at",
                (source, period, share, ask.detected_at.isoformat(timespec="microseconds")),
            )
    rows = ledger.rows("SELECT source, period, value FROM alert_readings")
    return {(str(source), str(label)): float(str(value)) for source, label, value in rows}


def _recorded_running(ledger: Ledger, rule: str, axis: Axis) -> dict[str, dict[int, list[Verdict]]]:
    out: dict[str, dict[int, list[Verdict]]] = {}
    for member, period, level, recovered in ledger.rows(
        "SELECT member, period, level, recovered FROM alert_running WHERE rule = ? ORDER BY n", (rule,)
    ):
        position = axis.index.get(str(period))
        if position is not None:
            verdict = Verdict(int(str(level)), None if recovered is None else bool(recovered))
            out.setdefault(str(member), {}).setdefault(position, []).append(verdict)
    return out


def _elapsed(ask: Ask, rule: Ready, series: Series) -> dict[Labels, dict[tuple[str, str], float | None]]:
    """Bases up to the same local time by member and (metric, base), asked of the metrics themselves."""
    axis = series.axis
    if rule.rule.on_incomplete != "same_elapsed" or len(axis.labels) == axis.complete or not rule.bases:
        return {}
    from engine.alerts.judging import volume

    names = tuple(dict.fromkeys(each for metric, _ in rule.bases for each in (metric, volume(ask.workspace, metric))))
    wanted = tuple(base for base in ("previous", "week", "month", "year") if base in {b for _, b in rule.bases})
    day = axis.starts[-1].date()
    where = None if rule.rule.where is None else rule.rule.where.text
    query = MetricQuery(names, rule.rule.by, rule.rule.grain, Range(day, None), where, wanted)
    out: dict[Labels, dict[tuple[str, str], float | None]] = {}
    for row in ask.answer(ask.tables, ask.workspace, query, ask.now).rows:
        if row.period == axis.labels[-1]:
            for base, value in row.previous.items():
                out.setdefault(row.by, {})[row.metric, base] = value
    return out


# --- reading ---------------------------------------------------------------------------------------


def _series(ask: Ask, memo: Memo) -> Iterator[tuple[str, Series]]:
    """The series of every rule; rules that share grain, dimensions, filter and settling share one question."""
    days = ask.tables.days(("events", "spend"))
    if days is None:
        return
    console = ask.workspace.console
    feeds: dict[tuple[Grain, tuple[str, ...], str | None, int, bool], list[Ready]] = {}
    for rule in memo.rules.values():
        where = None if rule.rule.where is None else rule.rule.where.text
        running = rule.rule.on_incomplete != "wait"
        feeds.setdefault((rule.rule.grain, rule.rule.by, where, rule.rule.settle_hours, running), []).append(rule)
    for (grain, by, where, settle, running), rules in feeds.items():
        line = axis(grain, days[0], ask.now, console.timezone, console.week_start, settle)
        upto = len(line.labels) - 1 if running else line.complete - 1
        if upto < 0:
            continue
        names = tuple(sorted({metric for rule in rules for metric in rule.metrics}))
        feed = Feed(grain, by, where, names, upto, settle)
        key = (grain, by, where, settle, running, names, ask.workspace.digest)
        asked, _ = with_rows(ask.workspace, names)
        if names:
            memo.feeds[key] = load(feed, line, memo.feeds.get(key), ask.tables, ask.workspace, ask.now, ask.answer)
        loaded = memo.feeds.get(key) or Loaded(line.labels[0], 0, members={(): dict[str, Cells]()})
        for rule in rules:
            fresh = {m: fresh_periods(asked, line, _sources(ask.workspace, (m,)), ask.facts) for m in rule.metrics}
            yield rule.rule.name, Series(line, loaded, asked, fresh)


def _key(ask: Ask, memo: Memo, series: Mapping[str, Series], ledger: Ledger) -> object:
    """Equal while nothing that an evaluation reads has changed; None where time alone can change it."""
    acts = ledger.acts()
    timed = any(act.until is not None and act.until > ask.detected_at for act in acts)
    for rule in memo.rules.values():
        timed = timed or bool(rule.rule.escalation or rule.rule.repeat_every or rule.sources)
        timed = timed or rule.rule.on_incomplete != "wait"
    if timed:
        return None
    parts = tuple(
        (name, memo.rules[name].digest, id(each.loaded), sum(each.loaded.stamp.values()), each.axis.labels[0],
         each.axis.complete, tuple(each.fresh.values()))
        for name, each in series.items()
    )  # fmt: skip
    return (id(memo.workspace), ask.facts.skipped, parts, len(acts), ledger.mark())


def _sources(workspace: Workspace, metrics: Sequence[str]) -> frozenset[str]:
    """Sources whose facts can be in the metrics; all of events for a kind that cannot say."""
    from engine.metrics import sources_of

    found: set[str] = set()
    for metric in metrics:
        try:
            found |= sources_of(workspace, metric)
        except UsageError:
            found |= {source.name for source in workspace.sources if source.table == "events"}
    return frozenset(found)


def _answer(tables: Tables, workspace: Workspace, query: MetricQuery, now: datetime) -> MetricAnswer:
    from engine.metrics import answer

    return answer(tables, workspace, query, now)


def _facts(tables: Tables) -> AlertFacts:
    return AlertFacts(newest=tables.newest)
