"""A template written out for one directory: what the files can say stands ready, the rest as a comment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from engine.expressions import parse
from engine.workspace.model import Metric
from engine.workspace.needs import Lack, There, lack, metric_of, named, needs
from engine.workspace.sample import value
from engine.workspace.template import Template, events_of

_ONLY_HERE = ("sop", "always")
"""Keys of a rule in a template that looptop.toml writes otherwise or does not know."""
_RATES = ("target", "benchmark", "benchmark_source")
"""Keys of a step that are about the way from the required step before it."""


class Say(Protocol):
    """Words of the comments, by id: `say("lack_event", name="mql")`."""

    def __call__(self, word: str, /, **values: object) -> str: ...


def write(template: Template, there: There, builtin: Mapping[str, Metric], say: Say, language: str) -> str:
    """The stages, metrics, funnel, alert rules and people of a template.

    In:  what the files hold; the built-in metrics; words for the comments, and their language.
    Out: the text that follows the sources in looptop.toml; `load` takes it without a fault.
    """
    own = {name: metric_of(name, table) for name, table in template.metrics.items() if _defines(table)}
    known = {**builtin, **own}
    lacks = {name: lack(known, name, there) for name in known}
    return "\n".join(
        [
            "",
            *_head(template, there, lacks, say, language),
            *_metrics(template, own, lacks, say),
            *_funnels(template, there, say),
            *_alerts(template, lacks, say, language),
            "",
        ]
    )


def _defines(table: Mapping[str, Any]) -> bool:
    """Whether a template's metric is one of its own; else it says more of a built-in one."""
    return "table" in table or "kind" in table


def _head(
    template: Template, there: There, lacks: Mapping[str, Lack | None], say: Say, language: str
) -> Iterator[str]:
    yield f"# {say('template', name=template.name, label=template.label[language])}"
    for note in template.notes:
        yield f"# {say('note')}: {note[language]}"
    for stage in template.stages:
        yield "#"
        yield f"# {stage.label['en']} · {stage.label['zh']}"
        found = [name if name in there.events else f"({name})" for name in stage.events]
        yield f"#   {say('events')}: {', '.join(found)}"
        metrics = [name if lacks[name] is None else f"({name})" for name in stage.metrics]
        yield f"#   {say('metrics')}: {', '.join(metrics)}"
    yield f"# {say('brackets')}"


def _metrics(
    template: Template, own: Mapping[str, Metric], lacks: Mapping[str, Lack | None], say: Say
) -> Iterator[str]:
    kept = _with_parts([name for name in own if lacks[name] is None], own)
    for name, table in template.metrics.items():
        block = [f"[metric.{name}]", *_keys(table)]
        if name in own and name not in kept:
            block = [f"# {_why(lacks[name], say)}", *_comment(block)]
        yield from ["", *block]


def _with_parts(names: Iterable[str], own: Mapping[str, Metric]) -> set[str]:
    """The metrics and those of the template that they are made of."""
    kept: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in own and name not in kept:
            kept.add(name)
            waiting += needs(own[name])
    return kept


def _funnels(template: Template, there: There, say: Say) -> Iterator[str]:
    for name, funnel in template.funnels.items():
        steps = funnel["steps"]
        missing = [step for step in steps if set(events_of(step)).isdisjoint(there.events)]
        required = [step for step in steps if not step.get("optional")]
        ready = sum(step not in missing for step in required) >= 2
        rest = {key: each for key, each in funnel.items() if key != "steps"}
        block = [f"[funnel.{name}]", f"template = {value(template.name)}", *_keys(rest), "steps = ["]
        block += [*_steps(steps, missing if ready else [], say), "]"]
        if not ready:
            why = _why(Lack("event", events_of(missing[0])[0]), say)
            block = [f"# {say('few_steps')}: {why}", *_comment(block)]
        yield from ["", *block]


def _steps(
    steps: Sequence[Mapping[str, Any]], missing: Sequence[Mapping[str, Any]], say: Say
) -> Iterator[str]:
    """Steps a line each. A rate is one of a pair: without the step before it there is none."""
    theirs = ours = None
    for step in steps:
        optional = bool(step.get("optional"))
        if step not in missing and (ours is not None or not optional):
            rated = theirs is ours
            yield f"  {value({key: each for key, each in step.items() if rated or key not in _RATES})},"
            ours = ours if optional else step
        else:
            lacking = Lack("event", events_of(step)[0]) if step in missing else None
            yield f"  # {value(step)},  # {_why(lacking, say)}"
        theirs = theirs if optional else step


def _alerts(template: Template, lacks: Mapping[str, Lack | None], say: Say, language: str) -> Iterator[str]:
    owners: set[str] = set()
    for name, table in template.alerts.items():
        asked = {metric for text in _conditions(table) for metric in named(parse(text))}
        missing = next((found for metric in sorted(asked) if (found := lacks.get(metric))), None)
        rule = {key: each for key, each in table.items() if key not in _ONLY_HERE}
        block = [f"[alert.{name}]", *_keys(rule), f"sop = {value(table['sop'][language])}"]
        block += [f"# sop = {value(steps)}" for other, steps in table["sop"].items() if other != language]
        if missing is not None and not table.get("always"):
            block = [f"# {_why(missing, say)}", *_comment(block)]
        else:
            owners.add(table["owner"])
        yield from ["", *block]
    for name, table in template.people.items():
        block = [f"[people.{name}]", *_keys(table), f'# notify = ["ops"]  # {say("notify")}']
        yield from ["", *(block if name in owners else _comment(block))]


def _conditions(table: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(table["levels"].values()) if "levels" in table else (table["when"],)


def _keys(table: Mapping[str, Any]) -> Iterator[str]:
    for key, each in table.items():
        yield f"{key} = {value(each)}"


def _comment(lines: Iterable[str]) -> list[str]:
    return [f"# {line}".rstrip() for line in lines]


def _why(missing: Lack | None, say: Say) -> str:
    return say("lack_order") if missing is None else say(f"lack_{missing.what}", name=missing.name)
