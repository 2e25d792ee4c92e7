"""Alerts looked back on (预警复盘): what people say of episodes, how often rules are right, what to do."""

from engine.review.answer import review
from engine.review.digest import tell_week
from engine.review.documents import backtest_json, cases_json, review_json, rules_json
from engine.review.labels import Missed, Said, labels, miss, missed, say
from engine.review.precision import precision
from engine.review.proposals import Suggested

__all__ = [
    "Missed",
    "Said",
    "Suggested",
    "backtest_json",
    "cases_json",
    "labels",
    "miss",
    "missed",
    "precision",
    "review",
    "review_json",
    "rules_json",
    "say",
    "tell_week",
]
