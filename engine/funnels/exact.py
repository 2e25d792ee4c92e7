"""Attempts of single units in plain Python: exact for every mode, for ties and for limits per hop.

The search hands over the units that it cannot be sure of. A *moment* is the events of one timestamp; inside
it any order may be read, so the steps that it fills are a matching of steps to distinct events.
Resting on step k at moment j, the next step of a chain is the earliest moment from which the goal can be
reached; both sweeps below are linear in the moments of a window.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from engine.funnels.arrange import Rows
from engine.funnels.plan import Plan
from engine.funnels.search import starts

if TYPE_CHECKING:
    import polars as pl

Event = tuple[int, int]
"""(position, mask)."""


@dataclass(frozen=True, slots=True)
class Moment:
    """All events of a unit with one timestamp."""

    ts: int
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's moments in time order, the moment of each position, and where steps and masks stand."""

    moments: tuple[Moment, ...]
    place: dict[int, int]
    with_step: dict[int, list[int]]
    """Step → the moments that have an event for it."""
    with_mask: dict[int, list[int]]
    """Required bits → positions of the events that have just these."""


def exact(rows: Rows, plan: Plan, units: pl.Series) -> pl.DataFrame:
    """Attempts of the named units, in the columns of `search.Found.attempts`."""
    import polars as pl

    wanted = pl.col("unit").is_in(units.unique().implode())
    opened = starts(rows, plan, each=True).filter(wanted)
    needed = (
        rows.frame.select("ts", "mask", unit=rows.unit.head(rows.end)).with_row_index("at").filter(wanted)
    )
    held = dict(_units(needed, plan))
    find = _finder(plan)
    found = []
    for unit, start, until in opened.iter_rows():
        places = find(held[unit], plan, start, until)
        found.append((unit, start, until, len(places), *(places.get(k) for k in range(plan.steps))))
    schema = {"unit": pl.UInt32, "start": pl.UInt32, "until": pl.Int64, "count": pl.UInt8}
    schema |= {f"p{k + 1}": pl.UInt32 for k in range(plan.steps)}
    frame = pl.DataFrame(found, schema=schema, orient="row")
    return frame.drop([f"p{k + 1}" for k in plan.optional])


def _units(needed: pl.DataFrame, plan: Plan) -> Iterator[tuple[int, Unit]]:
    rows = needed.select("unit", "ts", "at", "mask").sort("at").iter_rows()
    for number, of_unit in groupby(rows, itemgetter(0)):
        unit = Unit((), {}, {}, {})
        moments: list[Moment] = []
        for ts, group in groupby(of_unit, itemgetter(1)):
            events = tuple((at, mask) for _, _, at, mask in group)
            for at, mask in events:
                unit.place[at] = len(moments)
                unit.with_mask.setdefault(mask & plan.required_bits, []).append(at)
            for step in plan.required:
                if any(mask >> step & 1 for _, mask in events):
                    unit.with_step.setdefault(step, []).append(len(moments))
            moments.append(Moment(ts, events))
        yield number, replace(unit, moments=tuple(moments))


def _finder(plan: Plan) -> Callable[[Unit, Plan, int, int], dict[int, int]]:
    """How an attempt that opens at a position is found: step (from 0) → position, required steps only."""
    if plan.mode == "unordered":
        return _any_order
    plain = plan.mode == "ordered" and not plan.distinct_ties and all(hop is None for hop in plan.hops)
    return _earliest if plain else _chain


def _chain(unit: Unit, plan: Plan, start: int, until: int) -> dict[int, int]:
    first = unit.place[start]
    last = bisect_right(unit.moments, until, first, key=lambda moment: moment.ts)
    return _Chain(unit.moments[first:last], plan, start).places()


def _earliest(unit: Unit, plan: Plan, start: int, until: int) -> dict[int, int]:
    """C5 without limits per hop: every moment takes as many further steps as it can."""
    j = unit.place[start]
    places = {plan.required[0]: start}
    while True:
        events = [event for event in unit.moments[j].events if event[0] != start]
        taken: dict[int, int] = {}
        for step in plan.required[len(places) :]:
            if not _augment(step, events, taken, set()):
                break
        places |= {step: events[at][0] for at, step in taken.items()}
        if len(places) == len(plan.required):
            return places
        ahead = unit.with_step.get(plan.required[len(places)], [])
        next_at = bisect_right(ahead, j)
        if next_at == len(ahead) or unit.moments[ahead[next_at]].ts > until:
            return places
        j = ahead[next_at]


def matching(steps: Sequence[int], events: Sequence[Event]) -> dict[int, int] | None:
    """Distinct events for all of these steps: step → index in `events`; None where there are too few.

    Source: augmenting paths (Kuhn).
    """
    taken: dict[int, int] = {}
    return (
        {step: at for at, step in taken.items()}
        if all(_augment(k, events, taken, set()) for k in steps)
        else None
    )


def _augment(step: int, events: Sequence[Event], taken: dict[int, int], seen: set[int]) -> bool:
    for at, (_, mask) in enumerate(events):
        if mask >> step & 1 and at not in seen:
            seen.add(at)
            if at not in taken or _augment(taken[at], events, taken, seen):
                taken[at] = step
                return True
    return False


