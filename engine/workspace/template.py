"""The templates of industries: stages, metrics, a funnel, alert rules and what the law says, as data files.

A template is `templates/NAME.toml`. Its metrics, funnel and rules are written in the words of looptop.toml,
except that an SOP stands in both languages. `looptop init --template NAME` writes them out;
`[funnel.X] template = "NAME"` takes the funnel alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.errors import UnknownName
from engine.workspace.model import Label
from engine.workspace.toml import FunnelForm, StepTableForm

_FILES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the customer's way: events that show it, metrics that measure it."""

    name: str
    label: Label
    events: tuple[str, ...]
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """One industry. `metrics`, `funnels`, `alerts`, `people`: tables as looptop.toml has them, by name."""

    name: str
    label: Label
    notes: tuple[Label, ...]
    """What the law says, for the person who writes the advertisements."""
    stages: tuple[Stage, ...]
    metrics: Mapping[str, Mapping[str, Any]]
    funnels: Mapping[str, Mapping[str, Any]]
    alerts: Mapping[str, Mapping[str, Any]]
    people: Mapping[str, Mapping[str, Any]]

    @property
    def benchmarks(self) -> tuple[tuple[str, float, str], ...]:
        """(what it is of, value, its source) of every benchmark: metrics, then steps as `funnel: step`."""
        metrics = [
            (name, float(table["benchmark"]["value"]), str(table["benchmark"]["source"]))
            for name, table in self.metrics.items()
            if "benchmark" in table
        ]
        steps = [
            (
                f"{name}: {' / '.join(events_of(step))}",
                float(step["benchmark"]),
                str(step["benchmark_source"]),
            )
            for name, funnel in self.funnels.items()
            for step in funnel["steps"]
            if "benchmark" in step
        ]
        return (*metrics, *steps)


@cache
def names() -> tuple[str, ...]:
    """Names of all templates."""
    return tuple(sorted(file.stem for file in _FILES.glob("*.toml")))


@cache
def template(name: str) -> Template:
    """A template by name. Raises: UnknownName with the nearest one."""
    if name not in names():
        raise UnknownName("template", name, names())
    raw = tomllib.loads((_FILES / f"{name}.toml").read_text(encoding="utf-8"))
    stages = tuple(
        Stage(each["name"], each["label"], tuple(each["events"]), tuple(each["metrics"]))
        for each in raw["stage"]
    )
    return Template(
        name,
        raw["label"],
        tuple(raw.get("note", ())),
        stages,
        raw.get("metric", {}),
        raw["funnel"],
        raw["alert"],
        raw["people"],
    )


def events_of(step: Mapping[str, Any]) -> tuple[str, ...]:
    """The events that fill a step of a template's funnel."""
    event = step["event"]
    return (event,) if isinstance(event, str) else tuple(event)


@cache
def _funnel(name: str) -> FunnelForm:
    return FunnelForm.model_validate(next(iter(template(name).funnels.values())))


def with_template(form: FunnelForm) -> FunnelForm:
    """A `[funnel.X]` with what its template says and it does not; own keys win.

    Own steps keep their order and events: where the template has a step of the same events, its label is
    taken, and its target and benchmark where both have the same required step before it, since a rate is
    one of a pair.
    """
    if form.template not in names():
        return form
    of_template = _funnel(form.template)
    more = {
        name: getattr(of_template, name)
        for name in of_template.model_fields_set
        if name not in form.model_fields_set
    }
    if form.steps:
        more["steps"] = _filled(form, of_template)
    return form.model_copy(update=more)


def _events(step: str | StepTableForm) -> frozenset[str]:
    event = step if isinstance(step, str) else step.event
    return frozenset((event,) if isinstance(event, str) else event or ())


def _pairs(form: FunnelForm) -> list[tuple[frozenset[str] | None, frozenset[str]]]:
    """For each step the events of the required step before it and its own."""
    out: list[tuple[frozenset[str] | None, frozenset[str]]] = []
    before: frozenset[str] | None = None
    for step in form.steps:
        out.append((before, _events(step)))
        if isinstance(step, str) or not step.optional:
            before = _events(step)
    return out


def _filled(form: FunnelForm, of_template: FunnelForm) -> list[str | StepTableForm]:
    theirs = {events: step for step in of_template.steps if (events := _events(step))}
    rates = dict(zip(_pairs(of_template), of_template.steps, strict=True))
    steps: list[str | StepTableForm] = []
    for step, pair in zip(form.steps, _pairs(form), strict=True):
        own = StepTableForm(event=step) if isinstance(step, str) else step
        said: dict[str, Any] = {}
        named, rated = theirs.get(pair[1]), rates.get(pair)
        if isinstance(named, StepTableForm):
            said["label"] = named.label
        if isinstance(rated, StepTableForm) and not own.optional:
            said["target"] = rated.target
            if own.benchmark is None:
                said |= {"benchmark": rated.benchmark, "benchmark_source": rated.benchmark_source}
        steps.append(
            own.model_copy(update={name: value for name, value in said.items() if getattr(own, name) is None})
        )
    return steps
