"""A frame of file columns → canonical facts, rejects and filtered rows. Pure: no files, no clock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import polars as pl

from engine.ingest import facts
from engine.ingest.balance import Totals, totals_of
from engine.ingest.convert import Bad, Frame
from engine.ingest.decisions import Decided
from engine.ingest.delimited import LINE
from engine.ingest.erased import ANYTHING, RETENTION, Allowed, silenced
from engine.ingest.eventrule import Events, events_of, keep
from engine.ingest.finish import finish
from engine.ingest.forget import STAND_IN, forget
from engine.ingest.identifiers import TEXTS
from engine.ingest.judge import future, judge, past
from engine.ingest.moments import column_of, dated, time_column
from engine.ingest.numbers import DECIMAL, split_refunds, to_decimals
from engine.ingest.plan import Plan
from engine.ingest.profile import Profile
from engine.ingest.profiling import profile
from engine.ingest.props import props
from engine.ingest.rejects import Fault
from engine.ingest.rules import Broken, breaches, broken, rejecting
from engine.ingest.targets import dimensions
from engine.ingest.totals import repeated_headers, total_rows
from engine.ingest.traffic import real


@dataclass(slots=True)
class Shaped:
    """What became of the records of a frame: rows = accepted + len(faults) + sum of filtered."""

    facts: pl.DataFrame
    accepted: int
    faults: list[Fault] = field(default_factory=list)
    filtered: dict[str, int] = field(default_factory=dict)
    ripens: datetime | None = None
    profile: Profile = field(default_factory=Profile)
    broken: Broken = field(default_factory=lambda: Broken({}))
    totals: Totals = ()
    """What the first total rows say."""
    erased: str = ""
    """Names what was taken out of the rows of erased persons."""


@dataclass(frozen=True, slots=True)
class How:
    """How frames become facts. `totals`: rows may be totals or repeated headers (not in Parquet or JSON);
    `now` is naive UTC; `delimiter` joins a record again for people."""

    plan: Plan
    decided: Decided
    now: datetime
    totals: bool
    delimiter: str | None = None
    allowed: Allowed = ANYTHING


def shape(frame: pl.DataFrame, how: How) -> Shaped:
    """Facts of a frame.

    In:  LINE and file columns.
    Out: facts in the part's schema, by line; each record is accepted, filtered or has one fault.
    """
    plan = how.plan
    shaped = Shaped(pl.DataFrame(), 0)
    there = set(frame.columns)
    in_order = dict.fromkeys((LINE, *(name for name in plan.header if name in there), *frame.columns))
    frame = frame.select(list(in_order))
    if how.totals:
        frame = _without_totals(frame, how, shaped)
    if plan.null_values:
        texts = pl.col(pl.String)
        frame = frame.with_columns(pl.when(~texts.is_in(list(plan.null_values))).then(texts))
    rows = Frame(frame, plan, how.decided, how.delimiter)
    if plan.source.where is not None and len(frame):
        kept = rows.evaluate(plan.source.where, "boolean").fill_null(False)
        rows.frame = keep(rows, kept, "where", shaped.filtered)
    rows.frame = real(rows, shaped.filtered)
    events = events_of(rows, shaped.filtered)
    hits: set[str] = set()
    gone = forget(rows, how.allowed.erased, shaped.filtered, hits)
    shaped.erased = hashlib.sha256(repr(sorted(hits)).encode()).hexdigest()[:16] if hits else ""
    shaped.facts = _facts(rows, events, how.now, shaped, gone)
    shaped.faults = list(silenced(shaped.faults, how.allowed.erased, plan.workspace.identity))
    _retain(shaped, how.allowed.oldest.get(plan.table))
    return shaped


def _retain(shaped: Shaped, oldest: date | None) -> None:
    """Leave out the facts before a day; a record without any other fact is filtered."""
    if oldest is None or "day" not in shaped.facts.columns:
        return
    kept = shaped.facts.filter(pl.col("day").is_null() | (pl.col("day") >= oldest))
    if len(kept) == len(shaped.facts):
        return
    lost = shaped.facts["line"].n_unique() - kept["line"].n_unique()
    _count(shaped, RETENTION, lost)
    shaped.accepted -= lost
    shaped.facts = kept.with_columns(pl.int_range(pl.len()).cast(pl.UInt32).alias("row"))


def _count(shaped: Shaped, reason: str, count: int) -> None:
    if count:
        shaped.filtered[reason] = shaped.filtered.get(reason, 0) + count


def _without_totals(frame: pl.DataFrame, how: How, shaped: Shaped) -> pl.DataFrame:
    plan = how.plan
    header = repeated_headers(frame)
    if header.any():
        _count(shaped, "repeated_header", int(header.sum()))
        frame = frame.filter(~header)
    if plan.table == "lookup":
        return frame
    kinds = facts.canonical(plan.table)
    dims = [
        n for t, rule in plan.rules.items() for n in rule.names if kinds.get(t) == pl.String and t != "text"
    ]
    numbers = [n for t, rule in plan.rules.items() for n in rule.names if kinds.get(t) == DECIMAL]
    spend = plan.table == "spend"
    total = total_rows(
        frame, plan.time_columns(), tuple(dims) if spend else (), tuple(numbers) if spend else ()
    )
    if total.any():
        _count(shaped, "total_row", int(total.sum()))
        shaped.totals = totals_of(frame.filter(total), plan, how.decided)
        frame = frame.filter(~total)
    return frame


def _facts(
    rows: Frame,
    told: Events,
    now: datetime,
    shaped: Shaped,
    gone: pl.Series | None,
) -> pl.DataFrame:
    plan, (events, bad) = rows.plan, told
    made = props(rows) if plan.table != "targets" else dimensions(rows, props(rows))
    schema = facts.schema(plan.table, plan.identifiers, {p.name: p.dtype for p in made})
    faulty: list[Bad] = [bad] if bad is not None else []
    base: dict[str, pl.Series] = {"line": rows.frame[LINE]}
    refunds = _take_refunds(rows)
    for name, dtype in {**facts.canonical(plan.table), **dict.fromkeys(plan.identifiers, TEXTS)}.items():
        if name == "event" and plan.table == "events":
            continue
        values, wrong = column_of(rows, name, dtype)
        base[name] = values
        faulty += [wrong] if wrong else []
    base |= {f"p.{prop.name}": prop.alias(f"p.{prop.name}") for prop in made}
    if events is not None:
        base["event"] = events
    if gone is not None:
        base[STAND_IN] = gone
    frame = pl.DataFrame([series.alias(name) for name, series in base.items()])
    many = dated(rows, frame, faulty)
    for i, each in enumerate(many):
        if "ts" in each.columns:
            column = time_column(plan, i)
            ahead, ripens = future(rows, each["ts"], now, column)
            faulty += filter(None, (ahead, past(rows, each["ts"], column)))
            shaped.ripens = min(filter(None, (shaped.ripens, ripens)), default=None)
    whole = frame if plan.moments or "ts" not in many[0].columns else frame.with_columns(many[0]["ts"])
    found = breaches(rows, whole)
    good, shaped.faults = judge(rows, [*faulty, *rejecting(found)])
    shaped.broken = broken(rows, whole, found, good)
    shaped.profile = replace(profile(rows, frame, many, good), broken=shaped.broken.counts)
    shaped.accepted = int(good.sum())
    kept = [each.filter(good) if not good.all() else each for each in many]
    return finish(kept, plan, decided=rows.decided, schema=schema, refunds=refunds, good=good)


def _take_refunds(rows: Frame) -> pl.Series | None:
    """`131.77(已退款89.84)`: leaves the amounts in the value's column and gives the refunds."""
    rule = rows.plan.rules.get("value")
    if (
        rows.plan.table != "events"
        or rule is None
        or len(rule.names) != 1
        or rule.names[0] not in rows.frame.columns
    ):
        return None
    split = split_refunds(rows.frame[rule.names[0]])
    if split is None:
        return None
    rows.frame = rows.frame.with_columns(split[0].alias(rule.names[0]))
    return to_decimals(split[1], rows.decided.mark_of(rule.names))[0]
