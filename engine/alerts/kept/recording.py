"""What an evaluation found, written to the ledger: transitions, episodes, running verdicts, messages.

Runs inside one transaction of the ledger; what was recorded before is never recorded again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.alerts.judging.rules import Ready
from engine.alerts.judging.verdicts import Judged
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.timeline import Difference, Entry
from engine.alerts.reading.periods import Axis
from engine.alerts.telling.cases import Flush


@dataclass(frozen=True, slots=True)
class Finding:
    """One member after replay: `entries` are its whole timeline, `change` what the ledger lacks.

    `fresh`: found in this evaluation, not taken over from the one before.
    """

    member: str
    judged: Judged
    entries: tuple[Entry, ...]
    change: Difference
    fresh: bool = True


def record(ledger: Ledger, rule: Ready, axis: Axis, findings: Sequence[Finding], at: datetime) -> None:
    """Write what is new of one rule; In: its findings, the console's clock."""
    name = rule.rule.name
    for finding in findings:
        _transitions(ledger, name, finding, at)
        _running(ledger, name, axis, finding, at)
    ledger.rows(
        "INSERT INTO alert_rules VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET digest = excluded.digest,"
        " evaluated_at = excluded.evaluated_at WHERE digest <> excluded.digest",
        (name, rule.digest, _text(at)),
    )


def retire(ledger: Ledger, rule: str, at: datetime) -> None:
    """A rule that is gone from the configuration: its running episodes end, its history stays."""
    for member in sorted(ledger.members(rule)):
        rows = ledger.in_force(rule, member)
        last = next((row for row in reversed(rows) if row.episode is not None), None)
        if last is not None and last.event != "resolved":
            end = Entry(
                0,
                rows[-1].period,
                "resolved",
                last.severity,
                "rule_changed",
                False,
                last.active_at,
                last.episode,
            )
            _insert(ledger, rule, member, (end,), at)
    ledger.rows("UPDATE alert_transitions SET in_force = 0 WHERE rule = ? AND in_force = 1", (rule,))
    for table in ("alert_running", "alert_rules", "alert_told"):
        ledger.rows(f"DELETE FROM {table} WHERE rule = ?", (rule,))  # noqa: S608 - constants


def _transitions(ledger: Ledger, rule: str, finding: Finding, at: datetime) -> None:
    change = finding.change
    if change.superseded:
        ledger.many(
            "UPDATE alert_transitions SET in_force = 0, shown = shown AND ? WHERE n = ?",
            [(int(shown), n) for n, shown in change.superseded],
        )
    if change.added:
        _insert(ledger, rule, finding.member, change.added, at)
    episodes = {entry.episode: entry.active_at for entry in change.added if entry.episode and entry.in_force}
    ledger.many(
        "INSERT INTO alert_episodes (episode, rule, member, active_at, detected_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET active_at = excluded.active_at",
        [(episode, rule, finding.member, active, _text(at)) for episode, active in episodes.items()],
    )


def _insert(ledger: Ledger, rule: str, member: str, entries: Sequence[Entry], at: datetime) -> None:
    ledger.many(
        "INSERT INTO alert_transitions (rule, member, period, event, severity, reason, late, partial,"
        " active_at, episode, detected_at, in_force, shown) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                rule,
                member,
                e.period,
                e.event,
                e.severity,
                e.reason,
                int(e.late),
                int(e.partial),
                e.active_at,
                e.episode,
                _text(at),
                int(e.in_force),
                int(e.shown),
            )
            for e in entries
        ],
    )


def _running(ledger: Ledger, rule: str, axis: Axis, finding: Finding, at: datetime) -> None:
    verdict = finding.judged.running
    if verdict is not None:
        recovered = None if verdict.recovered is None else int(verdict.recovered)
        ledger.rows(
            "INSERT INTO alert_running (rule, member, period, level, recovered, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (rule, finding.member, axis.labels[-1], verdict.level, recovered, _text(at)),
        )


def queue(ledger: Ledger, found: Flush) -> None:
    """Put messages into the outbox, each key once, and keep who knows what now."""
    ledger.many(
        "INSERT OR IGNORE INTO outbox (key, kind, rule, episodes, new, total, recipients, channel, severity,"
        " payload, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                m.key,
                m.kind,
                m.rule,
                json.dumps(m.episodes),
                m.new,
                m.total,
                json.dumps(m.recipients),
                m.channel,
                m.severity,
                json.dumps(dict(m.payload), ensure_ascii=False),
                _text(m.created_at),
            )
            for m in found.messages
        ],
    )
    ledger.many(
        "INSERT INTO alert_told (episode, rule, member, recipient, channel, severity, told_at, last_at,"
        " closing, escalated, revision, reminded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET"
        " severity = excluded.severity, told_at = excluded.told_at, last_at = excluded.last_at,"
        " closing = excluded.closing, escalated = excluded.escalated, revision = excluded.revision,"
        " reminded = excluded.reminded",
        [
            (
                t.episode,
                t.rule,
                t.member,
                t.recipient,
                t.channel,
                t.severity,
                _text(t.told_at),
                _text(t.last_at),
                int(t.closing),
                t.escalated,
                t.revision,
                t.reminded,
            )
            for t in found.told
        ],
    )
    ledger.many("DELETE FROM alert_told WHERE episode = ? AND recipient = ? AND channel = ?", found.finished)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
