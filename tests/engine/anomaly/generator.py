"""Daily marketing series with planted anomalies, as reference alerts section 4.1 describes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.anomaly import Floats, Marks

KINDS = ("fall", "rise", "days", "shift", "saturday", "zero")
SHARES = (0.3, 0.15, 0.25, 0.1, 0.1, 0.1)


@dataclass(frozen=True)
class Event:
    """An anomaly: days `first` … `last` of a series."""

    series: int
    first: int
    last: int
    kind: str


@dataclass(frozen=True)
class World:
    """`values` [days, series]; day 0 is a Monday; `promo` days are known to the calendar."""

    values: Floats
    promo: Marks
    events: tuple[Event, ...]


def world(
    seed: int, series: int = 400, days: int = 400, per_series: float = 3.2, quiet: bool = False
) -> World:
    """Level 10²…10⁴, weekdays, trend, a year's wave, autocorrelated noise of 3–10 %, Poisson, six promo days.

    In:  `quiet`: no anomalies.
    """
    rng = np.random.default_rng(seed)
    day = np.arange(days)[:, None]
    level = 10 ** rng.uniform(2, 4, series)
    weekday = np.ones((7, series)) + rng.normal(0, 0.06, (7, series))
    weekday[5:] *= rng.uniform(0.5, 1.4, series)
    trend = np.exp(rng.normal(0, 0.15, series) * day / 365)
    wave = 1 + rng.uniform(0, 0.15, series) * np.sin(2 * np.pi * (day / 365 + rng.uniform(0, 1, series)))
    mean = level * weekday[np.arange(days) % 7] * trend * wave * np.exp(_noise(rng, days, series))
    promo = np.zeros(days, np.bool_)
    promo[rng.choice(np.arange(40, days), 6, replace=False)] = True
    mean[promo] *= rng.uniform(1.3, 2.5, (6, series))
    events = () if quiet else _plant(rng, mean, promo, round(per_series * series))
    return World(rng.poisson(mean).astype(np.float64), promo, events)


def _noise(rng: np.random.Generator, days: int, series: int) -> Floats:
    sigma, carried = rng.uniform(0.03, 0.10, series), rng.uniform(0.0, 0.5, series)
    out = np.zeros((days, series))
    fresh = rng.normal(0, 1, (days, series)) * np.sqrt(1 - carried**2)
    last = rng.normal(0, 1, series)
    for i in range(days):
        last = carried * last + fresh[i]
        out[i] = sigma * last
    return out


def _plant(rng: np.random.Generator, mean: Floats, promo: Marks, count: int) -> tuple[Event, ...]:
    days, series = mean.shape
    taken = np.zeros(mean.shape, np.bool_)
    found: list[Event] = []
    for kind in rng.choice(KINDS, count, p=SHARES):
        for _ in range(20):
            at, first = int(rng.integers(series)), int(rng.integers(60, days - 15))
            if kind == "saturday":
                first += (5 - first) % 7
            last = first + (int(rng.integers(2, 7)) if kind == "days" else 0)
            around = slice(max(0, first - 14), last + 15)
            if not taken[around, at].any() and not promo[first : last + 1].any():
                break
        else:
            continue
        factor = {
            "fall": rng.uniform(0.40, 0.75), "rise": rng.uniform(1.35, 2.0), "days": rng.uniform(0.6, 0.8),
            "shift": rng.uniform(0.6, 0.8), "saturday": 0.65, "zero": 0.0,
        }[kind]  # fmt: skip
        mean[first : (days if kind == "shift" else last + 1), at] *= factor
        taken[first : last + 1, at] = True
        found.append(Event(at, first, last, str(kind)))
    return tuple(found)


@dataclass(frozen=True)
class Record:
    """How well episodes met events: `late` is the mean number of days to detection."""

    recall: float
    precision: float
    false: float
    """Per 100 series-days."""
    late: float
    by_kind: dict[str, float]


def record(score: Floats, made: World, threshold: float, cooldown: int = 7, after: int = 56) -> Record:
    """Episodes of |z| beyond the threshold, seven quiet days apart, against the planted events.

    An event counts as found when an episode begins, or a new one could not because of the cooldown,
    within its days (a shift: within seven).
    """
    days, series = score.shape
    over = np.abs(score) > threshold
    over[made.promo] = False
    over[:after] = False
    near = np.full((days, series), -1)
    for n, event in enumerate(made.events):
        last = event.first + 6 if event.kind == "shift" else event.last
        near[event.first : last + 1, event.series] = n
    found: dict[int, int] = {}
    begun = true = false = 0
    for s in range(series):
        quiet_until = -1
        for day in np.flatnonzero(over[:, s]):
            n = int(near[day, s])
            fresh = day > quiet_until
            if n >= 0 and n not in found:
                found[n] = int(day) - made.events[n].first
            if fresh:
                begun += 1
                true, false = true + (n >= 0), false + (n < 0 and not _after(made, s, int(day), cooldown))
            quiet_until = int(day) + cooldown
    count = len(made.events)
    kinds = {
        kind: np.mean([n in found for n, e in enumerate(made.events) if e.kind == kind])
        for kind in KINDS
        if any(e.kind == kind for e in made.events)
    }
    return Record(
        recall=len(found) / count if count else 1.0,
        precision=true / begun if begun else 1.0,
        false=100 * false / (series * (days - after)),
        late=float(np.mean(list(found.values()))) if found else 0.0,
        by_kind={kind: float(share) for kind, share in kinds.items()},
    )


def _after(made: World, series: int, day: int, cooldown: int) -> bool:
    """Whether a day is the echo of an event that is just over, or of a shift that still is new."""
    return any(
        event.series == series
        and event.first <= day <= event.last + (28 if event.kind == "shift" else cooldown)
        for event in made.events
    )
