"""What the calls of a condition say of one period of one member."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from engine.alerts.judging.evidence import Counts, differs, wilson

if TYPE_CHECKING:
    from engine.anomaly import Usual

Number = float | None
MEASURES = (
    "rejected_share", "duplicate_share", "empty_share", "late_share", "overdue", "drift", "violations",
    "disputed", "unreadable",
)  # fmt: skip
"""Calls about sources that are read as they are now, and kept for the replays to come."""


class Readings(Protocol):
    """What a condition may read of one member; `i` is the index of the judged period."""

    def value(self, metric: str, i: int) -> Number: ...

    def counts(self, metric: str, i: int) -> Counts | None:
        """Of a proportion; None for anything else, or where the point estimate is enough."""

    def base(self, metric: str, base: str, i: int) -> Number: ...

    def base_counts(self, metric: str, base: str, i: int) -> Counts | None: ...

    def mean(self, metric: str, count: int, i: int) -> Number: ...

    def spread(self, metric: str, weeks: int, i: int) -> tuple[float, float] | None:
        """Median and robust deviation of the same weekdays before."""

    def widening(self, i: int) -> float:
        """What a change, deviation or anomaly of the period is divided by; 1 on most days."""

    def usual(self, metric: str, i: int) -> Usual | None:
        """What the seasonal baseline expects."""

    def score(self, metric: str, i: int) -> Number:
        """Signed z against that."""

    def extra(self, metric: str, i: int) -> float:
        """The value's own variance on the scale of `usual`."""

    def allowed(self, metric: str, i: int) -> Number:
        """The |z| that the rule's false alerts allow."""

    def target(self, metric: str, i: int) -> Number: ...

    def pace(self, metric: str, i: int, count: int = 1) -> Number:
        """Of the last `count` periods together."""

    def age(self, source: str, i: int) -> Number: ...

    def measure(self, name: str, words: tuple[str, ...], i: int) -> Number: ...


def _change(r: Readings, i: int, metric: str, base: str) -> Number:
    now, then = r.value(metric, i), r.base(metric, base, i)
    return None if now is None or not then else (now - then) / abs(then) / r.widening(i)


def _evident(r: Readings, i: int, metric: str, base: str) -> Number:
    """The change; 0 where the two rates do not differ beyond chance."""
    found = _change(r, i, metric, base)
    now, then = r.counts(metric, i), r.base_counts(metric, base, i)
    return found if now is None or then is None or differs(now, then) else 0.0


def _limit(r: Readings, i: int, metric: str, upper: bool) -> Number:
    value, counts = r.value(metric, i), r.counts(metric, i)
    return value if value is None or counts is None else wilson(counts, upper)


def _deviation(r: Readings, i: int, metric: str, weeks: float) -> Number:
    now, usual = r.value(metric, i), r.spread(metric, int(weeks), i)
    if now is None or usual is None or usual[1] == 0:
        return None
    return (now - usual[0]) / usual[1] / r.widening(i)


def _anomaly(r: Readings, i: int, metric: str) -> Number:
    found = r.score(metric, i)
    return None if found is None else found / r.widening(i)


def _allowed(r: Readings, i: int, metric: str, nominal: float) -> Number:
    found, limit = _anomaly(r, i, metric), r.allowed(metric, i)
    return None if found is None or not limit else found * nominal / limit


def _measured(name: str) -> Callable[..., Number]:
    return lambda r, i, *words: r.measure(name, tuple(map(str, words)), i)


CALLED: Mapping[str, Callable[..., Number]] = {
    "change": _change,
    "evident change": _evident,
    "upper bound": lambda r, i, metric: _limit(r, i, metric, True),
    "lower bound": lambda r, i, metric: _limit(r, i, metric, False),
    "mean": lambda r, i, metric, count: r.mean(metric, int(count), i),
    "deviation": _deviation,
    "anomaly": _anomaly,
    "allowed anomaly": _allowed,
    "target": lambda r, i, metric: r.target(metric, i),
    "pace": lambda r, i, metric, count=1: r.pace(metric, i, int(count)),
    "age": lambda r, i, source: r.age(source, i),
    **{name: _measured(name) for name in MEASURES},
}
