"""Why a period could not be judged, in one word."""

from __future__ import annotations

from typing import Literal

from engine.alerts.judging.rules import Ready
from engine.alerts.reading.readings import MemberReadings

Reason = Literal["calendar", "min_den", "stale", "nodata", "min_base", "history"]


def why_unknown(rule: Ready, readings: MemberReadings, i: int) -> Reason:
    """The first reason for which the verdict on period `i` is unknown.

    Out: calendar: its day is taken out; min_den: a rate of too few; stale: a source has not delivered;
         nodata: nothing is there; min_base: what it is compared with is 0 or too small; history: what it is
         compared with is not there, or too little of it.
    """
    if readings.skips(i):
        return "calendar"
    for name in rule.metrics:
        if readings.value(name, i) is None:
            return _no_value(readings, name, i)
    if any(readings.asked(name, words, i) is None for name, words in rule.asks):
        return "nodata"
    for metric, base in rule.bases:
        there = readings.reach.base(base, i)
        if readings.base(metric, base, i) is None:
            return "history" if there is None or readings.value(metric, there) is None else "min_base"
    return "history"


def _no_value(readings: MemberReadings, name: str, i: int) -> Reason:
    cells = readings.cells.get(name)
    den = cells.den[i] if cells is not None and i < len(cells.den) else None
    if den is not None:
        return "min_den"
    return "stale" if i >= readings.fresh.get(name, i + 1) else "nodata"
