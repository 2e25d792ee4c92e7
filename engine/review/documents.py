"""What a team asked about its rules, as the JSON of the commands."""

from __future__ import annotations

from dataclasses import asdict

from engine.alerts import history_json
from engine.questions import BacktestAnswer


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
