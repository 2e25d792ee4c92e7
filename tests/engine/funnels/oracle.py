"""Funnel semantics by exhaustion: every opening, every assignment of events to steps, in plain Python.

Slow and plain on purpose: nothing here is shared with the engine but the rules (`Plan`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import permutations
from zoneinfo import ZoneInfo

from engine.funnels.plan import FOREVER, Plan

Facts = Sequence[tuple[int, int]]
"""(time, mask) of one person's events."""


@dataclass(frozen=True)
class Try:
    """One attempt: times by step (None: not done), required steps up to the last one done, whether an event
    that is excluded taints it, its window, and the step that opened it (from 0)."""

    times: tuple[int | None, ...]
    count: int
    tainted: bool
    began: int
    until: int
    entrance: int = 0

    def done(self, plan: Plan) -> int:
        """Time of the last step."""
        return self.times[plan.required[self.count - 1]] or 0

    def steps(self, plan: Plan) -> list[int]:
        """Times of the required steps."""
        return [ts for step in plan.required if (ts := self.times[step]) is not None]

    def reaches(self, step: int, plan: Plan) -> bool:
        """Whether it has a step (from 0)."""
        if step in plan.optional:
            return self.times[step] is not None
        return self.entrance <= step and sum(each <= step for each in plan.required) <= self.count


def verdict(facts: Facts, plan: Plan) -> tuple[int, tuple[int | None, ...], bool] | None:
    """(required steps done, times by step, excluded) of a person; None for one without an attempt."""
    held = tries(facts, plan)
    if not held:
        return None
    chosen, excluded = best(held, plan)
    return chosen.count, chosen.times, excluded


def tries(facts: Facts, plan: Plan) -> list[Try]:
    """Every attempt of one unit."""
    found = []
    for entrance, step in enumerate(plan.required if plan.anywhere else plan.required[:1]):
        optional = tuple(each for each in plan.optional if each > step)
        mine = replace(plan, required=plan.required[entrance:], optional=optional)
        for places, began, until in _attempts(facts, mine):
            one = _finish(places, (began, until), facts, mine)
            found.append(replace(one, count=one.count + entrance, entrance=step if plan.anywhere else 0))
    return found


def best(held: Sequence[Try], plan: Plan) -> tuple[Try, bool]:
    """The representative attempt of a person, and whether the person is excluded."""
    if plan.restart:
        pool = [one for one in held if not one.tainted]
        excluded = not pool
        pool = pool or list(held)
    else:
        most = max(one.count for one in held)
        pool = [one for one in held if one.count == most and not one.tainted]
        excluded = not pool
        pool = pool or [one for one in held if one.count == most]
    return min(pool, key=lambda one: _order(one, plan)), excluded


def _order(one: Try, plan: Plan) -> tuple[int, int, int, int, list[int]]:
    return -one.count, one.entrance, one.done(plan), -one.began, one.steps(plan)


def entries(held: Sequence[Try], plan: Plan) -> list[tuple[Try, bool]]:
    """T1 to T3: what counts where every attempt of a person counts, and whether it is excluded."""
    clean = sorted((one for one in held if not one.tainted), key=lambda one: one.began)
    full = [one for one in clean if one.count == len(plan.required)]
    won: list[Try] = []
    while full:
        first = min(full, key=lambda one: (one.done(plan), one.entrance, -one.began))
        won.append(first)
        full = [one for one in full if one.began > first.done(plan)]
    tainted = sorted((one for one in held if one.tainted), key=lambda one: one.began)
    return [
        *((one, False) for one in won),
        *((one, False) for one in _lost(clean, won, plan)),
        *((one, True) for one in _lost(tainted, won, plan)),
    ]


def _lost(openings: Sequence[Try], won: Sequence[Try], plan: Plan) -> Iterator[Try]:
    """Entries that did not convert, each the furthest attempt of what it absorbs."""
    left = [one for one in openings if not any(w.began <= one.began <= w.done(plan) for w in won)]
    while left:
        first = left[0]
        border = min((w.began for w in won if w.began > first.began), default=FOREVER)
        mine = [one for one in left if one.began <= first.until and one.began < border]
        left = left[len(mine) :]
        if not any(first.began <= w.began <= first.until for w in won):
            yield min(mine, key=lambda one: (-one.count, one.entrance, one.done(plan), -one.began))


def _until(start: int, plan: Plan) -> int:
    if plan.natural is None:
        return FOREVER if plan.window_us is None else start + plan.window_us
    zone, quarter = ZoneInfo(plan.timezone), 900_000_000
    days = 1 if plan.natural == "same_day" else 7

    def period(us: int) -> int:
        day = datetime.fromtimestamp(us // 1_000_000, zone).date()
        return (day.toordinal() - 1 - (plan.week_start if days == 7 else 0)) // days

    at = start - start % quarter
    while period(at) == period(start):
        at += quarter
    return at - 1


def _attempts(facts: Facts, plan: Plan) -> Iterator[tuple[list[int | None], int, int]]:
    for at, (ts, mask) in enumerate(facts):
        until = _until(ts, plan)
        if plan.mode == "unordered":
            if mask & plan.required_bits:
                yield _any_order(facts, plan, ts, until), ts, until
        elif mask >> plan.required[0] & 1:
            chains: list[list[int]] = list(_chains([at], facts, plan, until))
            found = min(chains, key=lambda chain: _rank(chain, facts))
            yield [*found], ts, until


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


def _finish(chain: list[int | None], window: tuple[int, int], facts: Facts, plan: Plan) -> Try:
    began, until = window
    places: list[int | None] = [None] * plan.steps
    for step, at in zip(plan.required, chain, strict=False):
        places[step] = at
    for step in plan.optional:
        places[step] = _optional(step, places, until, facts, plan)
    times = tuple(None if at is None else facts[at][0] for at in places)
    return Try(times, len(chain), _tainted(times, until, facts, plan), began, until)


def _optional(step: int, places: list[int | None], until: int, facts: Facts, plan: Plan) -> int | None:
    free_order = plan.mode == "unordered"
    before, after = (plan.required[0] if free_order else plan.previous(step)), plan.following(step)
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
