"""Metrics and funnels that hold for one question: the words of looptop.toml, checked as they are there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from engine.errors import ConfigurationError, UsageError
from engine.expressions import Expression
from engine.schema import Kind, Table
from engine.workspace.context import Context
from engine.workspace.faults import Report
from engine.workspace.funnels import funnels
from engine.workspace.loading import parsed
from engine.workspace.metrics import metrics
from engine.workspace.model import Funnel, Workspace
from engine.workspace.rules import condition
from engine.workspace.shape import shape

SECTIONS = ("metric", "funnel")
_TOO_LONG = 64 << 10


def amended_workspace(
    workspace: Workspace,
    toml: str,
    *,
    props: Mapping[Table, Mapping[str, Kind]] | None,
    file: str,
) -> Workspace:
    """See `engine.workspace.amended`."""
    report = Report(file, toml.replace("\r\n", "\n"))
    if len(toml) > _TOO_LONG:
        report.add((), f"is longer than {_TOO_LONG >> 10} KiB", line=0)
        raise ConfigurationError(report.faults)
    raw = parsed(report)
    for name in raw.keys() - set(SECTIONS):
        report.add((name,), "only [metric.X] and [funnel.X] can be defined for a question")
    form = shape(report, {name: raw[name] for name in SECTIONS if name in raw})
    context = Context(
        report, _with(workspace, raw), {n: each for n, each in workspace.metrics.items() if each.builtin},
        props, None, frozenset(source.name for source in workspace.sources),
    )  # fmt: skip
    own = funnels(context, form)
    every = {**workspace.funnels, **own}
    steps = {name: len(each.steps) for name, each in every.items()}
    found = metrics(context, form, steps, workspace.metrics)
    _still_measured(report, workspace, own)
    if report.faults:
        raise ConfigurationError(report.faults)
    if not own and not form.metric:
        return workspace
    digest = hashlib.sha256(f"{workspace.digest}\n{report.text}".encode()).hexdigest()
    names = frozenset((*(f"metric.{name}" for name in form.metric), *(f"funnel.{name}" for name in own)))
    return replace(workspace, metrics=found, funnels=every, digest=digest, adhoc=workspace.adhoc | names)


def alert_condition(workspace: Workspace, text: str, name: str) -> Expression:
    """See `engine.workspace.alert_condition`."""
    report = Report(name, text)
    rules = [{"name": rule.name} for source in workspace.sources for rule in source.quality]
    context = Context(
        report, {**_with(workspace, {}), "quality": rules}, workspace.metrics, None, None,
        frozenset(source.name for source in workspace.sources),
    )  # fmt: skip
    found = condition(context, (name,), text)
    if found is None:
        hints = (
            f"{each.message}" + (f"; nearest: {each.nearest}" if each.nearest else "")
            for each in report.faults
        )
        raise UsageError(f"{name}: " + "\n".join(hints))
    return found


def _with(workspace: Workspace, raw: Mapping[str, object]) -> dict[str, object]:
    """What names can be used: those of the workspace and those of the text."""
    held = {"metric": workspace.metrics, "funnel": workspace.funnels}
    named = {name: {**held[name], **_table(raw.get(name))} for name in SECTIONS}
    looked = [{"add": dict(each.add)} for each in workspace.lookups]
    return {**named, "identity": {"priority": list(workspace.identity.priority)}, "lookup": looked}


def _table(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _still_measured(report: Report, workspace: Workspace, own: Mapping[str, Funnel]) -> None:
    """Metrics of a funnel that the text replaces need its steps."""
    for name, metric in workspace.metrics.items():
        funnel = own.get(metric.funnel or "")
        if funnel is None or not funnel.steps:
            continue
        last = max(metric.from_step or 1, metric.to_step or 1)
        if last > len(funnel.steps):
            at = ("funnel", funnel.name, "steps")
            report.add(at, f'has {len(funnel.steps)} steps, and the metric "{name}" reads step {last}')
