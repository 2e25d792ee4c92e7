"""What all rules read, asked once: rules that share grain, dimensions and filter share one question."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from engine.alerts.judging.rules import Ready
from engine.alerts.judging.verdicts import volume
from engine.alerts.kept.records import Labels
from engine.alerts.reading.allowance import Allowed, allowed
from engine.alerts.reading.periods import Axis, Grain, axis
from engine.alerts.reading.readings import AlertFacts, MemberReadings
from engine.alerts.reading.series import Answer, Cells, Feed, Loaded, load, with_rows
from engine.errors import UsageError
from engine.questions import MetricAnswer, MetricQuery, Range, WhyAnswer, WhyQuery
from engine.store.tables import Tables
from engine.workspace.model import Workspace


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
    """A rule's axis and the series that it reads; `own`: those of the feed that are the rule's."""

    axis: Axis
    loaded: Loaded
    workspace: Workspace
    fresh: Mapping[str, int]
    own: frozenset[str]
    limits: Allowed = field(default_factory=dict)
    """How far anomalies may go, where the rule says how many false alerts it may cost."""


def all_series(
    ask: Ask, rules: Iterable[Ready], known: MutableMapping[tuple[object, ...], Loaded]
) -> Iterator[tuple[str, Series]]:
    """(rule, its series) of every rule; In: what is kept of the feeds, renewed where days changed."""
    days = ask.tables.days(("events", "spend"))
    if days is None:
        return
    console = ask.workspace.console
    feeds: dict[tuple[Grain, tuple[str, ...], str | None, int, bool], list[Ready]] = {}
    for rule in rules:
        where = None if rule.rule.where is None else rule.rule.where.text
        running = rule.rule.on_incomplete != "wait"
        feeds.setdefault((rule.rule.grain, rule.rule.by, where, rule.rule.settle_hours, running), []).append(
            rule
        )
    for (grain, by, where, settle, running), sharing in feeds.items():
        line = axis(grain, days[0], ask.now, console.timezone, console.week_start, settle_hours=settle)
        upto = len(line.labels) - 1 if running else line.complete - 1
        if upto < 0:
            continue
        names = tuple(sorted({metric for rule in sharing for metric in rule.metrics}))
        group = (grain, by, where, settle, running, ask.workspace.digest)
        key = next((k for k in known if k[:-1] == group and _holds(k[-1], names)), (*group, names))
        names = key[-1]  # type: ignore[assignment]
        feed = Feed(grain, by, where, names, upto, settle)
        asked, _ = with_rows(ask.workspace, names)
        if names:
            known[key] = load(
                feed, line, known.get(key), ask.tables, ask.workspace, now=ask.now, ask=ask.answer
            )
        loaded = known.get(key) or Loaded(line.labels[0], 0, members={(): dict[str, Cells]()})
        for rule in sharing:
            fresh = {
                m: _fresh_periods(asked, line, sources_read(ask.workspace, (m,)), ask.facts)
                for m in rule.metrics
            }
            own = frozenset(with_rows(ask.workspace, rule.metrics)[1])
            series = Series(line, loaded, asked, fresh, own)
            yield rule.rule.name, replace(series, limits=_limits(ask, rule, series))


def _limits(ask: Ask, rule: Ready, series: Series) -> Allowed:
    """Made anew where anything that the rule reads has changed."""
    if rule.rule.false_alerts is None:
        return {}
    loaded, axis = series.loaded, series.axis
    key = (
        rule.digest,
        axis.labels[0],
        axis.complete,
        sum(loaded.stamp.values()),
        tuple(series.fresh.items()),
        ask.facts.calendar,
    )
    kept = loaded.limits.get(rule.rule.name)
    if kept is None or kept[0] != key:
        members = [
            MemberReadings(rule.rule, series.workspace, axis, cells, ask.facts, fresh=series.fresh)
            for cells in loaded.members.values()
        ]
        kept = loaded.limits[rule.rule.name] = key, allowed(rule, members)
    return kept[1]


def _holds(held: object, names: tuple[str, ...]) -> bool:
    """Whether a question that was asked for other rules has all that these need."""
    return isinstance(held, tuple) and set(names) <= set(held)


def elapsed(ask: Ask, rule: Ready, series: Series) -> dict[Labels, dict[tuple[str, str], float | None]]:
    """Bases up to the same local time by member and (metric, base), asked of the metrics themselves."""
    axis = series.axis
    if rule.rule.on_incomplete != "same_elapsed" or len(axis.labels) == axis.complete or not rule.bases:
        return {}
    names = tuple(
        dict.fromkeys(each for metric, _ in rule.bases for each in (metric, volume(ask.workspace, metric)))
    )
    wanted = tuple(
        base for base in ("previous", "week", "month", "year") if base in {b for _, b in rule.bases}
    )
    day = axis.starts[-1].date()
    where = None if rule.rule.where is None else rule.rule.where.text
    query = MetricQuery(names, rule.rule.by, rule.rule.grain, Range(day, None), where, wanted)
    out: dict[Labels, dict[tuple[str, str], float | None]] = {}
    for row in ask.answer(ask.tables, ask.workspace, query, ask.now).rows:
        if row.period == axis.labels[-1]:
            for base, value in row.previous.items():
                out.setdefault(row.by, {})[row.metric, base] = value
    return out


def sources_read(workspace: Workspace, metrics: Sequence[str]) -> frozenset[str]:
    """Sources whose facts can be in the metrics; all of events for a kind that cannot say."""
    from engine.metrics import sources_of

    found: set[str] = set()
    for metric in metrics:
        try:
            found |= sources_of(workspace, metric)
        except UsageError:
            found |= {source.name for source in workspace.sources if source.table == "events"}
    return frozenset(found)


def ask_metrics(tables: Tables, workspace: Workspace, query: MetricQuery, now: datetime) -> MetricAnswer:
    from engine.metrics import answer

    return answer(tables, workspace, query, now)


def ask_why(tables: Tables, workspace: Workspace, query: WhyQuery, now: datetime) -> WhyAnswer:
    from engine.causes import answer

    return answer(tables, workspace, query, now)


def plain_facts(tables: Tables) -> AlertFacts:
    return AlertFacts(newest=tables.newest)


def _fresh_periods(workspace: Workspace, axis: Axis, sources: frozenset[str], facts: AlertFacts) -> int:
    """Number of complete periods by whose end all these sources had delivered, or were not yet stale."""
    count = axis.complete
    for source in workspace.sources:
        if source.name in sources and source.stale_after_us is not None:
            newest = facts.newest(source.name)
            if newest is None:
                return 0
            limit = newest + timedelta(microseconds=source.stale_after_us)
            count = min(count, bisect_right(axis.ends, limit))
    return count