class _Chain:
    """One ordered or strict attempt. Levels count required steps; moment 0 holds the opening event."""

    def __init__(self, window: Sequence[Moment], plan: Plan, start: int) -> None:
        self.window, self.plan, self.start = window, plan, start
        self.most: dict[tuple[int, int], int] = {}

    def fills(self, level: int, j: int) -> int:
        """How many further required steps the events of moment j can fill."""
        key = (level, j)
        if key not in self.most:
            self.most[key] = self._fills(level, j)
        return self.most[key]

    def _fills(self, level: int, j: int) -> int:
        required, events = self.plan.required, self.free(j)
        if self.plan.distinct_ties:
            meets = j > 0 and level < len(required) and any(mask >> required[level] & 1 for _, mask in events)
            return int(meets)
        taken: dict[int, int] = {}
        count = 0
        while level + count < len(required) and _augment(required[level + count], events, taken, set()):
            count += 1
        return count

    def free(self, j: int) -> list[Event]:
        """Events of a moment without the opening one."""
        return [event for event in self.window[j].events if event[0] != self.start]

    def near(self, level: int, i: int, j: int) -> bool:
        """Whether the limit of the hop from `level` allows to go from moment i to moment j."""
        limit = self.plan.hops[self.plan.required[level]] if level < len(self.plan.required) else None
        return limit is None or self.window[j].ts - self.window[i].ts <= limit

    def breaks(self, level: int, j: int) -> bool:
        """Whether moment j may not stand between the steps after `level` (strict mode)."""
        if self.plan.mode != "strict" or level >= len(self.plan.required):
            return False
        before, step = self.plan.required[level - 1], self.plan.required[level]
        allowed = 1 << before | sum(1 << each for each in self.plan.optional if before < each < step)
        return any(mask & allowed == 0 for _, mask in self.window[j].events)

    def places(self) -> dict[int, int]:
        """Step → position of the furthest chain; of several the earliest goal, then the earliest steps."""
        level, goal = self._goal()
        required = self.plan.required
        choice = self._choices(level, goal)
        at, j = next((at, 0) for at in range(1 + self.fills(1, 0), 0, -1) if (at, 0) in choice)
        places = {required[0]: self.start} | self._fill(1, at, 0)
        while (at, j) != (level, goal):
            to, then = choice[at, j] or (at, j)
            places |= self._fill(at, to, then)
            at, j = to, then
        return places

    def _fill(self, level: int, to: int, j: int) -> dict[int, int]:
        events = self.free(j)
        found = matching(self.plan.required[level:to], events)
        return {step: events[at][0] for step, at in (found or {}).items()}

    def _goal(self) -> tuple[int, int]:
        """The highest level that a chain can reach, and the first moment at which one does."""
        top = 1 + self.fills(1, 0)
        best = (top, 0)
        last: dict[int, int] = dict.fromkeys(range(1, top + 1), 0)
        for j in range(1, len(self.window)):
            now = {
                level + count
                for level, i in last.items()
                if self.near(level, i, j)
                for count in range(1, self.fills(level, j) + 1)
            }
            last = {level: i for level, i in last.items() if not self.breaks(level, j)}
            last |= dict.fromkeys(now, j)
            best = max(best, (max(now, default=0), -j), key=lambda one: one[0])
            if best[0] == len(self.plan.required) or not last:
                break
        return best[0], abs(best[1])

    def _choices(self, level: int, goal: int) -> dict[tuple[int, int], tuple[int, int] | None]:
        """From where the goal can be reached: (level, moment) → the next rest, the goal itself → None."""
        choice: dict[tuple[int, int], tuple[int, int] | None] = {}
        ahead: dict[int, tuple[int, int]] = {}
        for j in range(goal, -1, -1):
            for at in range(1, level + 1):
                then = ahead.get(at)
                if (at, j) == (level, goal):
                    choice[at, j] = None
                elif then is not None and self.near(at, j, then[1]):
                    choice[at, j] = then
            for at in range(1, level):
                rests = [to for to in range(at + 1, at + 1 + self.fills(at, j)) if (to, j) in choice]
                if rests:
                    ahead[at] = (max(rests), j)
                elif self.breaks(at, j):
                    ahead.pop(at, None)
        return choice


def _any_order(unit: Unit, plan: Plan, start: int, until: int) -> dict[int, int]:
    """The n-th required step → the n-th event that enlarges the matching.

    Of events that meet the same steps only the first few can matter: as many as there are steps.
    """
    events = _first_of_each_kind(unit, plan, start, until)
    taken: dict[int, int] = {}
    filled: list[int] = []
    for at in range(len(events)):
        if len(filled) == len(plan.required):
            break
        if _enlarge(events, plan, taken, at):
            filled.append(events[at][0])
    for n in range(1, len(filled)):
        limit = plan.hops[plan.required[n]]
        before, here = (unit.moments[unit.place[at]].ts for at in filled[n - 1 : n + 1])
        if limit is not None and here - before > limit:
            filled = filled[:n]
            break
    return dict(zip(plan.required, filled, strict=False))


def _first_of_each_kind(unit: Unit, plan: Plan, start: int, until: int) -> list[Event]:
    first = unit.moments[unit.place[start]].events[0][0]
    found: list[Event] = []
    for mask, places in unit.with_mask.items():
        if mask:
            low = bisect_left(places, first)
            near = places[low : low + len(plan.required)]
            found += [(at, mask) for at in near if unit.moments[unit.place[at]].ts <= until]
    return sorted(found)


def _enlarge(events: Sequence[Event], plan: Plan, taken: dict[int, int], at: int) -> bool:
    """Whether event `at` lets one more step be filled; `taken` is step → event and grows."""

    def try_event(event: int, seen: set[int]) -> bool:
        for step in plan.required:
            if events[event][1] >> step & 1 and step not in seen:
                seen.add(step)
                if step not in taken or try_event(taken[step], seen):
                    taken[step] = event
                    return True
        return False

    return try_event(at, set())
