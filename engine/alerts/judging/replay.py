"""The history of one member by the state machine: all of it, or from the last mark before what changed.

Late and corrected facts touch the periods from theirs on; what was judged before them stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.alerts.judging.machine import Member, Settings, Standing, Step, Verdict


@dataclass(frozen=True, slots=True)
class Replay:
    steps: tuple[Step, ...]
    standing: Standing
    judged: int | None
    """Last judged period."""
    incident: Mapping[int, bool] = field(default_factory=dict)
    """Periods that baselines leave out."""
    episode: tuple[int, ...] = ()
    """Breaching and firing periods of the running episode, or of the last one."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A member as it stood before period `position`: where the replay of later periods goes on."""

    position: int
    standing: Standing
    steps: int
    incident: Mapping[int, bool]
    episode: tuple[int, ...]


MARKED = 28
"""A mark is kept every so many periods, and one before the first period to come."""


@dataclass(slots=True)
class Trail:
    """The marks of one member and the steps up to the last of them; emptied where its past is unknown."""

    marks: list[Mark] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


Judge = Callable[[int, Mapping[int, bool]], Verdict]
"""(period, periods that baselines leave out) → verdict."""


def replay(
    settings: Settings,
    judge: Judge,
    first: int,
    complete: int,
    closes: Sequence[int] = (),
    *,
    running: Mapping[int, Sequence[Verdict]] | None = None,
    refusals: Sequence[int] = (),
    trail: Trail | None = None,
    since: int = 0,
) -> Replay:
    """The whole history of a member, from period `first` to the last complete one, and what runs beyond.

    In:  `closes`: number of complete periods when the member's episode was closed by hand; `refusals`: first
         periods of episodes whose level was said not to be normal; `running`: verdicts given while a period
         still ran, in order, by period; `trail`: marks of the replay before, renewed; they hold up to the
         period `since`, from which on something is another than it was.
    """
    running, trail = running or {}, trail if trail is not None else Trail()
    begin = first
    member, first = _resumed(settings, trail, first, min(since, complete))
    last = first - 1 if first > begin else None
    every = [*((at, "close") for at in closes), *((at, "refuse") for at in refusals)]
    acts = sorted(act for act in every if act[0] >= first)
    for i in range(first, max([complete - 1, *running]) + 1 if running else complete):
        if i == complete or (i % MARKED == 0 and i < complete):
            _leave_mark(trail, member, i)
        if not running and not acts:
            member.judge(i, judge(i, member.incident))
            last = i
            continue
        before = replace(member.standing) if i in running else None
        for verdict in running.get(i, ()):
            member.partial = True
            _restore(member.standing, before)
            member.judge(i, verdict)
            last = i
        member.partial = False
        while acts and acts[0][0] == i:
            _act(member, *acts.pop(0))
        if i < complete:
            _restore(member.standing, before)
            member.judge(i, judge(i, member.incident))
            last = i
    if first <= complete and not (trail.marks and trail.marks[-1].position == complete):
        _leave_mark(trail, member, complete)
    for act in acts:
        _act(member, *act)
    return Replay(tuple(member.steps), member.standing, last, member.incident, tuple(member.episode))


def _resumed(settings: Settings, trail: Trail, first: int, since: int) -> tuple[Member, int]:
    """The member at the last mark that holds, and the period from which on it is judged."""
    while trail.marks and trail.marks[-1].position > since:
        trail.marks.pop()
    if not trail.marks:
        return Member(settings), first
    mark = trail.marks[-1]
    steps, standing = trail.steps[: mark.steps], replace(mark.standing)
    return Member(settings, standing, steps, dict(mark.incident), list(mark.episode)), mark.position


def _leave_mark(trail: Trail, member: Member, i: int) -> None:
    if trail.marks and (trail.marks[-1].position % MARKED or trail.marks[-1].position == i):
        trail.marks.pop()
    episode, incident = tuple(member.episode), dict(member.incident)
    trail.marks.append(Mark(i, replace(member.standing), len(member.steps), incident, episode))
    trail.steps = member.steps[:]


def _act(member: Member, at: int, kind: str) -> None:
    if kind == "close":
        member.close(at)
    else:
        member.refuse()


def _restore(here: Standing, before: Standing | None) -> None:
    """A period counts once, however often it was judged while it ran."""
    if before is None:
        return
    if here.state == before.state:
        here.count, here.calm, here.unknown = before.count, before.calm, before.unknown
        here.breaches = before.breaches
        return
    here.count = here.calm = 0
    here.breaches = 0 if before.state == "ok" else before.breaches
