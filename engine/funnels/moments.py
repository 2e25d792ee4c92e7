"""Local days of moments (µs, UTC), and the moments at which local days begin."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import polars as pl

_DAY_US = 86_400_000_000


def local_days(moments: pl.Series, timezone: str) -> pl.Series:
    """The day of each moment in a time zone."""
    import polars as pl

    if timezone == "UTC":
        return (moments // _DAY_US).cast(pl.Int32).cast(pl.Date)
    frame = pl.DataFrame({"ts": moments})
    local = pl.from_epoch("ts", "us").dt.replace_time_zone("UTC").dt.convert_time_zone(timezone)
    return frame.select(local.dt.date()).to_series()


def day_start(day: date, timezone: str) -> int:
    """The first moment of a local day; of one that a clock change left out, the change itself.

    >>> day_start(date(1970, 1, 2), "UTC"), day_start(date(1970, 1, 1), "Asia/Shanghai")
    (86400000000, -28800000000)
    """
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
    return round((local.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000
