"""Where Enter leads from a number of Metrics: one dimension further down, at last to the rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.questions import Range
from tui.place import Place
from tui.views.metrics import Key, metric_of
from tui.views.paths import TIMES
from tui.views.scene import Scene

FINER = {"year": "quarter", "quarter": "month", "month": "day", "week": "day"}
"""The periods that a period is gone into by; days and hours lead to their rows."""


def down(scene: Scene, keys: tuple[tuple[str, Key], ...]) -> Place:
    """The place below a number.

    In:  keys: its members as (dimension, member); `day` names a period, hours and weekdays have only rows.
    """
    here = scene.place
    period = dict(keys).get("day")
    path = (*here.path, *(each for each in keys if each[0] != "day"))
    if any(dim in TIMES for dim, _ in keys) or (
        period is not None and len(keys) == 1 and here.grain not in FINER
    ):
        return rows_of(scene, keys)
    below = Place(
        "metrics", metric=metric_of(scene), path=path, grain=here.grain, range=here.range, beside=here.beside
    )
    if period is None:
        return below
    days = days_of(period, here.grain)
    alone = len(keys) == 1
    return Place(
        "metrics", metric=below.metric, path=path, by="day" if alone else "", beside=here.beside,
        grain=FINER.get(here.grain, here.grain) if alone else here.grain, range=days or here.range,
    )  # fmt: skip


def rows_of(scene: Scene, keys: tuple[tuple[str, Key], ...]) -> Place:
    """The rows of members and periods."""
    here, period = scene.place, dict(keys).get("day")
    path = (*here.path, *(each for each in keys if each[0] != "day"))
    place = Place("rows", metric=metric_of(scene), path=path, range=here.range)
    if period is None:
        return place
    if here.grain == "hour":
        path = (*path, ("day", period[:10]), ("hour_of_day", period[11:13]))
    elif here.grain == "day":
        path = (*path, ("day", period))
    days = days_of(period, here.grain) if here.grain in FINER else None
    return Place("rows", metric=place.metric, path=path, range=days or here.range)


def days_of(period: str, grain: str) -> Range | None:
    """First and last day of a period as metrics name it; None for quarters and years, which may be fiscal."""
    try:
        if grain in ("day", "hour", "week"):
            first = datetime.fromisoformat(period).date()
            return Range(first, first + timedelta(days=6 if grain == "week" else 0))
        if grain == "month":
            first = date.fromisoformat(f"{period}-01")
            return Range(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    except ValueError:
        return None
    return None
