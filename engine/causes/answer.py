"""A question why a metric changed → causes, members, tree, verdict and a sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from engine.causes.asking import When, values, when
from engine.causes.form import Form, Whole, form_of
from engine.causes.hops import flow_below, hops
from engine.causes.leaves import Leaves
from engine.causes.reading import bounded, lasting, read, searched
from engine.causes.scan import Found
from engine.causes.sentences import Factor, Told, Weights, of_causes, sentence
from engine.causes.split import Split, split
from engine.causes.tree import NOTHING, Given, Tree, tree
from engine.errors import UnknownName, UsageError
from engine.expressions import parse
from engine.metrics.dictionary import children
from engine.metrics.period import Calendar, Slot
from engine.metrics.plan import Node, check, resolve
from engine.metrics.read import Ask
from engine.metrics.sources import base_table
from engine.questions import Cause, WhyAnswer, WhyQuery
from engine.questions.members import member_filter
from engine.workspace.model import Metric

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace

MOST_NAMED = 8
"""Dimensions that a question may name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that has been read; `slots`: what is read for now and for before."""

    tables: Tables
    workspace: Workspace
    query: WhyQuery
    at: When
    node: Node
    slots: tuple[Slot, ...]

    @property
    def metric(self) -> Metric:
        """The metric that is asked about."""
        return self.workspace.metrics[self.query.metric]

    def ask(self, by: tuple[str, ...] = ()) -> Ask:
        """The question to the tables; the filter has been checked."""
        where = self.query.where
        filtered = parse(where) if where and where.strip() else None
        today = self.at.calendar.local(self.at.moment).date()
        return Ask(self.slots, by, filtered, self.at.calendar, today)

    def values(self) -> tuple[Given, Given]:
        """The metric before and now."""
        return values(self.tables, self.workspace, self.at, (self.query.metric,))

    def tree(self, element: Element = ()) -> Inside:
        """The metric tree with the values of its children in both periods, of everything or of an element.

        A child whose table knows nothing of the filter or of the element has no value there: no tree then.
        """
        flow = flow_below(self.node)
        if flow is not None:
            ask = self.ask(tuple(name for name, _ in element))
            member = tuple(value for _, value in element)
            return hops(
                self.tables,
                self.workspace,
                self.node,
                flow=flow,
                ask=ask,
                member=member,
                method=self.query.method,
            )
        names = children(self.metric)
        if not names:
            return NOTHING, {}, {}
        wanted = sorted({self.query.metric, *names})
        try:
            base, now = values(self.tables, self.workspace, self.at, wanted, member_filter(element))
        except (UnknownName, UsageError):
            return NOTHING, {}, {}
        return tree(self.workspace.metrics, self.query.metric, base, now, self.query.method), base, now


Element = tuple[tuple[str, str | None], ...]
Inside = tuple[Tree, Given, Given]


def answer(tables: Tables, workspace: Workspace, query: WhyQuery, now: datetime) -> WhyAnswer:
    """Why a metric changed.

    In:  `now`: naive UTC, the moment as of which periods are running or over.
    Raises: UnknownName, UsageError, ExpressionError, StoreError.
    """
    if len(query.by) > MOST_NAMED or len(set(query.by)) < len(query.by):
        raise UsageError(f"at most {MOST_NAMED} different dimensions, not {','.join(query.by)}")
    node = resolve(workspace, query.metric)
    held = tables.days(sorted({base_table(measure) for measure in node.measures}))
    at = when(query, held, now, Calendar.of(workspace.console))
    form, slots = _form(node, at)
    asked = Asked(tables, workspace, query, at, node, slots)
    before, after = (each.get(query.metric) for each in asked.values())
    change = None if before is None or after is None else after - before
    leaves, found = (None, NO_SPLIT) if isinstance(form, Whole) else _split(asked, form, change)
    whole, trees = asked.tree(), [asked.tree(cause.element) for cause in found.causes]
    story = Told(
        asked.metric,
        before,
        after,
        found,
        tuple(_factor(asked, *each) for each in trees),
        _factor(asked, *whole),
        form if isinstance(form, Whole) else None,
        _weights(leaves, found),
        workspace.metrics,
    )
    told, parts = sentence(story), zip(found.causes, trees, of_causes(story), strict=True)
    return WhyAnswer(
        metric=query.metric,
        period=at.period.name,
        base_period=at.base_name,
        base=before,
        now=after,
        total_change=change,
        by=leaves.dims if leaves else query.by,
        causes=tuple(
            replace(_cause(each, inside[0], change, leaves), sentences=said) for each, inside, said in parts
        ),
        members=found.members,
        tree_method=whole[0].method,
        tree=whole[0].effects,
        verdict=found.verdict,
        sentence=told[workspace.console.language or "en"],
        sentences=told,
        unit=asked.metric.unit,
    )


def _form(node: Node, at: When) -> tuple[Form | Whole, tuple[Slot, Slot]]:
    """The additive form of a metric and the days that it reads now and before.

    A cumulative metric is its base metric over the days up to the period's end.
    """
    if node.frame is None or node.base is None:
        return form_of(node), (at.now, at.base)
    today = at.calendar.local(at.moment).date()
    now, base = (node.frame.points(each, at.calendar, today) for each in (at.now, at.base))
    if len(now) != 1 or len(base) != 1:
        return Whole(node.metric.name, "days"), (at.now, at.base)
    return form_of(node.base), (now[0], base[0])


NO_SPLIT = Split((), (), "none")


def _split(asked: Asked, form: Form, change: float | None) -> tuple[Leaves, Split]:
    """The leaf table and what it says; of several tables, one for each dimension, the one that says most.

    Persons of a funnel have the value of one dimension at a time.
    """
    tables, workspace, named, ask = asked.tables, asked.workspace, asked.query.by, asked.ask()
    check(tables, workspace, (asked.node,), named, ask.where)
    by = named or searched(tables, workspace, form, ask)
    flows = any(measure.flow is not None for measure in form.measures)
    groups = [(name,) for name in by] if flows and by and not named else [by]
    found = []
    for group in groups:
        leaves = read(tables, workspace, form, replace(ask, by=group))
        leaves = leaves if named else bounded(lasting(leaves))
        found.append((leaves, split(leaves, named or None, change)))
    return max(found, key=lambda each: max((cause.llr for cause in each[1].causes), default=0.0))


def _factor(asked: Asked, found: Tree, base: Given, now: Given) -> Factor | None:
    name = found.largest
    if name is None:
        return None
    metric = asked.workspace.metrics.get(name) if name in children(asked.metric) else None
    unit = metric.unit if metric else "percent" if (now.get(name) or 0) <= 1 else "count"
    return Factor(
        name, metric.label if metric else {}, unit, found.effects[name], base.get(name), now.get(name)
    )


def _cause(found: Found, inside: Tree, change: float | None, leaves: Leaves | None) -> Cause:
    factor = inside.largest
    own = leaves.inside(found.element) if leaves is not None else None
    return Cause(
        element=found.element,
        effect=found.effect,
        share=found.effect / change if change else None,
        ratio=found.ratio,
        llr=found.llr,
        factor=factor,
        factor_effect=None if factor is None else inside.effects[factor],
        base=own.base if own is not None else None,
        now=own.now if own is not None else None,
    )


def _weights(leaves: Leaves | None, found: Split) -> Weights | None:
    """The member with the largest mix effect, and its share of the denominator before and now."""
    moved = [each for each in found.members if each.mix_effect]
    if leaves is None or not moved:
        return None
    most = max(moved, key=lambda each: abs(each.mix_effect or 0.0))
    inside = leaves.inside(most.member)
    before, after = (inside.total(name) / leaves.total(name) for name in ("den_base", "den_now"))
    return Weights(most.member, before, after, most.mix_effect or 0.0)
