"""Answers about the purchase funnel of Maple Home, as the options of the question ask for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from engine.questions import (
    BesideAnswer,
    BesideMove,
    BesideQuery,
    BesideStep,
    Driver,
    DriversAnswer,
    DriversQuery,
    FunnelAnswer,
    FunnelCohort,
    FunnelGroup,
    FunnelMoment,
    FunnelNext,
    FunnelPerson,
    FunnelPoint,
    FunnelQuery,
    FunnelStep,
)

NOW = datetime(2026, 10, 29, 6, 32)
TODAY = date(2026, 10, 29)
STEPS = (
    # label, persons, average, median, p75, p90, target, benchmark
    ("visit", 168_400, None, None, None, None, None, None),
    ("view", 121_600, 610.0, 48.0, 140.0, 370.0, 0.7, None),
    ("add to cart", 31_920, 21_600.0, 192.0, 5_400.0, 100_800.0, 0.3, 0.25),
    ("checkout", 11_840, 9_000.0, 125.0, 1_900.0, 40_800.0, 0.35, None),
    ("order", 6_018, 600.0, 91.0, 300.0, 1_320.0, 0.5, 0.45),
)
SHARES = (("Douyin", 0.55), ("RED", 0.25), ("Baidu", 0.15), (None, 0.05))
TEXT = """[funnel.purchase]
label = { en = "Purchase", zh = "购买" }
steps = [
  "visit",
  { event = "view", target = 0.7 },
  { event = ["add_to_cart", "favourite"], label = "add to cart", target = 0.3, benchmark = 0.25 },
  { event = "checkout", target = 0.35 },
  { event = "order", where = "value > 0", within = "2d", target = 0.5, benchmark = 0.45 },
]
window = "7d"
mode = "ordered"
exclude = [
  { event = "refund", between = [2, 5] },
]
on_exclusion = "drop"
count = "persons"
ties = "any"
breakdown = "first_touch"
"""


def steps(factor: float = 1.0, held: float = 1.0) -> tuple[FunnelStep, ...]:
    """The steps; `factor` of everybody, `held` of those who go on at each step."""
    counts = [round(row[1] * factor * held**at) for at, row in enumerate(STEPS)]
    out = []
    for at, (label, _, average, median, p75, p90, target, benchmark) in enumerate(STEPS):
        before = counts[at - 1] if at else 0
        out.append(
            FunnelStep(
                at + 1, label, counts[at], counts[at] / counts[0], counts[at] / before if at else None,
                before - counts[at] if at else None, average, median, p90, target, benchmark,
                p75_seconds=p75,
            )
        )  # fmt: skip
    return tuple(out)


def groups(whole: tuple[FunnelStep, ...]) -> tuple[FunnelGroup, ...]:
    """Four groups that sum to the total."""
    out, left = [], [step.persons for step in whole]
    for name, share in SHARES:
        last = name is None
        own = [left[at] if last else round(step.persons * share) for at, step in enumerate(whole)]
        left = [rest - count for rest, count in zip(left, own, strict=True)]
        made = tuple(
            replace(
                step, persons=own[at], of_first=own[at] / own[0],
                of_previous=own[at] / own[at - 1] if at else None,
            )
            for at, step in enumerate(whole)
        )  # fmt: skip
        out.append(FunnelGroup(name, made, 3))
    return tuple(out)


def factors(query: FunnelQuery) -> tuple[float, float]:
    """How many there are, and how many of them go on, by the options of a question."""
    held = (
        0.9
        if 'mode = "strict"' in query.toml
        else 1.05
        if "exclude" not in query.toml and query.toml
        else 1.0
    )
    if query.range.last is not None and query.range.last < date(2026, 10, 23):
        held *= 1.02
    return (0.5 if query.where else 1.0) * (1.2 if query.enter == "any" else 1.0), held


def answer(query: FunnelQuery | None = None) -> FunnelAnswer:
    """The funnel of the plates, with what the question asks for beside the steps."""
    query = query or FunnelQuery("purchase")
    whole = steps(*factors(query))
    trend = tuple(
        FunnelPoint(
            (TODAY - timedelta(days=27 - at)).isoformat(), 6000, 220, 0.036 - at * 1e-4, 0 if at < 21 else 500
        )
        for at in range(28)
    )
    histogram = ((30.0, 6210), (60.0, 9120), (90.0, 5480), (120.0, 3010), (150.0, 0))
    cohorts = tuple(
        FunnelCohort(
            (date(2026, 8, 10) + timedelta(weeks=at)).isoformat(), 1000 + at,
            tuple(20 + 8 * min(k, 4) + at if at + k < 12 else None for k in range(6)),
        )
        for at in range(12)
    )  # fmt: skip
    last = whole[-1].persons / whole[0].persons
    return FunnelAnswer(
        query.funnel, "ordered", 7 * 86_400.0, whole, 118, 4212, 0.03681, 3,
        groups(whole) if query.by else (),
        trend if query.grain else (), histogram if query.hist else (), people(query), "v1",
        cohorts=cohorts if query.cohorts else (), observed_rate=last,
        after=(FunnelNext("search", 60_000), FunnelNext(None, 29_680)) if query.after else (),
    )  # fmt: skip


def people(query: FunnelQuery) -> tuple[FunnelPerson, ...]:
    """Three persons; who was excluded has the event that did it."""
    if query.persons is None:
        return ()
    path = (
        FunnelMoment(1, "visit", NOW, "web", "web_1024.ndjson", 40211),
        FunnelMoment(2, "view", NOW, "web", "web_1024.ndjson", 40213),
    )
    why, barrier = 'step 3 "add to cart" did not happen', None
    if query.which == "excluded" or query.only == (9,):
        why = 'excluded: "refund" came between step 2 "view" and step 5 "order"'
        barrier = FunnelMoment(0, "order", NOW, "orders", "orders_1022.csv", 118)
    keys = query.only or ((9,) if query.which == "excluded" else (7, 8, 9))
    return tuple(
        FunnelPerson(f"p_{key - 7:016x}", ("phone:138****2207",), 2, why, path, key, barrier) for key in keys
    )


def beside(query: BesideQuery) -> BesideAnswer:
    """Both answers; step 3 moved."""
    a, b = answer(query.a), answer(query.b)
    found = []
    for first, second in zip(a.steps, b.steps, strict=True):
        rates = first.of_previous, second.of_previous
        difference = None if rates[0] is None or rates[1] is None else rates[1] - rates[0]
        spread = 0.001 if first.step == 3 else 1.0
        low, high = (None, None) if difference is None else (difference - spread, difference + spread)
        found.append(
            BesideStep(first.step, first.label, first.persons, second.persons, *rates, difference, low, high)
        )
    moves = ((5, 3, 40), (3, 5, 7), (5, -1, 2))
    persons = tuple(
        BesideMove(f"p_{at:016x}", ("phone:138****2207",), low, high, 7 + at)
        for at, (low, high, _) in enumerate(moves)
    )
    return BesideAnswer(a, b, tuple(found), moves, persons, 3)


def drivers(query: DriversQuery) -> DriversAnswer:
    """A property that helps, one without value that hurts, and an event before."""
    return DriversAnswer(
        query.from_step, query.to_step or 5, 168_400, 6_018,
        (
            Driver("property", "channel", "RED", 40_000, 2_600, 128_400, 3_418, 2.54, 2.41, 2.68, 1e-9),
            Driver("event", "search", None, 20_000, 1_100, 148_400, 4_918, 1.7, 1.59, 1.81, 0.0004),
            Driver("property", "region", None, 9_000, 120, 159_400, 5_898, 0.35, 0.29, 0.42, 0.012),
        ), 87,
    )  # fmt: skip
