"""Which alerts share a message: those of a rule that agree in what it groups by; an incident is one group."""

from __future__ import annotations

import json

from engine.alerts.cases import Case, owner
from engine.alerts.records import labels_of
from engine.workspace.model import Rule, Workspace


def group_of(workspace: Workspace, case: Case) -> str:
    """The group of a member: that of its total, where it has one."""
    name, member = case.home or (case.rule.name, case.member)
    return group_label(workspace.rules.get(name, case.rule), member, case.severity)


def group_label(rule: Rule, member: str, severity: str) -> str:
    """What alerts of a rule have in common that share a message."""
    more = {"owner": owner(rule, member), "severity": severity}
    labels: dict[str, str | None] = {**labels_of(member), **more}
    return json.dumps([rule.name, *(labels.get(name) for name in rule.group_by if name != "rule")])
