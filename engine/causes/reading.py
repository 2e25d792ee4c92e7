"""A metric's leaf table from the tables: which dimensions are searched, and one query per relation."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING

import polars as pl

from engine.causes.form import Form, Sum
from engine.causes.leaves import Leaves
from engine.ingest.personal import personal
from engine.metrics.leaves import frames, spreads
from engine.metrics.plan import LISTED_BY, Measure, dimensions
from engine.metrics.read import Ask
from engine.schema import TIMES

if TYPE_CHECKING:
    from engine.store.tables import Tables
    from engine.workspace.model import Workspace

MOST_DIMENSIONS = 6
"""Dimensions that are searched where none are named; those that are named may be 8."""
MOST_OF_FUNNELS = 3
"""The same for metrics over funnels, whose persons each dimension has to be looked up for."""
MOST_MEMBERS = 1000
"""A dimension of more is a number of things, not a place to look."""
MOST_LEAVES = 300_000
"""Leaves that are searched where no dimensions are named."""
FILLED = 0.5
"""Share of facts that must have a value where several tables are compared."""
FIRST = (
    "channel", "campaign", "creative", "region", "product", "device", "page", "ad_group", "keyword",
    "account", "tier", "city", "gender", "stage",
)  # fmt: skip
_NO_PLACE = frozenset(TIMES) | frozenset(
    ("event", "kind", "source", "currency", "granularity", "order_id", "bounced", "valid", "record")
)
"""Columns that say what a row is, not where it comes from."""


def searched(tables: Tables, workspace: Workspace, form: Form, ask: Ask) -> tuple[str, ...]:
    """The dimensions to look in: those that all tables of a metric have, with at least two members in each.

    The usual ones first, then what lookups and files add, by name; none that names a person or that the
    metric itself is defined by. Where a metric reads several tables, most facts of each must have a value:
    else what one of them knows and the other does not would look like a cause.
    """
    measures = form.measures
    homes = dict.fromkeys(each.table for each in measures)
    names = [_of_table(tables, workspace, table) for table in homes]
    own = {name for each in measures for name in (*(each.where.columns if each.where else ()), each.column)}
    common = [name for name in names[0] if name not in own and all(name in each for each in names[1:])]
    found = set(common)
    for measure in measures:
        if measure.table not in LISTED_BY:
            least = FILLED if len(names) > 1 else 0.0
            found &= {
                name
                for name, spread in spreads(tables, measure, common, ask).items()
                if 2 <= spread.members <= MOST_MEMBERS and spread.filled >= least
            }
    flows = any(each.flow is not None for each in measures)
    usual = [name for name in common if name in found and (name in FIRST or not flows)]
    return tuple(usual[: MOST_OF_FUNNELS if flows else MOST_DIMENSIONS])


def _of_table(tables: Tables, workspace: Workspace, table: str) -> list[str]:
    """Dimensions of one table in the order in which they are worth a look."""
    hidden = {
        name
        for source in workspace.sources
        for name in dimensions(tables, table, workspace.identity.priority)
        if name not in FIRST and personal(source, name)
    }
    known = [
        name
        for name, kind in dimensions(tables, table, workspace.identity.priority).items()
        if kind in ("text", "boolean") and name not in _NO_PLACE and name not in hidden
    ]
    return sorted(known, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))


def lasting(leaves: Leaves) -> Leaves:
    """Without the dimensions beside the usual ones that only tell the periods apart, such as dates as text.

    Most of what is counted with a value must be with members that both periods have.
    """
    for dim in leaves.dims:
        if dim not in FIRST:
            sums = leaves.frame.drop_nulls(dim).group_by(dim).agg(pl.col("num_base", "num_now").abs().sum())
            both = sums.filter((pl.col("num_base") > 0) & (pl.col("num_now") > 0))
            size, held = (math.fsum((*each["num_base"], *each["num_now"])) for each in (sums, both))
            if held * 2 < size:
                leaves = leaves.over(tuple(name for name in leaves.dims if name != dim))
    return leaves


def bounded(leaves: Leaves) -> Leaves:
    """Without the last dimensions, as far as the leaves are too many to look at them all."""
    while leaves.frame.height > MOST_LEAVES and len(leaves.dims) > 1:
        leaves = leaves.over(leaves.dims[:-1])
    return leaves


def read(tables: Tables, workspace: Workspace, form: Form, ask: Ask) -> Leaves:
    """The leaf table of a metric: slot 0 of the question is now, slot 1 what it is compared with.

    Raises: UnknownName, UsageError, StoreError.
    """
    measures = form.measures
    dims = [f"d{n}" for n, _ in enumerate(ask.by)]
    found = list(frames(tables, workspace, measures, ask))
    rows = pl.concat(found, how="diagonal") if found else pl.DataFrame(schema={"k": pl.Int64})
    empty = {name: pl.String for name in dims} | {f"m{n}": pl.Float64 for n, _ in enumerate(measures)}
    rows = rows.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in empty.items() if name not in rows.columns
    )
    sides = {"num": form.num, **({"den": form.den} if form.den else {})}
    columns = [
        _side(side, measures).filter(pl.col("k") == slot).sum().alias(f"{name}_{period}")
        for name, side in sides.items()
        for slot, period in enumerate(("now", "base"))
    ]
    table = rows.group_by(dims, maintain_order=True).agg(columns) if dims else rows.select(columns)
    named = table.rename(dict(zip(dims, ask.by, strict=True)))
    return Leaves(named.sort(ask.by) if ask.by else named, ask.by, form.den is not None, form.num.counts)


def _side(side: Sum, measures: tuple[Measure, ...]) -> pl.Expr:
    parts = [
        pl.col(f"m{measures.index(measure)}").fill_null(0.0) * factor
        for measure, factor in side.parts.items()
    ]
    return reduce(lambda one, other: one + other, parts)
