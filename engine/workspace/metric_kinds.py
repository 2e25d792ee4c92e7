"""What a `[metric.X]` says beyond one aggregation: windows, two sides, additivity, pace, its change log."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from engine.workspace.context import Context
from engine.workspace.lines import Path
from engine.workspace.model import Step
from engine.workspace.toml import MetricForm, SideForm

ADDABLE = ("count", "sum")
DAY_US = 86_400_000_000
_WEEK_US = 7 * DAY_US

OF_KIND = {
    "metric": ("cumulative",), "grain_to_date": ("cumulative",), "window": ("cumulative", "conversion"),
    "base": ("conversion",), "conversion": ("conversion",), "per": ("conversion",), "hold": ("conversion",),
    "pick": ("cumulative", "simple"), "additive": ("simple",),
}  # fmt: skip
"""Keys that only some kinds have."""


def beyond(context: Context, at: Path, form: MetricForm, agg: str) -> dict[str, Any]:
    """The model's fields for these keys, every fault reported."""
    for name, kinds in OF_KIND.items():
        if name in form.model_fields_set and form.kind not in kinds:
            context.report.add((*at, name), f"a {form.kind} metric has no {name}; {' and '.join(kinds)} have")
    found = told(context, at, form)
    _additivity(context, at, form, agg)
    if form.kind == "cumulative":
        found |= _cumulative(context, at, form)
    if form.kind == "conversion":
        found |= _conversion(context, at, form)
    return {**found, "additive": form.additive, "pick": form.pick}


def told(context: Context, at: Path, form: MetricForm) -> dict[str, Any]:
    """Pace, band and change log: what a built-in metric can be given as well."""
    band = None if form.band is None else (Decimal(str(form.band[0])), Decimal(str(form.band[1])))
    if band is not None and band[0] > band[1]:
        context.report.add((*at, "band"), "names the lowest value first")
    if form.since is not None:
        _day(context, (*at, "since"), form.since)
    for index, each in enumerate(form.changes):
        _day(context, (*at, "changes", index, "date"), each.date)
    changes = tuple(sorted((each.date, each.text) for each in form.changes))
    return {
        "pace": form.pace, "band": band, "tolerance": Decimal(str(form.tolerance)), "since": form.since,
        "changes": changes,
    }  # fmt: skip


def _day(context: Context, path: Path, text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        context.report.add(path, f'"{text}" is no day: 2026-11-01')


def _additivity(context: Context, at: Path, form: MetricForm, agg: str) -> None:
    """A definition may say less than its aggregation allows, never more."""
    if form.kind == "simple" and form.additive in ("additive", "semi") and agg not in ADDABLE:
        context.report.add(
            (*at, "additive"), f'agg = "{agg}" does not add up: only {" and ".join(ADDABLE)} do'
        )
    if form.kind == "simple" and "pick" in form.model_fields_set and form.additive != "semi":
        context.report.add((*at, "pick"), 'goes with additive = "semi"')


def _cumulative(context: Context, at: Path, form: MetricForm) -> dict[str, Any]:
    report = context.report
    if (form.window is None) == (form.grain_to_date is None):
        report.add((*at, "window"), "a cumulative metric has either window or grain_to_date")
    if (form.metric is None) == (form.table is None):
        report.add((*at, "metric"), "a cumulative metric has either metric or its own table")
    if form.metric is not None:
        report.name((*at, "metric"), "metric", form.metric, context.metrics)
    days = None
    if form.window is not None:
        length = context.duration((*at, "window"), form.window)
        if length is not None and (length % DAY_US or not length):
            report.add((*at, "window"), "is counted in whole days: 7d, 4w")
        days = length // DAY_US if length else None
    return {"base": form.metric, "window_days": days, "grain_to_date": form.grain_to_date}


def _conversion(context: Context, at: Path, form: MetricForm) -> dict[str, Any]:
    sides = []
    for name, side in (("base", form.base), ("conversion", form.conversion)):
        sides.append(Step() if side is None else _side(context, (*at, name), side))
    for index, column in enumerate(form.hold):
        context.column((*at, "hold", index), column, "events")
    window: int | None = _WEEK_US
    if form.window is not None:
        window = None if form.window == "none" else context.duration((*at, "window"), form.window)
    return {"sides": tuple(sides), "window_us": window, "per": form.per, "hold": tuple(form.hold)}


def _side(context: Context, at: Path, form: str | SideForm) -> Step | str:
    if isinstance(form, str):
        return Step((form,))
    if form.metric is not None:
        context.report.name((*at, "metric"), "metric", form.metric, context.metrics)
        if form.event is not None or form.where is not None:
            context.report.add(at, "is either a metric, or event and where")
        return form.metric
    if form.event is None and form.where is None:
        context.report.add(at, "needs event, where or metric")
    events = (form.event,) if isinstance(form.event, str) else tuple(form.event or ())
    return Step(events, context.condition((*at, "where"), form.where, "events"))
