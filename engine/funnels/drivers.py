"""What goes with converting: properties of the entrance, of the person, and what the person did before.

entrants (attempts whose window is over) ─► properties and earlier events of each ─► a table of two by two per
candidate ─► odds ratio, chance ─► those beyond the false-discovery rate
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import log
from typing import TYPE_CHECKING, Literal

from engine.errors import UsageError
from engine.funnels.before import earlier_events, profiles_of
from engine.funnels.candidates import columns_of
from engine.funnels.finding import Asked, asked_of, choose, from_events, read
from engine.funnels.odds import chance, discovered, odds_ratio
from engine.funnels.plan import FOREVER
from engine.funnels.summary import reached
from engine.questions import Driver, DriversAnswer, DriversQuery
from engine.store.tables import Tables
from engine.workspace.model import Workspace

if TYPE_CHECKING:
    import polars as pl

MOST_VALUES = 50
"""Values of one column that are looked at, the most frequent ones."""
Kind = Literal["property", "event"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A property or event: how many entrants have it and how many of them converted."""

    kind: Kind
    name: str
    value: str | None
    n: int
    won: int


def drivers(
    tables: Tables,
    workspace: Workspace,
    query: DriversQuery,
    now: datetime,
    *,
    language: str | None = None,
) -> DriversAnswer:
    """What goes with reaching a step among those that reached another one.

    Entrants whose window still runs are left out. Looked at: columns of the event that fills the first of the
    two steps, columns of profiles, and events before the outcome: before the later step for those that
    converted; for each of the others as long after the earlier step as one of the converted took, so that
    both had the same time to do something. Events that are steps of the funnel are none of them.
    Raises: as `answer`; UsageError for steps that are not two of the funnel in order.
    """
    asked = asked_of(tables, workspace, query.query, now, language)
    last = query.to_step or asked.plan.required[-1] + 1
    if not 1 <= query.from_step < last <= asked.plan.steps:
        raise UsageError(f"--drivers takes two steps from 1 to {asked.plan.steps} in order")
    entrants, names = _entrants(asked, query.from_step - 1, last - 1)
    entered, converted = entrants.height, int(entrants["won"].sum())
    candidates = [
        one
        for one in _candidates(asked, entrants, names)
        if one.n >= query.fewest and entered - one.n >= query.fewest
    ]
    tested = [_driver(one, entered, converted) for one in candidates]
    levels = discovered([level for _, level in tested])
    found = [
        Driver(*one, q, "events" if one[0] == "event" or one[1] in names else "profiles")
        for (one, _), q in zip(tested, levels, strict=True)
        if q <= query.rate
    ]
    return DriversAnswer(
        query.from_step, last, entered, converted, tuple(sorted(found, key=_strength)), len(tested)
    )


def _strength(one: Driver) -> tuple[float, str, str, str]:
    """By the weaker end of the interval: a strong claim on few persons does not come first."""
    return -min(abs(log(one.low)), abs(log(one.high))), one.kind, one.name, one.value or ""


Tested = tuple[tuple[Kind, str, str | None, int, int, int, int, float, float, float], float]


def _driver(one: Candidate, entered: int, converted: int) -> Tested:
    with_, without = (one.won, one.n), (converted - one.won, entered - one.n)
    fields = (one.kind, one.name, one.value, one.n, one.won, without[1], without[0])
    return (*fields, *odds_ratio(with_, without)), chance(with_, without)


def _entrants(asked: Asked, first: int, last: int) -> tuple[pl.DataFrame, list[str]]:
    """Who reached step `first` (from 0): `won`, `before` (µs: what lies earlier is looked at), values.

    Out: columns id, who, won, before, value_i; and the names of the columns behind value_i.
    """
    import polars as pl

    names = columns_of(asked.tables, asked.workspace)
    part = from_events(read(asked, values=names, at=first), asked, asked.hold)
    rows, chosen = part.rows, choose(part, asked)
    assert rows is not None
    won = reached(asked.plan, last)
    over = pl.when(won).then(pl.col("until")).otherwise(pl.col("latest"))
    closed = (over <= asked.now_us) | (over == FOREVER)
    kept = chosen.filter(~pl.col("excluded") & reached(asked.plan, first) & closed)
    at = f"p{first + 1}"
    kept = kept.filter(pl.col(at).is_not_null())
    values = [rows.frame[f"value_{i}"].gather(kept[at]).alias(f"value_{i}") for i in range(len(names))]
    took = kept.select("who", won=won, since=pl.col(f"t{first + 1}"), then=pl.col(f"t{last + 1}"))
    return _before(took).with_row_index("id").hstack(values), names


def _before(took: pl.DataFrame) -> pl.DataFrame:
    """`before` of each entrant: its conversion, or as late as one of the converted, dealt out in turn.

    Source: matching of index dates, against immortal time: S. Suissa, Am. J. Epidemiology 167 (2008).
    """
    import polars as pl

    delays = took.filter("won").select(pl.col("then") - pl.col("since")).to_series().sort()
    if delays.is_empty():
        return took.with_columns(before=pl.col("since")).select("who", "won", "before")
    place = (pl.col("who").hash(0).rank("ordinal") - 1).over("won") * delays.len() // pl.len().over("won")
    dealt = took.select(place.cast(pl.UInt32)).to_series()
    before = pl.when("won").then("then").otherwise(pl.col("since") + delays.gather(dealt))
    return took.with_columns(before=before).select("who", "won", "before")


def _candidates(asked: Asked, entrants: pl.DataFrame, names: list[str]) -> Iterator[Candidate]:
    import polars as pl

    for i, name in enumerate(names):
        held = entrants.select("id", "won", value=f"value_{i}").drop_nulls("value")
        yield from _values("property", name, held, entrants.height)
    if asked.entity != "person":
        return
    who = entrants.select("id", "who", "won", "before")
    for name, values in profiles_of(asked.tables, asked.workspace, names):
        held = who.join(values, on="who").select("id", "won", "value").unique()
        yield from _values("property", name, held, entrants.height)
    first = earlier_events(asked.tables, asked.funnel)
    did = who.join(first, on="who").filter(pl.col("ts") < pl.col("before")).select("id", "won", name="event")
    for event, n, won in _sums(did, "name"):
        yield Candidate("event", event, None, n, won)


def _values(kind: Kind, name: str, held: pl.DataFrame, entered: int) -> Iterator[Candidate]:
    """The most frequent values; of two that say the same (yes and no) the one that goes with converting."""
    found = [Candidate(kind, name, value, n, won) for value, n, won in _sums(held, "value")]
    if len(found) == 2 and found[0].n + found[1].n == entered == held.height:
        found = [max(found, key=lambda one: (one.won / one.n, one.value or ""))]
    yield from found


def _sums(held: pl.DataFrame, column: str) -> Iterable[tuple[str, int, int]]:
    import polars as pl

    counted = held.group_by(column).agg(n=pl.len(), won=pl.col("won").sum())
    return counted.sort(["n", column], descending=[True, False]).head(MOST_VALUES).iter_rows()
