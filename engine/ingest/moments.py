"""When each fact of a row happened: its own time, its moments, the name of its file; and typed columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import polars as pl

from engine.ingest import facts
from engine.ingest.channels import filled
from engine.ingest.clock import Reading, parse_time
from engine.ingest.convert import Bad, Frame, typed
from engine.ingest.delimited import LINE
from engine.ingest.eventrule import spelled
from engine.ingest.identifiers import TEXTS
from engine.ingest.plan import Plan
from engine.ingest.rule import Rule
from engine.ingest.targets import periods
from engine.ingest.times import TIME, localised


def dated(rows: Frame, frame: pl.DataFrame, faulty: list[Bad]) -> list[pl.DataFrame]:
    """The facts of each row with their moments: one frame, or one per moment; targets have periods."""
    plan = rows.plan
    if plan.moments:
        many = _moments(rows, frame, faulty)
    elif plan.table in facts.UNDATED:
        needed = ("period", "metric", "value") if plan.table == "targets" else ()
        faulty += [gap for name in needed if (gap := _absent(rows, name, frame[name]))]
        many = [frame]
        if plan.table == "targets":
            named, wrong_period = periods(frame["period"], plan.rules.get("period"))
            many = [frame.with_columns(named)]
            faulty += [wrong_period] if wrong_period else []
    elif plan.table == "profiles":
        many = [frame.with_columns(pl.col("signup_ts").alias("ts"))]
    else:
        many = [frame.with_columns(_row_times(rows, faulty).alias("ts"))]
    if plan.table == "events":
        many = filled(rows, frame, many)
    return many


def time_column(plan: Plan, moment: int) -> str | None:
    """The file column that a row's time is in, or that of one of its moments."""
    rules = plan.moments[moment].rules if plan.moments else plan.rules
    rule = rules.get("ts" if plan.table != "profiles" else "signup_ts")
    return rule.names[0] if rule and rule.names else None


def column_of(
    rows: Frame, name: str, dtype: pl.DataType, rule: Rule | None = None
) -> tuple[pl.Series, Bad | None]:
    """A canonical column of the rows: by its rule, spelled and filled as the plan says; and what is bad."""
    plan = rows.plan
    rule = rule or plan.rules.get(name)
    constant = plan.constants.get(name)
    if rule is None:
        if constant is None:
            return facts.nulls(len(rows.frame), dtype), None
        plainly = replace(rows.decided, types={}, marks={}, mark=".")
        one = Frame(pl.DataFrame({LINE: [0], name: [constant]}), plan, plainly)
        value = typed(one, name, Rule((name,)), dtype)[0]
        return value.new_from_index(0, len(rows.frame)) if len(rows.frame) else value.clear(), None
    values, wrong = typed(rows, name, rule, dtype)
    if dtype == pl.String:
        values = spelled(plan, name, values)
        values = values.str.to_uppercase() if name == "currency" else values
        values = values.fill_null(constant) if constant is not None else values
    return values.cast(dtype), wrong


def _absent(rows: Frame, name: str, values: pl.Series) -> Bad | None:
    mask = values.is_null()
    rule = rows.plan.rules.get(name)
    column = rule.reads()[0] if rule and rule.reads() else None
    return (
        Bad(column, mask, facts.nulls(len(mask), pl.String()), lambda _: f"no {name}") if mask.any() else None
    )


def _row_times(rows: Frame, faulty: list[Bad]) -> pl.Series:
    """`ts` of each row: its column, a constant, or the day in the file's name."""
    plan = rows.plan
    rule = plan.rules.get("ts")
    if rule is None:
        how = Reading(plan.zone)
        when = plan.file_day or parse_time(plan.constants.get("ts", ""), how)
        if plan.file_day is not None:
            when = localised(pl.Series([plan.file_day], dtype=TIME), plan.zone)[0]
        value = when if isinstance(when, datetime) else None
        return pl.repeat(value, len(rows.frame), dtype=TIME, eager=True)
    values, wrong = typed(rows, "ts", rule, TIME)
    if wrong:
        faulty.insert(0, wrong)
    if wrong is None and not values.null_count():
        return values
    empty = values.is_null() & ~(wrong.mask if wrong else pl.repeat(False, len(values), eager=True))
    if empty.any():
        none = facts.nulls(len(values), pl.String())
        column = rule.reads()[0] if rule.reads() else None
        faulty.insert(0, Bad(column, empty, none, lambda _: "no date or time"))
    return values


def _moments(rows: Frame, frame: pl.DataFrame, faulty: list[Bad]) -> list[pl.DataFrame]:
    """One frame per moment, its ts null where the row does not have it."""
    many = []
    canonical = facts.canonical("events")
    for moment in rows.plan.moments:
        own = [pl.lit(moment.event).alias("event")]
        made: dict[str, pl.Series] = {"ts": facts.nulls(len(frame), TIME)}
        for name, rule in moment.rules.items():
            dtype: pl.DataType = TIME if name == "ts" else canonical.get(name, TEXTS)
            made[name], wrong = (
                typed(rows, "ts", rule, TIME) if name == "ts" else column_of(rows, name, dtype, rule)
            )
            faulty += [wrong] if wrong else []
        many.append(frame.with_columns(*own, *(series.alias(name) for name, series in made.items())))
    any_ts = pl.DataFrame([each["ts"].alias(str(i)) for i, each in enumerate(many)])
    missing = any_ts.select(pl.all_horizontal(pl.all().is_null()).alias("m"))["m"]
    if missing.any():
        names = [ts.names[0] for moment in rows.plan.moments if (ts := moment.rules.get("ts")) and ts.names]
        words = (
            f"no moment: {', '.join(names) or 'their columns'} {'is' if len(names) == 1 else 'are all'} empty"
        )
        none = facts.nulls(len(frame), pl.String())
        faulty.append(Bad(None, missing, none, lambda _: words))
    return many
