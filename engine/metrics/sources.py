"""Which sources a metric reads, and whether one of them has gone stale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from engine.expressions import Expression
from engine.expressions.lowering import lower_checked
from engine.expressions.typed import Node as Term
from engine.metrics.plan import Measure, Node, resolve
from engine.workspace.model import Source, Workspace


def base_table(measure: Measure) -> str:
    """The canonical table whose facts a measure reads."""
    return measure.table if measure.table in ("spend", "profiles") else "events"


def sources_of(workspace: Workspace, metric: str) -> frozenset[str]:
    """Names of the sources whose facts can be in a metric.

    Raises: UnknownName.
    """
    return sources_below(workspace, resolve(workspace, metric))


def sources_below(workspace: Workspace, node: Node) -> frozenset[str]:
    """The same for a resolved metric."""
    measures = node.measures
    return frozenset(
        source.name
        for source in workspace.sources
        for measure in measures
        if source.table == base_table(measure) and _can_hold(source, measure)
    )


def stale_sources(workspace: Workspace, newest: Mapping[str, datetime], now: datetime) -> frozenset[str]:
    """Names of the sources that have facts (`newest`), but none within their `stale_after`."""
    return frozenset(
        source.name
        for source in workspace.sources
        if source.stale_after_us is not None
        and source.name in newest
        and now - newest[source.name] > timedelta(microseconds=source.stale_after_us)
    )


def _can_hold(source: Source, measure: Measure) -> bool:
    wanted = {"order"} if measure.table in ("customers", "repeat_orders") else events_of(measure.where)
    if source.table != "events" or wanted is None:
        return True
    if source.moments:
        return any(moment.event in wanted for moment in source.moments)
    rule = source.event
    if rule is None or rule.cases:
        return rule is None or any(event in wanted for _, event in rule.cases)
    if rule.constant is not None:
        return rule.constant in wanted or (rule.constant == "order" and "refund" in wanted)
    return rule.others == "pass" or any(event in wanted for event in rule.values.values())


@lru_cache(maxsize=1024)
def events_of(where: Expression | None) -> frozenset[str] | None:
    """Events that a filter lets through, where it names them; None: any."""
    if where is None or "event" not in where.columns:
        return None
    return _named(lower_checked(where, dict.fromkeys(where.columns, "text"), None))


def _named(term: Term) -> frozenset[str] | None:
    if term.op == "and":
        found = [each for each in (_named(part) for part in term.args) if each is not None]
        return frozenset.intersection(*found) if found else None
    if term.op not in ("eq", "in") or (term.args[0].op, term.args[0].value) != ("name", "event"):
        return None
    listed = term.args[1:]
    return (
        frozenset(str(part.value) for part in listed)
        if all(part.op == "literal" for part in listed)
        else None
    )
