"""What must hold of every answer, looked at in every answer: what does not is said, and hides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from engine.funnels.plan import Plan
from engine.questions import FunnelAnswer

_NEAR = 1e-9


def checks(answer: FunnelAnswer, plan: Plan, breakdown: str) -> tuple[str, ...]:
    """Invariants that do not hold, as sentences.

    Steps never grow (but in an open funnel); the rate is the ratio of its counts; groups add up to the whole
    (all of it, or with `step:K` all who have step K); cohorts never shrink or pass their entrants.
    """
    return (
        *([] if plan.anywhere else _growing(answer, plan)),
        *_rate(answer, plan),
        *_groups(answer, breakdown),
        *_cohorts(answer),
    )


def _growing(answer: FunnelAnswer, plan: Plan) -> Iterator[str]:
    required = [answer.steps[step] for step in plan.required]
    for before, step in pairwise(required):
        if step.persons > before.persons:
            yield f"step {step.step} has {step.persons} and step {before.step} only {before.persons}"


def _rate(answer: FunnelAnswer, plan: Plan) -> Iterator[str]:
    last, entered = answer.steps[plan.required[-1]].persons, sum(step.entered for step in answer.steps)
    ratio = last / entered if entered else None
    rate = answer.observed_rate
    if (ratio is None) != (rate is None) or (ratio is not None and abs(ratio - (rate or 0)) > _NEAR):
        yield f"the rate is {rate}, and {last} of {entered} is {ratio}"


def _groups(answer: FunnelAnswer, breakdown: str) -> Iterator[str]:
    if not answer.groups or breakdown == "all_events":
        return
    kind, _, number = breakdown.partition(":")
    at = int(number) - 1 if kind == "step" else None
    for place, step in enumerate(answer.steps):
        parts = sum(group.steps[place].persons for group in answer.groups)
        if parts > step.persons or (parts < step.persons and at in (None, place)):
            yield f"the groups of step {step.step} add up to {parts}, and the whole has {step.persons}"
    excluded = sum(group.excluded for group in answer.groups)
    if at is None and excluded != answer.excluded:
        yield f"the groups exclude {excluded}, and the whole {answer.excluded}"


def _cohorts(answer: FunnelAnswer) -> Iterator[str]:
    for row in answer.cohorts:
        known = [count for count in row.converted if count is not None]
        if known != sorted(known) or (known and known[-1] > row.entered):
            yield f"of {row.entered} who entered in {row.period} these converted so far: {known}"
