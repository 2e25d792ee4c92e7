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
        effect is taken against the leaf's own base rate, so that effects and mix sum to the change.
        Source: reference alerts.md section 5, step 1.
        """
        import polars as pl

        if not self.rate:
            f, a = pl.col("num_base"), pl.col("num_now")
            return self.frame.select(*self.dims, f=f, a=a, effect=a - f)
        whole, den_now = self.base or 0.0, self.total("den_now")
        own = pl.when(pl.col("den_base") > 0).then(pl.col("num_base") / pl.col("den_base")).otherwise(whole)
        shrunk = (pl.col("num_base") + SHRINK * whole) / (pl.col("den_base") + SHRINK)
        return self.frame.select(
            *self.dims,
            f=pl.col("den_now") * shrunk,
            a=pl.col("num_now"),
            effect=(pl.col("num_now") - pl.col("den_now") * own) / (den_now or 1.0),
        )
