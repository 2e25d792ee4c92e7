"""A funnel's definition as a hash, and in the words of `looptop.toml`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace

from engine.workspace.model import Exclusion, Funnel, Step, Workspace


def definition_hash(workspace: Workspace, name: str) -> str:
    """Twelve hex digits over all that decides who reaches a step; labels, targets and templates do not."""
    console, funnel = workspace.console, workspace.funnels[name]
    steps = tuple(
        replace(step, label=None, target=None, benchmark=None, benchmark_source=None) for step in funnel.steps
    )
    bare = replace(funnel, steps=steps, label={}, template=None)
    text = repr((bare, console.timezone, console.week_start, console.currency))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def toml_of(funnel: Funnel) -> str:
    """A funnel as a `[funnel.X]` that would define it."""
    return written(funnel.name, words_of(funnel))


def words_of(funnel: Funnel) -> dict[str, object]:
    """A funnel in the words of looptop.toml; what stands as its default there is written as well."""
    found: dict[str, object] = {"label": dict(funnel.label)} if funnel.label else {}
    found["steps"] = [_step(step) for step in funnel.steps]
    found["window"] = span(funnel.window_us) if funnel.window_us is not None else funnel.natural_window
    found["window"] = found["window"] or "none"
    found["mode"] = funnel.mode
    if funnel.exclude:
        found["exclude"] = [_exclusion(each) for each in funnel.exclude]
        found["on_exclusion"] = funnel.on_exclusion
    found |= {"where": funnel.where.text} if funnel.where is not None else {}
    found |= {"hold": list(funnel.hold)} if funnel.hold else {}
    return found | {"count": funnel.count, "ties": funnel.ties, "breakdown": funnel.breakdown}


def written(name: str, words: Mapping[str, object]) -> str:
    """Words of a funnel as the text of a `[funnel.X]`, each step and exclusion in a line of its own."""
    lines = [f"[funnel.{name if _BARE.fullmatch(name) else _value(name)}]"]
    for key, value in words.items():
        if isinstance(value, list) and key in ("steps", "exclude") and value:
            lines += [f"{key} = [", *(f"  {_value(each)}," for each in value), "]"]
        else:
            lines.append(f"{key} = {_value(value)}")
    return "\n".join(lines)


_BARE = re.compile(r"[A-Za-z0-9_-]+")
_UNITS = ((604_800_000, "w"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms"))


def span(us: int) -> str:
    """A length of time as it is written: whole weeks from four on, else the largest whole unit.

    >>> span(7 * 86_400_000_000), span(5_400_000_000), span(28 * 86_400_000_000)
    ('7d', '90m', '4w')
    """
    ms = us // 1000
    size, unit = next(
        (size, unit) for size, unit in _UNITS if ms % size == 0 and (unit != "w" or ms >= 4 * size)
    )
    return f"{ms // size}{unit}"


def _value(value: object) -> str:
    """A value as TOML; a text is written as JSON is, with DEL escaped as TOML asks."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: object) -> str:
    return str(name) if _BARE.fullmatch(str(name)) else _value(str(name))


def _events(events: tuple[str, ...]) -> dict[str, object]:
    return {"event": events[0] if len(events) == 1 else list(events)} if events else {}


def _step(step: Step) -> str | dict[str, object]:
    given = _events(step.events)
    given |= {"where": step.where.text} if step.where is not None else {}
    given |= {"optional": True} if step.optional else {}
    given |= {"within": span(step.within_us)} if step.within_us is not None else {}
    given |= {"first_time": step.first_time} if step.first_time else {}
    if step.label:
        given["label"] = step.label if isinstance(step.label, str) else dict(step.label)
    given |= {"target": step.target} if step.target is not None else {}
    given |= {"benchmark": step.benchmark} if step.benchmark is not None else {}
    given |= {"benchmark_source": step.benchmark_source} if step.benchmark_source else {}
    return step.events[0] if list(given) == ["event"] and len(step.events) == 1 else given


def _exclusion(exclusion: Exclusion) -> dict[str, object]:
    where = {"where": exclusion.where.text} if exclusion.where is not None else {}
    return {**_events(exclusion.events), **where, "between": list(exclusion.between)}
