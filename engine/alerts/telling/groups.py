"""Which alerts share a message: those of a rule that agree in what it groups by; an incident is one group."""

from __future__ import annotations

from engine.alerts.kept.records import labels_of
from engine.alerts.telling.cases import Case, owner
from engine.workspace.model import Rule, Workspace

Group = tuple[str | None, ...]


def group_of(workspace: Workspace, case: Case) -> Group:
    """The group of a member: that of its total, where it has one."""
    name, member = case.home or (case.rule.name, case.member)
    return group_label(workspace.rules.get(name, case.rule), member, case.severity)


def group_label(rule: Rule, member: str, severity: str) -> Group:
    """What alerts of a rule have in common that share a message."""
    named = [name for name in rule.group_by if name != "rule"]
    if not named:
        return (rule.name,)
    labels = {**labels_of(member), "owner": owner(rule, member), "severity": severity}
    return (rule.name, *(labels.get(name) for name in named))
