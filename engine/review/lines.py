"""The line of looptop.toml that a back-tested threshold is."""

from __future__ import annotations

import re

from engine.questions import BacktestAnswer
from engine.workspace.model import Rule

_LIMIT = re.compile(r"(<=|>=|<|>)\s*(-?\d[\d_]*(?:\.\d+)?%?)")


def line_of(rule: Rule, found: BacktestAnswer, now: BacktestAnswer) -> str:
    """`when`, or `levels` of a rule with several."""
    texts = [
        (name, moved(when.text, found.threshold, now.threshold, mildest=at == len(rule.levels) - 1))
        for at, (name, when) in enumerate(rule.levels)
    ]
    if len(texts) == 1:
        return f"when = {_quoted(texts[0][1])}"
    return f"levels = {{ {', '.join(f'{name} = {_quoted(text)}' for name, text in texts)} }}"


def moved(text: str, to: float | None, now: float | None, *, mildest: bool = True) -> str:
    """A condition with another constant in its first comparison: of a worse level in proportion.

    >>> moved("change(orders, week) < -30% and visits > 500", -0.45, -0.3)
    'change(orders, week) < -45% and visits > 500'
    >>> moved("cost > 200", 150, 100, mildest=False)
    'cost > 300'
    """
    match = _LIMIT.search(text)
    if match is None or to is None or now is None:
        return text
    unit = 0.01 if match[2].endswith("%") else 1.0
    old = float(match[2].rstrip("%").replace("_", "")) * unit
    new = to if mildest else old * to / now if now else old + to
    shown = f"{new / unit:.6g}" + ("%" if unit != 1 else "")
    return text[: match.start(2)] + shown + text[match.end(2) :]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
