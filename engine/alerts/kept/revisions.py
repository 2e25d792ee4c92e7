"""Values of the periods of an episode that later data changed without changing the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.alerts.kept.ledger import Ledger
from engine.alerts.kept.recording import Finding

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Revised:
    """One value, before and after; None: nothing was there."""

    period: str
    was: float | None
    now: float | None
    at: datetime


def keep_values(ledger: Ledger, labels: tuple[str, ...], finding: Finding, at: datetime) -> None:
    """Write down the values of the member's running or last episode that are not written yet."""
    episode = next((entry.episode for entry in reversed(finding.entries) if entry.episode), None)
    if episode is None or not finding.judged.values:
        return
    known = {
        str(period): _number(value)
        for period, value in ledger.rows(
            "SELECT period, value FROM alert_values WHERE episode = ? ORDER BY n", (episode,)
        )
    }
    fresh = [
        (episode, labels[i], value, at.isoformat(timespec="microseconds"))
        for i, value in finding.judged.values
        if labels[i] not in known or _moved(known[labels[i]], value)
    ]
    if fresh:
        ledger.many("INSERT INTO alert_values (episode, period, value, at) VALUES (?, ?, ?, ?)", fresh)


def revisions(ledger: Ledger, episode: str) -> Iterator[Revised]:
    """What of an episode was revised, in order."""
    last: dict[str, float | None] = {}
    for period, value, at in ledger.rows(
        "SELECT period, value, at FROM alert_values WHERE episode = ? ORDER BY n", (episode,)
    ):
        name, now = str(period), _number(value)
        if name in last:
            yield Revised(name, last[name], now, datetime.fromisoformat(str(at)))
        last[name] = now


def _moved(was: float | None, now: float | None) -> bool:
    if was is None or now is None:
        return was is not now
    return abs(was - now) > _SAME * max(1.0, abs(was), abs(now))


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
