"""Rows of targets: their periods by name, and the dimensions that the other columns are."""

from __future__ import annotations

import polars as pl

from engine.ingest import facts
from engine.ingest.convert import Bad, Frame, as_text
from engine.ingest.eventrule import spelled
from engine.ingest.rule import Rule
from engine.workspace.values import period_name


def periods(values: pl.Series, rule: Rule | None) -> tuple[pl.Series, Bad | None]:
    """Periods under the names that `looptop metrics` gives them; what names none is told."""
    names = {text: period_name(text) for text in values.unique().drop_nulls()}
    found = values.replace_strict(list(names), list(names.values()), return_dtype=pl.String, default=None)
    wrong = found.is_null() & values.is_not_null()
    column = rule.reads()[0] if rule and rule.reads() else None
    words = "no period: 2026-11-01T13:00, 2026-11-01, 2026-11, 2026-Q4 or 2026"
    bad = Bad(column, wrong, values, lambda _: words) if wrong.any() else None
    return found.alias("period"), bad


def dimensions(rows: Frame, props: list[pl.Series]) -> list[pl.Series]:
    """The columns of a targets file that say for which member a target is, under the dimensions' names.

    In:  its columns without a canonical name; those that the source maps to a dimension and constants join
         them, and values have their canonical spelling.
    """
    plan, known = rows.plan, facts.canonical("targets")
    there = {
        name: as_text(rows.frame[rule.names[0]])
        for name, rule in plan.rules.items()
        if name not in known and rule.names and rule.names[0] in rows.frame.columns
    }
    for prop in props:
        there.setdefault(prop.name, prop)
    for name, value in plan.constants.items():
        if name not in known:
            said = there.get(name, facts.nulls(len(rows.frame), pl.String()))
            there[name] = said.fill_null(value)
    return [spelled(plan, name, values).alias(name) for name, values in there.items()]
