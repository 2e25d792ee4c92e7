"""A funnel as numbers per span of time and member: what metrics over funnels are made of.

A span is judged alone, as if nobody had entered at any other time: of each entity the representative
attempt among those that it opened in the span. A cut span knows nothing after its cut.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from engine.errors import UnknownName
from engine.expressions import Expression
from engine.funnels.arrange import Rows
from engine.funnels.attempts import find
from engine.funnels.breakdown import touch_step
from engine.funnels.plan import Plan, plan_of
from engine.funnels.read import Reading
from engine.funnels.represent import representatives
from engine.funnels.spans import Span, attributed, micros, placed, reach
from engine.funnels.stored import kept_attempts
from engine.funnels.summary import SECOND, reached
from engine.funnels.totals import entries
from engine.questions import Range
from engine.schema import TIMES
from engine.store.duck import quote
from engine.store.select import Select

if TYPE_CHECKING:
    import polars as pl

    from engine.store.tables import Tables
    from engine.workspace.model import Funnel, Workspace

_PAIR, _BETWEEN = "pair of columns", "\x1f"
"""Two dimensions are read as one text with a character between them that no value has."""

Member = tuple[str | None, ...]
Values = dict[tuple[int, Member], tuple[float | int | None, int]]
"""(span, member) → (value, entities that entered)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One number: between two steps (from 1), of persons or of base events.

    `measure`: persons that have both steps, or seconds between the two: median, avg, p90.
    """

    first: int
    last: int
    measure: str
    per: Literal["persons", "events"] = "persons"


@dataclass(frozen=True, slots=True)
class Measuring:
    """A funnel, the spans it is measured in, dimensions and filter; `others`: members that are left out
    while all else is one member."""

    funnel: Funnel
    spans: Sequence[Span]
    by: tuple[str, ...] = ()
    where: Expression | None = None
    others: frozenset[Member] = frozenset()


def measure(
    tables: Tables, workspace: Workspace, asked: Measuring, wanted: Iterable[Wanted]
) -> dict[Wanted, Values]:
    """The numbers of a funnel.

    Raises: UnknownName, UsageError, ExpressionError, StoreError.
    """
    listed = list(wanted)
    found: dict[Wanted, Values] = {each: {} for each in listed}
    plan = plan_of(asked.funnel, workspace.console.timezone, workspace.console.week_start)
    whole = [span for span in asked.spans if span.cut is None]
    groups: list[tuple[list[Span], datetime | None]] = [(whole, None)] if whole else []
    groups += [([span], span.cut) for span in asked.spans if span.cut is not None]
    for spans, cut in groups:
        source = _Source(tables, workspace, asked, plan, spans, cut)
        for per in sorted({each.per for each in listed}):
            mine = [each for each in listed if each.per == per]
            for each, values in _numbers(source, mine, per).items():
                found[each] |= values
    return found


@dataclass(frozen=True, slots=True)
class _Source:
    """Spans that are read together, and from what."""

    tables: Tables
    workspace: Workspace
    asked: Measuring
    plan: Plan
    spans: Sequence[Span]
    cut: datetime | None

    @property
    def columns(self) -> list[str]:
        """Dimensions that are columns of the events."""
        return [name for name in self.asked.by if not self.is_time(name)]

    def is_time(self, name: str) -> bool:
        """Whether a dimension is made from the moment of entry."""
        return name in TIMES and name not in self.tables.columns("events")

    @property
    def days(self) -> Range:
        """All days of the spans."""
        return Range(min(span.first for span in self.spans), max(span.last for span in self.spans))

    def attempts(self, per: str) -> tuple[Rows | None, pl.DataFrame]:
        """Attempts opened on these days, from their table where that suffices."""
        asked = self.asked
        named = self.workspace.funnels.get(asked.funnel.name) == asked.funnel
        if named and not self.columns and asked.where is None and self.cut is None and per == "persons":
            kept = kept_attempts(self.tables, self.workspace, asked.funnel, self.days)
            if kept is not None:
                return None, kept
        return self.from_events()

    def from_events(self) -> tuple[Rows, pl.DataFrame]:
        import polars as pl

        asked, kinds = self.asked, dict(self.tables.columns("events"))
        for name in self.columns:
            if name not in kinds:
                raise UnknownName("column of events", name, kinds)
        by = self.columns[0] if self.columns else None
        if len(self.columns) > 1:
            by, kinds[_PAIR] = _PAIR, "text"
        reading = Reading(asked.funnel, self.plan, kinds, asked.where, by, self.days)
        reading.check()
        own = reading.columns - {_PAIR} | set(self.columns)
        relation = self.tables.relation("events", own)
        if by == _PAIR:
            relation = _paired(relation, own, self.columns)
        frame = self.tables.frame(reading.query(relation))
        if self.cut is not None:
            frame = frame.filter(pl.col("ts") <= micros(self.cut))
        hold = [f"hold_{number}" for number in range(len(asked.funnel.hold))]
        every = by is not None and asked.funnel.breakdown == "all_events"
        return find(frame, self.plan, ("who", *hold, *(("by",) if every else ())))


def _numbers(source: _Source, wanted: Sequence[Wanted], per: str) -> dict[Wanted, Values]:
    import polars as pl

    rows, attempts = source.attempts(per)
    named = [f"d{number}" for number in range(len(source.asked.by))]
    if per == "events":
        attempts = attributed(attempts, source.plan)
    opened = placed(attempts, source.spans)
    chosen = opened
    if per == "persons":
        keys = ("span", "by") if rows is not None and _every(source) else ("span",)
        chosen = _chosen(_with_group(opened, rows, source), source, keys)
        chosen = chosen.filter(~pl.col("excluded"))
    found = _with_members(chosen, rows, source)
    if source.asked.others:
        same = [
            pl.all_horizontal(
                pl.col(name).eq_missing(pl.lit(value)) for name, value in zip(named, each, strict=True)
            )
            for each in sorted(source.asked.others, key=repr)
        ]
        found, named = found.filter(~pl.any_horizontal(same)), []
    return _summed(found, source.plan, wanted, named)


def _summed(
    found: pl.DataFrame, plan: Plan, wanted: Sequence[Wanted], named: Sequence[str]
) -> dict[Wanted, Values]:
    import polars as pl

    asked = [pl.len().alias("entered")]
    for number, each in enumerate(wanted):
        there = reached(plan, each.first - 1) & reached(plan, each.last - 1)
        took = (pl.col(f"t{each.last}") - pl.col(f"t{each.first}")).filter(there) / SECOND
        expressions = {
            "persons": there.sum(),
            "median_seconds": took.median(),
            "avg_seconds": took.mean(),
            "p90_seconds": took.quantile(0.9, interpolation="linear"),
        }
        asked.append(expressions[each.measure].alias(f"v{number}"))
    sums = found.group_by("span", *named).agg(asked)
    out: dict[Wanted, Values] = {each: {} for each in wanted}
    for row in sums.iter_rows():
        key = (int(row[0]), tuple(row[1 : 1 + len(named)]))
        for each, value in zip(wanted, row[2 + len(named) :], strict=True):
            out[each][key] = (value, int(row[1 + len(named)]))
    return out


def _chosen(placed: pl.DataFrame, source: _Source, keys: Sequence[str]) -> pl.DataFrame:
    if source.asked.funnel.count == "attempts":
        return entries(placed, source.plan, keys)
    return representatives(placed, source.plan, ("who", *keys))


def _every(source: _Source) -> bool:
    return bool(source.columns) and source.asked.funnel.breakdown == "all_events"


def _with_group(placed: pl.DataFrame, rows: Rows | None, source: _Source) -> pl.DataFrame:
    if rows is None or not _every(source):
        return placed
    return placed.with_columns(by=rows.frame["by"].gather(placed["start"]))


def _with_members(chosen: pl.DataFrame, rows: Rows | None, source: _Source) -> pl.DataFrame:
    """With the dimensions as `d0`, `d1` in the order of the question."""
    import polars as pl

    found = chosen
    if source.columns and rows is not None and not _every(source):
        found = _with_values(chosen, rows, source)
    zone = source.workspace.console.timezone
    local = pl.from_epoch("t1", time_unit="us").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    made: dict[str, pl.Expr] = {
        "weekday": local.dt.weekday().cast(pl.String),
        "hour_of_day": local.dt.strftime("%H"),
    }
    made = {name: each for name, each in made.items() if source.is_time(name)}
    made |= {name: pl.col("by") for name in source.columns}
    if len(source.columns) > 1:
        sides = pl.col("by").str.split(_BETWEEN)
        made |= {name: sides.list.get(at).replace("", None) for at, name in enumerate(source.columns)}
    return found.with_columns(made[name].alias(f"d{number}") for number, name in enumerate(source.asked.by))


def _paired(relation: str, names: Collection[str], columns: Sequence[str]) -> str:
    """The relation with the text of two columns as one: nothing where both are empty."""
    sides = [
        f"replace(coalesce(CAST(f.{quote(name)} AS VARCHAR), ''), chr({ord(_BETWEEN)}), '')"
        for name in columns
    ]
    both = f" || chr({ord(_BETWEEN)}) || ".join(sides)
    pair = f"CASE WHEN {' || '.join(sides)} <> '' THEN {both} END"
    kept = tuple((f"f.{quote(name)}", name) for name in sorted(names))
    return f"({Select(f'{relation} AS f', (*kept, (pair, _PAIR))).sql()})"


def _with_values(chosen: pl.DataFrame, rows: Rows, source: _Source) -> pl.DataFrame:
    """B1, within each span: `step:K` by the attempt, else the first or last value of its step events."""
    import polars as pl

    breakdown = source.asked.funnel.breakdown
    step = touch_step(breakdown, source.plan)
    if step is not None:
        bare = chosen.filter(pl.col(f"p{step + 1}").is_not_null())
        return bare.with_columns(by=rows.frame["by"].gather(bare[f"p{step + 1}"]))
    mask = (1 << source.plan.steps) - 1
    valued = rows.frame.filter(((pl.col("mask") & mask) != 0) & pl.col("by").is_not_null())
    borders = [(span.number, *reach(span, source.plan)) for span in source.spans]
    schema = {"span": pl.Int64, "from": pl.Date, "upto": pl.Date}
    limits = pl.DataFrame(borders, schema=schema, orient="row")
    pairs = chosen.select("who", "span").join(limits, on="span")
    seen = valued.select("who", "ts", "day", "by").join(pairs, on="who").sort("ts", maintain_order=True)
    inside = (pl.col("day") >= pl.col("from")) & (
        pl.col("upto").is_null() | (pl.col("day") <= pl.col("upto"))
    )
    keep = pl.col("by").first() if breakdown == "first_touch" else pl.col("by").last()
    values = seen.filter(inside).group_by("who", "span", maintain_order=True).agg(keep)
    return chosen.drop("by", strict=False).join(values, on=["who", "span"], how="left", maintain_order="left")
