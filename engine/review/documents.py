"""What a team asked about its rules, as the JSON of the commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from engine.alerts import history_json
from engine.questions import BacktestAnswer, ReviewAnswer, ReviewItem, RuleEntry, RuleReview, RulesAnswer

if TYPE_CHECKING:
    from engine.review.cases import CaseResult


def backtest_json(answer: BacktestAnswer, timezone: str) -> dict[str, object]:
    """`looptop backtest --json`: `episodes` and `messages` count; the episodes stand in `episode_list`."""
    return {
        "rule": answer.rule,
        "when": answer.when,
        "first": answer.first,
        "last": answer.last,
        "periods": answer.periods,
        "members": answer.members,
        "episodes": len(answer.episodes),
        "messages": answer.messages,
        "precision": answer.precision,
        "low": answer.low,
        "high": answer.high,
        "reviewed": answer.reviewed,
        "missed": answer.missed,
        "load": dict(answer.load),
        "threshold": answer.threshold,
        "steps": list(answer.steps),
        "days": dict(answer.days),
        "false_per_week": answer.false_per_week,
        "episode_list": [asdict(each) for each in answer.episodes],
        **history_json(answer.transitions, timezone),
    }


def review_json(answer: ReviewAnswer, language: str = "en") -> dict[str, object]:
    """`looptop review --json`; what each rule's record is, then what waits and what is proposed."""
    return {
        "rules": [_record(each) for each in answer.rules],
        "queue": [_item(each, language) for each in answer.queue],
        "done": [_item(each, language) for each in answer.done],
        "load": [asdict(each) for each in answer.load],
        "proposals": [
            {
                "rule": each.rule,
                "kind": each.kind,
                "other": each.other,
                "sentence": each.sentence.get(language, ""),
                "change": each.change,
                "evidence": None if each.evidence is None else _evidence(each.evidence),
            }
            for each in answer.proposals
        ],
        "digest": answer.digest.get(language, ""),
    }


def _record(each: RuleReview) -> dict[str, object]:
    return {
        "rule": each.rule,
        "episodes": each.episodes,
        "reviewed": each.reviewed,
        "coverage": each.coverage,
        "precision": each.precision,
        "low": each.low,
        "high": each.high,
        "recall": each.recall,
        "detection_hours": each.detection_hours,
        "reset_hours": each.reset_hours,
        "messages": each.messages,
    }


def _item(each: ReviewItem, language: str) -> dict[str, object]:
    return {
        "id": each.id,
        "rule": each.rule,
        "labels": dict(each.labels),
        "severity": each.severity,
        "active_at": each.active_at,
        "resolved": each.resolved,
        "reason": each.reason,
        "owner": each.owner,
        "sentence": each.sentence.get(language, ""),
        "label": each.label,
        "by": each.by,
        "note": each.note,
    }


def _evidence(found: BacktestAnswer) -> dict[str, object]:
    return {
        "when": found.when,
        "threshold": found.threshold,
        "episodes": len(found.episodes),
        "messages": found.messages,
        "precision": found.precision,
        "missed": found.missed,
    }


def rules_json(answer: RulesAnswer) -> dict[str, object]:
    """`looptop rules --json`."""
    return {
        "as_of": answer.as_of,
        "version": answer.version,
        "read": answer.read,
        "rules": [_rule(each) for each in answer.rules],
    }


def _rule(entry: RuleEntry) -> dict[str, object]:
    quiet = asdict(entry.quiet)
    if entry.quiet.nearest is not None:
        labels, value, limit = entry.quiet.nearest
        quiet["nearest"] = {"labels": dict(labels), "value": value, "limit": limit}
    levels = [{"severity": severity, "when": when} for severity, when in entry.levels]
    return {**asdict(entry), "levels": levels, "quiet": quiet}


def cases_json(results: Iterable[CaseResult]) -> dict[str, object]:
    """`looptop rules test --json`."""
    return {"cases": [{**asdict(each), "passed": each.passed} for each in results]}
