"""Which rows go in: the first fault of a row is its reject."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import polars as pl

from engine.ingest.convert import Bad, Frame, as_text
from engine.ingest.delimited import LINE
from engine.ingest.rejects import Fault

DAY_AHEAD = timedelta(days=1)
"""Facts further in the future than this are rejects."""

EARLIEST = datetime(1900, 1, 1) - timedelta(hours=14)
"""1900 in the first of all zones: what lies before stands for no date (0001-01-01, 1899-12-30)."""


def judge(rows: Frame, faulty: list[Bad]) -> tuple[pl.Series, list[Fault]]:
    """True for rows that go in, and a fault for each other row: that of its leftmost column in the file."""
    good = pl.repeat(True, len(rows.frame), dtype=pl.Boolean, eager=True)
    place = {name: i for i, name in enumerate(rows.plan.header)}
    seen: dict[int, Fault] = {}
    lines = rows.frame[LINE]
    for bad in sorted(faulty, key=lambda bad: place.get(bad.column or "", len(place))):
        for at in bad.mask.fill_null(False).arg_true():
            if at not in seen:
                value = bad.values[at]
                seen[at] = Fault(lines[at], bad.column, value, bad.why(value or ""), line_text(rows, at))
    return (good.scatter(sorted(seen), False) if seen else good), list(seen.values())


def line_text(rows: Frame, at: int) -> str:
    """The record as one line again, for people."""
    cells = dict(zip(rows.frame.columns[1:], rows.frame.row(at)[1:], strict=True))
    if rows.delimiter is not None:
        return rows.delimiter.join("" if cell is None else str(cell) for cell in cells.values())[:800]
    filled = {name: cell for name, cell in cells.items() if cell is not None}
    return json.dumps(filled, ensure_ascii=False, default=str)[:800]


def past(rows: Frame, ts: pl.Series, column: str | None) -> Bad | None:
    """Rows before 1900."""
    mask = (ts < EARLIEST).fill_null(False)
    if not mask.any():
        return None
    values = as_text(rows.frame[column]) if column in rows.frame.columns else ts.cast(pl.String)
    return Bad(
        column, mask, values, lambda text: f'before 1900; where it is no date add "{text}" to null_values'
    )


def future(
    rows: Frame, ts: pl.Series, now: datetime, column: str | None
) -> tuple[Bad | None, datetime | None]:
    """Rows more than a day ahead of `now`, and the moment from which the first of them would go in."""
    latest = ts.max()
    if not isinstance(latest, datetime) or latest <= now + DAY_AHEAD:
        return None, None
    mask = (ts > now + DAY_AHEAD).fill_null(False)
    first = ts.filter(mask).min()
    if not isinstance(first, datetime):
        return None, None
    values = as_text(rows.frame[column]) if column in rows.frame.columns else ts.cast(pl.String)
    ahead = (ts - now).dt.total_days()
    days = dict(zip(values.filter(mask), ahead.filter(mask), strict=True))
    return Bad(column, mask, values, lambda text: _ahead(days.get(text, 1))), first - DAY_AHEAD


def _ahead(days: int) -> str:
    return f"{days} {'day' if days == 1 else 'days'} in the future"
