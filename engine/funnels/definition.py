"""A funnel's definition as a hash, and in the words of `looptop.toml`."""

from __future__ import annotations

import hashlib
import json
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
    window = (
        f"{funnel.window_us // 1000}ms" if funnel.window_us is not None else funnel.natural_window or "none"
    )
    lines = [f"[funnel.{funnel.name}]", f"steps = [{', '.join(map(_step, funnel.steps))}]"]
    lines += [f"window = {_text(window)}", f"mode = {_text(funnel.mode)}"]
    if funnel.exclude:
        lines.append(f"exclude = [{', '.join(map(_exclusion, funnel.exclude))}]")
        lines.append(f"on_exclusion = {_text(funnel.on_exclusion)}")
    if funnel.where is not None:
        lines.append(f"where = {_text(funnel.where.text)}")
    if funnel.hold:
        lines.append(f"hold = {json.dumps(funnel.hold, ensure_ascii=False)}")
    lines += [f"count = {_text(funnel.count)}", f"ties = {_text(funnel.ties)}"]
    return "\n".join(lines)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _inline(given: dict[str, object]) -> str:
    return (
        "{ "
        + ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in given.items())
        + " }"
    )


def _step(step: Step) -> str:
    given: dict[str, object] = {"event": list(step.events)} if step.events else {}
    given |= {"where": step.where.text} if step.where is not None else {}
    given |= {"optional": True} if step.optional else {}
    given |= {"within": f"{step.within_us // 1000}ms"} if step.within_us is not None else {}
    given |= {"first_time": step.first_time} if step.first_time else {}
    return _text(step.events[0]) if list(given) == ["event"] and len(step.events) == 1 else _inline(given)


def _exclusion(exclusion: Exclusion) -> str:
    given: dict[str, object] = {"event": list(exclusion.events)} if exclusion.events else {}
    given |= {"where": exclusion.where.text} if exclusion.where is not None else {}
    return _inline({**given, "between": list(exclusion.between)})
