"""Sums of measures for very many members at once, as frames: what a cause is searched in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl

from engine.metrics import persons
from engine.metrics.plan import LISTED_BY, Measure
from engine.metrics.read import Ask, Extent, _routes, _select, _units, word
from engine.metrics.shapes import Route, columns, general, physical
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.store.tables import Tables


def frames(tables: Tables, measures: Sequence[Measure], ask: Ask) -> Iterator[pl.DataFrame]:
    """Sums of measures by slot and member: a frame per relation and extent, as few queries as `read` makes.

    In:  measures whose agg is sum or count.
    Out: columns `k` (slot), `d0`, `d1`, … (members as text) and `m<n>` for the n-th measure where the frame
         has it (doubles; null: nothing). What stands in several frames is to be added.
    Raises: UnknownName, UsageError, StoreError.
    """
    jobs: dict[tuple[Route, Extent], list[int]] = {}
    for number, measure in enumerate(measures):
        if measure.table in LISTED_BY:
            yield _listed(tables, measure, number, ask)
            continue
        for route, extent in _routes(tables, measure, ask):
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


def _listed(tables: Tables, measure: Measure, number: int, ask: Ask) -> pl.DataFrame:
    cells = persons.read(tables, measure, slots=ask.slots, by=ask.by, where=ask.where, today=ask.today)
    rows = [
        (slot, *member, None if value is None else float(value))
        for (slot, member), (value, _) in cells.items()
    ]
    kinds = {"k": pl.Int64, **{f"d{n}": pl.String for n, _ in enumerate(ask.by)}, f"m{number}": pl.Float64}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _worded(values: pl.Series) -> pl.Series:
    """Members as `word` writes them."""
    if values.dtype == pl.String:
        return values
    known = values.unique().to_list()
    return values.replace_strict(known, [word(each) for each in known], return_dtype=pl.String)


def cardinalities(tables: Tables, measure: Measure, names: Sequence[str], ask: Ask) -> dict[str, int]:
    """About how many members each dimension has among the facts of a measure's table in the slots' days.

    No value is a member too.
    """
    if not names or not ask.slots:
        return {}
    route = general(measure)
    known = columns(tables, route)
    counted = tuple(
        (
            f"approx_count_distinct({known[name].sql})"
            f" + CASE WHEN count({known[name].sql}) < count(*) THEN 1 ELSE 0 END",
            f"n{at}",
        )
        for at, name in enumerate(names)
    )
    relation = tables.relation(route.relation, physical(tables, names, route))
    days = (min(slot.first for slot in ask.slots), max(slot.last for slot in ask.slots))
    select = Select(f"{relation} AS r", counted, where=(f"{route.day} BETWEEN ? AND ?",), params=days)
    (row,) = tables.rows(select.sql(), select.params)
    return {name: int(str(value or 0)) for name, value in zip(names, row, strict=True)}
