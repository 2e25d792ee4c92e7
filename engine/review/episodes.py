"""Episodes as the ledger remembers them: when they began, were told, and ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from engine.alerts import Ledger
from engine.alerts.telling.cases import SEVERITIES

_GONE = ("data_corrected", "rule_changed")


@dataclass(frozen=True, slots=True)
class Past:
    """One episode; periods by their names, moments in naive UTC.

    `active_at`, `fired`: first breaching period, and that in which it fired. `calm`: the first clear period
    of its end. `gone`: corrected data or another rule took it away, so that it says nothing of the rule.
    """

    id: str
    rule: str
    member: str
    severity: str
    active_at: str
    fired: str
    detected_at: datetime
    late: bool
    resolved: str | None = None
    resolved_at: datetime | None = None
    reason: str | None = None
    calm: str | None = None
    gone: bool = False

    @property
    def closed(self) -> bool:
        """Whether it is over and counts."""
        return self.resolved is not None and not self.gone


def episodes(ledger: Ledger) -> dict[str, Past]:
    """Every episode there was, in the order of detection."""
    rows = ledger.rows(
        "SELECT episode, rule, member, period, event, severity, reason, late, active_at, detected_at"
        " FROM alert_transitions WHERE shown = 1 AND episode IS NOT NULL ORDER BY n"
    )
    out: dict[str, Past] = {}
    for episode, rule, member, period, event, severity, reason, late, active, at in rows:
        name, here = str(episode), str(period)
        found = out.get(name)
        if found is None:
            found = Past(
                name,
                str(rule),
                str(member),
                str(severity or "info"),
                str(active or here),
                here,
                datetime.fromisoformat(str(at)),
                bool(late),
            )
        why = None if reason is None else str(reason)
        step = (str(event), here, why, datetime.fromisoformat(str(at)))
        out[name] = _after(_worse(found, severity), *step)
    return out


def _worse(found: Past, severity: object) -> Past:
    if severity in SEVERITIES and SEVERITIES.index(str(severity)) < SEVERITIES.index(found.severity):
        return replace(found, severity=str(severity))
    return found


def _after(found: Past, event: str, period: str, reason: str | None, at: datetime) -> Past:
    """An episode after one more transition."""
    if event == "recovering":
        return replace(found, calm=period)
    if event == "relapse":
        return replace(found, calm=None)
    if event in ("resolved", "retracted"):
        return replace(
            found,
            resolved=period,
            resolved_at=at,
            reason=reason,
            calm=found.calm or period,
            gone=event == "retracted" or reason in _GONE,
        )
    if event in ("firing", "reopened"):
        return replace(found, resolved=None, resolved_at=None, reason=None, calm=None, gone=False)
    return found


def told(ledger: Ledger) -> Mapping[str, datetime]:
    """When each episode was first told as firing."""
    out: dict[str, datetime] = {}
    for names, at in ledger.rows(
        "SELECT episodes, coalesce(sent_at, created_at) FROM outbox WHERE kind = 'firing' ORDER BY n"
    ):
        for name in json.loads(str(names)):
            out.setdefault(str(name), datetime.fromisoformat(str(at)))
    return out
