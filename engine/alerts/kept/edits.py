"""Rules edited while they are judged: what they said before, what they say now, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.alerts.judging.rules import Ready
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.recording import Finding
from engine.workspace.model import Rule

_KEYS = (
    "for_periods", "recover_periods", "cooldown_periods", "nodata", "nodata_periods", "member_ttl_periods",
    "on_incomplete", "settle_hours", "evidence", "min_den", "min_base", "min_history", "calendar", "grain",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit; `before`, `after`: keys of looptop.toml whose values differ; what its episodes came to."""

    rule: str
    before: dict[str, str]
    after: dict[str, str]
    ended: int
    kept: int
    new: int
    at: datetime

    @property
    def sentence(self) -> dict[str, str]:
        """What changed, by language."""
        keys = sorted(self.before.keys() | self.after.keys())
        said = " · ".join(f"{key} {self.before.get(key, '–')} → {self.after.get(key, '–')}" for key in keys)
        english = said or "the definition of a metric that it reads"
        chinese = said or "其所用指标的口径"
        return {
            "en": f"{english}: {self.ended} ended, {self.kept} went on, {self.new} new",
            "zh": f"{chinese}：结束 {self.ended}，持续 {self.kept}，新增 {self.new}",
        }


def definition(rule: Rule) -> dict[str, str]:
    """What decides the verdicts of a rule, by key of looptop.toml."""
    said = {key: str(getattr(rule, key)) for key in _KEYS}
    if len(rule.levels) == 1:
        said |= {"when": rule.levels[0][1].text, "severity": rule.levels[0][0]}
    else:
        said |= {f"levels.{severity}": when.text for severity, when in rule.levels}
    said["by"] = ", ".join(rule.by) or "–"
    said["where"] = rule.where.text if rule.where is not None else "–"
    said["recover_when"] = rule.recover_when.text if rule.recover_when is not None else "–"
    return said


def remember(ledger: Ledger, rule: Ready, findings: Sequence[Finding], at: datetime, *, edited: bool) -> None:
    """Keep the definition that is in force, and what an edit changed; inside a transaction."""
    name, now = rule.rule.name, definition(rule.rule)
    rows = ledger.rows("SELECT definition FROM alert_definitions WHERE rule = ?", (name,))
    before: dict[str, str] = json.loads(str(rows[0][0])) if rows else now
    if edited:
        ended, kept, new = _outcome(findings)
        old = {key: value for key, value in before.items() if now.get(key) != value}
        fresh = {key: value for key, value in now.items() if before.get(key) != value}
        ledger.rows(
            "INSERT INTO alert_edits (rule, before, after, ended, kept, new, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (name, _json(old), _json(fresh), ended, kept, new, at.isoformat(timespec="microseconds")),
        )
    if edited or not rows:
        ledger.rows(
            "INSERT INTO alert_definitions VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET definition = excluded.definition",
            (name, _json(now)),
        )


def _outcome(findings: Sequence[Finding]) -> tuple[int, int, int]:
    """Episodes that the edit ended, that went on, and that it began."""
    ended = kept = new = 0
    for finding in findings:
        shown = [entry for entry in finding.change.added if entry.shown]
        ended += any(entry.reason == "rule_changed" for entry in shown)
        if finding.judged.replay.standing.state in ("firing", "recovering"):
            fresh = any(entry.event in ("firing", "reopened") for entry in shown)
            new, kept = new + fresh, kept + (not fresh)
    return ended, kept, new


def edits(ledger: Ledger, rule: str | None = None) -> tuple[Edit, ...]:
    """What was edited, in order; of one rule, or of all."""
    rows = ledger.rows("SELECT rule, before, after, ended, kept, new, at FROM alert_edits ORDER BY n")
    return tuple(
        Edit(
            str(name),
            json.loads(str(before)),
            json.loads(str(after)),
            int(str(ended)),
            int(str(kept)),
            int(str(new)),
            datetime.fromisoformat(str(at)),
        )
        for name, before, after, ended, kept, new, at in rows
        if rule in (None, name)
    )


def _json(said: dict[str, str]) -> str:
    return json.dumps(said, ensure_ascii=False)
