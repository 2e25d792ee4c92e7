"""All group-bys of a leaf table up to a depth: expected and actual by element, while leaves are taken out.

Members are numbers, and an element is one number too: those of its members packed in the order of the
dimensions. A group-by of fewer dimensions is added up from the smallest one that holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import polars as pl

Chosen = tuple[int, ...]
"""Dimensions of a group-by, by number."""


def code(values: pl.Series) -> pl.Series:
    """Members as numbers in the order of their names, no value last."""
    known = values.drop_nulls().unique().sort()
    return values.cast(pl.Enum(known)).to_physical().cast(pl.UInt64).fill_null(len(known))


ROUNDING = 1e-12
"""Relative size of what is left of a sum of doubles that was taken away whole."""


class Cuboids:
    """Sums of columns `a` and `f` over every element of every group-by."""

    def __init__(self, leaves: pl.DataFrame, columns: list[str], depth: int) -> None:
        """In: leaves with `a`, `f` and the members as numbers in `columns`."""
        self.columns = columns
        self.sizes = [int(leaves[name].max()) + 1 for name in columns]  # type: ignore[arg-type]
        self.tables: dict[Chosen, pl.DataFrame] = {}
        for size in range(min(depth, len(columns)), -1, -1):
            groups = list(combinations(range(len(columns)), size))
            found = pl.collect_all([self._grouped(leaves, chosen) for chosen in groups])
            self.tables |= dict(zip(groups, found, strict=True))

    def _grouped(self, leaves: pl.DataFrame, chosen: Chosen) -> pl.LazyFrame:
        above = [held for held in self.tables if len(held) == len(chosen) + 1 and set(chosen) <= set(held)]
        held = min(above, key=lambda each: self.tables[each].height, default=None)
        if held is None:
            return _added(leaves.lazy(), self._key(chosen, lambda at: pl.col(self.columns[at])))
        return _added(self.tables[held].lazy(), self._key(chosen, lambda at: self._member(held, at)))

    def _key(self, chosen: Chosen, member: Callable[[int], pl.Expr]) -> pl.Expr:
        key = pl.lit(0, pl.UInt64)
        for at in chosen:
            key = key * self.sizes[at] + member(at)
        return key

    def _member(self, chosen: Chosen, at: int) -> pl.Expr:
        """The number of one dimension's member in the keys of a group-by."""
        below = 1
        for other in chosen[chosen.index(at) + 1 :]:
            below *= self.sizes[other]
        return pl.col("key") // below % self.sizes[at]

    def unpacked(self, chosen: Chosen, key: int) -> dict[str, int]:
        """The members of an element: number by column."""
        found = {}
        for at in reversed(chosen):
            key, found[self.columns[at]] = divmod(key, self.sizes[at])
        return found

    def without(self, leaves: pl.DataFrame) -> None:
        """Take leaves out of every sum."""
        gone = [
            _added(leaves.lazy(), self._key(chosen, lambda at: pl.col(self.columns[at])))
            for chosen in self.tables
        ]
        left = [
            table.lazy()
            .join(taken, on="key", how="left", suffix="_gone")
            .select("key", _left("a"), _left("f"))
            for table, taken in zip(self.tables.values(), gone, strict=True)
        ]
        self.tables = dict(zip(self.tables, pl.collect_all(left), strict=True))


def _left(name: str) -> pl.Expr:
    """What is left of a sum; what rounding alone leaves of it is nothing."""
    before = pl.col(name)
    after = before - pl.col(f"{name}_gone").fill_null(0.0)
    return pl.when(after.abs() <= ROUNDING * before.abs()).then(0.0).otherwise(after).alias(name)


def _added(frame: pl.LazyFrame, key: pl.Expr) -> pl.LazyFrame:
    return frame.select("a", "f", key=key).group_by("key").agg(pl.col("a").sum(), pl.col("f").sum())
