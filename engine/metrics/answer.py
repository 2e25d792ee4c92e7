"""A question about metrics → its rows: periods listed without holes, members of both periods, comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.errors import ExpressionError, UsageError
from engine.expressions import Expression, parse
from engine.metrics import cache
from engine.metrics.boards import board
from engine.metrics.evaluate import Board, Read, Result, change, precise
from engine.metrics.pace import Paced
from engine.metrics.period import Calendar, Period, Slot, base, periods, slot
from engine.metrics.plan import Node, check, narrowed, resolve, touched
from engine.metrics.read import Ask, Member
from engine.metrics.settled import newest_facts, settled
from engine.metrics.sources import base_table, sources_below, stale_sources
from engine.questions import MetricAnswer, MetricQuery, MetricRow, Range

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace

MOST_DIMENSIONS = 2


def answer(tables: Tables, workspace: Workspace, query: MetricQuery, now: datetime) -> MetricAnswer:
    """Rows of the metrics asked, sorted by metric, period and members (null last).

    In:  `now`: naive UTC, the moment as of which periods are running or over.
    Raises: UnknownName for a metric, dimension or column that is not there; UsageError; ExpressionError.
    """
    work = prepare(tables, workspace, query, now)
    newest = newest_facts(tables, workspace)
    rows: list[MetricRow] = []
    with precise():
        for node in work.nodes:
            rows += _rows(work, node, _told(workspace, work, node, newest))
    read = {base_table(measure) for node in work.nodes for measure in node.measures}
    return MetricAnswer(now, workspace.console.timezone, tuple(rows), tables.version(sorted(read)))


@dataclass(frozen=True, slots=True)
class Work:
    """A question that has been read: `slots` by number, of each period and of what it is compared with."""

    query: MetricQuery
    nodes: tuple[Node, ...]
    periods: tuple[Period, ...]
    slots: dict[Slot, int]
    bases: tuple[dict[str, int], ...]
    """Per period: slot number by comparison."""
    board: Board
    paced: Paced
    since: date | None
    """The first day with facts, where it matters."""
    kept: frozenset[Member] | None
    """Members under `top`; None: all."""
    where: Expression | None = None
    """The filter."""
    others: Board | None = None
    """All members beyond `top`, read as one."""


def prepare(tables: Tables, workspace: Workspace, query: MetricQuery, now: datetime) -> Work:
    """Check a question, and read all it needs in as few queries as there are tables."""
    _usage(query)
    cal = Calendar.of(workspace.console)
    where = _where(query.where)
    nodes = tuple(
        _plain(tables, resolve(workspace, name), query.by, where) for name in sorted(set(query.metrics))
    )
    check(tables, workspace, nodes, query.by, where)
    bounds = resolve_range(tables, nodes, query.range)
    found = _periods(query, bounds, now, cal)
    slots = {slot(period): number for number, period in enumerate(found)}
    bases: list[dict[str, int]] = []
    for period in found:
        beside = {compare: base(period, compare, now, cal) for compare in query.compare}
        bases.append({compare: slots.setdefault(each, len(slots)) for compare, each in beside.items()})
    paced = Paced(cache.targets(tables, workspace), workspace, found, query.by, query.range, now, cal)
    since = _since(tables, nodes)
    paced.learn(nodes, slots, since)
    ask = Ask(tuple(slots), query.by, where, cal, cal.local(now).date())
    read = board(tables, workspace, nodes, ask, pace=paced.share)
    kept = _top(tables, workspace, query, ask, bounds)
    others = None
    if kept is not None and query.others:
        rest = replace(ask, by=(), outside=query.by, others=kept)
        others = board(tables, workspace, nodes, rest, pace=paced.share)
    return Work(query, nodes, found, slots, tuple(bases), read, paced, since, kept, where, others)


def _since(tables: Tables, nodes: Iterable[Node]) -> date | None:
    """The first day with facts, where a metric asks how far back it can read."""
    each = [part for node in nodes for part in node.nodes]
    if not any(part.frame is not None or part.metric.pace == "profile" for part in each):
        return None
    held = tables.days(sorted({base_table(measure) for part in each for measure in part.measures}))
    return held[0] if held else None


def _usage(query: MetricQuery) -> None:
    if not query.metrics:
        raise UsageError("name at least one metric")
    if len(query.by) > MOST_DIMENSIONS or len(set(query.by)) < len(query.by):
        raise UsageError(f"at most {MOST_DIMENSIONS} different dimensions, not {','.join(query.by)}")
    if query.top is not None and query.top < 1:
        raise UsageError("--top takes a number from 1 up")
    first, last = query.range.first, query.range.last
    if first is not None and last is not None and first > last:
        raise UsageError(f"the range ends on {last}, before it begins on {first}")


def _where(text: str | None) -> Expression | None:
    if text is None or not text.strip():
        return None
    try:
        return parse(text)
    except ExpressionError as error:
        raise UsageError(f"the filter: {error}") from error


def _plain(tables: Tables, node: Node, by: tuple[str, ...], where: Expression | None) -> Node:
    """The node with the credit of its measures only where something asks for it."""
    touches = touched(tables).keys()
    asked = bool((set(by) | (where.columns if where else set())) & touches)

    return node.over(lambda measure: narrowed(measure, asked, touches))


def resolve_range(tables: Tables, nodes: Iterable[Node], asked: Range) -> tuple[date, date] | None:
    """First and last day: as asked, else as far as the facts of these metrics' tables go; None: no day."""
    read = {base_table(measure) for node in nodes for measure in node.measures}
    held = tables.days(sorted(read)) if asked.first is None or asked.last is None else None
    first, last = asked.first or (held and held[0]), asked.last or (held and held[1])
    return (first, last) if first and last and first <= last else None


