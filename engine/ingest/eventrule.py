"""What happened in each row: a constant, a column of the file, or the first case that holds."""

from __future__ import annotations

import polars as pl

from engine.ingest import facts
from engine.ingest.convert import Bad, Frame, as_text
from engine.ingest.plan import Plan
from engine.ingest.rule import Rule
from engine.workspace.model import EventRule

Events = tuple[pl.Series | None, Bad | None]


def events_of(rows: Frame, filtered: dict[str, int]) -> Events:
    """The event of each row, and the rows whose event cannot be said.

    Rows that `others = "filter"` drops leave `rows` and are counted. None: the table or the moments say it.
    """
    rule = rows.plan.event
    if rows.plan.table != "events" or rows.plan.moments:
        return None, None
    if rule is None:
        given = rows.plan.rules.get("event")
        if given is None:
            return _constant(rows, rows.plan.constants["event"]), None
        events = spelled(rows.plan, "event", as_text(rows.column(given)))
        return events, _no_event(events, given)
    if rule.constant is not None:
        return _constant(rows, rule.constant), None
    return _by_cases(rows, rule) if rule.cases else _by_column(rows, rule, filtered)


def _by_cases(rows: Frame, rule: EventRule) -> Events:
    holds = [rows.evaluate(when, "boolean").alias(str(i)) for i, (when, _) in enumerate(rule.cases)]
    chosen = pl.lit(None, dtype=pl.String)
    for i in reversed(range(len(rule.cases))):
        chosen = pl.when(pl.col(str(i)).fill_null(False)).then(pl.lit(rule.cases[i][1])).otherwise(chosen)
    events = pl.DataFrame(holds).select(chosen.alias("e"))["e"]
    mask = events.is_null()
    none = facts.nulls(len(events), pl.String())
    return events, Bad(None, mask, none, lambda _: "no case of event holds") if mask.any() else None


def _by_column(rows: Frame, rule: EventRule, filtered: dict[str, int]) -> Events:
    column = Rule((rule.column or "",))
    raw = as_text(rows.column(column))
    known = raw.is_in(list(rule.values)).fill_null(False)
    if rule.others == "filter":
        rows.frame = keep(rows, known, "event", filtered)
        raw, known = raw.filter(known), known.filter(known)
    events = raw.replace(dict(rule.values)) if rule.values else raw
    if rule.others == "reject" and not known.all():
        listed = ", ".join(rule.values)
        return events, Bad(
            rule.column, ~known, raw,
            lambda text: f"not an event of this source: {text}; values has {listed}" if text else "no event",
        )  # fmt: skip
    return events, _no_event(events, column)


def _no_event(events: pl.Series, rule: Rule | None) -> Bad | None:
    mask = events.is_null()
    return Bad(rule.names[0] if rule else None, mask, events, lambda _: "no event") if mask.any() else None


def _constant(rows: Frame, value: str) -> pl.Series:
    return pl.repeat(value, len(rows.frame), dtype=pl.String, eager=True)


def spelled(plan: Plan, target: str, values: pl.Series) -> pl.Series:
    """Canonical spelling: `values = { channel = { Google = "google" } }`."""
    spelling = plan.source.values.get(target)
    return values.replace(dict(spelling)) if spelling else values


def keep(rows: Frame, kept: pl.Series, reason: str, filtered: dict[str, int]) -> pl.DataFrame:
    """The rows that stay; the others are counted under the reason."""
    if lost := len(kept) - int(kept.sum()):
        filtered[reason] = filtered.get(reason, 0) + lost
    return rows.frame if kept.all() else rows.frame.filter(kept)
