"""Spans of time in which attempts open: how attempts are put into them, and which events they can reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.funnels.plan import Plan

if TYPE_CHECKING:
    import polars as pl

HOUR_US = 3_600_000_000
_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """Local days, or one hour (its start in naive UTC), in which an attempt must open."""

    number: int
    first: date
    last: date
    hour: datetime | None = None
    cut: datetime | None = None


def placed(attempts: pl.DataFrame, spans: Sequence[Span]) -> pl.DataFrame:
    """Attempts with the `span` that they open in, once for each."""
    import polars as pl

    if any(span.hour is not None for span in spans):
        hours = [micros(span.hour) for span in spans if span.hour is not None]
        table = pl.DataFrame({"from": hours, "span": [span.number for span in spans]}).sort("from")
        found = attempts.sort("t1").join_asof(table, left_on="t1", right_on="from", strategy="backward")
        return found.filter(pl.col("t1") - pl.col("from") < HOUR_US).drop("from")
    pairs = [
        (span.first + timedelta(days=number), span.number)
        for span in spans
        for number in range((span.last - span.first).days + 1)
    ]
    table = pl.DataFrame(pairs, schema={"day": pl.Date, "span": pl.Int64}, orient="row")
    return attempts.join(table, on="day")


def attributed(attempts: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Base events, each a row: a conversion belongs to the latest base event before it and to no other."""
    import polars as pl

    last = f"p{plan.steps}"
    latest = pl.col("start") == pl.col("start").max().over(last)
    lost = pl.col(last).is_not_null() & ~latest
    return attempts.with_columns(count=pl.when(lost).then(1).otherwise(pl.col("count")).cast(pl.UInt8))


def reach(span: Span, plan: Plan) -> tuple[date, date | None]:
    """The days whose events can be part of an attempt of a span, as a question about it alone reads them."""
    if plan.natural is not None:
        return span.first, span.last + timedelta(days=1 if plan.natural == "same_day" else 7)
    if plan.window_us is None:
        return span.first, None
    return span.first, span.last + timedelta(days=plan.window_us // (24 * HOUR_US) + 2)


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of a naive UTC moment."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
