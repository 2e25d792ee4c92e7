"""Alerts: rules judged in event time, a history that survives a kill, messages that are told once.

`evaluate` is the door: everything it says follows from (rules, series, human acts), and everything it
records reaches the ledger in one transaction.
"""

from engine.alerts.acts import Deed, silence_matching, silences, unsilence
from engine.alerts.answers import alerts_json, history_json, incident_json, open_only, outbox_json
from engine.alerts.bands import band
from engine.alerts.decisions import decisions, take, taken
from engine.alerts.evaluation import evaluate
from engine.alerts.feeds import Ask
from engine.alerts.incident import incident
from engine.alerts.ledger import Ledger
from engine.alerts.memo import Memo
from engine.alerts.readings import AlertFacts
from engine.alerts.records import Act, Message
from engine.alerts.series import Answer

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
