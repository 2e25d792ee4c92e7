"""Funnel semantics by exhaustion: every opening, every assignment of events to steps, in plain Python.

Slow and plain on purpose: nothing here is shared with the engine but the rules (`Plan`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from engine.funnels.plan import FOREVER, Plan

Facts = Sequence[tuple[int, int]]
"""(time, mask) of one person's events."""


@dataclass(frozen=True)
class Try:
    """One attempt: times by step (None: not done), required steps done, whether an exclusion taints it."""

    times: tuple[int | None, ...]
    count: int
    tainted: bool
    until: int

    @property
    def start(self) -> int:
        """Time of the opening."""
        assert self.times[0] is not None
        return self.times[0]


def verdict(facts: Facts, plan: Plan) -> tuple[int, tuple[int | None, ...], bool] | None:
    """(required steps done, times by step, excluded) of a person; None for one without an attempt."""
    tries = [_finish(places, until, facts, plan) for places, until in _attempts(facts, plan)]
    if not tries:
        return None
    if plan.restart:
        pool = [one for one in tries if not one.tainted]
        excluded = not pool
        pool = pool or tries
    else:
        best = max(one.count for one in tries)
        pool = [one for one in tries if one.count == best and not one.tainted]
        excluded = not pool
        pool = pool or [one for one in tries if one.count == best]
    chosen = min(pool, key=lambda one: (-one.count, _done(one, plan), -one.start, _steps(one, plan)))
    return chosen.count, chosen.times, excluded


def _done(one: Try, plan: Plan) -> int:
    return one.times[plan.required[one.count - 1]] or 0


def _steps(one: Try, plan: Plan) -> list[int]:
    return [ts for step in plan.required if (ts := one.times[step]) is not None]


def _until(start: int, plan: Plan) -> int:
    return FOREVER if plan.window_us is None else start + plan.window_us


def _attempts(facts: Facts, plan: Plan) -> Iterator[tuple[list[int | None], int]]:
    for at, (ts, mask) in enumerate(facts):
        until = _until(ts, plan)
        if plan.mode == "unordered":
            if mask & plan.required_bits:
                yield _any_order(facts, plan, ts, until), until
        elif mask & 1:
            chains: list[list[int]] = list(_chains([at], facts, plan, until))
            best = min(chains, key=lambda chain: _rank(chain, facts))
            yield [*best], until


def _rank(chain: Sequence[int], facts: Facts) -> tuple[int, int, list[int]]:
    times = [facts[at][0] for at in chain]
    return -len(times), times[-1], times


def _chains(chain: list[int], facts: Facts, plan: Plan, until: int) -> Iterator[list[int]]:
    yield chain
    if len(chain) == len(plan.required):
        return
    before, step = plan.required[len(chain) - 1], plan.required[len(chain)]
    here = facts[chain[-1]][0]
    for at, (ts, mask) in enumerate(facts):
        fits = mask >> step & 1 and at not in chain and here <= ts <= until
        fits = fits and not (plan.distinct_ties and ts == here)
        hop = plan.hops[step]
        fits = fits and (hop is None or ts - here <= hop)
        if fits and not (plan.mode == "strict" and _foreign(facts, plan, (before, step), here, ts)):
            yield from _chains([*chain, at], facts, plan, until)


def _foreign(facts: Facts, plan: Plan, hop: tuple[int, int], low: int, high: int) -> bool:
    before, step = hop
    between = [mask for ts, mask in facts if low < ts < high]
    steps = [before, *(each for each in plan.optional if before < each < step)]
    return any(not any(mask >> each & 1 for each in steps) for mask in between)


def _any_order(facts: Facts, plan: Plan, start: int, until: int) -> list[int | None]:
    inside = sorted(at for at, (ts, _) in enumerate(facts) if start <= ts <= until)
    inside.sort(key=lambda at: facts[at][0])
    places: list[int | None] = []
    for size in range(1, len(plan.required) + 1):
        ends = [at for n, at in enumerate(inside) if _fills(inside[: n + 1], facts, plan, size)]
        if not ends:
            break
        hop = plan.hops[plan.required[size - 1]]
        before = places[-1] if places else None
        if hop is not None and before is not None and facts[ends[0]][0] - facts[before][0] > hop:
            break
        places.append(ends[0])
    return places


def _fills(events: Sequence[int], facts: Facts, plan: Plan, size: int) -> bool:
    """Whether `size` distinct steps can be given distinct events."""
    for steps in permutations(plan.required, size):
        for chosen in permutations(events, size):
            if list(steps) == sorted(steps) and all(
                facts[at][1] >> step & 1 for step, at in zip(steps, chosen, strict=True)
            ):
                return True
    return False


def _finish(chain: list[int | None], until: int, facts: Facts, plan: Plan) -> Try:
    places: list[int | None] = [None] * plan.steps
    for step, at in zip(plan.required, chain, strict=False):
        places[step] = at
    for step in plan.optional:
        places[step] = _optional(step, places, until, facts, plan)
    times = tuple(None if at is None else facts[at][0] for at in places)
    return Try(times, len(chain), _tainted(times, until, facts, plan), until)


def _optional(step: int, places: list[int | None], until: int, facts: Facts, plan: Plan) -> int | None:
    free_order = plan.mode == "unordered"
    before, after = (0 if free_order else plan.previous(step)), plan.following(step)
    assert before is not None
    origin, limit = places[before], places[after] if after is not None and not free_order else None
    if origin is None:
        return None
    low, high = facts[origin][0], until if limit is None else facts[limit][0]
    hop = plan.hops[step]
    fitting = [
        at
        for at, (ts, mask) in enumerate(facts)
        if mask >> step & 1 and at not in places and low <= ts <= high and (hop is None or ts - low <= hop)
        and not (plan.distinct_ties and not free_order and (ts == low or (limit is not None and ts == high)))
    ]  # fmt: skip
    return min(fitting, key=lambda at: facts[at][0], default=None)


def _tainted(times: Sequence[int | None], until: int, facts: Facts, plan: Plan) -> bool:
    for number, (i, j) in enumerate(plan.exclusions):
        low, high = times[i], times[j]
        for ts, mask in facts:
            excluded = mask >> (plan.steps + number) & 1
            if excluded and low is not None and low < ts and (ts <= until if high is None else ts < high):
                return True
    return False
