"""The dictionary of metrics: what `metrics --list` and the Metrics screen show."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import timedelta

from engine.errors import UnknownName, UsageError
from engine.metrics.additivity import Additivity, of_node
from engine.metrics.plan import Measure, Node, resolve
from engine.workspace.model import Benchmark, Metric, Workspace


@dataclass(frozen=True, slots=True)
class Revision:
    """A change of a definition: told by the workspace in words, or seen as another hash under the name.

    `definition`: the hash from then on; None where only words tell of it.
    """

    date: str
    text: str
    definition: str | None = None


Seen = Mapping[str, Sequence[tuple[str, str, str]]]
"""By metric: (day, hash from then on, formula from then on) as refreshes saw it, the first one included."""


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
    additive: Additivity = "non"
    """Whether values add up: over everything, over members but not over time (`semi`), or not at all."""
    since: str | None = None
    """Day from which the definition holds, where the workspace says it or has seen it change."""
    changes: tuple[Revision, ...] = ()
    """What became of the definition, oldest first."""
    pace: str = "calendar"
    band: tuple[float, float] | None = None
    tolerance: float = 0.05

    def to_json(self) -> dict[str, object]:
        """Plain values, tuples as lists."""
        return {
            **asdict(self),
            "label": dict(self.label),
            "wording": dict(self.wording),
            "drives": list(self.drives),
            "changes": [asdict(each) for each in self.changes],
            "band": None if self.band is None else list(self.band),
        }


def dictionary(workspace: Workspace, seen: Seen | None = None) -> tuple[Entry, ...]:
    """All metrics of a workspace, by name; `seen`: which definitions were in force before."""
    return tuple(entry(workspace, name, seen) for name in sorted(workspace.metrics))


def entry(workspace: Workspace, name: str, seen: Seen | None = None) -> Entry:
    """One metric. Raises: UnknownName."""
    if name not in workspace.metrics:
        raise UnknownName("metric", name, workspace.metrics)
    metric, node = workspace.metrics[name], _node(workspace, name)
    revisions = _revisions(metric, (seen or {}).get(name, ()))
    return Entry(
        name, _label(workspace, metric), metric.wording, metric.kind, formula(metric), metric.unit,
        metric.good, metric.level, metric.owner, metric.credit, definition_hash(workspace, name),
        children(metric), metric.builtin, metric.benchmark, "non" if node is None else of_node(node),
        metric.since or max((each.date for each in revisions), default=None), revisions, metric.pace,
        None if metric.band is None else (float(metric.band[0]), float(metric.band[1])),
        float(metric.tolerance),
    )  # fmt: skip


def _revisions(metric: Metric, seen: Sequence[tuple[str, str, str]]) -> tuple[Revision, ...]:
    """Told and seen changes by day; what was seen first is where it began, not a change."""
    told = [Revision(day, text) for day, text in metric.changes]
    return tuple(
        sorted((*told, *(Revision(day, text, hashed) for day, hashed, text in seen[1:])), key=_order)
    )


def _order(revision: Revision) -> tuple[str, bool]:
    return revision.date, revision.definition is not None


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
        steps = f"steps {metric.from_step or 1} to {metric.to_step or 'the last'}"
        return f"{metric.measure} of funnel {metric.funnel}, {steps}"
    if metric.kind == "conversion":
        return _conversion(metric)
    if metric.kind == "cumulative":
        return f"{metric.base or _aggregate(metric)}{_days(metric)}"
    balance = f", {metric.pick} day of the period" if metric.additive == "semi" else ""
    return f"{_aggregate(metric)}{balance}"


def _conversion(metric: Metric) -> str:
    sides = [
        side
        if isinstance(side, str)
        else " or ".join(side.events) + (f" where {side.where}" if side.where else "")
        for side in metric.sides or ()
    ]
    within = "" if metric.window_us is None else f" within {timedelta(microseconds=metric.window_us)}"
    same = f", same {', '.join(metric.hold)}" if metric.hold else ""
    return f"{metric.per} with {' then '.join(sides)}{within}{same}"


def _days(metric: Metric) -> str:
    span = f"{metric.window_days} d" if metric.window_days else f"{metric.grain_to_date} to date"
    return f" over {span}" + (f", {metric.pick} of the days" if metric.pick != "last" else "")


def _aggregate(metric: Metric) -> str:
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
    if metric.kind == "cumulative" and metric.base is not None:
        return (metric.base,)
    return ()


def definition_hash(workspace: Workspace, name: str) -> str:
    """Twelve hex digits over the metric and everything below it, and over how time and money are cut."""
    console = workspace.console
    cut = (console.timezone, console.week_start, console.fiscal_month, console.currency)
    metric, node = workspace.metrics[name], _node(workspace, name)
    below = None if node is None else _made_of(node)
    text = repr((formula(metric), metric.credit, metric.unit, metric.gap, below, cut))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _node(workspace: Workspace, name: str) -> Node | None:
    """The tree of a metric; None where it cannot be computed (a funnel of it has no steps yet)."""
    try:
        return resolve(workspace, name)
    except UsageError:
        return None


def _made_of(node: Node) -> object:
    """Formulas and measures of a metric and of all its operands."""
    own = (("num", node.num), ("den", node.den), ("base", node.base), *node.parts)
    below = [(name, part) for name, part in own if part]
    parts = [(name, _made_of(part)) for name, part in below]
    return formula(node.metric), repr(node.frame), _said(node.measure), parts


def _said(measure: Measure | None) -> list[tuple[str, str]]:
    """What a measure says beyond its defaults, so that a new kind of measure changes no other's hash."""
    if measure is None:
        return []
    held = [(each.name, each.default, getattr(measure, each.name)) for each in fields(measure)]
    return [(name, repr(value)) for name, default, value in held if value != default]
