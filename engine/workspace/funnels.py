"""[funnel.X] → model."""

from __future__ import annotations

import re
from typing import Literal

from engine.workspace.context import Context
from engine.workspace.lines import Path
from engine.workspace.model import Exclusion, Funnel, Step
from engine.workspace.template import names, with_template
from engine.workspace.toml import ExclusionForm, FunnelForm, StepTableForm, WorkspaceForm

_NATURAL: dict[str, Literal["same_day", "same_week"]] = {"same_day": "same_day", "same_week": "same_week"}


def funnels(context: Context, form: WorkspaceForm) -> dict[str, Funnel]:
    """All funnels by name."""
    return {name: _funnel(context, ("funnel", name), each) for name, each in form.funnel.items()}


def _funnel(context: Context, at: Path, form: FunnelForm) -> Funnel:
    report = context.report
    if form.template is not None and report.name((*at, "template"), "template", form.template, names()):
        form = with_template(form)
    steps = tuple(_step(context, (*at, "steps", index), each) for index, each in enumerate(form.steps))
    if not steps and form.template is None:
        report.add((*at, "steps"), "a funnel needs steps (or a template)")
    elif steps and all(step.optional for step in steps):
        report.add((*at, "steps"), "at least one step must be required")
    if form.count not in ("persons", "attempts"):
        context.column((*at, "count"), form.count, "events")
    for index, name in enumerate(form.hold):
        context.column((*at, "hold", index), name, "events")
    _breakdown(context, at, form, len(steps))
    window = None if form.window in ("none", *_NATURAL) else context.duration((*at, "window"), form.window)
    return Funnel(
        name=str(at[-1]),
        steps=steps,
        window_us=window,
        natural_window=_NATURAL.get(form.window),
        mode=form.mode,
        exclude=tuple(
            _exclusion(context, (*at, "exclude", index), each, len(steps))
            for index, each in enumerate(form.exclude)
        ),
        on_exclusion=form.on_exclusion,
        where=context.condition((*at, "where"), form.where, "events"),
        hold=tuple(form.hold),
        count=form.count,
        ties=form.ties,
        breakdown=form.breakdown,
        label=dict(form.label),
        template=form.template,
    )


def _breakdown(context: Context, at: Path, form: FunnelForm, count: int) -> None:
    path, words = (*at, "breakdown"), ("first_touch", "last_touch", "all_events")
    step = re.fullmatch(r"step:([0-9]{1,3})", form.breakdown)
    if step is None:
        context.report.name(path, "breakdown", form.breakdown, (*words, "step:1"))
    elif count and not 1 <= int(step[1]) <= count:
        context.report.add(path, f"the funnel has {count} steps, not {step[1]}")


def _events(event: str | list[str] | None) -> tuple[str, ...]:
    return (event,) if isinstance(event, str) else tuple(event or ())


def _step(context: Context, at: Path, form: str | StepTableForm) -> Step:
    if isinstance(form, str):
        return Step((form,))
    within = context.duration((*at, "within"), form.within) if form.within not in (None, "none") else None
    return Step(
        events=_events(form.event),
        where=context.condition((*at, "where"), form.where, "events"),
        optional=form.optional,
        within_us=within,
        first_time=form.first_time,
        label=form.label,
        target=form.target,
        benchmark=form.benchmark,
        benchmark_source=form.benchmark_source,
    )


def _exclusion(context: Context, at: Path, form: ExclusionForm, count: int) -> Exclusion:
    low, high = form.between
    if low < 1 or low >= high or (count and high > count):
        context.report.add(
            (*at, "between"), f"must be two steps in order, between 1 and {count or 'the last'}"
        )
    if form.event is None and form.where is None:
        context.report.add(at, "an exclusion needs event or where")
    where = context.condition((*at, "where"), form.where, "events")
    return Exclusion(_events(form.event), where, (low, high))