def _periods(
    query: MetricQuery, bounds: tuple[date, date] | None, now: datetime, cal: Calendar
) -> tuple[Period, ...]:
    if bounds is None:
        if query.grain != "total":
            return ()
        day = query.range.first or query.range.last or cal.local(now).date()
        bounds = (day, day)
    asked = (query.range.first, query.range.last)
    return periods(query.grain, *bounds, now=now, cal=cal, bounds=asked)


def _top(
    tables: Tables, workspace: Workspace, query: MetricQuery, ask: Ask, bounds: tuple[date, date] | None
) -> frozenset[Member] | None:
    """The members with the largest values of the first metric over the whole range."""
    if query.top is None or not query.by or bounds is None:
        return None
    node = _plain(tables, resolve(workspace, query.metrics[0]), query.by, ask.where)
    whole = replace(ask, slots=(Slot(*bounds),))
    found = board(tables, workspace, (node,), whole)
    read = found.reader(node)

    def rank(member: Member) -> tuple[bool, Decimal, list[tuple[bool, str]]]:
        value = read(0, member).value
        return value is None, -(value or Decimal(0)), _order(member)

    with precise():
        return frozenset(sorted(found.members(node), key=rank)[: query.top])


def _order(member: Member) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in member]


def _rows(work: Work, node: Node, told: Told) -> Iterator[MetricRow]:
    read, name, compared = work.board.reader(node), node.metric.name, bool(work.query.compare)
    for number, period in enumerate(work.periods):
        bases, partial = work.bases[number], period.partial or told.cut[number]
        for member, by, aims in told.members:
            result = read(number, member)
            previous, changes = _beside(read, result, bases, member) if compared else ({}, {})
            row = MetricRow(
                name, period.name, by, _float(result.value), _float(result.num), _float(result.den),
                previous, changes, None, partial, told.provisional[number], told.stale,
            )  # fmt: skip
            yield _aimed(work, row, read, (number, period, member), result) if aims else row
        if work.others is not None and work.others.members(node):
            yield _other(work, node, told, number)


def _aimed(
    work: Work, row: MetricRow, read: Read, at: tuple[int, Period, Member], result: Result
) -> MetricRow:
    """The row with its target, and where it stands; a filtered number is not what a target is set for."""
    number, period, member = at
    aimed = replace(row, target=_float(work.paced.targets.of(row.metric, period, row.by)))
    if work.where is not None:
        return aimed
    stand = work.paced.stand(row.metric, read, number, member, result.value)
    return replace(
        aimed,
        pace=_float(stand.pace),
        pace_by=stand.by,
        status=stand.status,
    )


def _other(work: Work, node: Node, told: Told, number: int) -> MetricRow:
    """The row of all members beyond `top` in one period."""
    assert work.others is not None
    read, period = work.others.reader(node), work.periods[number]
    result = read(number, ())
    previous, changes = _beside(read, result, work.bases[number], ())
    return MetricRow(
        node.metric.name, period.name, tuple((name, None) for name in work.query.by), _float(result.value),
        _float(result.num), _float(result.den), previous, changes, None, period.partial or told.cut[number],
        told.provisional[number], told.stale, other=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a metric's rows besides their numbers; `cut` and `provisional` by period.

    `members`: each with its dimensions, and whether it has a target or band.
    """

    members: tuple[tuple[Member, tuple[tuple[str, str | None], ...], bool], ...]
    stale: bool
    cut: tuple[bool, ...]
    provisional: tuple[bool, ...]


def _told(workspace: Workspace, work: Work, node: Node, newest: Mapping[str, datetime]) -> Told:
    metric, cal, by = node.metric, work.paced.cal, work.query.by
    members = sorted(_members(work, node), key=_order) if by else [()]
    named = [(member, tuple(zip(by, member, strict=True))) for member in members]
    targets = work.paced.targets
    frames = [each.frame for each in node.nodes if each.frame is not None]
    final = settled(workspace, node, newest, work.paced.now, cal)
    stale = stale_sources(workspace, newest, work.paced.now)
    return Told(
        tuple(
            (member, each, metric.band is not None or targets.aims(metric.name, each))
            for member, each in named
        ),
        bool(stale and stale & sources_below(workspace, node)),
        tuple(
            any(frame.partial(slot(period), cal, work.since) for frame in frames) for period in work.periods
        ),
        tuple(final.provisional(period) for period in work.periods),
    )


def _beside(
    read: Read, result: Result, bases: Mapping[str, int], member: Member
) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """By comparison: the value of the period compared with, and the relative change."""
    values = {each: read(at, member).value for each, at in bases.items()}
    return (
        {each: _float(value) for each, value in values.items()},
        {each: _float(change(result.value, value)) for each, value in values.items()},
    )


def _members(work: Work, node: Node) -> Iterable[Member]:
    found = work.board.members(node)
    return found if work.kept is None else found & work.kept


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
