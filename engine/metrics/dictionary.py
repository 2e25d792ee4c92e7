"""The dictionary of metrics: what `metrics --list` and the Metrics screen show."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from engine.errors import UnknownName
from engine.metrics.plan import Node, resolve
from engine.workspace.model import Benchmark, Metric, Workspace


@dataclass(frozen=True, slots=True)
class Entry:
    """One metric: words by language, how it is computed, who owns it, what it is made of."""

    name: str
    label: Mapping[str, str]
    wording: Mapping[str, str]
    kind: str
    formula: str
    unit: str
    good: str
    level: str
    owner: str | None
    credit: str
    definition: str
    """Hash of all that the value depends on in the configuration."""
    drives: tuple[str, ...]
    builtin: bool
    benchmark: Benchmark | None = None
    """What is usual elsewhere, with its source."""

    def to_json(self) -> dict[str, object]:
        """Plain values, tuples as lists."""
        return {
            **asdict(self),
            "label": dict(self.label),
            "wording": dict(self.wording),
            "drives": list(self.drives),
        }


def dictionary(workspace: Workspace) -> tuple[Entry, ...]:
    """All metrics of a workspace, by name."""
    return tuple(entry(workspace, name) for name in sorted(workspace.metrics))


def entry(workspace: Workspace, name: str) -> Entry:
    """One metric. Raises: UnknownName."""
    if name not in workspace.metrics:
        raise UnknownName("metric", name, workspace.metrics)
    metric = workspace.metrics[name]
    return Entry(
        name, _label(workspace, metric), metric.wording, metric.kind, formula(metric), metric.unit,
        metric.good, metric.level, metric.owner, metric.credit, definition_hash(workspace, name),
        children(metric), metric.builtin, metric.benchmark,
    )  # fmt: skip


_ADHOC = {"en": "{} (ad hoc)", "zh": "{}（临时）"}


def _label(workspace: Workspace, metric: Metric) -> Mapping[str, str]:
    """Its words; those of a metric that is in no looptop.toml say so."""
    words = metric.label or {"en": metric.name}
    if f"metric.{metric.name}" not in workspace.adhoc:
        return words
    plain = words.get("en") or next(iter(words.values()))
    return {lang: said.format(words.get(lang, plain)) for lang, said in _ADHOC.items()}


def formula(metric: Metric) -> str:
    """How a metric is computed, in one line: `sum(value) of events where event = 'order'`."""
    if metric.kind == "ratio":
        return f"{metric.num} / {metric.den}"
    if metric.kind == "derived" and metric.expr is not None:
        return metric.expr.text
    if metric.kind == "funnel":
        return f"{metric.measure} of funnel {metric.funnel}, steps {metric.from_step} to {metric.to_step}"
    rows = f" of {metric.table or 'events'}"
    where = f" where {metric.where.text}" if metric.where is not None else ""
    share = f", {metric.quantile}" if metric.agg == "quantile" else ""
    return f"{metric.agg}({metric.column or '*'}{share}){rows}{where}"


def children(metric: Metric) -> tuple[str, ...]:
    """A metric's children in the tree: its `drives`, else what it is made of."""
    if metric.drives:
        return metric.drives
    if metric.kind == "ratio":
        return tuple(name for name in (metric.num, metric.den) if name)
    if metric.kind == "derived" and metric.expr is not None:
        return tuple(sorted(metric.expr.columns))
    return ()


def definition_hash(workspace: Workspace, name: str) -> str:
    """Twelve hex digits over the metric and everything below it, and over how time and money are cut."""
    console = workspace.console
    cut = (console.timezone, console.week_start, console.fiscal_month, console.currency)
    metric = workspace.metrics[name]
    below: object = formula(metric)
    if metric.kind in ("simple", "ratio", "derived"):
        below = _made_of(resolve(workspace, name))
    elif metric.funnel is not None and metric.funnel in workspace.funnels:
        below = repr(replace(workspace.funnels[metric.funnel], label={}))
    text = repr((formula(metric), metric.credit, metric.unit, metric.gap, below, cut))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _made_of(node: Node) -> object:
    """Formulas and measures of a metric and of all its operands."""
    below = [(name, part) for name, part in (("num", node.num), ("den", node.den), *node.parts) if part]
    return formula(node.metric), repr(node.measure), [(name, _made_of(part)) for name, part in below]
