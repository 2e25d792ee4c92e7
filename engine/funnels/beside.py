"""Two funnels side by side: the difference of every step with its interval, and the persons that move."""

from __future__ import annotations

from datetime import datetime
from itertools import zip_longest
from math import inf, log
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.funnels.answering import told
from engine.funnels.finding import Found, find_attempts
from engine.funnels.odds import newcombe
from engine.funnels.people import Persons, as_hex
from engine.funnels.summary import level_of
from engine.questions import BesideAnswer, BesideMove, BesideQuery, BesideStep, FunnelAnswer, FunnelStep
from engine.store.tables import Tables
from engine.workspace.model import Workspace

if TYPE_CHECKING:
    import polars as pl

EXCLUDED = -1
ABSENT = 0


def beside(
    tables: Tables,
    workspaces: tuple[Workspace, Workspace],
    query: BesideQuery,
    now: datetime,
    *,
    persons: Persons = as_hex,
    language: str | None = None,
) -> BesideAnswer:
    """Both funnels, step by step, and who has another level in the one than in the other.

    In:  the workspace of each side (they differ where the question brings its own rules); else as `answer`.
    Raises: as `answer`; UsageError where the two sides do not count the same.
    """
    sides = (query.a, query.b)
    a, b = (find_attempts(tables, *side, now, language) for side in zip(workspaces, sides, strict=True))
    if a.asked.entity != b.asked.entity:
        raise UsageError(f"two funnels side by side count the same: {a.asked.entity} or {b.asked.entity}")
    left, right = told(a, persons), told(b, persons)
    steps = steps_beside(left, right)
    moved = moves(a, b)
    return BesideAnswer(
        left, right, steps, _counts(moved), _listed(moved, query.limit, persons), turning(steps)
    )


def steps_beside(a: FunnelAnswer, b: FunnelAnswer) -> tuple[BesideStep, ...]:
    """The steps of both by number; where one funnel is shorter its side is 0 without a rate."""
    pairs = zip_longest(_parts(a), _parts(b))
    return tuple(_step(number, one, other) for number, (one, other) in enumerate(pairs, 1))


Part = tuple[FunnelStep, int, int | None]
"""A step, how many came to it from the required step before, and how many stood there (None: first step)."""


def _parts(answer: FunnelAnswer) -> list[Part]:
    found: list[Part] = []
    before: int | None = None
    for step in answer.steps:
        went = step.persons if before is None else before - (step.dropped or 0)
        found.append((step, went, before))
        before = before if step.optional else step.persons
    return found


def _step(number: int, a: Part | None, b: Part | None) -> BesideStep:
    label = next(part[0].label for part in (b, a) if part is not None)
    a_rate, b_rate = (part[0].of_previous if part else None for part in (a, b))
    difference = low = high = None
    if a and b and a_rate is not None and b_rate is not None and a[2] and b[2]:
        difference = b_rate - a_rate
        low, high = newcombe((b[1], b[2]), (a[1], a[2]))
    n_a, n_b = (part[0].persons if part else 0 for part in (a, b))
    return BesideStep(number, label, n_a, n_b, a_rate, b_rate, difference, low, high)


def turning(steps: tuple[BesideStep, ...]) -> int | None:
    """The step that moved: of those that differ beyond chance the one that changes the whole rate most."""
    found = []
    for step in steps:
        beyond = step.low is not None and step.high is not None and (step.low > 0 or step.high < 0)
        if beyond:
            rates = (step.a_rate or 0, step.b_rate or 0)
            factor = abs(log(rates[1] / rates[0])) if all(rates) else inf
            found.append((-factor, step.step))
    return min(found)[1] if found else None


def moves(a: Found, b: Found) -> pl.DataFrame:
    """Who stands at another level: who, a, b (0: not in that funnel, -1: excluded)."""
    import polars as pl

    both = _levels(a).join(_levels(b), on="who", how="full", coalesce=True, suffix="_b")
    levels = both.select("who", a=pl.col("level").fill_null(ABSENT), b=pl.col("level_b").fill_null(ABSENT))
    return levels.filter(pl.col("a") != pl.col("b"))


def _levels(found: Found) -> pl.DataFrame:
    """The level of every entity; where attempts are counted that of the furthest."""
    import polars as pl

    level = pl.when("excluded").then(EXCLUDED).otherwise(level_of(found.asked.plan).cast(pl.Int16))
    held = found.chosen.select("who", level=level)
    return held.group_by("who").agg(pl.col("level").max()) if found.asked.counts_attempts else held


def _counts(moved: pl.DataFrame) -> tuple[tuple[int, int, int], ...]:
    counted = [(a, b, n) for a, b, n in moved.group_by("a", "b").len().iter_rows()]
    return tuple(sorted(counted, key=lambda one: (-one[2], one[0], one[1])))


def _listed(moved: pl.DataFrame, limit: int | None, persons: Persons) -> tuple[BesideMove, ...]:
    """Persons of every pair of levels, as many of each as there is room for; largest pairs first."""
    import polars as pl

    ordered = moved.sort("who").with_columns(n=pl.int_range(pl.len()).over("a", "b"))
    ordered = ordered.with_columns(size=-pl.len().over("a", "b").cast(pl.Int64))
    kept = ordered.sort("n", "size", "a", "b")
    kept = (kept if limit is None else kept.head(limit)).sort("size", "a", "b", "who")
    keyed = kept["who"].dtype.is_integer()
    names = persons(kept["who"].to_list()) if keyed and kept.height else {}
    found = []
    for who, a, b in kept.select("who", "a", "b").iter_rows():
        name, identifiers = (names.get(who) or as_hex([who])[who]) if keyed else (str(who), ())
        found.append(BesideMove(name, identifiers, a, b, who if keyed else 0))
    return tuple(found)
