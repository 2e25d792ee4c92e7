"""The state machine of one (rule, member): verdicts by period and human acts in, transitions and state out.

Pure and in event time: everything counts data periods, never evaluations, so that judging a period twice,
or a hundred periods at once after a restart, gives the same history.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

State = Literal["ok", "pending", "firing", "recovering"]
ADAPT_AFTER = 14
"""Firing periods after which a level counts as normal again in baselines."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What of a rule the machine needs; `levels` is how many severities, 0 the worst."""

    for_periods: int = 1
    recover_periods: int = 1
    cooldown_periods: int = 0
    nodata: Literal["keep", "ok", "breach", "alert"] = "keep"
    nodata_periods: int = 1
    member_ttl_periods: int = 14
    levels: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """`level`: index of the worst level that breaches, -1 clear, None unknown.

    `recovered` is asked only of clear periods; None: not known.
    """

    level: int | None
    recovered: bool | None = True


@dataclass(frozen=True, slots=True)
class Step:
    """A transition: `position` of its period, `active` of the episode's first breaching period."""

    position: int
    event: str
    level: int | None
    active: int | None
    reason: str | None = None
    partial: bool = False


@dataclass(slots=True)
class Standing:
    """Where a member stands after its last judged period."""

    state: State = "ok"
    level: int | None = None
    active: int | None = None
    """First breaching period of the present run, or of the last episode."""
    since: int | None = None
    fired: bool = False
    """Whether there ever was an episode."""
    count: int = 0
    calm: int = 0
    unknown: int = 0
    breaches: int = 0
    resolved: int | None = None
    silent: bool = False
    """No-data has been told."""
    closed: bool = False
    """Closed by hand: quiet until the next clear period."""
    partial: bool = False
    adapted: bool = False
    """The level has lasted so long that baselines take it as normal."""
    refused: bool = False
    """Somebody said that the level is not normal, however long it lasts."""
    doubted: bool = False
    """The same of the episode that is about to begin."""


@dataclass(slots=True)
class Member:
    """One member while it is replayed; `incident[i]` is True for periods that baselines leave out.

    `episode`: its breaching and firing periods, of the running episode or of the last one.
    """

    settings: Settings
    standing: Standing = field(default_factory=Standing)
    steps: list[Step] = field(default_factory=list)
    incident: dict[int, bool] = field(default_factory=dict)
    episode: list[int] = field(default_factory=list)
    partial: bool = False

    def judge(self, i: int, verdict: Verdict) -> None:
        """Take the verdict of period `i`."""
        here = self.standing
        if verdict.level == -1 and here.state == "ok" and not (here.silent or here.unknown or here.closed):
            return
        level = self._policy(i, verdict)
        if level is None:
            return
        if level >= 0:
            self._breach(i, level)
        else:
            self._clear(i, verdict.recovered)
        self._remember(i)

    def close(self, i: int) -> None:
        """Somebody closed the running episode after period `i - 1` was judged."""
        here = self.standing
        if here.state in ("firing", "recovering"):
            since = max(i - 1, here.since if here.since is not None else i - 1)
            self._end(since, "closed")
            here.resolved, here.closed = None, True

    def refuse(self) -> None:
        """The level of the episode that runs or is about to begin is not the normal one, somebody said."""
        here = self.standing
        if here.state not in ("firing", "recovering"):
            here.doubted = True
            return
        here.refused, here.adapted = True, False
        self.incident.update(dict.fromkeys(self.episode, True))

    def _policy(self, i: int, verdict: Verdict) -> int | None:
        """The level after the no-data policy; None where the state is kept."""
        here, settings = self.standing, self.settings
        decided = verdict.level == -1 and (verdict.recovered is not None or here.state in ("ok", "pending"))
        if decided or (verdict.level is not None and verdict.level >= 0):
            if here.silent:
                here.silent = False
                self._say(i, "data_back")
            here.unknown = 0
            return verdict.level
        if settings.nodata == "ok":
            return -1
        if settings.nodata == "breach":
            return settings.levels - 1
        here.unknown += 1
        if settings.nodata == "alert" and here.unknown == settings.nodata_periods:
            here.silent = True
            self._say(i, "nodata")
        if here.state in ("firing", "recovering") and here.unknown >= settings.member_ttl_periods:
            self._end(i, "stale")
        return None

    def _breach(self, i: int, level: int) -> None:
        here = self.standing
        if here.closed:
            return
        if here.state == "ok":
            self._begin(i, level)
        elif here.state == "pending":
            here.count += 1
            here.level = level
            if here.count >= self.settings.for_periods:
                self._fire(i, "firing")
        else:
            if here.state == "recovering":
                here.state, here.calm = "firing", 0
                self._say(i, "relapse")
            if here.level is not None and level != here.level:
                up, here.level = level < here.level, level
                self._say(i, "severity_up" if up else "severity_down")
        here.breaches += 1

    def _begin(self, i: int, level: int) -> None:
        here = self.standing
        cooling = self.settings.cooldown_periods
        here.level = level
        if here.resolved is not None and i - here.resolved <= cooling:
            self._fire(i, "reopened")
            return
        here.active, here.count, here.breaches, here.partial = i, 1, 0, self.partial
        if self.settings.for_periods <= 1:
            self._fire(i, "firing")
        else:
            here.state, here.since = "pending", i
            self._say(i, "pending")

    def _fire(self, i: int, event: str) -> None:
        here = self.standing
        here.state, here.since, here.fired, here.calm = "firing", i, True, 0
        if event == "firing":
            self.episode = list(range(here.active if here.active is not None else i, i))
            here.adapted, here.refused, here.doubted = False, here.doubted, False
        self._say(i, event)

    def _clear(self, i: int, recovered: bool | None) -> None:
        here = self.standing
        here.closed = False
        if here.state == "pending":
            here.state, here.since, here.count = "ok", i, 0
            self._say(i, "cancelled")
            here.level = here.active = None
        elif here.state == "firing" and recovered is not False:
            if self.settings.recover_periods <= 1:
                self._end(i)
            else:
                here.state, here.calm = "recovering", 1
                self._say(i, "recovering")
        elif here.state == "recovering":
            self._calm(i, recovered is not False)

    def _calm(self, i: int, recovered: bool) -> None:
        here = self.standing
        if not recovered:
            here.state, here.calm = "firing", 0
            self._say(i, "relapse")
            return
        here.calm += 1
        if here.calm >= self.settings.recover_periods:
            self._end(i)

    def _end(self, i: int, reason: str | None = None) -> None:
        here = self.standing
        self._say(i, "resolved", reason)
        here.state, here.since, here.count, here.calm = "ok", i, 0, 0
        here.resolved = i

    def _say(self, i: int, event: str, reason: str | None = None) -> None:
        here = self.standing
        episodic = event not in ("nodata", "data_back") or here.state in ("firing", "recovering")
        self.steps.append(
            Step(
                i,
                event,
                here.level if episodic else None,
                here.active if episodic else None,
                reason,
                self.partial,
            )
        )

    def _remember(self, i: int) -> None:
        """Keep firing periods out of baselines, until the level has lasted ADAPT_AFTER of them."""
        if self.standing.state not in ("firing", "recovering"):
            return
        if not self.episode or self.episode[-1] != i:
            self.episode.append(i)
        here = self.standing
        if here.refused:
            self.incident[i] = True
        elif len(self.episode) <= ADAPT_AFTER:
            here.adapted = len(self.episode) == ADAPT_AFTER
            self.incident.update(dict.fromkeys(self.episode, not here.adapted))
