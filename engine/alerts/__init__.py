"""Alerts: rules judged in event time, a history that survives a kill, messages that are told once.

`evaluate` is the door: everything it says follows from (rules, series, human acts), and everything it
records reaches the ledger in one transaction.
"""

from engine.alerts.evaluation import evaluate
from engine.alerts.judging.bands import band
from engine.alerts.kept.acts import Deed, silence_matching, silences, unsilence
from engine.alerts.kept.decisions import decisions, take, taken
from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.records import Act, Message
from engine.alerts.memo import Memo
from engine.alerts.reading.feeds import Ask
from engine.alerts.reading.readings import AlertFacts
from engine.alerts.reading.series import Answer
from engine.alerts.telling.answers import alerts_json, history_json, incident_json, open_only, outbox_json
from engine.alerts.telling.incident import incident

__all__ = [
    "Act",
    "AlertFacts",
    "Answer",
    "Ask",
    "Deed",
    "Ledger",
    "Memo",
    "Message",
    "alerts_json",
    "band",
    "decisions",
    "evaluate",
    "history_json",
    "incident",
    "incident_json",
    "open_only",
    "outbox_json",
    "silence_matching",
    "silences",
    "take",
    "taken",
    "unsilence",
]
