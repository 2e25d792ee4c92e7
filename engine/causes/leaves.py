"""The leaf table: the smallest members of all dimensions with what they counted before and now.

A frame with one text column per dimension and `num_base`, `num_now`, for rates `den_base` and `den_now` too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

SHRINK = 50
"""Weight of the total's rate in a leaf's base rate, in units of the denominator."""
FIT = 5
"""Weight of the total's rate in what a member is fitted to."""
SWEEPS = 3
"""How often base rates are fitted to the members of all dimensions in turn."""


@dataclass(frozen=True)
class Leaves:
    """A leaf table with the sums over it.

    `counts`: the numerator counts things, so that its noise is that of a Poisson count.
    """

    frame: pl.DataFrame
    dims: tuple[str, ...]
    rate: bool = False
    counts: bool = True

    def total(self, column: str) -> float:
        """Sum of a column, the same for any order of the rows."""
        return math.fsum(self.frame[column])

    def inside(self, element: Iterable[tuple[str, str | None]]) -> Leaves:
        """The leaves of an element alone."""
        import polars as pl

        held = [pl.col(name).eq_missing(pl.lit(value, pl.String)) for name, value in element]
        return replace(self, frame=self.frame.filter(*held))

    def over(self, dims: tuple[str, ...]) -> Leaves:
        """The leaf table over fewer dimensions."""
        import polars as pl

        columns = pl.col([name for name in self.frame.columns if name not in self.dims])
        found = self.frame.group_by(dims, maintain_order=True).agg(columns.sum()) if dims else None
        return replace(self, frame=self.frame.select(columns.sum()) if found is None else found, dims=dims)

    @cached_property
    def base(self) -> float | None:
        """The metric before; None for a rate without denominator."""
        return self._value("base")

    @cached_property
    def now(self) -> float | None:
        """The metric now."""
        return self._value("now")

    @cached_property
    def change(self) -> float | None:
        """now − base."""
        return None if self.base is None or self.now is None else self.now - self.base

    def _value(self, period: str) -> float | None:
        over = self.total(f"num_{period}")
        if not self.rate:
            return over
        under = self.total(f"den_{period}")
        return over / under if under else None

    def judged(self) -> pl.DataFrame:
        """The additive form: leaves with `f` expected, `a` actual, `effect` on the metric.

        Sums: f = base, a = now. Rates: f = den_now · base rate, shrunk to that of the whole; a = num_now; the
        effect is taken against the leaf's own base rate, so that effects and mix sum to the change. Small
        leaves shrink to nearly one rate, so with several dimensions the rates are fitted to what the members
        of each were: a cheap product is not expected to become dear. A leaf without denominator has no rate:
        what is expected of it is what it was.
        Source: reference alerts.md section 5, step 1.
        """
        import polars as pl

        frame = self.frame.sort(self.dims) if self.dims else self.frame
        if not self.rate:
            f, a = pl.col("num_base"), pl.col("num_now")
            return frame.select(*self.dims, f=f, a=a, effect=a - f)
        whole, den_now = self.base or 0.0, self.total("den_now")
        num, den = pl.col("num_base"), pl.col("den_base")
        own = pl.when(den > 0).then(num / den).otherwise(whole)
        bare = (den == 0) & (pl.col("den_now") == 0)
        rated = frame.with_columns(rate=(num + SHRINK * whole) / (den + SHRINK))
        for dim in (self.dims if len(self.dims) > 1 else ()) * SWEEPS:
            expected = (den * pl.col("rate")).sum().over(dim) + FIT * whole
            fitted = pl.when(expected > 0).then((num.sum().over(dim) + FIT * whole) / expected).otherwise(1.0)
            rated = rated.with_columns(rate=pl.col("rate") * fitted)
        return rated.select(
            *self.dims,
            f=pl.when(bare).then(num).otherwise(pl.col("den_now") * pl.col("rate")),
            a=pl.col("num_now"),
            effect=(pl.col("num_now") - pl.when(bare).then(num).otherwise(pl.col("den_now") * own))
            / (den_now or 1.0),
        )
