"""The core: a leaf table in; causes, members and a verdict out. Pure, whoever made the leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from engine.causes.leaves import Leaves
from engine.causes.members import members
from engine.causes.scan import Found, scan
from engine.questions import MemberChange

Verdict = Literal["cause", "mix", "all", "none"]
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Split:
    """`mix`: the part of a rate's change that no member's own rate made; None for sums."""

    causes: tuple[Found, ...]
    members: tuple[MemberChange, ...]
    verdict: Verdict
    mix: float | None = None


def split(leaves: Leaves, listed: tuple[str, ...] | None = None, change: float | None = None) -> Split:
    """What moved a metric.

    In:  leaves of up to 8 dimensions; the dimensions whose members are listed, None: those that the cause was
         found by, without one the first; `change`: of the metric, where it is known better than by sums.
    """
    change = leaves.change if change is None else change
    if change is None:
        return Split((), (), "none")
    causes = scan(leaves, change) if change else ()
    mix = change - math.fsum(leaves.judged()["effect"]) if leaves.rate else None
    verdict = _verdict(causes, change, mix)
    if listed is None:
        listed = causes[0].dims if verdict == "cause" else leaves.dims[:1]
    return Split(causes, members(leaves, listed), verdict, mix)


def _verdict(causes: tuple[Found, ...], change: float, mix: float | None) -> Verdict:
    """Source: reference alerts.md section 5, steps 3 and 5."""
    if not change:
        return "none"
    if causes and causes[0].whole:
        return "all"
    explained = math.fsum(cause.effect for cause in causes) / change
    if mix is not None and mix / change >= HALF and explained < HALF:
        return "mix"
    return "cause" if causes and explained >= HALF else "none"
