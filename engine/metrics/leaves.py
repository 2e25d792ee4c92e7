"""Sums of measures for very many members at once, as frames: what a cause is searched in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from engine.expressions import to_sql
from engine.metrics.plan import LISTED_BY, Measure
from engine.metrics.read import Ask, Extent, _routes, _select, _units, read, word
from engine.metrics.shapes import Route, columns, general, physical
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace


def frames(
    tables: Tables, workspace: Workspace, measures: Sequence[Measure], ask: Ask
) -> Iterator[pl.DataFrame]:
    """Sums of measures by slot and member: a frame per relation and extent, as few queries as `read` makes.

    In:  measures whose agg is sum or count, or persons of a funnel.
    Out: columns `k` (slot), `d0`, `d1`, … (members as text) and `m<n>` for the n-th measure where the frame
         has it (doubles; null: nothing). What stands in several frames is to be added.
    Raises: UnknownName, UsageError, StoreError.
    """
    jobs: dict[tuple[Route, Extent], list[int]] = {}
    yield from _by_cells(tables, workspace, measures, ask)
    for number, measure in enumerate(measures):
        for route, extent in () if apart(measure) else _routes(tables, measure, ask):
            jobs.setdefault((route, extent), []).append(number)
    for (route, extent), numbers in jobs.items():
        units = _units(ask, extent)
        if not units:
            continue
        select, spans = _select(tables, route, units, [measures[number] for number in numbers], ask)
        found = tables.frame(select.sql(), select.params)
        names = found.columns
        sums = {
            f"m{number}": pl.col(names[at]).cast(pl.Float64)
            for number, (at, _, _) in zip(numbers, spans, strict=True)
        }
        members = (_worded(found[f"d{n}"]) for n, _ in enumerate(ask.by))
        yield found.select(pl.col("k").cast(pl.Int64), *members, **sums)


def apart(measure: Measure) -> bool:
    """Whether a measure has no relation of its own: it is worked out from the history of persons."""
    return measure.table in LISTED_BY or measure.flow is not None


def _by_cells(
    tables: Tables, workspace: Workspace, measures: Sequence[Measure], ask: Ask
) -> Iterator[pl.DataFrame]:
    numbers = [number for number, measure in enumerate(measures) if apart(measure)]
    cells = read(tables, workspace, [measures[number] for number in numbers], ask) if numbers else {}
    for number in numbers:
        kinds = {
            "k": pl.Int64,
            **{f"d{n}": pl.String for n, _ in enumerate(ask.by)},
            f"m{number}": pl.Float64,
        }
        rows = [
            (slot, *member, None if value is None else float(value))
            for (slot, member), (value, _) in cells[measures[number]].items()
        ]
        yield pl.DataFrame(rows, schema=kinds, orient="row")


def _worded(values: pl.Series) -> pl.Series:
    """Members as `word` writes them."""
    if values.dtype == pl.String:
        return values
    known = values.unique().to_list()
    return values.replace_strict(known, [word(each) for each in known], return_dtype=pl.String)


@dataclass(frozen=True, slots=True)
class Spread:
    """About how many members a dimension has among the facts of a measure, no value being one, and the share
    of the facts that have a value."""

    members: int
    filled: float


def spreads(tables: Tables, measure: Measure, names: Sequence[str], ask: Ask) -> dict[str, Spread]:
    """The spread of each dimension over the days of the slots.

    In:  a measure whose table has a relation of its own, and dimensions of it.
    """
    if not names or not ask.slots:
        return {}
    route = general(measure)
    known = columns(tables, route)
    wanted = set(names) | (measure.where.columns if measure.where else set())
    wanted |= ask.where.columns if ask.where else set()
    shown = [("count(*)", "n")]
    for at, name in enumerate(names):
        sql = known[name].sql
        shown += [(f"approx_count_distinct({sql})", f"m{at}"), (f"count({sql})", f"f{at}")]
    tests = tuple(to_sql(each, known, want="boolean") for each in (measure.where, ask.where) if each)
    select = Select(
        f"{tables.relation(route.relation, physical(tables, wanted, route))} AS r",
        tuple(shown),
        where=(f"{route.day} BETWEEN ? AND ?", *tests),
        params=(min(slot.first for slot in ask.slots), max(slot.last for slot in ask.slots)),
    )
    (row,) = tables.rows(select.sql(), select.params)
    count, *pairs = (int(str(value)) for value in row)
    return {
        name: Spread(members + (filled < count), filled / count if count else 0.0)
        for name, members, filled in zip(names, pairs[::2], pairs[1::2], strict=True)
    }
