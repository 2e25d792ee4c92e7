"""A funnel as numbers: what the search needs to know, without names or text.

Steps are counted from 0 here and from 1 everywhere outside; bit k of an event's mask says that the event
meets step k, bit `steps + x` that it meets exclusion x.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from engine.errors import UsageError
from engine.workspace.model import Funnel

MAX_BITS = 62
FOREVER = 2**63 - 1
"""The end of a window that never ends, in microseconds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules of one funnel. `hops[k]` limits step k's distance to the required step before it, in µs."""

    steps: int
    required: tuple[int, ...]
    optional: tuple[int, ...]
    mode: Literal["ordered", "strict", "unordered"]
    window_us: int | None
    natural: Literal["same_day", "same_week"] | None
    hops: tuple[int | None, ...]
    exclusions: tuple[tuple[int, int], ...]
    restart: bool
    distinct_ties: bool
    """True: each step strictly later than the one before."""
    timezone: str
    week_start: int
    anywhere: bool = False
    """True: an open funnel, entered at any required step."""

    @property
    def opening(self) -> int:
        """The step (from 0) whose events open attempts."""
        return self.required[0]

    def entrances(self) -> Iterator[Plan]:
        """The plan, and for an open funnel those that begin at a later required step.

        Unordered funnels begin anywhere already.
        """
        yield self
        if self.anywhere:
            for at, step in enumerate(self.required[1:], 1):
                optional = tuple(each for each in self.optional if each > step)
                yield replace(self, required=self.required[at:], optional=optional)

    @property
    def required_bits(self) -> int:
        """The bits of all required steps."""
        return sum(1 << step for step in self.required)

    def previous(self, step: int) -> int | None:
        """The required step before a step; None for the first."""
        before = [each for each in self.required if each < step]
        return before[-1] if before else None

    def following(self, step: int) -> int | None:
        """The required step after a step; None for the last."""
        return next((each for each in self.required if each > step), None)

    def level(self, count: int) -> int:
        """Required steps done → the number (from 1) of the last of them; 0 for none."""
        return self.required[count - 1] + 1 if count else 0

    def count_at(self, step: int) -> int:
        """How many required steps stand at or before a step (from 0)."""
        return sum(each <= step for each in self.required)


def plan_of(funnel: Funnel, timezone: str, week_start: int, *, anywhere: bool = False) -> Plan:
    """The plan of a configured funnel; `anywhere`: an open one.

    Raises: UsageError where it has more steps and exclusions than a mask has bits, or an optional first step.
    """
    steps = len(funnel.steps)
    if not steps or steps + len(funnel.exclude) > MAX_BITS:
        raise UsageError(f'funnel "{funnel.name}": 1 to {MAX_BITS} steps and exclusions, not {steps}')
    if funnel.steps[0].optional:
        raise UsageError(f'funnel "{funnel.name}": the first step cannot be optional')
    if any(not 1 <= i < j <= steps for i, j in (each.between for each in funnel.exclude)):
        raise UsageError(
            f'funnel "{funnel.name}": exclude.between names two of its {steps} steps, the earlier first'
        )
    return Plan(
        steps=steps,
        required=tuple(k for k, step in enumerate(funnel.steps) if not step.optional),
        optional=tuple(k for k, step in enumerate(funnel.steps) if step.optional),
        mode=funnel.mode,
        window_us=funnel.window_us if funnel.natural_window is None else None,
        natural=funnel.natural_window,
        hops=tuple(step.within_us for step in funnel.steps),
        exclusions=tuple((each.between[0] - 1, each.between[1] - 1) for each in funnel.exclude),
        restart=funnel.on_exclusion == "restart" or funnel.mode == "unordered",
        distinct_ties=funnel.ties == "strict",
        timezone=timezone,
        week_start=week_start,
        anywhere=anywhere and funnel.mode != "unordered",
    )
