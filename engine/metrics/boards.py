"""All that metrics need of a question, read in as few queries as there are relations: a board.

Metrics over the days of a frame have a board of their own below it, with those days as slots.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.metrics import cache
from engine.metrics.evaluate import Board, Framed, Pace, called
from engine.metrics.frames import Frame
from engine.metrics.period import Slot
from engine.metrics.plan import Measure, Node
from engine.metrics.read import Ask

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace


def no_pace(*_: object) -> None:
    """The pace where nobody asks for one."""


def board(
    tables: Tables,
    workspace: Workspace,
    nodes: Iterable[Node],
    ask: Ask,
    *,
    pace: Pace = no_pace,
    totals: frozenset[Measure] = frozenset(),
) -> Board:
    """What has been read for these metrics.

    In:  `totals`: measures that are read without dimensions as well, beside those that the metrics call for.
    """
    listed = list(nodes)
    measures: set[Measure] = set()
    frames: dict[Frame, list[Node]] = {}
    for node in listed:
        _collect(node, measures, frames)
    shared = totals.union(*(node.measures for node in listed if called(node, "total")))
    alone = replace(ask, by=(), outside=(), others=frozenset())
    cells = cache.cells(tables, workspace, measures, ask)
    whole = cells
    if ask != alone:
        whole = cache.cells(tables, workspace, measures & shared, alone)
    framed = {each[0]: _framed(tables, workspace, each, ask, shared) for each in frames.items()}
    return Board(cells, whole, pace, framed)


def _collect(node: Node, measures: set[Measure], frames: dict[Frame, list[Node]]) -> None:
    if node.measure is not None:
        measures.add(node.measure)
    elif node.frame is not None and node.base is not None:
        frames.setdefault(node.frame, []).append(node.base)
    else:
        for child in node.children:
            _collect(child, measures, frames)


def _framed(
    tables: Tables,
    workspace: Workspace,
    framing: tuple[Frame, list[Node]],
    ask: Ask,
    totals: frozenset[Measure],
) -> Framed:
    frame, bases = framing
    numbers: dict[Slot, int] = {}
    points = tuple(
        tuple(numbers.setdefault(each, len(numbers)) for each in frame.points(slot, ask.calendar, ask.today))
        for slot in ask.slots
    )
    days = replace(ask, slots=tuple(numbers))
    below = board(tables, workspace, bases, days, totals=totals)
    facts = {}
    if frame.by_facts:
        measures = frozenset[Measure]().union(*(base.measures for base in bases))
        bare = replace(days, by=(), outside=(), others=frozenset(), where=None)
        facts = cache.cells(tables, workspace, measures, bare)
    return Framed(below, points, facts)
