"""A question why a metric changed → causes, members, tree, verdict and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from engine.causes.asking import When, values, when
from engine.causes.form import Form, Whole, form_of
from engine.causes.leaves import Leaves
from engine.causes.reading import lasting, read, searched
from engine.causes.scan import Found
from engine.causes.sentences import Factor, Told, Weights, sentence
from engine.causes.split import Split, split
from engine.causes.tree import NOTHING, Tree, tree
from engine.errors import UnknownName, UsageError
from engine.expressions import parse
from engine.metrics.dictionary import children
from engine.metrics.period import Calendar
from engine.metrics.plan import Node, check, resolve
from engine.metrics.read import Ask
from engine.metrics.sources import base_table
from engine.questions import Cause, WhyAnswer, WhyQuery
from engine.questions.members import member_filter

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace

MOST_NAMED = 8
"""Dimensions that a question may name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that has been read."""

    tables: Tables
    workspace: Workspace
    query: WhyQuery
    at: When
    node: Node

    def tree(
        self, where: str | None = None
    ) -> tuple[Tree, Mapping[str, float | None], Mapping[str, float | None]]:
        """The metric tree with the values in both periods, of everything or of the members of a filter.

        A child whose table knows nothing of the filter has no value there: no tree then.
        """
        names = children(self.workspace.metrics[self.query.metric])
        wanted = {self.query.metric, *names}
        try:
            base, now = values(self.tables, self.workspace, self.at, sorted(wanted), where)
        except (UnknownName, UsageError):
            if not names:
                raise
            base, now = values(self.tables, self.workspace, self.at, (self.query.metric,), where)
        found = tree(self.workspace.metrics, self.query.metric, base, now, self.query.method)
        return found, base, now


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
    asked = Asked(tables, workspace, query, at, node)
    whole, base, current = asked.tree()
    change = _change(base.get(query.metric), current.get(query.metric))
    form = form_of(node)
    by, leaves = query.by, None
    if isinstance(form, Form):
        by, leaves = _leaves(asked, form)
    found = split(leaves, query.by or None, change) if leaves else Split((), (), "none")
    trees = [_inside(asked, cause) for cause in found.causes]
    metric = workspace.metrics[query.metric]
    told = sentence(
        Told(
            metric,
            base.get(query.metric),
            current.get(query.metric),
            found,
            tuple(_factor(workspace, *each) for each in trees),
            _factor(workspace, whole, base, current),
            form if isinstance(form, Whole) else None,
            _weights(leaves, found),
            workspace.metrics,
        )
    )
    return WhyAnswer(
        metric=query.metric,
        period=at.period.name,
        base_period=at.base_name,
        base=base.get(query.metric),
        now=current.get(query.metric),
        total_change=change,
        by=by,
        causes=tuple(
            _cause(each, inside[0], change) for each, inside in zip(found.causes, trees, strict=True)
        ),
        members=found.members,
        tree_method=whole.method,
        tree=whole.effects,
        verdict=found.verdict,
        sentence=told[workspace.console.language or "en"],
        sentences=told,
        unit=metric.unit,
    )


def _change(base: float | None, now: float | None) -> float | None:
    return None if base is None or now is None else now - base


def _leaves(asked: Asked, form: Form) -> tuple[tuple[str, ...], Leaves]:
    """The dimensions that are searched and the leaf table over them."""
    at, where = asked.at, asked.query.where
    filtered = parse(where) if where and where.strip() else None
    check(asked.tables, asked.workspace, (asked.node,), asked.query.by, filtered)
    ask = Ask((at.now, at.base), (), filtered, at.calendar, at.calendar.local(at.moment).date())
    by = asked.query.by or searched(asked.tables, asked.workspace, form, ask)
    leaves = read(asked.tables, form, replace(ask, by=by))
    leaves = leaves if asked.query.by else lasting(leaves)
    return leaves.dims, leaves


_Inside = tuple[Tree, Mapping[str, float | None], Mapping[str, float | None]]


def _inside(asked: Asked, cause: Found) -> _Inside:
    """The metric tree inside an element."""
    if not children(asked.workspace.metrics[asked.query.metric]):
        return NOTHING, {}, {}
    return asked.tree(member_filter(cause.element))


def _factor(
    workspace: Workspace, found: Tree, base: Mapping[str, float | None], now: Mapping[str, float | None]
) -> Factor | None:
    name = found.largest
    if name is None:
        return None
    return Factor(workspace.metrics[name], found.effects[name], base.get(name), now.get(name))


def _cause(found: Found, inside: Tree, change: float | None) -> Cause:
    factor = inside.largest
    return Cause(
        element=found.element,
        effect=found.effect,
        share=found.effect / change if change else None,
        ratio=found.ratio,
        llr=found.llr,
        factor=factor,
        factor_effect=None if factor is None else inside.effects[factor],
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
