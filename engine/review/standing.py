"""How every rule stands, and why it is quiet: judged on which data, and how far from its limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.alerts.judging.members import measures, members, readings_of
from engine.alerts.judging.rules import Ready
from engine.alerts.judging.unknowns import why_unknown
from engine.alerts.judging.verdicts import verdict
from engine.alerts.kept.edits import Edit, edits
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.records import member_key
from engine.alerts.memo import Memo
from engine.alerts.reading.feeds import Ask, Series, all_series, sources_read
from engine.alerts.telling.inhibition import sources_named
from engine.questions import Alert, Quiet, RuleEntry
from engine.review.labels import labels as labels_said
from engine.review.precision import precision

_STATES = ("firing", "recovering", "pending", "ok")
_SEVERITIES = ("critical", "warning", "info")
_WEEKS = 4


def standing(
    ask: Ask, ledger: Ledger, memo: Memo, alerts: Sequence[Alert], lines: Mapping[str, int]
) -> tuple[RuleEntry, ...]:
    """Every rule of the workspace, the worst first.

    In:  the data and the moment; the memo of the evaluations; all alerts, also those that are ok; line of
         each rule in looptop.toml.
    """
    books = _Books.read(ledger, ask.now)
    with memo.lock:
        series = dict(all_series(ask, memo.rules.values(), memo.feeds))
        entries = [
            _entry(
                rule,
                [each for each in alerts if each.rule == name],
                books,
                _quiet(ask, ledger, memo, rule, series.get(name)),
                lines.get(name),
            )
            for name, rule in memo.rules.items()
        ]
    return tuple(sorted(entries, key=_order))


def _order(entry: RuleEntry) -> tuple[int, int, str]:
    return _STATES.index(entry.state), _SEVERITIES.index(entry.severity), entry.name


@dataclass(frozen=True, slots=True)
class _Books:
    """What the ledger says of rules."""

    fired: Mapping[str, str]
    episodes: Mapping[str, int]
    labels: Mapping[str, list[str]]
    messages: Mapping[str, int]
    edits: Mapping[str, Edit]

    @classmethod
    def read(cls, ledger: Ledger, now: datetime) -> _Books:
        """Of all rules at once."""
        told = ledger.rows(
            "SELECT rule, max(period), count(DISTINCT episode) FROM alert_transitions WHERE event = 'firing'"
            " AND shown = 1 AND episode NOT IN (SELECT episode FROM alert_transitions"
            " WHERE event = 'retracted' AND shown = 1 AND episode IS NOT NULL) GROUP BY rule"
        )
        since = (now - timedelta(weeks=_WEEKS)).isoformat(timespec="microseconds")
        messages = ledger.rows(
            "SELECT rule, count(*) FROM outbox WHERE created_at > ? GROUP BY rule", (since,)
        )
        return cls(
            fired={str(rule): str(period) for rule, period, _ in told},
            episodes={str(rule): int(str(count)) for rule, _, count in told},
            labels=_labels(ledger),
            messages={str(rule): int(str(count)) for rule, count in messages},
            edits={each.rule: each for each in edits(ledger)},
        )


def _labels(ledger: Ledger) -> dict[str, list[str]]:
    """Labels by rule, without episodes that corrected data or an edit took away."""
    said = labels_said(ledger)
    gone = {
        str(row[0])
        for row in ledger.rows(
            "SELECT episode FROM alert_transitions WHERE shown = 1"
            " AND (event = 'retracted' OR reason = 'rule_changed')"
        )
    }
    out: dict[str, list[str]] = {}
    for episode, rule in ledger.rows("SELECT episode, rule FROM alert_episodes"):
        if str(episode) in said and str(episode) not in gone:
            out.setdefault(str(rule), []).append(said[str(episode)].label)
    return out


def _entry(rule: Ready, alerts: Sequence[Alert], books: _Books, quiet: Quiet, line: int | None) -> RuleEntry:
    given, name = rule.rule, rule.rule.name
    worst = min(alerts, key=lambda a: (_STATES.index(a.state), _SEVERITIES.index(a.severity)), default=None)
    reviewed, share, low, high = precision(books.labels.get(name, []))
    edit = books.edits.get(name)
    open_ = [each for each in alerts if each.state in ("firing", "recovering")]
    return RuleEntry(
        name=name,
        label=given.label,
        when=" · ".join(when.text for _, when in given.levels),
        levels=tuple((severity, when.text) for severity, when in given.levels),
        by=given.by,
        grain=given.grain,
        state=worst.state if worst else "ok",
        severity=worst.severity if worst and worst.state != "ok" else given.levels[-1][0],
        open=len(open_),
        owner=given.owner,
        last_fired=books.fired.get(name),
        episodes=books.episodes.get(name, 0),
        reviewed=reviewed,
        precision=share,
        low=low,
        high=high,
        messages_week=books.messages.get(name, 0) / _WEEKS,
        quiet=_with_mutes(quiet, open_),
        builtin=given.builtin,
        metric=rule.metrics[0] if rule.metrics else None,
        unit=alerts[0].unit if alerts else "count",
        edited_at=None if edit is None else edit.at,
        edited={} if edit is None else edit.sentence,
        line=line,
    )


def _with_mutes(quiet: Quiet, alerts: Iterable[Alert]) -> Quiet:
    held = list(alerts)
    return replace(
        quiet,
        silenced=sum(1 for each in held if each.silenced_until is not None),
        inhibited=sum(1 for each in held if each.inhibited_by),
    )


def _quiet(ask: Ask, ledger: Ledger, memo: Memo, rule: Ready, series: Series | None) -> Quiet:
    """What the newest complete period says of each member."""
    sources = tuple(sorted(sources_read(ask.workspace, rule.metrics) | sources_named(ask.workspace, rule)))
    if series is None or not series.axis.complete:
        return Quiet(sources=sources)
    i, said, limited = series.axis.complete - 1, measures(rule, ledger), rule.levels[-1].limited
    counts, unknown = Counter[str](), Counter[str]()
    nearest: list[tuple[float, tuple[tuple[str, str | None], ...], float]] = []
    limit = rule.limit
    for labels in members(rule.rule, series, ledger.members(rule.rule.name)):
        kept = memo.judged.get((rule.rule.name, labels))
        if kept is None:
            continue
        readings = readings_of(ask, rule, series, labels, said)
        readings.incident = kept[1].replay.incident
        found = verdict(rule, readings, i).level
        if found is None:
            unknown[why_unknown(rule, readings, i)] += 1
        counts["unknown" if found is None else "clear" if found < 0 else "breach"] += 1
        value = limited.plain((readings, i)) if limited is not None and found == -1 else None
        if limited is not None and value is not None and limit is not None:
            short = value - limit if limited.below else limit - value
            nearest += [(short, labels, value)] if short >= 0 else []
    first = min(nearest, key=lambda each: (each[0], member_key(each[1])), default=None)
    return Quiet(
        period=series.axis.labels[i],
        members=counts.total(),
        breach=counts["breach"],
        clear=counts["clear"],
        unknown=dict(sorted(unknown.items())),
        nearest=None if first is None else (dict(first[1]), first[2], limit),
        sources=sources,
        unit=limited.unit if limited is not None else "count",
    )
