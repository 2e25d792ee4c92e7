"""A question about metrics → its rows: periods listed without holes, members of both periods, comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.errors import ExpressionError, UsageError
from engine.expressions import Expression, parse
from engine.metrics import cache
from engine.metrics.evaluate import Board, Read, Result, called, change, precise
from engine.metrics.period import Calendar, Period, Slot, base, periods, slot
from engine.metrics.plan import Measure, Node, check, narrowed, resolve, touched
from engine.metrics.read import Ask, Member
from engine.metrics.sources import base_table, sources_below, stale_sources
from engine.metrics.targets import Targets
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
    stale = stale_sources(tables, workspace, now)
    rows: list[MetricRow] = []
    with precise():
        for node in work.nodes:
            rows += _rows(work, node, bool(stale and stale & sources_below(workspace, node)))
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
    targets: Targets
    kept: frozenset[Member] | None
    """Members under `top`; None: all."""
    where: Expression | None = None
    """The filter."""


def prepare(tables: Tables, workspace: Workspace, query: MetricQuery, now: datetime) -> Work:
    """Check a question, and read all it needs in as few queries as there are tables."""
    _usage(query)
    cal = Calendar.of(workspace.console)
    where = _where(query.where)
    nodes = tuple(
        _plain(tables, resolve(workspace.metrics, name), query.by, where)
        for name in sorted(set(query.metrics))
    )
    check(tables, workspace, nodes, query.by, where)
    bounds = resolve_range(tables, nodes, query.range)
    found = _periods(query, bounds, now, cal)
    slots = {slot(period): number for number, period in enumerate(found)}
    bases: list[dict[str, int]] = []
    for period in found:
        beside = {compare: base(period, compare, now, cal) for compare in query.compare}
        bases.append({compare: slots.setdefault(each, len(slots)) for compare, each in beside.items()})
    targets = cache.targets(tables, workspace)
    ask = Ask(tuple(slots), query.by, where, cal, cal.local(now).date())
    board = _board(tables, workspace, nodes, ask, _pace(targets, found, query.by, now, cal))
    kept = _top(tables, workspace, query, ask, bounds)
    return Work(query, nodes, found, slots, tuple(bases), board, targets, kept, where)


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

    def walk(each: Node) -> Node:
        return Node(
            each.metric,
            narrowed(each.measure, asked, touches) if each.measure else None,
            walk(each.num) if each.num else None,
            walk(each.den) if each.den else None,
            tuple((name, walk(part)) for name, part in each.parts),
        )

    return walk(node)


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


def _board(
    tables: Tables,
    workspace: Workspace,
    nodes: tuple[Node, ...],
    ask: Ask,
    pace: Callable[[str, Decimal, int, Member], Decimal | None],
) -> Board:
    measures: frozenset[Measure] = frozenset().union(*(node.measures for node in nodes))
    cells = cache.cells(tables, workspace, measures, ask)
    shared: frozenset[Measure] = frozenset().union(
        *(node.measures for node in nodes if called(node, "total"))
    )
    if not ask.by or not shared:
        return Board(cells, cells, pace)
    alone = Ask(ask.slots, (), ask.where, ask.calendar, ask.today)
    return Board(cells, cache.cells(tables, workspace, shared, alone), pace)


def _pace(
    targets: Targets, found: tuple[Period, ...], by: tuple[str, ...], now: datetime, cal: Calendar
) -> Callable[[str, Decimal, int, Member], Decimal | None]:
    """Share of a period's target that is used ÷ share of the period that has elapsed; not for hours."""

    def pace(metric: str, used: Decimal, number: int, member: Member) -> Decimal | None:
        if number >= len(found) or found[number].hour is not None:
            return None
        period = found[number]
        named = tuple(zip(by, member, strict=True))
        first, end = period.bucket
        target = targets.of(metric, period, named)
        if target is None:
            target = targets.target_for(metric, Range(first, date.fromordinal(end.toordinal() - 1)), named)
        start, stop = cal.start(first), cal.start(end)
        elapsed = min(now, stop) - start
        if not target or elapsed.total_seconds() <= 0:
            return None
        return (
            used
            / target
            * Decimal((stop - start) // elapsed.resolution)
            / Decimal(elapsed // elapsed.resolution)
        )

    return pace


def _top(
    tables: Tables, workspace: Workspace, query: MetricQuery, ask: Ask, bounds: tuple[date, date] | None
) -> frozenset[Member] | None:
    """The members with the largest values of the first metric over the whole range."""
    if query.top is None or not query.by or bounds is None:
        return None
    node = _plain(tables, resolve(workspace.metrics, query.metrics[0]), query.by, ask.where)
    whole = Ask((Slot(*bounds),), query.by, ask.where, ask.calendar, ask.today)
    board = _board(tables, workspace, (node,), whole, lambda *_: None)

    read = board.reader(node)

    def rank(member: Member) -> tuple[bool, Decimal, list[tuple[bool, str]]]:
        value = read(0, member).value
        return value is None, -(value or Decimal(0)), _order(member)

    with precise():
        return frozenset(sorted(board.members(node), key=rank)[: query.top])


def _order(member: Member) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in member]


def _rows(work: Work, node: Node, stale: bool) -> Iterator[MetricRow]:
    read = work.board.reader(node)
    members = sorted(_members(work, node), key=_order) if work.query.by else [()]
    named = [(member, tuple(zip(work.query.by, member, strict=True))) for member in members]
    name, aimed = node.metric.name, work.targets.has(node.metric.name)
    compared = bool(work.query.compare)
    for number, period in enumerate(work.periods):
        for member, by in named:
            result = read(number, member)
            previous, changes = _beside(read, result, work.bases[number], member) if compared else ({}, {})
            yield MetricRow(
                name, period.name, by, _float(result.value), _float(result.num), _float(result.den),
                previous, changes,
                _float(work.targets.of(name, period, by)) if aimed else None, period.partial, False, stale,
            )  # fmt: skip


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
