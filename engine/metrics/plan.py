"""A metric's name → the measures below it: what is added up in which table, and how it is put together.

A `Measure` is one aggregation over one table, or one number of a funnel. Ratios and derived metrics stand
over measures, cumulative and semi-additive ones over the days of a `Frame`; a metric with
`credit = "last_touch"` lends that rule to everything below it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from engine.errors import UnknownName, UsageError
from engine.expressions import Expression, calls
from engine.expressions import check as check_expression
from engine.metrics.flow import Flow, flow_of
from engine.metrics.frames import Frame
from engine.metrics.moments import times_of
from engine.schema import UNGROUPED
from engine.workspace.model import Metric, Workspace

if TYPE_CHECKING:
    from engine.schema import Kind
    from engine.store.tables import Tables

Credit = Literal["own", "last_touch"]
TOUCHED = {"channel": "c_channel", "campaign": "c_campaign", "creative": "c_creative"}
"""Dimensions of an event that its credit decides, and their credited columns."""

LISTED_BY: Mapping[str, tuple[str, ...]] = {
    "repeat_orders": ("channel",),
    "cohort": ("channel",),
    "churn": (),
}
"""Dimensions of the measures over persons that have no relation of their own."""


ADDITIVE = frozenset({"sum", "count", "avg"})
"""Aggregations whose parts over rows can be added."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One aggregation: `table` as in `Metric.table` or one of LISTED_BY; `column` None counts rows.

    `agg`: as in `Metric.agg`, or `only`: the single value, null where there are several rows.
    """

    table: str
    agg: str
    column: str | None = None
    where: Expression | None = None
    credit: Credit = "own"
    quantile: float | None = None
    zero: bool = False
    """A period without rows, or with only nulls, is 0."""
    flow: Flow | None = None
    """The funnel that is measured instead of rows; `agg` says what of it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A metric as it is computed: a measure, a ratio of two nodes, an expression over nodes, or `base` over
    the days of a frame."""

    metric: Metric
    measure: Measure | None = None
    num: Node | None = None
    den: Node | None = None
    parts: tuple[tuple[str, Node], ...] = ()
    base: Node | None = None
    frame: Frame | None = None

    @property
    def children(self) -> tuple[Node, ...]:
        """The nodes that it is made of."""
        own = [child for child in (self.num, self.den, self.base) if child is not None]
        return (*own, *(node for _, node in self.parts))

    @property
    def measures(self) -> frozenset[Measure]:
        """All measures below."""
        if self.measure is not None:
            return frozenset({self.measure})
        return frozenset[Measure]().union(*(child.measures for child in self.children))

    @property
    def nodes(self) -> Iterator[Node]:
        """Itself and all nodes below."""
        yield self
        for child in self.children:
            yield from child.nodes

    def over(self, change: Callable[[Measure], Measure]) -> Node:
        """The same over other measures."""
        return replace(
            self,
            measure=change(self.measure) if self.measure else None,
            num=self.num.over(change) if self.num else None,
            den=self.den.over(change) if self.den else None,
            base=self.base.over(change) if self.base else None,
            parts=tuple((name, part.over(change)) for name, part in self.parts),
        )


def resolve(workspace: Workspace, name: str, credit: Credit = "own", above: tuple[str, ...] = ()) -> Node:
    """The tree of a metric.

    Raises: UnknownName; UsageError for a circle or a definition that lacks a part.
    """
    metrics = workspace.metrics
    if name not in metrics:
        raise UnknownName("metric", name, metrics)
    if name in above:
        raise UsageError(f'metric "{name}" is made from itself: {" → ".join((*above, name))}')
    metric, below = metrics[name], (*above, name)
    lent: Credit = "last_touch" if "last_touch" in (credit, metric.credit) else "own"
    if metric.kind == "simple":
        return _simple(metric, lent)
    if metric.kind == "ratio" and metric.num and metric.den:
        num, den = (resolve(workspace, part, lent, below) for part in (metric.num, metric.den))
        return Node(metric, num=num, den=den)
    if metric.kind == "derived" and metric.expr is not None:
        names = sorted(metric.expr.columns | {str(word) for word in _words(metric.expr)})
        return Node(metric, parts=tuple((part, resolve(workspace, part, lent, below)) for part in names))
    if metric.kind == "cumulative":
        own = Node(metric, _measure(metric, lent))
        base = resolve(workspace, metric.base, lent, below) if metric.base else own
        return Node(metric, base=base, frame=Frame(metric.window_days, metric.grain_to_date, metric.pick))
    return _flowing(workspace, metric)


def _simple(metric: Metric, credit: Credit) -> Node:
    node = Node(metric, _measure(metric, credit))
    if metric.additive != "semi":
        return node
    return Node(metric, base=node, frame=Frame(1, None, metric.pick, by_facts=True))


def _flowing(workspace: Workspace, metric: Metric) -> Node:
    """A metric of a funnel or a conversion: one measure, or for a rate the two that it divides."""
    flow = flow_of(workspace, metric)
    first, last = flow.first, flow.last
    if metric.kind == "funnel" and metric.measure != "rate":
        return Node(metric, Measure("events", metric.measure, zero=metric.measure == "persons", flow=flow))
    entered = replace(flow, last=first)
    num, den = (
        Node(metric, Measure("events", "persons", zero=True, flow=each))
        for each in (replace(flow, last=last), entered)
    )
    return Node(metric, num=num, den=den)


def _words(expression: Expression) -> list[object]:
    return [call.args[0] for call in calls(expression) if call.args]


def _measure(metric: Metric, credit: Credit) -> Measure:
    column = metric.column
    if metric.agg == "count_distinct" and column is None:
        column = "person"
    return Measure(
        metric.table or "events",
        metric.agg,
        column,
        metric.where,
        credit,
        metric.quantile,
        metric.gap == "zero",
    )


def touched(tables: Tables) -> Mapping[str, str]:
    """TOUCHED, with the columns that are looked up by one of them: they follow the credit as well."""
    own = tables.columns("events")
    found = [name for name in tables.columns("credited") if name.startswith("c_") and name not in own]
    return {name.removeprefix("c_"): name for name in found}


def narrowed(measure: Measure, uses_touch: bool, touches: Collection[str]) -> Measure:
    """The same without a credit that nothing asks for, so that equal reads are one read.

    In:  whether the question names one of the columns that the credit decides, and these columns.
    """
    uses_touch = uses_touch or (measure.where is not None and not measure.where.columns.isdisjoint(touches))
    keeps = uses_touch and measure.table != "spend" and measure.flow is None
    return measure if keeps else replace(measure, credit="own")


def dimensions(tables: Tables, table: str, personal: Collection[str]) -> dict[str, Kind]:
    """Columns of a table that can group, with their kinds; `personal` (identifiers) are not among them."""
    if table in LISTED_BY:
        return dict.fromkeys(LISTED_BY[table], "text")
    hidden = UNGROUPED | set(personal) | set(touched(tables).values())
    found: dict[str, Kind] = {
        name: kind
        for name, kind in tables.columns(table).items()
        if name not in hidden and kind in ("text", "boolean", "number", "count")
    }
    return {**times_of(table), **found}


def check(
    tables: Tables,
    workspace: Workspace,
    nodes: Collection[Node],
    by: tuple[str, ...],
    where: Expression | None,
) -> None:
    """Whether every table below has the dimensions and the columns of the filter.

    Raises: UnknownName with the nearest name of that table; UsageError for a filter that means nothing.
    """
    readers = {measure.table: node.metric.name for node in reversed(list(nodes)) for measure in node.measures}
    for table, reader in sorted(readers.items()):
        where_from = f"{table} (read by {reader})"
        groups = dimensions(tables, table, workspace.identity.priority) if by else {}
        for name in by:
            if name not in groups:
                raise UnknownName(f"dimension of {where_from}", name, groups)
        if where is not None:
            _check_where(where, filterable(tables, table), where_from)


def _check_where(where: Expression, known: Mapping[str, Kind], where_from: str) -> None:
    for name in sorted(where.columns):
        if name not in known:
            raise UnknownName(f"column of {where_from}", name, known)
    for message, _ in check_expression(where, known, want="boolean"):
        raise UsageError(f'the filter "{where}": {message}')


def filterable(tables: Tables, table: str) -> dict[str, Kind]:
    """Columns that a filter may name, with their kinds."""
    if table in LISTED_BY:
        return dict.fromkeys(LISTED_BY[table], "text")
    hidden = set(touched(tables).values()) | {"part", "row", "amount"}
    return {
        **times_of(table),
        **{name: kind for name, kind in tables.columns(table).items() if name not in hidden},
    }
